//! Frames, messages and bodies that are begun and not ended: what was begun first makes room.

use super::{limited, refused_by};
use crate::{
    client::Ended,
    process::Server,
    raw,
    support::socketio::{Over, Socket, Transport, post},
    web::Line,
};

const SETTINGS: [(&str, &str); 3] = [
    ("MARU_SERVER__WORKERS", "1"),
    // And so one message of Socket.IO.
    ("MARU_LIMITS__UNFINISHED_BYTES", "1 MiB"),
    ("MARU_CONNECTION__HEARTBEAT", "50s"),
];

fn settings() -> (Server, String) {
    limited(&SETTINGS)
}

#[tokio::test]
async fn a_frame_that_is_not_ended_is_given_up_for_later_ones() {
    let (server, operator) = settings();
    let mut first = server.guest("Eve").await;
    let most = raw::header(raw::TEXT, 60_000);
    first.send_bytes(&[&most[..], &[0; 59_000]].concat()).await;
    // A frame in parts, of which the last one never comes.
    let mut second = server.guest("Eva").await;
    second.send_bytes(&raw::frame(raw::TEXT_PART, &[b' '; 60_000])).await;
    second.settle_raw().await;
    let mut crowd = Vec::new();
    for n in 0..20 {
        let mut client = server.guest(&format!("Ada {n}")).await;
        client.send_bytes(&[&most[..], &[0; 59_000]].concat()).await;
        crowd.push(client);
    }
    for client in [first, second] {
        let (_, ended) = client.ended().await;
        assert!(matches!(ended, Ended::Closed(1013, _) | Ended::Lost), "{ended:?}");
    }
    // The last of them, and who ends what they say, go on.
    let last = crowd.last_mut().unwrap();
    last.send_bytes(&[0; 1_004]).await;
    assert_eq!(last.refusal().await.code, maru_protocol::ErrorCode::NotJson);
    let mut ben = server.guest("Ben").await;
    ben.join("lobby", None).await;
    assert_eq!(ben.say("lobby", &"x".repeat(4_000)).await.get(), 1);
    assert!(refused_by(&operator, "unfinished_bytes").await >= 2);
}

#[tokio::test]
async fn bodies_and_attachments_are_among_them() {
    let (server, operator) = settings();
    // An event that announces an attachment, and a part of a body.
    let mut eve = Socket::named(server.http, Transport::WebSocket, "Eve").await;
    let event = r#"452-["send",{"room":"lobby","files":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]}]"#;
    eve.send(&[event]).await;
    eve.send_binary(&[7; 500_000]).await;
    let ada = Socket::named(server.http, Transport::Polling, "Ada").await;
    let mut slow = Line::open(server.http).await;
    let head = slow.head("POST", &ada.polls(), &[("Content-Length", "900000")]);
    slow.send(head.as_bytes()).await;
    slow.send(&[b'4'; 700_000]).await;
    let (_, over) = eve.ended().await;
    assert!(matches!(over, Over::Closed(1013) | Over::Lost), "{over:?}");
    let mut other = Line::open(server.http).await;
    let head = other.head("POST", &ada.polls(), &[("Content-Length", "900000")]);
    other.send(head.as_bytes()).await;
    other.send(&[b'4'; 700_000]).await;
    let answer = slow.hear().await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(refused_by(&operator, "unfinished_bytes").await, 2);
    // Its session goes on.
    let answer = post(&mut Line::open(server.http).await, &ada.polls(), "42[\"rooms\",{}]").await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
