//! One person puts a reaction on a message and takes it back, over and over. It hides nothing: not from who
//! comes new, not from who comes back, not from who counts what is unread.

use maru_protocol::{
    ClientFrame, Covers, Entry, ErrorCode, Message, MessageId, Position, Seq, ServerFrame,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    changes::emoji,
    client::{Client, Joined, room},
    process::Server,
    support::socketio::{Socket, TRANSPORTS, Transport},
    web::{get, room_path},
};

/// As often as they like.
const FREE: [(&str, &str); 4] = [
    ("MARU_CHAT__FLIPS", "1000"),
    ("MARU_CHAT__FLIP_INTERVAL", "1ms"),
    ("MARU_CONNECTION__RATE", "10000"),
    ("MARU_CONNECTION__BURST", "10000"),
];
const MESSAGES: u64 = 60;
const FLIPS: u64 = 600;
const HEAD: u64 = MESSAGES + FLIPS;

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

impl Client {
    /// Flips a reaction so often, and waits until all of it is kept.
    async fn flip(&mut self, name: &str, target: Seq, times: u64) {
        let mut last = None;
        for n in 0..times {
            let (reference, on) = (self.fresh_ref(), n.is_multiple_of(2));
            let (room, id) = (room(name), MessageId(Uuid::now_v7()));
            let emoji = emoji("👍");
            self.send(&ClientFrame::React { reference, room, id, target, emoji, on }).await;
            last = Some(reference);
        }
        let answer = self.answer(last.unwrap()).await;
        assert!(matches!(answer, ServerFrame::Sent { .. }), "{answer:?}");
    }

    async fn page(&mut self, name: &str, before: Option<u64>, after: Option<u64>) -> Page {
        let (room, before, after) = (room(name), before.map(seq), after.map(seq));
        let (around, limit) = (None, Some(50));
        let page = self
            .ask(|reference, _| ClientFrame::History {
                reference,
                room,
                before,
                after,
                around,
                limit,
            })
            .await;
        match page {
            ServerFrame::Page { entries, covers, updated, .. } => Page { entries, covers, updated },
            other => panic!("no page: {other:?}"),
        }
    }

    async fn unread_in(&mut self, name: &str) -> u32 {
        let rooms = vec![room(name)];
        match self.ask(|reference, _| ClientFrame::Unread { reference, rooms }).await {
            ServerFrame::Unread { rooms, .. } => rooms[0].unread,
            other => panic!("no counts: {other:?}"),
        }
    }
}

struct Page {
    entries: Vec<Entry>,
    covers: Covers,
    updated: Vec<Entry>,
}

fn messages(entries: &[Entry]) -> Vec<&Message> {
    let mut messages = Vec::new();
    for entry in entries {
        if let Entry::Message(message) = entry {
            messages.push(message);
        }
    }
    messages
}

/// The lobby has 60 messages, and after them the last one is flipped 600 times. Bob has read 40 of them,
/// and was away since the 55th.
async fn attacked(server: &Server) -> (Client, String, Position) {
    let mut ada = server.guest("Ada").await;
    let mut bob = server.guest("Bob").await;
    ada.join("lobby", None).await;
    let position = bob.join("lobby", None).await.position;
    for n in 1..=MESSAGES {
        ada.say("lobby", &n.to_string()).await;
        bob.entry("lobby").await;
    }
    // His other tab hears of it once it is kept.
    let token = bob.token.clone().unwrap();
    let mut tab = server.connect().await;
    tab.hello_again(&token).await;
    tab.join("lobby", None).await;
    bob.send(&ClientFrame::Read { room: room("lobby"), seq: seq(40) }).await;
    tab.pick(|frame| matches!(frame, ServerFrame::Read(_)).then_some(())).await;
    drop((bob, tab));
    ada.flip("lobby", seq(MESSAGES), FLIPS).await;
    (ada, token, Position { seq: seq(55), ..position })
}

/// What a newcomer is shown: 50 messages, the last of them as it is.
fn shows_the_messages(joined: &Joined) {
    assert!(!joined.reset);
    assert_eq!(joined.covers, Covers { from: seq(11), to: seq(HEAD) });
    let shown = messages(&joined.entries);
    assert_eq!(shown.len(), 50);
    assert_eq!(shown[0].text(), "11");
    assert_eq!(
        joined.entries.last().unwrap().seq(),
        seq(HEAD),
        "and the newest entries beside them"
    );
    assert!(joined.entries.len() <= 200, "{} entries", joined.entries.len());
}

