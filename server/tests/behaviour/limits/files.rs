//! Files: how many at once and how often, and that whoever is slow for nothing holds no place for long.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{ELSEWHERE, HERE, figures, limited, refused_by};
use crate::{
    client::{Client, PATIENCE},
    dial::from,
    files::{address, announce, becomes, fetch, is_problem, noise, upload, uploaded},
    process::Server,
    web::Line,
};

const FAST: (&str, &str) = ("MARU_FILES__IDLE_TIMEOUT", "1s");

/// Begins an upload of which no more comes, and waits until some of it is kept.
async fn begin(server: &Server, by: &Client, held: &mut Vec<Line>) {
    let mut line = Line::open(server.http).await;
    announce(&mut line, by, 5_000_000).await;
    line.send(&noise(3_000_000)).await;
    held.push(line);
    becomes(&server.folder().join("data/files"), held.len()).await;
}

/// An upload that is refused; the seconds to wait.
async fn is_refused(server: &Server, by: &Client) -> u64 {
    let answer = upload(server, by, "lobby", "a", b"hello").await;
    is_problem(&answer, 429, "rate_limited");
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn one_person_and_one_address_have_some_of_the_uploads_at_once_and_others_the_rest() {
    let (server, operator) = limited(&[
        ("MARU_LIMITS__PERSON_UPLOADS_AT_ONCE", "2"),
        ("MARU_LIMITS__ADDRESS_UPLOADS_AT_ONCE", "3"),
        ("MARU_FILES__MAX_AT_ONCE", "5"),
    ]);
    let (ada, ben, cid) = from(HERE, async {
        (server.guest("Ada").await, server.guest("Ben").await, server.guest("Cid").await)
    })
    .await;
    let held = from(HERE, async {
        let mut held = Vec::new();
        begin(&server, &ada, &mut held).await;
        begin(&server, &ada, &mut held).await;
        assert_eq!(is_refused(&server, &ada).await, 1);
        assert_eq!(refused_by(&operator, "person_uploads_at_once").await, 1);
        begin(&server, &ben, &mut held).await;
        assert_eq!(is_refused(&server, &cid).await, 1);
        assert_eq!(refused_by(&operator, "address_uploads_at_once").await, 1);
        held
    })
    .await;
    // Who holds them holds nobody else up; the same people elsewhere have their own share as before.
    let dan = from(ELSEWHERE, server.guest("Dan")).await;
    from(ELSEWHERE, uploaded(&server, &dan, "a", b"hello")).await;
    assert_eq!(from(ELSEWHERE, is_refused(&server, &ada)).await, 1);
    drop(held);
    let free = async { while upload(&server, &cid, "lobby", "a", b"x").await.status != 201 {} };
    tokio::time::timeout(PATIENCE, from(HERE, free)).await.expect("the places are given back");
}

#[tokio::test]
async fn files_are_brought_and_fetched_so_often() {
    let (server, operator) = limited(&[
        ("MARU_LIMITS__PERSON_UPLOADS", "1/m burst 3"),
        ("MARU_LIMITS__PERSON_DOWNLOADS", "1/m burst 2"),
    ]);
    let ada = server.guest("Ada").await;
    let info = uploaded(&server, &ada, "a", b"hello").await;
    for _ in 0..2 {
        uploaded(&server, &ada, "a", b"hello").await;
    }
    let wait = is_refused(&server, &ada).await;
    assert!((50..=60).contains(&wait), "{wait} s");
    assert_eq!(fetch(&server, &ada, &info, &[]).await.status, 200);
    // A part of a file is a request as well.
    assert_eq!(fetch(&server, &ada, &info, &[("Range", "bytes=0-1")]).await.status, 206);
    let answer = fetch(&server, &ada, &info, &[]).await;
    is_problem(&answer, 429, "rate_limited");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait} s");
    assert_eq!(refused_by(&operator, "person_uploads").await, 1);
    assert_eq!(refused_by(&operator, "person_downloads").await, 1);
}

#[tokio::test]
async fn an_upload_that_drips_loses_its_place() {
    let (server, _) = limited(&[FAST, ("MARU_FILES__MAX_AT_ONCE", "1")]);
    let ada = server.guest("Ada").await;
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, 5_000_000).await;
    // Never silent for long, and never fast enough: 4 KiB have to come in a second.
    let dripping = async {
        loop {
            line.send(b"a").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ben = server.guest("Ben").await;
    let free = async { while upload(&server, &ben, "lobby", "a", b"x").await.status != 201 {} };
    tokio::select! {
        () = dripping => {}
        done = tokio::time::timeout(PATIENCE, free) => done.expect("it holds the place for ever"),
    }
    is_problem(&line.hear().await, 408, "too_slow");
}

#[tokio::test]
async fn a_reader_who_takes_nothing_loses_its_place() {
    let (server, operator) = limited(&[FAST, ("MARU_LIMITS__PERSON_DOWNLOADS_AT_ONCE", "1")]);
    let ada = server.guest("Ada").await;
    // More than lies in the sockets of both sides.
    let info = uploaded(&server, &ada, "a", &noise(20_000_000)).await;
    let path = address(&info, ada.ticket.as_deref().unwrap());
    let mut stalled = crate::dial::dial(server.http).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    stalled.write_all(request.as_bytes()).await.unwrap();
    stalled.read_exact(&mut [0; 12]).await.unwrap();
    let answer = fetch(&server, &ada, &info, &[("Range", "bytes=0-9")]).await;
    is_problem(&answer, 429, "rate_limited");
    let free = async {
        while fetch(&server, &ada, &info, &[("Range", "bytes=0-9")]).await.status != 206 {}
    };
    tokio::time::timeout(PATIENCE, free).await.expect("it holds the place for ever");
    assert!(figures(&operator).await.contains("maru_sockets_shed_total{reason=\"slow\"} 1"));
    // Whoever reads on gets all of it, however little at a time.
    let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let whole = loop {
        let whole = read_slowly(&server, &request).await;
        // The place of the fetch before is given back a moment after its answer.
        if !whole.starts_with(b"HTTP/1.1 429") {
            break whole;
        }
    };
    assert!(whole.ends_with(&noise(20_000_000)), "{} bytes", whole.len());
}

async fn read_slowly(server: &Server, request: &str) -> Vec<u8> {
    let mut reader = crate::dial::dial(server.http).await.unwrap();
    reader.write_all(request.as_bytes()).await.unwrap();
    let (mut whole, mut piece) = (Vec::new(), vec![0; 500_000]);
    loop {
        match reader.read(&mut piece).await.unwrap() {
            0 => return whole,
            read => whole.extend_from_slice(&piece[..read]),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
