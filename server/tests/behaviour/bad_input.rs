//! What a client gets for a frame that makes no sense: its code, its `ref`, a sentence that says
//! what to do, and its connection kept.

use maru_protocol::{ByeCode, ErrorCode, Ref, ServerFrame};
use serde_json::json;

use crate::{
    client::{Client, Ended, room},
    process::Server,
};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Sends a text and expects to be refused so, and to be talked with afterwards.
async fn refused(client: &mut Client, text: &str, code: ErrorCode, reference: Option<u32>) {
    client.send_text(text).await;
    let refusal = client.refusal().await;
    let shown: String = text.chars().take(70).collect();
    println!("{:?}: {}    <- {shown}", refusal.code, refusal.message);
    assert_eq!((refusal.code, refusal.reference), (code, reference.map(Ref)), "{shown}");
    assert_eq!(refusal.retry_after.is_some(), code.retryable(), "{shown}");
    // A sentence for a person: some words, not a page, and none of Rust's own spelling.
    let message = refusal.message;
    assert!(message.split(' ').count() >= 3 && message.len() < 400, "{message}");
    for jargon in ["Some(", "None", "Error {", "::", "newtype"] {
        assert!(!message.contains(jargon), "{shown} is answered with {message}");
    }
    client.settle().await;
}

