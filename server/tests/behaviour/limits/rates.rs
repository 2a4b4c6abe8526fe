//! What somebody asks for on a connection, of each kind: by maru.v1 and by Socket.IO.

use std::collections::BTreeMap;

use maru_protocol::{ClientFrame, ErrorCode, Seq, ServerFrame};
use serde_json::{Value, json};

use super::{HERE, limited, refused_by};
use crate::{
    client::{Client, room},
    dial::from,
    process::Server,
    support::socketio::{Socket, TRANSPORTS},
    web::get,
};

/// Three of each, and then one more an hour.
const FEW: &str = "1/h burst 3";

/// Each kind that a frame counts for, and such a frame.
fn kinds() -> [(&'static str, Value); 14] {
    let id = || uuid::Uuid::now_v7().to_string();
    let emoji = "👍";
    [
        ("messages", json!({ "type": "send", "room": "lobby", "id": id(), "body": "x" })),
        (
            "changes",
            json!({ "type": "edit", "room": "lobby", "id": id(), "target": 1, "body": "y" }),
        ),
        ("changes", json!({ "type": "delete", "room": "lobby", "id": id(), "target": 2 })),
        (
            "changes",
            json!({ "type": "react", "room": "lobby", "id": id(), "target": 1, "emoji": emoji, "on": true }),
        ),
        ("changes", json!({ "type": "pin", "room": "lobby", "id": id(), "target": 1, "on": true })),
        (
            "changes",
            json!({ "type": "topic", "room": "lobby", "id": id(), "topic": "t", "description": "" }),
        ),
        ("reads", json!({ "type": "history", "room": "lobby" })),
        ("reads", json!({ "type": "rooms" })),
        ("reads", json!({ "type": "unread", "rooms": ["lobby"] })),
        ("reads", json!({ "type": "members", "room": "lobby" })),
        ("reads", json!({ "type": "pinned", "room": "lobby" })),
        ("reads", json!({ "type": "own_reactions", "room": "lobby", "targets": [1] })),
        ("searches", json!({ "type": "rooms", "query": "lob" })),
        ("searches", json!({ "type": "search", "query": "x" })),
    ]
}

/// Somebody who asks by either door.
enum Asker {
    Frames(Box<Client>),
    Events(Box<Socket>),
}

impl Asker {
    /// Asks; the answer as a frame.
    async fn ask(&mut self, mut frame: Value) -> Value {
        match self {
            Self::Frames(client) => {
                let reference = client.fresh_ref();
                frame["ref"] = json!(reference);
                client.send_text(frame.to_string()).await;
                serde_json::to_value(client.answer(reference).await).unwrap()
            }
            Self::Events(socket) => {
                let name = frame["type"].as_str().unwrap().to_owned();
                frame.as_object_mut().unwrap().remove("type");
                socket.ask(&name, frame).await
            }
        }
    }
}

fn is_limited(answer: &Value) -> bool {
    let limited = answer["code"] == "rate_limited";
    if limited {
        let wait = answer["retry_after"].as_u64().expect("how long to wait");
        assert!((60_000..=3_600_000).contains(&wait), "{answer}");
    }
    limited
}

/// Asks for each kind of thing until it is refused; how many of each were not.
async fn taken(asker: &mut Asker) -> BTreeMap<&'static str, usize> {
    let mut taken = BTreeMap::new();
    for (kind, frame) in kinds() {
        for _ in 0..5 {
            if is_limited(&asker.ask(frame.clone()).await) {
                break;
            }
            *taken.entry(kind).or_default() += 1;
        }
    }
    taken
}

fn few_of(scope: &str) -> (Server, String) {
    let keys = ["MESSAGES", "CHANGES", "READS", "SEARCHES"];
    let settings: Vec<(String, &str)> =
        keys.iter().map(|key| (format!("MARU_LIMITS__{scope}_{key}"), FEW)).collect();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    limited(&settings)
}

#[tokio::test]
async fn a_person_has_the_same_few_on_each_connection_and_by_each_door() {
    let (server, operator) = few_of("PERSON");
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let token = ada.token.clone().unwrap();
    let all = [("changes", 3), ("messages", 3), ("reads", 3), ("searches", 3)];
    assert_eq!(taken(&mut Asker::Frames(Box::new(ada))).await, all.into());
    let mut again = server.connect().await;
    again.hello_again(&token).await;
    again.join("lobby", None).await;
    assert_eq!(taken(&mut Asker::Frames(Box::new(again))).await, [].into());
    for transport in TRANSPORTS {
        let auth = json!({ "version": 1, "token": token });
        let (mut socket, _) = Socket::enter(server.http, transport, auth).await;
        socket.ask("join", json!("lobby")).await;
        assert_eq!(taken(&mut Asker::Events(Box::new(socket))).await, [].into());
    }
    // Somebody else of the same address has their own.
    let mut ben = server.guest("Ben").await;
    ben.join("lobby", None).await;
    assert_eq!(taken(&mut Asker::Frames(Box::new(ben))).await, all.into());
    for limit in ["person_messages", "person_changes", "person_reads", "person_searches"] {
        assert!(refused_by(&operator, limit).await >= 5, "{limit}");
    }
}

