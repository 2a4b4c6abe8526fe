//! What somebody tries who means no good: each is refused as the reference implementation does, costs
//! little, and leaves nothing behind.

use std::{
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use maru_protocol::{PresenceChange, ServerFrame};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpSocket};

use super::ada_in_the_lobby;
use crate::{
    client::PATIENCE,
    process::{Server, own_host},
    raw::{self, frame},
    support::socketio::{Over, Socket, TRANSPORTS, Transport, get, path, post},
    web::Line,
};

/// A body without an end is not read for nobody: memory is for those who have a session.
#[tokio::test]
async fn a_long_body_needs_a_session() {
    let server = Server::start(&[]);
    let unknown = path("polling&sid=AAAAAAAAAAAAAAAAAAAAAAAA");
    let head = |line: &Line, path: &str| line.head("POST", path, &[("Content-Length", "1000000")]);
    let mut line = Line::open(server.http).await;
    // Nothing of the body comes.
    let request = head(&line, &unknown);
    let answer = line.ask(&request).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (400, Some(1)));
    // A body whose length nobody says is one as well.
    let mut line = Line::open(server.http).await;
    let request = line.head("POST", &unknown, &[("Transfer-Encoding", "chunked")]);
    assert_eq!(line.ask(&request).await.status, 400);
    // Who has one may send a few at once.
    let socket = Socket::named(server.http, Transport::Polling, "Eve").await;
    let body = "6".repeat(20_000);
    let mut lines = Vec::new();
    for _ in 0..20 {
        let mut line = Line::open(server.http).await;
        let length = body.len().to_string();
        let head = line.head("POST", &socket.polls(), &[("Content-Length", &length)]);
        line.send(head.as_bytes()).await;
        lines.push(line);
    }
    let mut answers: FuturesUnordered<_> = lines.iter_mut().map(Line::hear).collect();
    for _ in 4..20 {
        assert_eq!(answers.next().await.unwrap().status, 400);
    }
    drop(answers);
    // The others are read to their end, and then there are turns again.
    let mut taken = 0;
    for mut line in lines {
        line.send(body.as_bytes()).await;
        taken += usize::from(line.try_hear().await.is_some_and(|answer| answer.status == 200));
    }
    assert_eq!(taken, 4);
    let mut line = Line::open(server.http).await;
    assert_eq!(post(&mut line, &socket.polls(), &body).await.body, "ok");
}

/// A client has one share of frames: it is not given another one for each `CONNECT`.
#[tokio::test]
async fn beginning_anew_gives_no_new_share() {
    let settings = [("MARU_CONNECTION__RATE", "5"), ("MARU_CONNECTION__BURST", "20")];
    let server = Server::start(&settings);
    for transport in TRANSPORTS {
        let mut eve = Socket::open(server.http, transport).await;
        let mut refused = Value::Null;
        for round in 0..100 {
            let connect = format!("40{}", json!({ "version": 1, "name": format!("Eve {round}") }));
            eve.send(&[&connect]).await;
            let answer = eve.pick("4").await;
            if let Some(why) = answer.strip_prefix("44") {
                refused = serde_json::from_str(why).unwrap();
                break;
            }
            eve.send(&["41"]).await;
        }
        assert_eq!(refused["data"]["code"], "rate_limited", "{transport:?}");
        assert!(refused["data"]["retry_after"].as_u64().is_some());
        // Also where there is no namespace, and after a pause it is let in.
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            eve.send(&[r#"40{"version":1,"name":"Eve"}"#]).await;
            if !eve.pick("4").await.starts_with("44") {
                break;
            }
        }
    }
}

/// Somebody who learns nothing is shown the door, whatever they ask for.
#[tokio::test]
async fn who_is_refused_all_the_time_is_closed() {
    let server = Server::start(&[]);
    for connect in ["40/admin,", r#"40{"version":9}"#, r#"40{"token":"x","version":1}"#] {
        for transport in TRANSPORTS {
            let mut eve = Socket::open(server.http, transport).await;
            let many = vec![connect; 250];
            let _ = eve.try_send(&many).await;
            let (packets, over) = eve.ended().await;
            let refused = packets.iter().filter(|packet| packet.starts_with("44")).count();
            assert_eq!(refused, 200, "{transport:?} {connect}");
            assert!(packets.last().unwrap().contains("too_many_errors"), "{packets:?}");
            let ended = matches!(over, Over::Status(400) | Over::Lost | Over::Closed(_));
            assert!(ended, "{transport:?}: {over:?}");
        }
    }
}

/// More than their share of uploads is refused before it is stored.
#[tokio::test]
async fn binary_values_have_no_way_around_the_rate() {
    let settings = [("MARU_CONNECTION__RATE", "1"), ("MARU_CONNECTION__BURST", "10")];
    let server = Server::start(&settings);
    let mut ada = ada_in_the_lobby(&server).await;
    let mut eve = Socket::named(server.http, Transport::WebSocket, "Eve").await;
    eve.ask("join", json!("lobby")).await;
    let files = json!([{ "_placeholder": true, "num": 0 }]);
    let mut codes = Vec::new();
    for n in 0..30 {
        let event = json!(["send", { "room": "lobby", "body": "x", "files": files }]);
        eve.send(&[&format!("451-{n}{event}")]).await;
        eve.send_binary(&[7; 100]).await;
        codes.push(eve.acked(n).await["code"].clone());
    }
    let sent = codes.iter().filter(|code| code.is_null()).count();
    assert!(codes.iter().all(|code| code.is_null() || code == "rate_limited"), "{codes:?}");
    assert!((1..30).contains(&sent), "{sent}");
    for _ in 0..sent {
        ada.entry("lobby").await;
    }
    assert_eq!(stored(&server), sent, "no more is stored than was sent");
}

/// Files in the server's store.
fn stored(server: &Server) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        let of = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
            true => count(&entry.path()),
            false => 1,
        };
        entries.flatten().map(of).sum()
    }
    count(&server.folder().join("data/files"))
}

