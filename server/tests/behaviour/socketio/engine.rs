//! Engine.IO by hand: handshakes, polls, posts, upgrades, and what is wrong with them.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use super::{ada_in_the_lobby, upgrade_amid_events};
use crate::{
    process::Server,
    raw,
    support::socketio::{Over, Socket, TRANSPORTS, Transport, get, path, post, websocket},
    web::{Answer, Line},
};

fn refused(answer: &Answer) -> (u16, i64) {
    (answer.status, answer.json()["code"].as_i64().unwrap())
}

#[tokio::test]
async fn a_handshake_says_all_that_a_client_needs() {
    let server = Server::start(&[("MARU_CONNECTION__HEARTBEAT", "20s")]);
    let answer = get(server.http, &path("polling")).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=UTF-8"));
    assert!(!answer.body.contains('\u{1e}'), "OPEN comes alone");
    let opened: Value = serde_json::from_str(&answer.body[1..]).unwrap();
    assert_eq!(opened["upgrades"], json!(["websocket"]));
    assert_eq!((&opened["pingInterval"], &opened["pingTimeout"]), (&json!(20_000), &json!(20_000)));
    assert_eq!(opened["maxPayload"], 1 << 20);
    let sid = opened["sid"].as_str().unwrap();
    assert!(sid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{sid}");
    let socket = Socket::open(server.http, Transport::WebSocket).await;
    assert_eq!(socket.opened["upgrades"], json!([]));
    // Without the last slash, as some clients are told.
    let answer = get(server.http, "/socket.io?EIO=4&transport=polling").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn wrong_requests_get_the_codes_of_the_reference() {
    let server = Server::start(&[]);
    let ask = async |method: &str, path: &str| {
        let mut line = Line::open(server.http).await;
        let head = line.head(method, path, &[("Content-Length", "0")]);
        refused(&line.ask(&head).await)
    };
    assert_eq!(ask("GET", "/socket.io/?EIO=4&transport=pigeon").await, (400, 0));
    assert_eq!(ask("GET", "/socket.io/").await, (400, 0));
    assert_eq!(ask("GET", "/socket.io/?EIO=3&transport=polling").await, (400, 5));
    assert_eq!(ask("GET", "/socket.io/?transport=polling").await, (400, 5));
    assert_eq!(ask("POST", &path("polling")).await, (400, 2));
    assert_eq!(ask("PUT", &path("polling")).await, (400, 2));
    assert_eq!(ask("GET", &path("websocket")).await, (400, 3), "no WebSocket");
    for sid in ["x", "AAAAAAAAAAAAAAAAAAAAAAAA", "__________________________", "%00"] {
        assert_eq!(ask("GET", &path(&format!("polling&sid={sid}"))).await, (400, 1), "{sid}");
    }
    let socket = Socket::open(server.http, Transport::WebSocket).await;
    assert_eq!(ask("GET", &socket.polls()).await, (400, 3), "it has another transport");
    assert_eq!(ask("POST", &socket.polls()).await, (400, 3));
    let mut line = Line::open(server.http).await;
    let answer = line.get(&path("polling"), &[("Origin", "https://evil.example")]).await;
    assert_eq!(refused(&answer), (403, 4));
    let allowed = [("Origin", "http://localhost:3000")];
    let answer = line.get(&path("polling"), &allowed).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
    // That of the server's own address, which some clients say of themselves; not by a name.
    let own = format!("http://{}", server.http);
    assert_eq!(line.get(&path("polling"), &[("Origin", &own)]).await.status, 200);
    let named = format!(
        "GET {} HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n\r\n",
        path("polling")
    );
    assert_eq!(refused(&Line::open(server.http).await.ask(&named).await), (403, 4));
    for query in ["websocket&sid=AAAAAAAAAAAAAAAAAAAAAAAA", "websocket&EIO=3"] {
        let refused = websocket(server.http, query).await;
        assert!(matches!(refused, Err(Error::Http(_))), "{query}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_reads_what_it_polls_and_what_is_refused() {
    let server = Server::start(&[]);
    let ours = [("Origin", "http://localhost:3000")];
    let socket = Socket::open(server.http, Transport::Polling).await;
    let mut line = Line::open(server.http).await;
    line.send(line.head("GET", &socket.polls(), &ours).as_bytes()).await;
    let connected = post(&mut Line::open(server.http).await, &socket.polls(), "40").await;
    assert_eq!(connected.body, "ok");
    let polled = line.hear().await;
    assert!(polled.status == 200 && polled.body.starts_with("40{"), "{polled:?}");
    let gone = path("polling&sid=AAAAAAAAAAAAAAAAAAAAAAAA");
    let unknown = line.get(&gone, &ours).await;
    assert_eq!(refused(&unknown), (400, 1));
    for answer in [&polled, &unknown] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("Origin")), "{answer:?}");
    }
    let theirs = line.get(&socket.polls(), &[("Origin", "https://evil.example")]).await;
    assert_eq!(refused(&theirs), (403, 4));
}

#[tokio::test]
async fn an_operator_can_close_the_door() {
    let server = Server::start(&[("MARU_SOCKETIO__ENABLED", "false")]);
    assert_eq!(get(server.http, &path("polling")).await.status, 404);
}

#[tokio::test]
async fn a_newer_poll_takes_the_place_of_an_older_one() {
    let server = Server::start(&[]);
    let mut socket = Socket::named(server.http, Transport::Polling, "Ben").await;
    socket.pick("42[\"welcome\"").await;
    let polls = socket.polls();
    let mut given_up = Line::open(server.http).await;
    let head = given_up.head("GET", &polls, &[]);
    given_up.send(head.as_bytes()).await;
    let mut newer = Line::open(server.http).await;
    let head = newer.head("GET", &polls, &[]);
    newer.send(head.as_bytes()).await;
    // Which of two requests on two connections comes first is theirs: one of them ends with nothing.
    let (first, mut other) = tokio::select! {
        answer = given_up.hear() => (answer, newer),
        answer = newer.hear() => (answer, given_up),
    };
    assert_eq!((first.status, first.body.as_str()), (200, "6"));
    socket.send(&[r#"425["ping"]"#]).await;
    assert_eq!(other.hear().await.body, r#"435[{"type":"ok","ref":5}]"#);
}

#[tokio::test]
async fn a_poll_that_offers_another_protocol_is_a_poll() {
    let server = Server::start(&[]);
    let mut line = Line::open(server.http).await;
    let offer =
        [("Upgrade", "h2c"), ("Connection", "Upgrade, HTTP2-Settings"), ("HTTP2-Settings", "")];
    let answer = line.get(&path("polling"), &offer).await;
    assert!(answer.status == 200 && answer.body.starts_with('0'), "{answer:?}");
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused_and_the_session_lives() {
    let server = Server::start(&[("MARU_SOCKETIO__MAX_PAYLOAD", "64 KiB")]);
    let mut socket = Socket::named(server.http, Transport::Polling, "Ben").await;
    assert_eq!(socket.opened["maxPayload"], 64 << 10);
    let large = format!("4{}", "x".repeat(70_000));
    assert_eq!(socket.try_send(&[&large]).await, Err(Over::Status(413)));
    let mut line = Line::open(server.http).await;
    let declared = line.head("POST", &socket.polls(), &[("Content-Length", "9999999999")]);
    assert_eq!(line.ask(&declared).await.status, 413);
    let mut again = Socket::named(server.http, Transport::Polling, "Ada").await;
    assert_eq!(again.ask("ping", json!({})).await["type"], "ok");
    let mut socket = Socket::open(server.http, Transport::WebSocket).await;
    socket.send(&[&large]).await;
    assert_eq!(socket.packet().await, Err(Over::Closed(1009)));
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_session_and_what_came_before_is_done() {
    let server = Server::start(&[]);
    let mut ada = ada_in_the_lobby(&server).await;
    let many = format!("4511-{}", r#"["send",1]"#);
    let broken = [
        "abc",
        "",
        "4",
        "47",
        "4x",
        "42{}",
        "42[]",
        "42[{}]",
        "42",
        "4299999999999999999999[1]",
        "43[1]",
        "44{}",
        many.as_str(),
        r#"451-["a"]"#,
    ];
    for transport in TRANSPORTS {
        for (n, wrong) in broken.into_iter().enumerate() {
            let name = format!("Ben {transport:?} {n}");
            let mut ben = Socket::named(server.http, transport, &name).await;
            ben.ask("join", json!("lobby")).await;
            let event = format!("42{}", json!(["send", { "room": "lobby", "body": "before" }]));
            // What follows an announced attachment must be one.
            let sent = ben.try_send(&[&event, wrong, r#"42["leave","lobby"]"#]).await;
            if transport == Transport::Polling && wrong.starts_with(['a']) {
                assert_eq!(sent, Err(Over::Status(400)));
            }
            assert_eq!(ada.entry("lobby").await.text(), "before", "{transport:?} {wrong:?}");
            let (_, over) = ben.ended().await;
            assert!(
                matches!(over, Over::Status(400) | Over::Closed(1002) | Over::Lost),
                "{transport:?} {wrong:?}: {over:?}"
            );
        }
    }
    // An event outside of a namespace.
    for transport in TRANSPORTS {
        let mut nobody = Socket::open(server.http, transport).await;
        let _ = nobody.try_send(&[r#"42["rooms"]"#]).await;
        let (packets, _) = nobody.ended().await;
        assert!(packets.is_empty(), "{packets:?}");
    }
}

/// Deep nesting costs a refusal, and no stack.
#[tokio::test]
async fn deep_nesting_is_refused() {
    let server = Server::start(&[]);
    for transport in TRANSPORTS {
        let mut ben = Socket::named(server.http, transport, "Ben").await;
        let deep =
            format!(r#"421["join",{{"room":{}{}}}]"#, "[".repeat(50_000), "]".repeat(50_000));
        ben.send(&[&deep]).await;
        assert_eq!(ben.acked(1).await["code"], "not_json");
    }
}

#[tokio::test]
async fn events_around_an_upgrade_keep_their_order() {
    let settings = [("MARU_CONNECTION__RATE", "1000"), ("MARU_CONNECTION__BURST", "1000")];
    let server = Server::start(&settings);
    let ben = upgrade_amid_events(&server, server.http).await;
    assert_eq!(get(server.http, &ben.polls()).await.status, 400, "polling is over");
}

#[tokio::test]
async fn a_session_has_one_websocket() {
    let server = Server::start(&[]);
    let mut ben = Socket::named(server.http, Transport::Upgraded, "Ben").await;
    let query = format!("websocket&sid={}", ben.sid());
    let (mut second, _) = (websocket(server.http, &query).await.unwrap(), ());
    use futures_util::StreamExt;
    let next = second.next().await;
    assert!(
        matches!(next, Some(Ok(tokio_tungstenite::tungstenite::Message::Close(_)))),
        "{next:?}"
    );
    assert_eq!(ben.ask("ping", json!({})).await["type"], "ok");
    // A WebSocket that is tried and given up costs a polling session nothing.
    let mut eve = Socket::named(server.http, Transport::Polling, "Eve").await;
    let query = format!("websocket&sid={}", eve.sid());
    drop(websocket(server.http, &query).await.unwrap());
    assert_eq!(eve.ask("ping", json!({})).await["type"], "ok");
    eve.upgrade().await;
    assert_eq!(eve.ask("ping", json!({})).await["type"], "ok");
}

/// Binary messages as text, for a client that reads no others.
#[tokio::test]
async fn a_websocket_is_masked_and_answers_pings() {
    let server = Server::start(&[]);
    let mut line = Line::open(server.http).await;
    let headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let answer = line.get(&path("websocket&b64=1"), &headers).await;
    assert_eq!(answer.status, 101);
    line.send(&raw::frame(raw::PING, b"there?")).await;
    line.send(&raw::frame(raw::TEXT, b"40")).await;
}

#[tokio::test]
async fn posts_of_one_session_are_done_in_their_order() {
    let server = Server::start(&[]);
    let socket = Socket::named(server.http, Transport::Polling, "Ben").await;
    let mut line = Line::open(server.http).await;
    for body in ["3", "6", "5", "2", "2probe"] {
        let answer = post(&mut line, &socket.polls(), body).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{body}");
    }
}