#[tokio::test]
async fn the_people_of_an_address_share_what_it_has_and_others_have_their_own() {
    let (server, operator) = few_of("ADDRESS");
    let all = [("changes", 3), ("messages", 3), ("reads", 3), ("searches", 3)];
    let mut count = 0;
    let mut somebody = async || {
        count += 1;
        let mut client = server.guest(&format!("Ada {count}")).await;
        client.join("lobby", None).await;
        taken(&mut Asker::Frames(Box::new(client))).await
    };
    assert_eq!(somebody().await, all.into());
    assert_eq!(somebody().await, [].into());
    for path in
        ["/api/v1/rooms", "/api/v1/rooms/lobby/messages", "/api/v1/search?query=x&room=lobby"]
    {
        let answer = get(server.http, path).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (429, &json!("rate_limited")),
            "{path}"
        );
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((60..=3_600).contains(&wait), "{path}: {wait} s");
    }
    assert_eq!(from(HERE, somebody()).await, all.into());
    let answer = from(HERE, get(server.http, "/api/v1/rooms")).await;
    assert_eq!(answer.status, 429, "the same bucket, whatever the door");
    assert!(refused_by(&operator, "address_reads").await >= 3);
    assert!(refused_by(&operator, "address_searches").await >= 2);
}

#[tokio::test]
async fn long_texts_count_by_their_bytes() {
    let (server, operator) = limited(&[("MARU_LIMITS__PERSON_BYTES", "1 B/s burst 10 KiB")]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let long = "x".repeat(3_000);
    for seq in 1..=3 {
        assert_eq!(ada.say("lobby", &long).await.get(), seq);
    }
    let target = Seq::new(1).unwrap();
    let edit = |body: &str| {
        let body = maru_protocol::Body::parse(body.to_owned()).unwrap();
        move |reference, id| ClientFrame::Edit {
            reference,
            room: room("lobby"),
            id,
            target,
            body,
            mentions: Vec::new(),
        }
    };
    let refused = ada.ask(edit(&long)).await;
    let ServerFrame::Error { code: ErrorCode::RateLimited, retry_after, .. } = refused else {
        panic!("{refused:?}")
    };
    assert!(retry_after > Some(60_000), "{retry_after:?}");
    assert!(matches!(ada.ask(edit("short")).await, ServerFrame::Sent { .. }));
    assert_eq!(refused_by(&operator, "person_bytes").await, 1);
}

#[tokio::test]
async fn what_has_no_answer_is_refused_with_a_frame_of_its_own() {
    let (server, operator) = limited(&[
        ("MARU_LIMITS__PERSON_TYPING", FEW),
        ("MARU_LIMITS__PERSON_MARKS", "1/h burst 2"),
    ]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "x").await;
    for _ in 0..4 {
        ada.send(&ClientFrame::Typing { room: room("lobby"), on: true }).await;
    }
    for _ in 0..3 {
        ada.send(&ClientFrame::Read { room: room("lobby"), seq: Seq::new(1).unwrap() }).await;
    }
    for _ in 0..2 {
        let refusal = ada.refusal().await;
        assert_eq!((refusal.code, refusal.reference), (ErrorCode::RateLimited, None));
        assert!(refusal.retry_after > Some(60_000));
    }
    let rest = ada.leftovers().await;
    assert!(!rest.iter().any(|frame| matches!(frame, ServerFrame::Error { .. })), "{rest:?}");
    assert_eq!(refused_by(&operator, "person_typing").await, 1);
    assert_eq!(refused_by(&operator, "person_marks").await, 1);
}

#[tokio::test]
async fn joins_and_new_rooms_are_limited_and_a_room_that_there_is_costs_nothing() {
    let (server, operator) = limited(&[
        ("MARU_LIMITS__PERSON_JOINS", "1/h burst 4"),
        ("MARU_LIMITS__PERSON_ROOMS", FEW),
        ("MARU_LIMITS__ADDRESS_ROOMS", "1/h burst 5"),
    ]);
    let mut ada = server.guest("Ada").await;
    let code = |answer: ServerFrame| match answer {
        ServerFrame::Error { code, .. } => Some(code),
        _ => None,
    };
    for n in 0..3 {
        assert_eq!(code(ada.create(&format!("room {n}")).await), None);
        // A client that makes sure of a room makes none.
        assert_eq!(code(ada.create("lobby").await), Some(ErrorCode::RoomExists));
    }
    assert_eq!(code(ada.create("room 3").await), Some(ErrorCode::RateLimited));
    let mut ben = Socket::named(server.http, TRANSPORTS[0], "Ben").await;
    for (name, limited) in [("a", false), ("b", false), ("c", true)] {
        let answer = ben.ask("create", json!(name)).await;
        assert_eq!(answer["code"] == "rate_limited", limited, "{answer}");
    }
    assert_eq!(refused_by(&operator, "person_rooms").await, 1);
    assert_eq!(refused_by(&operator, "address_rooms").await, 1);
    for _ in 0..4 {
        assert_eq!(code(ada.try_join("lobby", None).await), None);
    }
    assert_eq!(code(ada.try_join("lobby", None).await), Some(ErrorCode::RateLimited));
    assert_eq!(refused_by(&operator, "person_joins").await, 1);
}
