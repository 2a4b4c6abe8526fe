//! `maru-server health` tells a container's supervisor what the server would tell a gateway.

use std::{net::TcpListener, process::Output};

use crate::process::{Server, command};

/// Asks as a health check does: the same program, with the settings of the server.
fn ask(args: &[&str], settings: &[(String, String)]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path());
    command.arg("health").args(args).envs(settings.iter().map(|(k, v)| (k, v)));
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = String::from_utf8([stdout, stderr].concat()).unwrap();
    println!("{text}");
    (status.code(), text)
}

#[tokio::test]
async fn a_server_that_runs_is_well_and_one_that_is_gone_is_not() {
    let server = Server::start(&[]);
    let (_, settings) = server.estate();
    assert_eq!(ask(&[], &settings), (Some(0), "ok\n".to_owned()));
    // One of several tells of the others as well.
    let (code, text) = ask(&["--ready"], &settings);
    assert!(code == Some(0) && text.starts_with("ready\n"), "{text}");
    server.kill();
    let (code, text) = ask(&[], &settings);
    assert_eq!(code, Some(1));
    assert!(text.starts_with("maru-server: no server answers at http://127."), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn what_is_no_maru_is_not_well() {
    for (answer, sentence) in [
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"code\":\"unavailable\"}", "says 503: {\"code"),
        ("220 mail.example ESMTP\r\n", "doesn't speak HTTP"),
        ("", "doesn't speak HTTP"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let settings = [("MARU_HTTP__HOST", "127.0.0.1"), ("MARU_HTTP__PORT", port.as_str())]
            .map(|(k, v)| (k.to_owned(), v.to_owned()));
        let server = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 512]).unwrap() > 0);
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let (code, text) = ask(&["--ready"], &settings);
        assert_eq!(code, Some(1));
        assert!(text.contains(sentence) && text.contains("/readyz"), "{text}");
        server.join().unwrap();
    }
}

#[test]
fn a_server_that_never_answers_is_not_well() {
    // The kernel takes the connection; nobody reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let settings = [("MARU_HTTP__HOST", "127.0.0.1"), ("MARU_HTTP__PORT", port.as_str())]
        .map(|(k, v)| (k.to_owned(), v.to_owned()));
    let (code, text) = ask(&[], &settings);
    assert_eq!(code, Some(1));
    assert!(text.contains("no server answers"), "{text}");
}
