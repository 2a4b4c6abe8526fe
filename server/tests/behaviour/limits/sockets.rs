//! Connections that say nothing, or half of a request, and hold nobody up.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{ELSEWHERE, HERE, figures, limited, refused_by};
use crate::{
    client::PATIENCE,
    dial::{dial, from},
    process::Server,
    support::socketio::{path, post},
    web::{Line, get},
};

/// Half of a request.
const HALF: &[u8] = b"GET /api/v1/info HTTP/1.1\r\nHost: x\r\nX-Long: ";

async fn half(server: &Server) -> TcpStream {
    let mut stream = dial(server.http).await.unwrap();
    stream.write_all(HALF).await.unwrap();
    stream
}

/// A connection with a poll that waits, and the address of its session.
async fn polling(server: &Server) -> (Line, String) {
    let open = get(server.http, &path("polling")).await;
    let open: serde_json::Value = serde_json::from_str(&open.body[1..]).unwrap();
    let path = path(&format!("polling&sid={}", open["sid"].as_str().unwrap()));
    let mut line = Line::open(server.http).await;
    let head = line.head("GET", &path, &[]);
    line.send(head.as_bytes()).await;
    (line, path)
}

/// Waits until the server has closed it.
async fn is_closed(stream: &mut TcpStream) {
    let end = timeout(PATIENCE, stream.read(&mut [0; 64])).await.expect("it stays open");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

/// Waits for that line among the figures.
async fn comes_to(operator: &str, line: &str) {
    let seen = async {
        while !figures(operator).await.lines().any(|it| it == line) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("never {line}"));
}

#[tokio::test]
async fn what_waits_longest_for_a_request_makes_room() {
    let (server, operator) = limited(&[
        ("MARU_SERVER__WORKERS", "1"),
        ("MARU_LIMITS__UNFINISHED", "16"),
        ("MARU_LIMITS__SOCKETS", "64"),
        ("MARU_CONNECTION__HELLO_TIMEOUT", "60s"),
    ]);
    // One whose request is under way is none of them, though it is the oldest.
    let (mut poll, path) = polling(&server).await;
    comes_to(&operator, "maru_sockets 1").await;
    let mut first = half(&server).await;
    comes_to(&operator, "maru_sockets 2").await;
    let mut crowd = Vec::new();
    for _ in 0..40 {
        crowd.push(from(HERE, half(&server)).await);
        // They are served in between.
        assert_eq!(get(server.http, "/healthz").await.status, 200);
    }
    is_closed(&mut first).await;
    for stream in &mut crowd[..20] {
        is_closed(stream).await;
    }
    let last = crowd.last_mut().unwrap();
    last.write_all(b"x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    timeout(PATIENCE, last.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    post(&mut Line::open(server.http).await, &path, "40").await;
    assert_eq!(poll.hear().await.status, 200, "its answer comes");
    let figures = figures(&operator).await;
    assert!(figures.contains("maru_sockets_shed_total{reason=\"unfinished\"}"), "{figures}");
}

#[tokio::test]
async fn an_address_has_a_share_of_the_sockets_and_gives_it_back() {
    let (server, operator) = limited(&[("MARU_LIMITS__ADDRESS_SOCKETS", "5")]);
    let mut held = from(HERE, async {
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(half(&server).await);
        }
        comes_to(&operator, "maru_sockets 5").await;
        for _ in 0..3 {
            let mut sixth = dial(server.http).await.unwrap();
            is_closed(&mut sixth).await;
        }
        held
    })
    .await;
    assert_eq!(refused_by(&operator, "address_sockets").await, 3);
    // A WebSocket is none of them once it is one.
    let mut ben = from(ELSEWHERE, async {
        let mut people = Vec::new();
        for n in 0..8 {
            people.push(server.guest(&format!("Ben {n}")).await);
        }
        people
    })
    .await;
    ben[7].join("lobby", None).await;
    assert_eq!(refused_by(&operator, "address_sockets").await, 3);
    held.clear();
    comes_to(&operator, "maru_sockets 0").await;
    assert_eq!(from(HERE, get(server.http, "/healthz")).await.status, 200);
}

#[tokio::test]
async fn when_all_sockets_have_a_request_under_way_probes_are_answered_and_others_told_so() {
    let (server, operator) = limited(&[
        ("MARU_SERVER__WORKERS", "1"),
        ("MARU_LIMITS__UNFINISHED", "16"),
        ("MARU_LIMITS__SOCKETS", "16"),
        ("MARU_CONNECTION__HELLO_TIMEOUT", "60s"),
    ]);
    let mut pollers = Vec::new();
    for n in 0..16 {
        let (line, _) = polling(&server).await;
        comes_to(&operator, &format!("maru_sockets {}", n + 1)).await;
        pollers.push(line);
    }
    // Who says nothing gives its place to the next one.
    let mut crowd = Vec::new();
    for _ in 0..40 {
        crowd.push(dial(server.http).await.unwrap());
        for probe in ["/healthz", "/readyz"] {
            let mut line = Line::open(server.http).await;
            assert_eq!(line.get(probe, &[]).await.status, 200);
            line.ended().await;
        }
    }
    for silent in &mut crowd[..20] {
        is_closed(silent).await;
    }
    // Everybody else is told, and is not there for longer.
    for path in ["/api/v1/info", "/api/v1/rooms", "/%72eadyz", &self::path("polling")] {
        let mut line = Line::open(server.http).await;
        line.get(path, &[]).await.is_problem(503, "overloaded");
        line.ended().await;
    }
    let mut line = Line::open(server.http).await;
    let post = line.head("POST", "/healthz", &[("Content-Length", "0")]);
    assert_eq!(line.ask(&post).await.status, 503);
    let upgrade = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    assert_eq!(Line::open(server.http).await.get("/ws", &upgrade).await.status, 503);
    // Those who are there go on.
    assert!(figures(&operator).await.contains("maru_sockets_shed_total{reason=\"full\"}"));
    drop(crowd);
    pollers.pop();
    comes_to(&operator, "maru_sockets 15").await;
    assert_eq!(get(server.http, "/api/v1/info").await.status, 200);
    assert_eq!(get(server.http, "/healthz").await.status, 200);
}
