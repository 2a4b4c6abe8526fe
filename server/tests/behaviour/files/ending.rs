//! What nobody wants goes, whatever happened.

use std::time::{Duration, Instant};

use super::*;
use crate::{client::PATIENCE, deaf, stop::SIGTERM, web::Line};

/// More than ever comes.
const LENGTH: u64 = 5_000_000;

#[tokio::test]
async fn what_breaks_off_leaves_nothing() {
    let server = Server::start(&[("MARU_FILES__IDLE_TIMEOUT", "300ms")]);
    let ada = server.guest("Ada").await;
    let folder = server.folder().join("data/files");
    // Somebody goes away in the middle: of the first piece, and after some are on the disk.
    for sent in [10, 3_000_000] {
        let mut line = Line::open(server.http).await;
        announce(&mut line, &ada, LENGTH).await;
        line.send(&noise(sent)).await;
        drop(line);
    }
    // Somebody says no more.
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, LENGTH).await;
    line.send(&noise(3_000_000)).await;
    is_problem(&line.hear().await, 408, "too_slow");
    becomes(&folder, 0).await;
    // Nor does it count as theirs.
    let server = server.crash_and_restart();
    let token = ada.token.unwrap();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    assert_eq!(uploaded(&server, &ada, "a", b"hello").await.size, 5);
}

/// Whoever sends a little again and again is not idle.
#[tokio::test]
async fn what_takes_too_long_leaves_nothing() {
    let server =
        Server::start(&[("MARU_FILES__IDLE_TIMEOUT", "5m"), ("MARU_FILES__UPLOAD_TIMEOUT", "1s")]);
    let ada = server.guest("Ada").await;
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, LENGTH).await;
    // A bit longer than it may take.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1_200) {
        line.send(b"a").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    is_problem(&line.hear().await, 408, "too_slow");
    becomes(&server.folder().join("data/files"), 0).await;
}

#[tokio::test]
async fn a_server_that_stops_takes_no_more_files() {
    let mut settings = deaf::SETTINGS.to_vec();
    settings.push(("MARU_SHUTDOWN__GRACE", "10m"));
    let mut server = Server::start(&settings);
    let ada = server.guest("Ada").await;
    // Somebody holds the stop up.
    let _deaf = deaf::member(&server, "lobby").await;
    let mut line = Line::open(server.http).await;
    assert_eq!(line.get("/readyz", &[]).await.status, 200);
    server.signal(SIGTERM);
    server.logs(&["stopping"]).await;
    announce(&mut line, &ada, 1).await;
    line.send(b"a").await;
    is_problem(&line.hear().await, 503, "shutting_down");
    assert!(is_bare(&server.folder().join("data/files")));
    server.signal(SIGTERM);
    assert_eq!(server.wait().await.code(), Some(0));
}

#[tokio::test]
async fn what_nobody_sends_goes() {
    let server =
        Server::start(&[("MARU_FILES__UPLOAD_TIMEOUT", "1s"), ("MARU_FILES__UNSENT_TTL", "1s")]);
    let ada = server.guest("Ada").await;
    let info = uploaded(&server, &ada, "a", &noise(600_000)).await;
    becomes(&server.folder().join("data/files"), 0).await;
    is_problem(&fetch(&server, &ada, &info, &[]).await, 404, "file_not_found");
}

#[tokio::test]
async fn a_crash_in_the_middle_leaves_nothing_for_ever() {
    let server = Server::start(&[]);
    let ada = server.guest("Ada").await;
    let folder = server.folder().join("data/files");
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, LENGTH).await;
    line.send(&noise(3_000_000)).await;
    let until = Instant::now() + PATIENCE;
    while is_bare(&folder) {
        assert!(Instant::now() < until, "nothing came to the disk");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (data, mut settings) = server.kill();
    assert!(!is_bare(&folder));
    for (key, value) in [("MARU_FILES__UPLOAD_TIMEOUT", "1s"), ("MARU_FILES__UNSENT_TTL", "1s")] {
        settings.push((key.to_owned(), value.to_owned()));
    }
    let _server = Server::start_in(data, settings);
    becomes(&folder, 0).await;
}
