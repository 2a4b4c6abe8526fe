//! What real clients do that a server must take: measured with socket.io-client 4.8.4, python-socketio
//! 5.18.1, rust_socketio 0.6.0 and tf-rust-socketio 0.9.3.

use serde_json::json;

use super::ada_in_the_lobby;
use crate::{
    process::Server,
    support::socketio::{Socket, TRANSPORTS},
};

const AUTH: &str = r#"40{"version":1,"name":"Ben"}"#;

/// `emit(); disconnect()`: all is in one body, or in one read.
#[tokio::test]
async fn what_came_before_a_disconnect_is_done() {
    let server = Server::start(&[]);
    let mut ada = ada_in_the_lobby(&server).await;
    for transport in TRANSPORTS {
        for (n, end) in [&["41"][..], &["1"], &["41", "1"]].into_iter().enumerate() {
            let name = format!("Ben {transport:?} {n}");
            let mut ben = Socket::named(server.http, transport, &name).await;
            ben.ask("join", json!("lobby")).await;
            let events: Vec<String> = (0..5)
                .map(|n| {
                    format!("42{}", json!(["send", { "room": "lobby", "body": n.to_string() }]))
                })
                .collect();
            let packets: Vec<&str> =
                events.iter().map(String::as_str).chain(end.iter().copied()).collect();
            ben.send(&packets).await;
            for n in 0..5 {
                assert_eq!(ada.entry("lobby").await.text(), n.to_string(), "{transport:?} {end:?}");
            }
        }
    }
}

/// Rust and Python clients do not wait for the answer to `CONNECT`.
#[tokio::test]
async fn an_event_right_behind_connect_waits_for_it() {
    let server = Server::start(&[]);
    for transport in TRANSPORTS {
        let mut ben = Socket::open(server.http, transport).await;
        ben.send(&[AUTH, r#"420["rooms"]"#]).await;
        ben.pick("40{").await;
        assert_eq!(ben.acked(0).await["type"], "rooms");
    }
}

#[tokio::test]
async fn what_clients_say_beyond_the_protocol_is_taken() {
    let server = Server::start(&[]);
    for transport in TRANSPORTS {
        let mut ben = Socket::open(server.http, transport).await;
        // Both Rust clients answer a heartbeat that nobody sent.
        ben.send(&["3"]).await;
        ben.send(&[AUTH]).await;
        let first = ben.pick("40{").await;
        ben.send(&["40"]).await;
        assert_eq!(ben.pick("40{").await, first, "a second CONNECT is told the same");
        // tf-rust-socketio draws its ack ids at random.
        ben.send(&[r#"427["rooms"]"#, r#"427["rooms"]"#, r#"427["ping"]"#]).await;
        for kind in ["rooms", "rooms", "ok"] {
            assert_eq!(ben.acked(7).await["type"], kind);
        }
        // It also announces no attachments, and other clients have events with numbers for names.
        ben.send(&[r#"450-8["rooms"]"#]).await;
        assert_eq!(ben.acked(8).await["type"], "rooms");
        ben.send(&["429[7]"]).await;
        assert_eq!(ben.acked(9).await["code"], "unknown_type");
        // Acks that nobody asked for.
        ben.send(&["431[]", "43999[1]"]).await;
        // Binary messages as text, also on a WebSocket.
        let event = json!(["typing", { "_placeholder": true, "num": 0 }]);
        ben.send(&[&format!("451-10{event}"), "bAQID"]).await;
        assert_eq!(ben.acked(10).await["code"], "binary_frame");
    }
}

/// JavaScript clients join as many packets as `maxPayload` has bytes for.
#[tokio::test]
async fn a_body_has_as_many_packets_as_fit() {
    let server =
        Server::start(&[("MARU_CONNECTION__RATE", "1000"), ("MARU_CONNECTION__BURST", "1000")]);
    for transport in TRANSPORTS {
        let mut ben = Socket::named(server.http, transport, "Ben").await;
        let events: Vec<String> = (0..500).map(|n| format!(r#"42{n}["ping"]"#)).collect();
        ben.send(&events.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for n in 0..500 {
            assert_eq!(ben.acked(n).await["type"], "ok");
        }
    }
}

/// After a `DISCONNECT` the link is there for another `CONNECT`.
#[tokio::test]
async fn a_link_can_be_connected_again() {
    let server = Server::start(&[]);
    let _ada = ada_in_the_lobby(&server).await;
    for transport in TRANSPORTS {
        let mut ben = Socket::open(server.http, transport).await;
        for _ in 0..3 {
            ben.connect(json!({ "version": 1, "name": "Ben" })).await;
            let joined = ben.ask("join", json!("lobby")).await;
            assert_eq!(joined["members"]["count"], 2, "who disconnected is not there any more");
            ben.send(&["41"]).await;
        }
    }
}
