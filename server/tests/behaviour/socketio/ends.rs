//! How sessions end, and that nothing of them is left.

use serde_json::json;

use super::ada_in_the_lobby;
use crate::{
    process::Server,
    support::socketio::{Over, Socket, TRANSPORTS, Transport, get, path},
};

const SHORT: [(&str, &str); 2] =
    [("MARU_CONNECTION__HEARTBEAT", "500ms"), ("MARU_CONNECTION__HELLO_TIMEOUT", "400ms")];

#[tokio::test]
async fn who_never_connects_is_gone_after_the_time_for_hello() {
    let server = Server::start(&SHORT);
    for transport in TRANSPORTS {
        let socket = Socket::open(server.http, transport).await;
        let (packets, over) = socket.ended().await;
        assert!(packets.is_empty(), "{transport:?}: {packets:?}");
        assert!(matches!(over, Over::Status(400) | Over::Lost | Over::Closed(_)), "{over:?}");
    }
}

#[tokio::test]
async fn who_does_not_answer_heartbeats_is_gone_and_who_does_stays() {
    let server = Server::start(&SHORT);
    let _ada = ada_in_the_lobby(&server).await;
    for transport in TRANSPORTS {
        let mut there = Socket::named(server.http, transport, "Ben").await;
        there.ask("join", json!("lobby")).await;
        let mut silent = Socket::named(server.http, transport, "Eve").await;
        silent.ask("join", json!("lobby")).await;
        // Ben answers heartbeats while he waits for this; Eve does not.
        loop {
            let event = there.event("presence").await;
            let left = event[0]["change"]["left"].as_array();
            if left.is_some_and(|left| !left.is_empty()) {
                break;
            }
        }
        assert_eq!(there.ask("ping", json!({})).await["type"], "ok");
        there.send(&["41"]).await;
    }
}

/// Health checks that only shake hands, and clients that break down in the middle of it.
#[tokio::test]
async fn ten_thousand_handshakes_leave_nothing_behind() {
    let server = Server::start(&[("MARU_CONNECTION__HELLO_TIMEOUT", "300ms")]);
    let mut line = crate::web::Line::open(server.http).await;
    let first = line.get(&path("polling"), &[]).await;
    let sid = serde_json::from_str::<serde_json::Value>(&first.body[1..]).unwrap();
    let polls = path(&format!("polling&sid={}", sid["sid"].as_str().unwrap()));
    for _ in 0..1_000 {
        assert_eq!(line.get(&path("polling"), &[]).await.status, 200);
    }
    // A poll of one that is gone is answered so: it waits no longer than the session lives.
    assert_eq!(get(server.http, &polls).await.status, 400);
    let before = server.memory();
    for _ in 0..9_000 {
        assert_eq!(line.get(&path("polling"), &[]).await.status, 200);
    }
    let socket = Socket::open(server.http, Transport::Polling).await;
    assert_eq!(socket.ended().await.1, Over::Status(400));
    let grown = server.memory().saturating_sub(before);
    println!("{grown} KiB more after 9,000 handshakes");
    assert!(grown < 16 << 10, "{grown} KiB");
}

#[tokio::test]
async fn who_never_polls_is_closed_at_the_bound_and_nobody_waits_for_them() {
    let settings = [
        ("MARU_CONNECTION__OUTBOX", "128 KiB"),
        ("MARU_CHAT__MAX_REPLAY_BYTES", "64 KiB"),
        ("MARU_CONNECTION__RATE", "1000"),
        ("MARU_CONNECTION__BURST", "1000"),
    ];
    let server = Server::start(&settings);
    let mut ada = ada_in_the_lobby(&server).await;
    let mut slow = Socket::named(server.http, Transport::Polling, "Slow").await;
    slow.ask("join", json!("lobby")).await;
    let long = "x".repeat(4_000);
    for _ in 0..60 {
        ada.say("lobby", &long).await;
    }
    let (packets, over) = slow.ended().await;
    let bye = packets.last().unwrap();
    assert!(bye.starts_with(r#"42["bye",{"type":"bye","code":"slow_reader""#), "{bye}");
    assert_eq!(over, Over::Status(400));
    assert!(packets.len() < 20, "what waited is dropped: {}", packets.len());
}

#[tokio::test]
async fn a_stop_says_goodbye_and_never_closes_by_engine_io() {
    for transport in TRANSPORTS {
        let mut server = Server::start(&[]);
        let mut ben = Socket::named(server.http, transport, "Ben").await;
        ben.ask("create", json!("lobby")).await;
        ben.ask("join", json!("lobby")).await;
        server.signal(15);
        let goodbye = async {
            let mut packets = Vec::new();
            let over = loop {
                match ben.packet().await {
                    Ok(packet) => packets.push(packet),
                    Err(over) => break over,
                }
            };
            (packets, over)
        };
        let ((packets, over), status) = tokio::join!(goodbye, server.wait());
        assert!(status.success(), "{transport:?}");
        let bye = packets
            .iter()
            .any(|packet| packet.starts_with(r#"42["bye",{"type":"bye","code":"shutdown""#));
        assert!(bye, "{transport:?}: {packets:?}");
        assert!(packets.iter().all(|packet| packet != "1" && packet != "41"), "{packets:?}");
        let fine = match transport {
            Transport::Polling => matches!(over, Over::Status(400) | Over::Lost),
            _ => over == Over::Closed(1012),
        };
        assert!(fine, "{transport:?}: {over:?}");
    }
}
