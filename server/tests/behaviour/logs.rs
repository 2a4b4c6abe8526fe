//! What an operator reads in the log, and what nobody must find there.

use crate::{
    client::Client,
    process::Server,
    raw::{self, frame},
    support::socketio::path,
    web::{Line, get},
};

#[tokio::test]
async fn coming_and_going_are_logged_and_what_is_said_is_not() {
    // Everything that can be logged is.
    let server = Server::start(&[("MARU_LOG__FILTER", "trace")]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "the secret sentence").await;
    ada.send_text(r#"{"type":"send","ref":1,"body":"the broken secret"}"#).await;
    ada.refusal().await;
    let (user, token) = (ada.user.clone().unwrap().id, ada.token.clone().unwrap());
    let mut again = server.connect().await;
    again.hello_again(&token).await;
    drop(again);
    drop(ada);
    let user = format!("user={user}");
    server.logs(&["connected", "session=", &user]).await;
    server.logs(&["disconnected", "session=", &user, "reason="]).await;
    let log = server.log();
    let signature = token.rsplit('.').next().unwrap();
    for hidden in ["the secret sentence", "the broken secret", signature] {
        assert!(!log.contains(hidden), "the log shows {hidden:?}");
    }
}

#[tokio::test]
async fn addresses_are_shown_as_the_operator_wants() {
    for (how, shown) in [("full", "address=127."), ("truncated", ".0/24"), ("none", "address=-")] {
        let server = Server::start(&[
            ("MARU_LOG__ADDRESSES", how),
            ("MARU_LIMITS__EXEMPT", ""),
            ("MARU_LIMITS__ADDRESS_ROOMS", "1/h burst 1"),
        ]);
        let mut ada = server.guest("Ada").await;
        ada.create("one").await;
        ada.create("two").await;
        drop(ada);
        server.logs(&["refused by a limit", "limit=address_rooms", "address=", shown]).await;
        server.logs(&["disconnected", "address=", shown]).await;
        let (log, whole) = (server.log(), "127.0.0.1");
        assert_eq!(log.contains(whole), how == "full", "{how}: {log}");
    }
}

/// What is no use to anybody, at each door.
const RUBBISH: [&str; 8] = [
    "GET / HTTP/1.1\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}",
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
    "POST /socket.io/?EIO=4&transport=polling&sid=nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz",
    "GET /api/v1/rooms/%00%ff/messages?after=-1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "PUT /api/v1/rooms/lobby/files?name=%2e%2e%2f HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST /api/v1/rooms/lobby/files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET /api/v1/search?q=%22&cursor=x HTTP/9.9\r\nA\r\n\r\n",
];

#[tokio::test]
async fn nothing_that_clients_send_is_an_error_or_a_warning() {
    // Fewer than this machine has files for, or the start says so.
    let few = [("MARU_HTTP__MAX_CONNECTIONS", "100"), ("MARU_LIMITS__SOCKETS", "100")];
    let (server, operator) =
        crate::operators::start(&[&few[..], &[("MARU_LIMITS__DOWNLOADS", "16")]].concat());
    for rubbish in RUBBISH {
        for listener in [server.http, operator] {
            let mut line = Line::open(listener).await;
            line.send(rubbish.as_bytes()).await;
            // Some end it, some wait for more; both are told in nothing but debug lines.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(100), line.ended()).await;
        }
    }
    for bytes in [
        frame(raw::TEXT, b"\xff\xfe"),
        frame(raw::BINARY, &[0; 64]),
        frame(raw::PART, b"of nothing"),
        frame(0xff, b"all reserved"),
        raw::header(raw::TEXT, u64::MAX),
        frame(raw::TEXT, &vec![b'['; 40_000]),
        vec![0x81, 0x01, b'x'],
    ] {
        let mut client = server.guest("Eve").await;
        client.send_bytes(&bytes).await;
        drop(client);
        let mut client = Client::connect(server.http).await;
        client.send_bytes(&bytes).await;
    }
    let mut eve = server.guest("Eve").await;
    for text in [
        "",
        "null",
        "nonsense",
        r#"{"type":"join","ref":1,"room":"\u0000"}"#,
        r#"{"type":"send","ref":1,"room":"lobby","id":"x","body":"x"}"#,
        r#"{"type":"delete","ref":1,"room":"lobby","id":"00000000-0000-7000-8000-000000000000","target":18446744073709551615}"#,
        r#"{"type":"hello","version":99}"#,
    ] {
        eve.send_text(text).await;
    }
    let socketio = path("polling");
    let open: serde_json::Value =
        serde_json::from_str(&get(server.http, &socketio).await.body[1..]).unwrap();
    let session = path(&format!("polling&sid={}", open["sid"].as_str().unwrap()));
    for packets in
        ["4", "40{", "42[\"send\"]", "451-[\"x\",{\"_placeholder\":true,\"num\":9}]", "9", "bAAA="]
    {
        let mut line = Line::open(server.http).await;
        let length = packets.len().to_string();
        let head = line.head("POST", &session, &[("Content-Length", &length)]);
        line.send(format!("{head}{packets}").as_bytes()).await;
        let _ = line.try_hear().await;
    }
    // The server has seen it all, and is well.
    server.guest("Ada").await.settle().await;
    assert_eq!(get(server.http, "/readyz").await.status, 200);
    let log = server.log();
    let loud: Vec<&str> =
        log.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).collect();
    assert!(loud.is_empty(), "{loud:#?}");
}
