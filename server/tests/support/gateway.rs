//! What people connect to: HAProxy with the file that operators get, `config/haproxy.cfg`. Where there
//! is no HAProxy, people choose a server by chance themselves.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{client::PATIENCE, random::Random};

/// Where the servers are.
pub enum Gateway {
    HaProxy { address: SocketAddr, process: Child, _folder: TempDir },
    Missing(Vec<SocketAddr>),
}

impl Gateway {
    pub fn start(servers: &[SocketAddr]) -> Self {
        Self::start_with(servers, &[])
    }

    /// As [`Gateway::start`], with these places of the file as they are here.
    pub fn start_with(servers: &[SocketAddr], edits: &[(&str, &str)]) -> Self {
        let Some(program) = program() else {
            println!("without HAProxy (apt-get install haproxy): people choose servers themselves");
            return Self::Missing(servers.to_vec());
        };
        let folder = tempfile::tempdir().unwrap();
        loop {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let file = folder.path().join("haproxy.cfg");
            let mut text = settings(address, servers);
            for (there, here) in edits {
                assert!(text.contains(there), "no {there} in the gateway's file");
                text = text.replace(there, here);
            }
            fs::write(&file, text).unwrap();
            let log = fs::File::create(folder.path().join("log")).unwrap();
            let mut process = Command::new(&program)
                .args(["-db", "-f"])
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .unwrap();
            if answers(&mut process, address) {
                return Self::HaProxy { address, process, _folder: folder };
            }
            let says = fs::read_to_string(folder.path().join("log")).unwrap();
            // Somebody took the port meanwhile: another one.
            assert!(says.contains("in use"), "{says}");
        }
    }

    /// Where the next connection goes.
    pub fn doors(&self) -> Doors {
        match self {
            Self::HaProxy { address, .. } => Doors(vec![*address]),
            Self::Missing(servers) => Doors(servers.clone()),
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Self::HaProxy { process, .. } = self {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The addresses that people know.
#[derive(Clone)]
pub struct Doors(Vec<SocketAddr>);

impl Doors {
    pub fn pick(&self, random: &mut Random) -> SocketAddr {
        *random.pick(&self.0)
    }
}

fn program() -> Option<PathBuf> {
    // Empty for none.
    if let Some(named) = std::env::var_os("MARU_TEST_HAPROXY") {
        return (!named.is_empty()).then(|| named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian has it where only root looks.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("haproxy")).find(|place| place.is_file())
}

/// Waits until it takes connections; false when it ends instead.
fn answers(process: &mut Child, address: SocketAddr) -> bool {
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < until, "HAProxy does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// The file that operators get, but for the servers' names, which have no DNS here, and its ports.
fn settings(address: SocketAddr, servers: &[SocketAddr]) -> String {
    let (mut text, mut kept) = (String::new(), true);
    for line in include_str!("../../../config/haproxy.cfg").lines() {
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