#[tokio::test]
async fn flips_hide_nothing_from_who_comes_new_or_back() {
    let server = Server::start(&FREE);
    let (ada, token, away) = attacked(&server).await;
    // From what the server has in memory, then with an empty one from the store.
    see(&server, &token, away).await;
    drop(ada);
    see(&server.crash_and_restart(), &token, away).await;
}

async fn see(server: &Server, token: &str, away: Position) {
    let mut cara = server.guest("Cara").await;
    shows_the_messages(&cara.join("lobby", None).await);
    let mut dan = server.guest("Dan").await;
    shows_the_messages(&dan.join("lobby", None).await);
    // Pages go on where the last one ends, in both directions.
    let older = cara.page("lobby", Some(11), None).await;
    assert_eq!(older.covers, Covers { from: seq(1), to: seq(10) });
    let newer = cara.page("lobby", None, Some(MESSAGES - 1)).await;
    assert_eq!(newer.covers, Covers { from: seq(MESSAGES), to: seq(HEAD) });
    assert_eq!(messages(&newer.entries).len(), 1);
    let past = cara.page("lobby", None, Some(MESSAGES)).await;
    assert_eq!((past.covers.to, messages(&past.entries).len()), (seq(HEAD), 0));
    assert_eq!(messages(&past.updated)[0].text(), MESSAGES.to_string());
    // Who comes back is told what was said, and what became of it.
    let mut bob = server.connect().await;
    bob.hello_again(token).await;
    assert_eq!(bob.unread_in("lobby").await, 20);
    let joined = bob.join("lobby", Some(away)).await;
    assert!(!joined.reset, "flips are nothing that is missed");
    assert_eq!(joined.covers, Covers { from: seq(56), to: seq(HEAD) });
    let texts: Vec<&str> = messages(&joined.entries).iter().map(|said| said.text()).collect();
    assert_eq!(texts, ["56", "57", "58", "59", "60"]);
    let joined = bob.join("lobby", Some(Position { seq: seq(MESSAGES), ..away })).await;
    assert!(!joined.reset);
    assert_eq!(joined.updated.len(), 1, "{:?}", joined.updated);
    assert_eq!(messages(&joined.updated)[0].changed, Some(seq(HEAD)));
}

