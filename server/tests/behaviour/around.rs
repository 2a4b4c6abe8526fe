//! A message is found by its id, wherever it is in the log.

use maru_protocol::{ClientFrame, Entry, ErrorCode, MessageId, Seq, ServerFrame};
use uuid::Uuid;

use crate::{
    client::{Client, room},
    process::Server,
    web::{get, room_path},
};

/// They say a lot.
const FAST: [(&str, &str); 2] =
    [("MARU_CONNECTION__RATE", "10000"), ("MARU_CONNECTION__BURST", "10000")];

/// Longer than any page.
const LENGTH: usize = 130;

async fn around(client: &mut Client, name: &str, id: MessageId, limit: Option<u32>) -> ServerFrame {
    let room = room(name);
    client
        .ask(|reference, _| ClientFrame::History {
            reference,
            room,
            before: None,
            after: None,
            around: Some(id),
            limit,
        })
        .await
}

fn entries(page: ServerFrame) -> Vec<Entry> {
    let ServerFrame::Page { entries, .. } = page else { panic!("{page:?}") };
    entries
}

fn is_refused(answer: &ServerFrame, code: ErrorCode) {
    let ServerFrame::Error { code: said, message, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(*said, code, "{message}");
}

/// Somebody who said so much in a room; the ids in their order.
async fn talked(server: &Server, name: &str, text: &str) -> (Client, Vec<MessageId>) {
    let mut ada = server.guest("Ada").await;
    ada.join(name, None).await;
    let mut ids = Vec::new();
    for number in 0..LENGTH {
        ada.say(name, &format!("{number} {text}")).await;
        ids.push(ada.any_entry(name).await.head().id);
    }
    (ada, ids)
}

#[tokio::test]
async fn with_what_was_said_before_and_after_it() {
    let server = Server::start(&FAST);
    let (mut ada, ids) = talked(&server, "lobby", "말").await;
    for (at, limit, first, count) in
        [(64, 11, 60, 11), (64, 1, 65, 1), (64, 2, 64, 2), (0, 20, 1, 20), (129, 10, 125, 6)]
    {
        let page = entries(around(&mut ada, "lobby", ids[at], Some(limit)).await);
        assert_eq!((page[0].seq().get(), page.len()), (first, count), "{at} of {limit}");
        assert!(page.iter().any(|entry| entry.head().id == ids[at]), "{at} of {limit}");
    }
    // Also without being there, and over HTTP.
    let mut eve = server.guest("Eve").await;
    assert_eq!(entries(around(&mut eve, "lobby", ids[64], None).await).len(), 100);
    let path = format!("{}?around={}&limit=3", room_path("lobby"), ids[64].0);
    let page = get(server.http, &path).await.json();
    assert_eq!((&page["entries"][0]["seq"], &page["entries"][1]["seq"]), (&64.into(), &65.into()));
}

/// What surrounds a message never takes its place.
#[tokio::test]
async fn also_among_long_ones() {
    let server = Server::start(&FAST);
    let (mut ada, ids) = talked(&server, "lobby", &"글".repeat(3_990)).await;
    for at in [0, 64, 129] {
        let page = entries(around(&mut ada, "lobby", ids[at], None).await);
        let place = page.iter().position(|entry| entry.head().id == ids[at]);
        assert!(page.len() < 60, "as much as a page has: {}", page.len());
        let place = place.unwrap_or_else(|| panic!("{at} is missing"));
        let (before, after) = (place, page.len() - 1 - place);
        assert!(at == 0 || at == 129 || before.abs_diff(after) <= 1, "{before} and {after}");
        let seqs: Vec<u64> = page.iter().map(|entry| entry.seq().get()).collect();
        assert!(seqs.windows(2).all(|two| two[1] == two[0] + 1), "without a hole: {seqs:?}");
    }
}

#[tokio::test]
async fn deleted_or_changed_or_not_there() {
    let server = Server::start(&FAST);
    let (mut ada, ids) = talked(&server, "lobby", "말").await;
    let mut ben = server.guest("Ben").await;
    ben.create("design").await;
    ben.join("design", None).await;
    ada.edit("lobby", Seq::new(3).unwrap(), "새 말").await;
    let edit = ada.any_entry("lobby").await.head().id;
    ada.delete("lobby", Seq::new(5).unwrap()).await;
    let deletion = ada.any_entry("lobby").await.head().id;
    for (id, seq) in [(ids[2], 3), (edit, 3), (ids[4], 5), (deletion, 5)] {
        let page = entries(around(&mut ada, "lobby", id, Some(1)).await);
        assert_eq!(page.iter().map(|entry| entry.seq().get()).collect::<Vec<_>>(), [seq]);
    }
    let page = entries(around(&mut ada, "lobby", ids[4], Some(1)).await);
    assert!(matches!(page[0], Entry::Tombstone(_)), "{page:?}");

    ada.topic("lobby", "이야기").await;
    let topic = ada.any_entry("lobby").await.head().id;
    let nobodys = MessageId(Uuid::now_v7());
    for (name, id) in [("lobby", nobodys), ("lobby", topic), ("design", ids[2])] {
        let answer = around(&mut ada, name, id, None).await;
        is_refused(&answer, ErrorCode::MessageNotFound);
    }
    is_refused(&around(&mut ada, "nowhere", ids[2], None).await, ErrorCode::RoomNotFound);
    let answer = get(server.http, &format!("{}?around={}", room_path("lobby"), nobodys.0)).await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &"message_not_found".into()));
}

#[tokio::test]
async fn one_place_is_named_at_a_time() {
    let server = Server::start(&FAST);
    let (mut ada, ids) = talked(&server, "lobby", "말").await;
    let (before, after) = (Some(Seq::new(3).unwrap()), Some(Seq::new(1).unwrap()));
    for (before, after) in [(before, None), (None, after), (before, after)] {
        let (room, around) = (room("lobby"), Some(ids[2]));
        let answer = ada
            .ask(|reference, _| {
                let limit = None;
                ClientFrame::History { reference, room, before, after, around, limit }
            })
            .await;
        is_refused(&answer, ErrorCode::Malformed);
    }
}