#[tokio::test]
async fn what_is_not_a_frame_is_refused_and_the_connection_goes_on() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    for text in ["hello", "", "[1]", "null", "\"ping\"", "7", "{\"type\":\"ping\"", "{} {}"] {
        refused(&mut ada, text, ErrorCode::NotJson, None).await;
    }
    refused(&mut ada, r#"{"type":"shout","ref":1}"#, ErrorCode::UnknownType, Some(1)).await;
    refused(&mut ada, r#"{"type":"PING","ref":2}"#, ErrorCode::UnknownType, Some(2)).await;
    for text in [
        r#"{"ref":3}"#,
        r#"{"type":7,"ref":3}"#,
        r#"{"type":"join","ref":3}"#,
        r#"{"type":"join","ref":3,"room":7}"#,
        r#"{"type":"join","ref":3,"room":"lobby","after":5}"#,
        r#"{"type":"join","ref":3,"room":"lobby","after":{"epoch":"x","seq":1}}"#,
        r#"{"type":"send","ref":3,"room":"lobby"}"#,
        r#"{"type":"rooms","ref":3,"watch":"yes"}"#,
        r#"{"type":"history","ref":3,"room":"lobby","limit":-1}"#,
        r#"{"type":"history","ref":3,"room":"lobby","before":9007199254740992}"#,
    ] {
        refused(&mut ada, text, ErrorCode::Malformed, Some(3)).await;
    }
    // A `ref` that is none can't be kept.
    for reference in [json!("4"), json!(-1), json!(4_294_967_296_u64), json!(1.5), json!(null)] {
        let text = json!({ "type": "leave", "ref": reference, "room": "lobby" }).to_string();
        refused(&mut ada, &text, ErrorCode::Malformed, None).await;
    }
    refused(&mut ada, r#"{"type":"leave","room":"lobby"}"#, ErrorCode::Malformed, None).await;
    refused(&mut ada, r#"{"type":"typing","room":"lobby"}"#, ErrorCode::Malformed, None).await;
}

#[tokio::test]
async fn each_rule_of_a_field_has_a_code_of_its_own() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    let long = "x".repeat(65);
    for name in ["", "   ", "a/b", "#lobby", "a\u{200B}b", "a\u{202E}b", "\u{3164}", "😀", &long]
    {
        let text = json!({ "type": "join", "ref": 1, "room": name }).to_string();
        refused(&mut ada, &text, ErrorCode::InvalidRoom, Some(1)).await;
    }
    let send = |body: &str| {
        json!({ "type": "send", "ref": 2, "room": "lobby", "id": ID, "body": body }).to_string()
    };
    let (chars, bytes) = ("x".repeat(4_001), "👍".repeat(4_097));
    for body in ["", " \n\u{200B}", "bell \u{7}", &chars, &bytes] {
        refused(&mut ada, &send(body), ErrorCode::InvalidBody, Some(2)).await;
    }
    for id in ["7", "", "not-a-uuid", &ID[1..]] {
        let text = json!({ "type": "send", "ref": 3, "room": "lobby", "id": id, "body": "x" });
        refused(&mut ada, &text.to_string(), ErrorCode::InvalidId, Some(3)).await;
    }
    for range in [
        json!({ "limit": 0 }),
        json!({ "limit": 101 }),
        json!({ "before": 5, "after": 3 }),
        json!({ "before": 0, "after": 0, "limit": 1 }),
    ] {
        let mut frame = json!({ "type": "history", "ref": 4, "room": "lobby" });
        frame.as_object_mut().unwrap().extend(range.as_object().unwrap().clone());
        refused(&mut ada, &frame.to_string(), ErrorCode::Malformed, Some(4)).await;
    }
}

#[tokio::test]
async fn rooms_that_are_not_there_or_not_joined_are_named_as_such() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    for kind in ["join", "history"] {
        let text = json!({ "type": kind, "ref": 5, "room": "nowhere" }).to_string();
        refused(&mut ada, &text, ErrorCode::RoomNotFound, Some(5)).await;
    }
    for name in ["lobby", "nowhere"] {
        let text = json!({ "type": "send", "ref": 6, "room": name, "id": ID, "body": "x" });
        refused(&mut ada, &text.to_string(), ErrorCode::NotJoined, Some(6)).await;
        let text = json!({ "type": "typing", "room": name, "on": true }).to_string();
        refused(&mut ada, &text, ErrorCode::NotJoined, None).await;
    }
    let text = json!({ "type": "create", "ref": 7, "room": "LOBBY" }).to_string();
    refused(&mut ada, &text, ErrorCode::RoomExists, Some(7)).await;
    // Leaving what one is not in is no error.
    assert!(matches!(ada.leave("nowhere").await, ServerFrame::Ok { .. }));
}

#[tokio::test]
async fn nesting_without_end_is_refused_not_followed() {
    let server = Server::start(&[("MARU_CONNECTION__MAX_FRAME", "1 MiB")]);
    let mut ada = server.guest("Ada").await;
    let deep = "[".repeat(100_000);
    refused(&mut ada, &deep, ErrorCode::NotJson, None).await;
    refused(&mut ada, &"{\"a\":".repeat(100_000), ErrorCode::NotJson, None).await;
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let text = format!(r#"{{"type":"ping","x":{closed}}}"#);
    refused(&mut ada, &text, ErrorCode::NotJson, None).await;
}

#[tokio::test]
async fn before_hello_nothing_else_goes_and_hello_goes_once() {
    let server = Server::start(&[]);
    let mut ada = server.connect().await;
    let join = json!({ "type": "join", "ref": 1, "room": "lobby" }).to_string();
    refused(&mut ada, &join, ErrorCode::HelloRequired, Some(1)).await;
    let typing = json!({ "type": "typing", "room": "lobby", "on": true }).to_string();
    refused(&mut ada, &typing, ErrorCode::HelloRequired, None).await;
    let rooms = json!({ "type": "rooms", "ref": 2, "watch": true }).to_string();
    refused(&mut ada, &rooms, ErrorCode::HelloRequired, Some(2)).await;
    refused(&mut ada, "{", ErrorCode::NotJson, None).await;
    ada.hello("Ada").await;
    let hello = json!({ "type": "hello", "version": 1, "name": "Eve" }).to_string();
    refused(&mut ada, &hello, ErrorCode::AlreadyGreeted, None).await;
    ada.join("lobby", None).await;
    assert_eq!(ada.say("lobby", "still here").await.get(), 1);
}

#[tokio::test]
async fn a_hello_that_will_not_do_can_be_said_again() {
    let server = Server::start(&[]);
    let mut ada = server.connect().await;
    let mut hello = async |with: serde_json::Value, code| {
        let mut frame = json!({ "type": "hello", "version": 1 });
        frame.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        refused(&mut ada, &frame.to_string(), code, None).await;
    };
    hello(json!({ "token": "forged" }), ErrorCode::InvalidToken).await;
    hello(json!({ "token": "a.b.c", "name": "Ada" }), ErrorCode::InvalidToken).await;
    hello(json!({ "token": "x".repeat(50_000) }), ErrorCode::InvalidToken).await;
    hello(json!({}), ErrorCode::InvalidName).await;
    let long = "x".repeat(41);
    for name in ["", "\u{200B}\u{200D}\u{2060}", "a\u{202E}b", "\u{7}", &long] {
        hello(json!({ "name": name }), ErrorCode::InvalidName).await;
    }
    hello(json!({ "version": -1, "name": "Ada" }), ErrorCode::Malformed).await;
    hello(json!({ "version": "1", "name": "Ada" }), ErrorCode::Malformed).await;
    ada.hello("Ada").await;
    ada.join("lobby", None).await;
}

#[tokio::test]
async fn a_version_not_spoken_here_ends_the_connection_for_good() {
    let server = Server::start(&[]);
    let mut ada = server.connect().await;
    ada.send_text(r#"{"type":"hello","version":2,"name":"Ada"}"#).await;
    let (frames, ended) = ada.ended().await;
    let [ServerFrame::Error { code, message, .. }, ServerFrame::Bye { code: bye, retry_after, .. }] =
        &frames[..]
    else {
        panic!("{frames:?}")
    };
    println!("{code:?}: {message}");
    assert_eq!((*code, *bye), (ErrorCode::UnsupportedVersion, ByeCode::UnsupportedVersion));
    assert_eq!(*retry_after, None, "don't come back");
    assert!(matches!(ended, Ended::Closed(1008, _)), "{ended:?}");
}

#[tokio::test]
async fn who_never_says_hello_is_sent_away_and_who_did_is_not() {
    let server = Server::start(&[("MARU_CONNECTION__HELLO_TIMEOUT", "300ms")]);
    let mut greeted = server.guest("Ada").await;
    // Talking does not help, only hello does.
    let mut talker = server.connect().await;
    talker.settle().await;
    let silent = server.connect().await;
    let (frames, ended) = silent.ended().await;
    assert!(matches!(ended, Ended::Closed(1013, _)), "{ended:?}");
    let [ServerFrame::Bye { code: ByeCode::HelloTimeout, retry_after: Some(_), .. }] = &frames[..]
    else {
        panic!("{frames:?}")
    };
    let (_, ended) = talker.ended().await;
    assert!(matches!(ended, Ended::Closed(1013, _)), "{ended:?}");
    greeted.join("lobby", None).await;
}

#[tokio::test]
async fn a_name_that_looks_like_anothers_is_refused_at_the_room_door() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Alice").await;
    ada.join("lobby", None).await;
    for look in ["alice", "AIice", "Αlice", "A lice"] {
        let mut eve = server.guest(look).await;
        let answer = eve.try_join("lobby", None).await;
        let ServerFrame::Error { code: ErrorCode::NameTaken, message, .. } = answer else {
            panic!("{look}: {answer:?}")
        };
        println!("name_taken: {message}");
        let refused = eve.try_say("lobby", maru_protocol::MessageId(uuid::Uuid::now_v7()), "x");
        assert!(matches!(refused.await, ServerFrame::Error { code: ErrorCode::NotJoined, .. }));
    }
    let heard = ada.leftovers().await;
    let strangers = heard.iter().filter(|frame| match frame {
        ServerFrame::Presence { count, room: of, .. } => *of == room("lobby") && *count > 1,
        _ => false,
    });
    assert_eq!(strangers.count(), 0, "nobody refused was ever seen: {heard:?}");
}
