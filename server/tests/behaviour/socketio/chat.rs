//! A conversation, over every transport, with somebody who speaks maru.v1.

use serde_json::{Value, json};

use super::ada_in_the_lobby;
use crate::{
    process::Server,
    support::socketio::{Socket, TRANSPORTS, Transport},
};

#[tokio::test]
async fn an_event_is_answered_and_told_like_a_frame() {
    let server = Server::start(&[]);
    let mut ada = ada_in_the_lobby(&server).await;
    for (n, transport) in TRANSPORTS.into_iter().enumerate() {
        let mut ben = Socket::named(server.http, transport, &format!("Ben {n}")).await;
        let joined = ben.ask("join", json!("lobby")).await;
        assert_eq!((&joined["type"], &joined["room"]), (&json!("joined"), &json!("lobby")));
        let head = joined["head"].as_u64().unwrap();
        let sent = ben.ask("send", json!({ "room": "lobby", "body": "from Ben" })).await;
        assert_eq!((&sent["type"], sent["seq"].as_u64()), (&json!("sent"), Some(head + 1)));
        assert_eq!(ada.entry("lobby").await.text(), "from Ben");
        assert_eq!(ada.say("lobby", "from Ada").await.get(), head + 2);
        ada.entry("lobby").await;
        for (seq, body) in [(head + 1, "from Ben"), (head + 2, "from Ada")] {
            let entry = ben.event("entry").await;
            assert_eq!(entry.len(), 1, "an offset is for who asked for recovery");
            assert_eq!((&entry[0]["seq"], &entry[0]["body"]), (&json!(seq), &json!(body)));
        }
        // What has no answer in maru.v1 has one for who asks for an ack.
        let typing = ben.ask("typing", json!({ "room": "lobby", "on": true })).await;
        assert_eq!(typing["type"], "ok");
        let found = ben.ask("search", json!("Ada")).await;
        assert_eq!(found["type"], "results");
        let page = ben.ask("history", json!({ "room": "lobby", "limit": 2 })).await;
        assert_eq!(page["entries"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn refusals_are_acks_and_the_link_lives() {
    let server = Server::start(&[]);
    let _ada = ada_in_the_lobby(&server).await;
    for transport in TRANSPORTS {
        let mut twin = Socket::named(server.http, transport, "Ada").await;
        let taken = twin.ask("join", json!("lobby")).await;
        assert_eq!((&taken["type"], &taken["code"]), (&json!("error"), &json!("name_taken")));
        let code = |answer: Value| answer["code"].as_str().unwrap().to_owned();
        let send = json!({ "room": "lobby", "body": "x" });
        assert_eq!(code(twin.ask("send", send.clone()).await), "not_joined");
        assert_eq!(code(twin.ask("shout", json!({})).await), "unknown_type");
        assert_eq!(code(twin.ask("join", json!({ "room": 7 })).await), "malformed");
        assert_eq!(code(twin.ask("hello", json!({ "version": 1 })).await), "already_greeted");
        // Without an ack it is an event.
        twin.emit("send", send).await;
        assert_eq!(twin.event("error").await[0]["code"], "not_joined");
        assert_eq!(twin.ask("rooms", json!({})).await["type"], "rooms");
    }
}

#[tokio::test]
async fn a_connection_is_refused_with_the_code_and_can_try_again() {
    let server = Server::start(&[]);
    for transport in TRANSPORTS {
        let mut socket = Socket::open(server.http, transport).await;
        let why = socket.refused(json!({ "version": 1, "token": "forged" })).await;
        assert_eq!(why["data"]["code"], "invalid_token");
        assert!(why["message"].as_str().unwrap().split(' ').count() > 2);
        let why = socket.refused(json!({ "version": 9, "name": "Ada" })).await;
        assert_eq!(why["data"]["code"], "unsupported_version");
        let why = socket.refused(json!({ "version": 1, "name": " " })).await;
        assert_eq!(why["data"]["code"], "invalid_name");
        socket.send(&["40/admin,"]).await;
        let packet = socket.pick("44/admin,").await;
        assert_eq!(packet, r#"44/admin,{"message":"Invalid namespace"}"#);
        assert!(socket.connect(json!({ "version": 1, "name": "Ada" })).await["sid"].is_string());
    }
}

#[tokio::test]
async fn the_client_of_the_article_chats_in_the_lobby_as_it_is() {
    let server = Server::start(&[]);
    let mut names = Vec::new();
    for transport in TRANSPORTS {
        let mut article = Socket::open(server.http, transport).await;
        article.send(&["40"]).await;
        article.pick("40{").await;
        let name = article.event("welcome").await[0]["user"]["name"].as_str().unwrap().to_owned();
        assert!(name.starts_with("guest-"), "{name}");
        names.push(name);
        article.event("joined").await;
        let name = format!("Ben {transport:?}");
        let mut ben = Socket::named(server.http, Transport::WebSocket, &name).await;
        ben.ask("join", json!("lobby")).await;
        article.emit("chat message", json!("hello 마루")).await;
        assert_eq!(article.event("chat message").await, [json!("hello 마루")]);
        assert_eq!(ben.event("entry").await[0]["body"], "hello 마루");
        ben.emit("send", json!({ "room": "lobby", "body": "hello" })).await;
        assert_eq!(article.event("chat message").await, [json!("hello")]);
        // Other rooms, and what else becomes of a message, it is told as everybody is.
        article.ask("create", json!("dev")).await;
        article.emit("join", json!("dev")).await;
        let joined = article.event("joined").await;
        assert!(joined[0].get("ref").is_none(), "{joined:?}");
        ben.ask("leave", json!("lobby")).await;
    }
    names.dedup();
    assert_eq!(names.len(), 3, "each has another name");
}

#[tokio::test]
async fn binary_values_become_files_of_the_message() {
    let server = Server::start(&[]);
    let mut ada = ada_in_the_lobby(&server).await;
    for (n, transport) in TRANSPORTS.into_iter().enumerate() {
        let mut ben = Socket::named(server.http, transport, &format!("Ben {n}")).await;
        ben.ask("join", json!("lobby")).await;
        let files = json!([
            { "name": "a.bin", "data": { "_placeholder": true, "num": 0 } },
            { "_placeholder": true, "num": 1 },
        ]);
        let event = json!(["send", { "room": "lobby", "body": "two", "files": files }]);
        ben.send(&[&format!("452-77{event}")]).await;
        ben.send_binary(&[0, 1, 2, 255]).await;
        ben.send_binary(b"second").await;
        assert_eq!(ben.acked(77).await["type"], "sent");
        let message = ada.entry("lobby").await;
        let files: Vec<_> =
            message.files.iter().map(|file| (file.name.as_str(), file.size)).collect();
        assert_eq!(files, [("a.bin", 4), ("file", 6)]);
        let ticket = ada.ticket.clone().unwrap();
        let path = format!("/api/v1/files/{}?ticket={ticket}", message.files[0].id);
        assert_eq!(crate::web::get(server.http, &path).await.bytes, [0, 1, 2, 255]);
        // Elsewhere they have no meaning.
        let event = json!(["typing", { "room": { "_placeholder": true, "num": 0 }, "on": true }]);
        ben.send(&[&format!("451-78{event}")]).await;
        ben.send_binary(b"x").await;
        assert_eq!(ben.acked(78).await["code"], "binary_frame");
    }
}
