//! The files that operators get, but for the addresses of servers, which have none here that are known
//! beforehand, and the ports.

use std::{net::SocketAddr, path::Path};

/// `config/haproxy.cfg`.
pub(super) fn haproxy(address: SocketAddr, servers: &[SocketAddr]) -> String {
    let (mut text, mut kept) = (String::new(), true);
    for line in include_str!("../../../../config/haproxy.cfg").lines() {
        if line.starts_with(char::is_alphabetic) {
            kept = !line.starts_with("resolvers ") && line != "frontend metrics";
        }
        if !kept {
            continue;
        }
        if line.trim() == "bind :8080" {
            text.push_str(&format!("    bind {address}\n"));
        } else if line.trim().starts_with("server-template ") {
            for (server, number) in servers.iter().zip(1..) {
                text.push_str(&format!("    server node-{number} {server}\n"));
            }
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    assert!(text.contains(&format!("bind {address}")) && text.contains("server node-1 "), "{text}");
    text
}

/// `config/nginx.conf`, which knows two servers, and as much as it needs around it. Where there is one it
/// stands for both.
pub(super) fn nginx(address: SocketAddr, servers: &[SocketAddr], folder: &Path) -> String {
    let (one, other) = match servers {
        [one] => (one, one),
        [one, other] => (one, other),
        _ => panic!("config/nginx.conf has two servers"),
    };
    let mut text = include_str!("../../../../config/nginx.conf").to_owned();
    for (what, by) in [
        ("listen 8080;", format!("listen {address};")),
        ("10.0.0.1:8080", one.to_string()),
        ("10.0.0.2:8080", other.to_string()),
    ] {
        assert!(text.contains(what), "{text}");
        text = text.replace(what, &by);
    }
    let folder = folder.display();
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|of| format!("{of}_temp_path {folder}/{of};\n"))
        .collect();
    // One process: whatever ends it leaves no other behind.
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{
access_log off;
{paths}
{text}
}}
"
    )
}
