//! A start that can't be ends with one sentence that says what to change.

use std::{path::Path, process::Output, sync::Arc};

use crate::process::{Server, command};

/// Starts a server that must refuse; returns its one line.
fn refusal(folder: &Path, settings: &[(&str, &str)]) -> String {
    let Output { status, stderr, stdout } =
        command(folder).env("RUST_LOG", "off").envs(settings.iter().copied()).output().unwrap();
    assert_eq!(status.code(), Some(1), "{status}");
    assert!(stdout.is_empty(), "nothing is announced");
    let text = String::from_utf8(stderr).unwrap();
    println!("{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

#[tokio::test]
async fn a_data_folder_that_another_server_holds_is_refused_and_left_alone() {
    // With its rooms in a file, whatever else is tested in this run.
    let server = Server::start_in(Arc::new(tempfile::tempdir().unwrap()), Vec::new());
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let line = refusal(server.folder(), &[]);
    assert!(line.contains("another server holds"), "{line}");
    assert!(line.contains("data/maru.db"), "{line}");
    assert_eq!(ada.say("lobby", "undisturbed").await.get(), 1);
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_variable_that_moves_it() {
    let server = Server::start(&[]);
    let (host, port) = (server.http.ip().to_string(), server.http.port().to_string());
    let other = tempfile::tempdir().unwrap();
    let taken = [("MARU_HTTP__HOST", host.as_str()), ("MARU_HTTP__PORT", port.as_str())];
    let line = refusal(other.path(), &taken);
    assert!(line.contains(&format!("{host}:{port}")), "{line}");
    assert!(line.contains("MARU_HTTP__PORT"), "{line}");
    assert!(!other.path().join("data").exists(), "nothing was made");
    let taken = [
        ("MARU_METRICS__ENABLED", "true"),
        ("MARU_METRICS__HOST", host.as_str()),
        ("MARU_METRICS__PORT", port.as_str()),
    ];
    assert!(refusal(other.path(), &taken).contains("MARU_METRICS__PORT"));
}

#[tokio::test]
async fn an_address_that_is_not_this_machines_is_named_with_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    let line = refusal(folder.path(), &[("MARU_HTTP__HOST", "192.0.2.1")]);
    assert!(line.contains("192.0.2.1") && line.contains("MARU_HTTP__HOST"), "{line}");
}
