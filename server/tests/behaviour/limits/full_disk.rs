//! A disk that gets full: the log stops growing before it is, and what was said can be read and deleted.

use maru_protocol::{ClientFrame, ErrorCode, Seq, ServerFrame};
use serde_json::json;

use super::{limited_of, refused_by};
use crate::{
    client::{Client, room},
    process::Server,
    support::socketio::{Socket, Transport},
    web,
};

fn code(answer: &ServerFrame) -> Option<ErrorCode> {
    match answer {
        ServerFrame::Error { code, .. } => Some(*code),
        _ => None,
    }
}

#[tokio::test]
async fn nothing_more_is_kept_and_what_is_there_can_be_read_and_deleted() {
    // The disk of a database is another machine's.
    let (server, operator) = limited_of(Server::start_on_a_file, &[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "while there is room").await;
    let token = ada.token.clone().unwrap();
    let (folder, mut settings) = server.kill();
    drop(ada);
    settings.push(("MARU_JOURNAL__KEEP_FREE".to_owned(), "1024 GiB".to_owned()));
    let server = Server::start_in(folder, settings);
    let mut ada = Client::connect(server.http).await;
    ada.hello_again(&token).await;
    assert_eq!(ada.join("lobby", None).await.entries.len(), 1);
    let id = maru_protocol::MessageId(uuid::Uuid::now_v7());
    let refused = ada.try_say("lobby", id, "too late").await;
    assert_eq!(code(&refused), Some(ErrorCode::Unavailable), "{refused:?}");
    println!("{refused:?}");
    assert_eq!(code(&ada.create("another").await), Some(ErrorCode::Unavailable));
    assert_eq!(code(&ada.create("lobby").await), Some(ErrorCode::RoomExists));
    let mut ben = Socket::named(server.http, Transport::WebSocket, "Ben").await;
    ben.ask("join", json!("lobby")).await;
    let refused = ben.ask("send", json!({ "room": "lobby", "body": "x" })).await;
    assert_eq!(refused["code"], "unavailable", "{refused}");
    assert_eq!(web::log(server.http, "lobby").await.len(), 1);
    let target = Seq::new(1).unwrap();
    let deleted =
        ada.ask(|reference, id| ClientFrame::Delete { reference, room: room("lobby"), id, target });
    assert!(matches!(deleted.await, ServerFrame::Sent { .. }));
    server.logs(&["ERROR", "journal.keep_free"]).await;
    assert_eq!(refused_by(&operator, "journal_keep_free").await, 3);
}