#[tokio::test]
async fn flips_hide_nothing_over_http() {
    let server = Server::start(&FREE);
    let (_ada, ..) = attacked(&server).await;
    let path = |query: &str| format!("{}?{query}", room_path("lobby"));
    let page: Value = get(server.http, &path("limit=50")).await.json();
    let texts = |page: &Value| -> Vec<String> {
        let entries = page["entries"].as_array().unwrap().iter();
        let said = entries.filter(|entry| entry["kind"] == "message");
        said.map(|entry| entry["body"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&page).len(), 50);
    assert_eq!(page["covers"], json!({ "from": 11, "to": HEAD }));
    let older = get(server.http, &path("before=11")).await.json();
    assert_eq!((texts(&older).len(), &older["covers"]), (10, &json!({ "from": 1, "to": 10 })));
    let newer = get(server.http, &path("after=60")).await.json();
    assert_eq!(newer["covers"], json!({ "from": 61, "to": HEAD }));
    assert_eq!(newer["updated"][0]["seq"], MESSAGES);
    assert_eq!(newer["updated"][0]["changed"], HEAD);
}

/// Somebody was in the lobby and went: what their client comes back with.
async fn kept_in_the_lobby(server: &Server, transport: Transport) -> Value {
    let auth = json!({ "version": 1, "recover": true, "name": "Ben" });
    let (mut ben, answer) = Socket::enter(server.http, transport, auth).await;
    ben.ask("join", json!("lobby")).await;
    let offset = ben.event("position").await.remove(0);
    json!({ "version": 1, "recover": true, "pid": answer["pid"], "offset": offset })
}

/// A client of Socket.IO that comes back gets the messages, and not each flip.
#[tokio::test]
async fn flips_delay_nobody_s_recovery() {
    for transport in TRANSPORTS {
        let server = Server::start(&FREE);
        let mut ada = server.guest("Ada").await;
        ada.join("lobby", None).await;
        for n in 1..=50 {
            ada.say("lobby", &n.to_string()).await;
        }
        let kept = kept_in_the_lobby(&server, transport).await;
        ada.flip("lobby", seq(7), 601).await;
        for n in 1..=5 {
            ada.say("lobby", &format!("missed {n}")).await;
        }
        let (mut back, _) = Socket::enter(server.http, transport, kept).await;
        let updated = back.event("updated").await.remove(0);
        assert_eq!(updated["room"], "lobby");
        assert_eq!(updated["entries"][0]["seq"], 7);
        assert_eq!(updated["entries"][0]["reactions"][0]["count"], 1);
        let (mut said, mut others) = (Vec::new(), 0);
        while said.len() < 5 {
            let entry = back.event("entry").await.remove(0);
            match entry["body"].as_str() {
                Some(body) => said.push(body.to_owned()),
                None => others += 1,
            }
        }
        assert_eq!(said, (1..=5).map(|n| format!("missed {n}")).collect::<Vec<_>>());
        assert!(others <= 200, "{others} of 601 flips");
        let joined = back.event("joined").await.remove(0);
        assert_eq!((&joined["reset"], &joined["head"]), (&json!(false), &json!(656)));
        ada.say("lobby", "live").await;
        assert_eq!(back.event("entry").await[0]["body"], "live");
    }
}

/// Between two pages of a recovery an older message is not complete: neither page lists each of its
/// changes, and the newest one is on the second. A client that may read no more for a moment waits.
#[tokio::test]
async fn a_recovery_that_is_slowed_down_loses_no_change() {
    let server = Server::start(&[
        FREE[0],
        FREE[1],
        FREE[2],
        FREE[3],
        ("MARU_LIMITS__EXEMPT", ""),
        ("MARU_LIMITS__PERSON_READS", "2/s burst 1"),
        ("MARU_LIMITS__PERSON_CHANGES", "1000/s burst 1000"),
        ("MARU_LIMITS__PERSON_MESSAGES", "1000/s burst 1000"),
    ]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "one").await;
    let kept = kept_in_the_lobby(&server, TRANSPORTS[0]).await;
    ada.flip("lobby", seq(1), 201).await;
    for n in 1..=120 {
        ada.say("lobby", &format!("missed {n}")).await;
    }
    ada.react("lobby", seq(1), "🎉", true).await;
    let (mut back, _) = Socket::enter(server.http, TRANSPORTS[0], kept).await;
    // Before the last entry, or not at all.
    let mut updated = None;
    loop {
        let packet = back.packet().await.unwrap();
        if packet.starts_with("42[\"updated\",") {
            updated = Some(packet);
        } else if packet.starts_with("42[\"joined\",") {
            assert!(packet.contains("\"head\":323") && packet.contains("\"reset\":false"));
            break;
        }
    }
    let updated: Value = serde_json::from_str(&updated.expect("what became of it")[2..]).unwrap();
    let reactions = updated[1]["entries"][0]["reactions"].as_array().unwrap();
    assert_eq!(reactions.len(), 2, "{updated}");
}

#[tokio::test]
async fn one_person_changes_a_message_only_so_often() {
    let settings = [("MARU_CHAT__FLIPS", "5"), ("MARU_CHAT__FLIP_INTERVAL", "1h")];
    let server = Server::start(&settings);
    let (mut ada, mut bob) = (server.guest("Ada").await, server.guest("Bob").await);
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    let (first, second) = (ada.say("lobby", "one").await, ada.say("lobby", "two").await);
    for n in 0..5 {
        let answer = ada.react("lobby", first, "👍", n % 2 == 0).await;
        assert!(matches!(answer, ServerFrame::Sent { .. }), "{answer:?}");
    }
    let limited = |answer: ServerFrame| match answer {
        ServerFrame::Error { code: ErrorCode::RateLimited, retry_after, .. } => retry_after,
        ServerFrame::Sent { .. } => None,
        other => panic!("{other:?}"),
    };
    let wait = limited(ada.react("lobby", first, "👍", false).await);
    assert!(wait.is_some_and(|ms| (1..=3_600_000).contains(&ms)), "{wait:?}");
    assert!(limited(ada.pin("lobby", first, true).await).is_some());
    // What is said goes on, and so do other messages and people.
    ada.say("lobby", "three").await;
    assert_eq!(limited(ada.react("lobby", second, "👍", true).await), None);
    assert_eq!(limited(bob.react("lobby", first, "👍", true).await), None);
}
