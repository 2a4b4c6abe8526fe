//! Coming in: handshakes, connections and guests of one address, at each door.

use maru_protocol::{ClientFrame, DisplayName, ErrorCode, VERSION};
use serde_json::json;

use super::{ELSEWHERE, HERE, limited, refused_by};
use crate::{
    client::Client,
    dial::from,
    process::Server,
    support::socketio::{Socket, TRANSPORTS, Transport, path, websocket},
    web::{Answer, Line, get},
};

const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// What each door says to one who wants in.
async fn doors(server: &Server) -> [Answer; 3] {
    let upgrade = async |path: &str| Line::open(server.http).await.get(path, &UPGRADE).await;
    [
        upgrade("/ws").await,
        upgrade(&path("websocket")).await,
        get(server.http, &path("polling")).await,
    ]
}

fn are_refused(answers: &[Answer], wait: std::ops::RangeInclusive<u64>) {
    for answer in answers {
        assert_eq!(answer.status, 429, "{answer:?}");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!(wait.contains(&seconds), "{answer:?}");
        let said = answer.json();
        let said = [&said["detail"], &said["message"]];
        let message = said.iter().find_map(|said| said.as_str()).unwrap().to_owned();
        assert!(message.starts_with("too many connections from your network"), "{message}");
    }
}

#[tokio::test]
async fn an_address_that_comes_too_often_is_told_when_to_come_back() {
    let (server, operator) = limited(&[("MARU_LIMITS__ADDRESS_HANDSHAKES", "1/m burst 3")]);
    from(HERE, async {
        let statuses = doors(&server).await.map(|answer| answer.status);
        assert_eq!(statuses, [101, 101, 200], "each took one");
        are_refused(&doors(&server).await, 50..=60);
        assert_eq!(get(server.http, "/healthz").await.status, 200);
    })
    .await;
    from(ELSEWHERE, server.guest("Ben")).await.join("lobby", None).await;
    assert_eq!(refused_by(&operator, "address_handshakes").await, 3);
}

#[tokio::test]
async fn an_address_has_a_share_of_the_connections_whatever_they_are() {
    let (server, operator) = limited(&[("MARU_LIMITS__ADDRESS_CONNECTIONS", "3")]);
    let held = from(HERE, async {
        let client = server.connect().await;
        let socket = websocket(server.http, "websocket").await.unwrap();
        let polling = Socket::open(server.http, Transport::Polling).await;
        are_refused(&doors(&server).await, 1..=1);
        (client, socket, polling)
    })
    .await;
    let mut ben = from(ELSEWHERE, server.guest("Ben")).await;
    ben.join("lobby", None).await;
    drop(held.0);
    // A place is free a moment after its connection ended.
    from(HERE, async { while Client::try_connect(server.http).await.is_err() {} }).await;
    assert!(refused_by(&operator, "address_connections").await >= 3);
}

#[tokio::test]
async fn guests_are_made_sparingly_and_who_has_a_token_comes_in_all_the_same() {
    let (server, operator) = limited(&[("MARU_LIMITS__ADDRESS_GUESTS", "1/m burst 2")]);
    let token = from(HERE, async {
        let ada = server.guest("Ada").await;
        let auth = json!({ "name": "Ben", "version": 1 });
        drop(Socket::enter(server.http, Transport::WebSocket, auth).await);
        let mut third = server.connect().await;
        let name = Some(DisplayName::parse("Cid").unwrap());
        third.send(&ClientFrame::Hello { version: VERSION, token: None, name }).await;
        let refusal = third.refusal().await;
        assert_eq!(refusal.code, ErrorCode::RateLimited);
        assert!((50_000..=60_000).contains(&refusal.retry_after.unwrap()), "{refusal:?}");
        for transport in TRANSPORTS {
            let mut socket = Socket::open(server.http, transport).await;
            let refused = socket.refused(json!({ "version": 1, "name": "Cid" })).await;
            assert_eq!(refused["data"]["code"], "rate_limited", "{refused}");
            assert!(refused["data"]["retry_after"].as_u64() > Some(50_000), "{refused}");
        }
        // It waits on the same connection, and is somebody else's guest no more than before.
        third.hello_again(ada.token.as_deref().unwrap()).await;
        ada.token.unwrap()
    })
    .await;
    from(HERE, async {
        let mut ada = server.connect().await;
        ada.hello_again(&token).await;
        ada.join("lobby", None).await;
    })
    .await;
    from(ELSEWHERE, server.guest("Dan")).await.join("lobby", None).await;
    assert_eq!(refused_by(&operator, "address_guests").await, 4);
}