#[tokio::test]
async fn deep_nesting_and_wrong_attachments_are_refused_wherever_they_stand() {
    let server = Server::start(&[]);
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for transport in TRANSPORTS {
        let mut eve = Socket::open(server.http, transport).await;
        eve.send(&[&format!(r#"40{{"version":1,"name":{deep}}}"#)]).await;
        let why: Value = serde_json::from_str(&eve.pick("44").await[2..]).unwrap();
        assert_eq!(why["data"]["code"], "malformed", "{transport:?}");
        // What nobody asks for is passed over, however deep.
        eve.send(&[&format!(r#"40{{"version":1,"name":"Eve","more":{deep}}}"#)]).await;
        eve.pick("40{").await;
        let file = json!({ "_placeholder": true, "num": 0 });
        // Deep beside an attachment; a number that is none; one twice; more or fewer than there are.
        let sends = [
            format!(r#"["send",{{"room":"lobby","files":[{file}],"more":{deep}}}]"#),
            r#"["send",{"room":"lobby","files":[{"_placeholder":true,"num":1}]}]"#.to_owned(),
            r#"["send",{"room":"lobby","files":[{"_placeholder":true,"num":-1}]}]"#.to_owned(),
            format!(r#"["send",{{"room":"lobby","files":[{file},{file}]}}]"#),
            r#"["send",{"room":"lobby","files":[]}]"#.to_owned(),
            r#"["send",{"room":"lobby"}]"#.to_owned(),
            format!(r#"["send",{file}]"#),
            format!(r#"["send",{{"room":"lobby","files":[{file}]}},{file}]"#),
            format!(r#"["send",{{"room":{file},"files":[]}}]"#),
            format!("[7,{file}]"),
        ];
        for (n, send) in (0..).zip(sends) {
            eve.send(&[&format!("451-{n}{send}")]).await;
            eve.send_binary(b"x").await;
            let code = eve.acked(n).await["code"].clone();
            let wrong = ["binary_frame", "invalid_room", "not_joined"];
            assert!(wrong.contains(&code.as_str().unwrap()), "{transport:?} {n}: {code}");
        }
    }
    assert_eq!(stored(&server), 0);
}

/// It asks for news and never reads them: what the server has for it is bounded, and it is gone soon.
#[tokio::test]
async fn a_poll_that_never_reads_is_given_up() {
    let server = Server::start(&[
        ("MARU_CONNECTION__OUTBOX", "128 KiB"),
        ("MARU_CHAT__MAX_REPLAY_BYTES", "64 KiB"),
        ("MARU_CONNECTION__HEARTBEAT", "1s"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
    ]);
    let mut ada = ada_in_the_lobby(&server).await;
    let mut eve = Socket::named(server.http, Transport::Polling, "Eve").await;
    eve.ask("join", json!("lobby")).await;
    // She polls, and reads nothing of it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = socket.connect(server.http).await.unwrap();
    let head = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", eve.polls());
    deaf.write_all(head.as_bytes()).await.unwrap();
    let until = Instant::now() + PATIENCE;
    while !has_connection(server.http, deaf.local_addr().unwrap()) {
        assert!(Instant::now() < until, "the server never takes it");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let before = server.memory();
    let long = "x".repeat(4_000);
    let left = |frame: &ServerFrame| match frame {
        ServerFrame::Presence { change: PresenceChange::Delta { left, .. }, .. } => {
            (!left.is_empty()).then_some(())
        }
        _ => None,
    };
    for _ in 0..60 {
        ada.say("lobby", &long).await;
    }
    // She says no more, so she is gone after two heartbeats at the latest; nobody waits for her.
    ada.pick(left).await;
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 16 << 10, "{grown} KiB");
    eve.ended().await;
    // Nor does the connection stay, although she holds her end of it.
    let until = Instant::now() + PATIENCE;
    while has_connection(server.http, deaf.local_addr().unwrap()) {
        assert!(Instant::now() < until, "the server holds on to it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether a process holds the server's end of this connection. (`/proc/net/tcp`: proc(5))
fn has_connection(server: SocketAddr, client: SocketAddr) -> bool {
    let port =
        |address: &str| address.split_once(':').map(|(_, port)| u16::from_str_radix(port, 16));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        port(fields[1]) == Some(Ok(server.port()))
            && port(fields[2]) == Some(Ok(client.port()))
            && fields[9] != "0"
    })
}

/// Ten thousand of them, in a network of their own: they fill tables of the system that others need.
#[test]
fn ten_thousand_handshakes_that_never_finish_leave_nothing_behind() {
    let mut storm = Command::new("unshare");
    // The second for who is not root.
    let flags = if works("-n") { "-n" } else { "-rn" };
    storm.args([flags, "sh", "-c", r#"ip link set lo up && exec "$@""#, "storm"]);
    if !works(flags) {
        println!("without unshare: fewer, in the network of everybody");
        storm = Command::new("env");
        storm.arg("MARU_TEST_STORM=300");
    }
    let done = storm
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "socketio::hostile::storm", "--ignored", "--nocapture"])
        // The other store's services are not in that network.
        .env_remove("MARU_TEST_STORE")
        .status()
        .unwrap();
    assert!(done.success());
}

fn works(flags: &str) -> bool {
    let tried = Command::new("unshare").args([flags, "ip", "link", "set", "lo", "up"]).status();
    tried.is_ok_and(|status| status.success())
}

/// Requests and WebSockets that begin and say no more.
#[tokio::test]
#[ignore = "the test before this one runs it"]
async fn storm() {
    let count = std::env::var("MARU_TEST_STORM").map_or(10_000, |count| count.parse().unwrap());
    let operators = (own_host(), 9_464);
    let server = Server::start(&[
        ("MARU_CONNECTION__HELLO_TIMEOUT", "500ms"),
        ("MARU_METRICS__ENABLED", "true"),
        ("MARU_METRICS__HOST", &operators.0.to_string()),
        ("MARU_METRICS__PORT", &operators.1.to_string()),
    ]);
    let upgrade = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        path("websocket")
    );
    let half = [upgrade.as_bytes(), &frame(raw::TEXT, b"40")[..3]].concat();
    let beginnings: [&[u8]; 5] = [
        b"",
        b"GET /socket.io/?EIO=4&tran",
        b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nContent-Le",
        upgrade.as_bytes(),
        &half,
    ];
    let mut lines = Vec::with_capacity(count);
    for beginning in beginnings.into_iter().cycle().take(count) {
        let mut line = Line::open(server.http).await;
        line.send(beginning).await;
        lines.push(line);
    }
    // Nobody else notices.
    let mut ada = ada_in_the_lobby(&server).await;
    ada.say("lobby", "still here").await;
    for line in &mut lines {
        line.ended().await;
    }
    drop(lines);
    // Ada's alone is left.
    let until = Instant::now() + PATIENCE;
    loop {
        let figures = get(operators.into(), "/metrics").await.body;
        let open = figures.lines().find_map(|line| line.strip_prefix("maru_connections "));
        if open == Some("1") {
            break;
        }
        assert!(Instant::now() < until, "{open:?} are open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("{} KiB after {count} handshakes that never finished", server.memory());
    ada.say("lobby", "and now").await;
}
