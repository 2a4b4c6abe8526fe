//! Who goes on after many refusals is sent away, and kept out for as long.

use std::time::Duration;

use maru_protocol::{ByeCode, ErrorCode, ServerFrame};
use serde_json::{Value, json};

use super::{HERE, limited, refused_by};
use crate::{
    client::Ended,
    dial::from,
    support::socketio::{Over, Socket, Transport},
};

const STRICT: [(&str, &str); 3] = [
    ("MARU_LIMITS__PERSON_READS", "1/h burst 5"),
    ("MARU_LIMITS__PERSON_REFUSALS", "1/h burst 20"),
    ("MARU_LIMITS__STAY_AWAY", "5s"),
];

#[tokio::test]
async fn a_client_that_does_not_wait_is_sent_away_with_all_that_it_has() {
    let (server, operator) = limited(&STRICT);
    let mut eve = server.guest("Eve").await;
    let token = eve.token.clone().unwrap();
    let mut bystander = server.guest("Ben").await;
    for n in 0..26 {
        eve.send_text(json!({ "type": "rooms", "ref": n }).to_string()).await;
    }
    let (frames, ended) = eve.ended().await;
    let errors = frames.iter().filter(|frame| matches!(frame, ServerFrame::Error { .. })).count();
    assert_eq!(errors, 21, "each is answered");
    let Some(ServerFrame::Bye { code: ByeCode::RateLimited, retry_after: Some(5_000), reason }) =
        frames.last()
    else {
        panic!("{:?}", frames.last())
    };
    println!("bye rate_limited: {reason}");
    assert!(matches!(ended, Ended::Closed(1013, _)), "{ended:?}");

    // From wherever it comes, and by whichever door.
    let mut again = from(HERE, server.connect()).await;
    let hello = json!({ "type": "hello", "version": 1, "token": token });
    again.send_text(hello.to_string()).await;
    let refusal = again.refusal().await;
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    let wait = refusal.retry_after.unwrap();
    assert!((1..=5_000).contains(&wait), "{wait} ms");
    let auth = json!({ "version": 1, "token": token });
    let mut socket = Socket::open(server.http, Transport::WebSocket).await;
    let refused = socket.refused(auth.clone()).await;
    assert_eq!(refused["data"]["code"], "rate_limited", "{refused}");
    assert!(refused["data"]["retry_after"].as_u64() <= Some(5_000), "{refused}");
    bystander.join("lobby", None).await;

    // Waiting as told is enough. What it asks for is limited as before.
    tokio::time::sleep(Duration::from_millis(wait.into())).await;
    let mut back = server.connect().await;
    back.hello_again(&token).await;
    back.join("lobby", None).await;
    assert_eq!(refused_by(&operator, "person_refusals").await, 1);
    assert_eq!(refused_by(&operator, "person_away").await, 2);
}

#[tokio::test]
async fn a_client_of_socketio_is_told_the_same_by_an_event() {
    let (server, _) = limited(&STRICT);
    for transport in [Transport::WebSocket, Transport::Polling] {
        let mut eve = Socket::named(server.http, transport, "Eve").await;
        for _ in 0..26 {
            // The last one's connection may have ended before it.
            if eve.try_send(&["42[\"rooms\",{}]"]).await.is_err() {
                break;
            }
        }
        let (packets, over) = eve.ended().await;
        let bye = packets.iter().rfind(|packet| packet.starts_with("42[\"bye\",")).expect("a bye");
        let bye: Value = serde_json::from_str(&bye[2..]).unwrap();
        assert_eq!(bye[1]["code"], "rate_limited", "{bye}");
        assert_eq!(bye[1]["retry_after"], 5_000, "{bye}");
        if transport == Transport::WebSocket {
            assert_eq!(over, Over::Closed(1013));
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_as_it_is_told_is_never_sent_away() {
    let (server, _) = limited(&[
        ("MARU_LIMITS__PERSON_READS", "50/s burst 1"),
        ("MARU_LIMITS__PERSON_REFUSALS", "1/h burst 40"),
    ]);
    let mut ada = server.guest("Ada").await;
    let mut refused = 0;
    for n in 0..30 {
        loop {
            ada.send_text(json!({ "type": "rooms", "ref": n }).to_string()).await;
            match ada.answer(maru_protocol::Ref(n)).await {
                ServerFrame::Error { code: ErrorCode::RateLimited, retry_after, .. } => {
                    let wait = retry_after.unwrap();
                    assert!((1..=20).contains(&wait), "{wait} ms");
                    refused += 1;
                    tokio::time::sleep(Duration::from_millis(u64::from(wait) + 1)).await;
                }
                ServerFrame::Rooms { .. } => break,
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(refused <= 30, "{refused}: each was taken at the second attempt");
}
