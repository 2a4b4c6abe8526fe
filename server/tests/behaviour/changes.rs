//! What becomes of messages: edits, deletions, reactions, replies, pins and topics, as those see it who
//! are there, who come back and who read later.

use maru_protocol::{
    Body, ClientFrame, Description, Emoji, Entry, ErrorCode, MAX_EXCERPT_CHARS, MAX_REACTED_USERS,
    Message, MessageId, Position, Seq, ServerFrame, Topic, UserId,
};
use uuid::Uuid;

use crate::{
    client::{Client, room},
    process::Server,
    web::{get, room_path},
};

pub fn emoji(text: &str) -> Emoji {
    Emoji::parse(text.to_owned()).unwrap()
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// The seq of what was kept; panics when it was refused.
fn sent(answer: ServerFrame) -> Seq {
    match answer {
        ServerFrame::Sent { seq, .. } => seq,
        other => panic!("not sent: {other:?}"),
    }
}

fn refused(answer: ServerFrame) -> ErrorCode {
    match answer {
        ServerFrame::Error { code, message, .. } => {
            assert!(message.split(' ').count() >= 3, "a sentence: {message}");
            code
        }
        other => panic!("not refused: {other:?}"),
    }
}

impl Client {
    pub async fn edit(&mut self, name: &str, target: Seq, text: &str) -> ServerFrame {
        let (room, body) = (room(name), Body::parse(text.to_owned()).unwrap());
        self.ask(|reference, id| {
            let mentions = Vec::new();
            ClientFrame::Edit { reference, room, id, target, body, mentions }
        })
        .await
    }

    pub async fn delete(&mut self, name: &str, target: Seq) -> ServerFrame {
        let room = room(name);
        self.ask(|reference, id| ClientFrame::Delete { reference, room, id, target }).await
    }

    pub async fn react(&mut self, name: &str, target: Seq, face: &str, on: bool) -> ServerFrame {
        let (room, emoji) = (room(name), emoji(face));
        self.ask(|reference, id| ClientFrame::React { reference, room, id, target, emoji, on })
            .await
    }

    pub async fn pin(&mut self, name: &str, target: Seq, on: bool) -> ServerFrame {
        let room = room(name);
        self.ask(|reference, id| ClientFrame::Pin { reference, room, id, target, on }).await
    }

    pub async fn topic(&mut self, name: &str, line: &str) -> ServerFrame {
        let (room, topic) = (room(name), Topic::parse(line).unwrap());
        let description = Description::default();
        self.ask(|reference, id| ClientFrame::Topic { reference, room, id, topic, description })
            .await
    }

    pub async fn reply(&mut self, name: &str, to: Seq, text: &str) -> ServerFrame {
        let (room, body) = (room(name), Body::parse(text.to_owned()).ok());
        self.ask(|reference, id| ClientFrame::Send {
            reference,
            room,
            id,
            body,
            reply_to: Some(to),
            mentions: Vec::new(),
            files: Vec::new(),
        })
        .await
    }

    pub async fn pinned(&mut self, name: &str) -> ServerFrame {
        let room = room(name);
        self.ask(|reference, _| ClientFrame::Pinned { reference, room }).await
    }

    pub async fn own_reactions(&mut self, name: &str, targets: Vec<Seq>) -> ServerFrame {
        let room = room(name);
        self.ask(|reference, _| ClientFrame::OwnReactions { reference, room, targets }).await
    }

    pub async fn history(&mut self, name: &str) -> Vec<Entry> {
        let room = room(name);
        let (before, after, limit) = (None, None, None);
        let page = self
            .ask(|reference, _| ClientFrame::History {
                reference,
                room,
                before,
                after,
                around: None,
                limit,
            })
            .await;
        let ServerFrame::Page { entries, .. } = page else { panic!("{page:?}") };
        entries
    }
}

fn message(entry: &Entry) -> &Message {
    let Entry::Message(message) = entry else { panic!("no message: {entry:?}") };
    message
}

async fn two(server: &Server) -> (Client, Client) {
    let (mut ada, mut bob) = (server.guest("Ada").await, server.guest("Bob").await);
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    (ada, bob)
}

#[tokio::test]
async fn who_is_there_hears_every_change_in_its_turn() {
    let server = Server::start(&[]);
    let (mut ada, mut bob) = two(&server).await;
    let first = ada.say("lobby", "헬로").await;
    assert_eq!(sent(ada.edit("lobby", first, "안녕").await), seq(2));
    assert_eq!(sent(bob.react("lobby", first, "👍", true).await), seq(3));
    assert_eq!(sent(bob.react("lobby", first, "👍", true).await), seq(3), "it was so already");
    assert_eq!(sent(bob.pin("lobby", first, true).await), seq(4));
    assert_eq!(sent(ada.topic("lobby", "첫 이야기").await), seq(5));
    assert_eq!(sent(bob.reply("lobby", first, "어서 와").await), seq(6));
    assert_eq!(sent(ada.delete("lobby", first).await), seq(7));
    for client in [&mut ada, &mut bob] {
        let mut heard = Vec::new();
        for number in 1..=7 {
            let entry = client.any_entry("lobby").await;
            assert_eq!(entry.seq(), seq(number), "in order, none missing");
            heard.push(entry);
        }
        assert_eq!(message(&heard[0]).text(), "헬로");
        let Entry::Edit(edit) = &heard[1] else { panic!("{heard:?}") };
        assert_eq!((edit.target, edit.body.as_ref().unwrap().as_str()), (first, "안녕"));
        let Entry::Reaction(reaction) = &heard[2] else { panic!("{heard:?}") };
        assert_eq!((reaction.sender.name.as_str(), reaction.on), ("Bob", true));
        let Entry::Pin(pinning) = &heard[3] else { panic!("{heard:?}") };
        assert_eq!((pinning.target, pinning.on), (first, true));
        let Entry::Topic(change) = &heard[4] else { panic!("{heard:?}") };
        assert_eq!(change.topic.as_str(), "첫 이야기");
        let quote = message(&heard[5]).reply_to.clone().unwrap();
        assert_eq!((quote.seq, quote.excerpt.as_deref()), (first, Some("안녕")), "as it is then");
        let Entry::Delete(gone) = &heard[6] else { panic!("{heard:?}") };
        assert_eq!(gone.target, first);
    }
}

/// A room in which everything happened; what of it is read is the same whoever reads.
async fn lively(ada: &mut Client, bob: &mut Client) -> (Seq, Seq) {
    let (kept, gone) = (ada.say("lobby", "헬로").await, ada.say("lobby", "a secret").await);
    sent(ada.edit("lobby", kept, &"안녕 ".repeat(100)).await);
    sent(bob.react("lobby", kept, "👍", true).await);
    sent(ada.react("lobby", kept, "👍", true).await);
    sent(bob.reply("lobby", kept, "answers").await);
    sent(bob.reply("lobby", gone, "what?").await);
    sent(ada.edit("lobby", gone, "another secret").await);
    sent(bob.pin("lobby", gone, true).await);
    sent(bob.pin("lobby", kept, true).await);
    sent(ada.topic("lobby", "무엇이든").await);
    sent(ada.delete("lobby", gone).await);
    (kept, gone)
}

fn check_lively(entries: &[Entry], kept: Seq) {
    let text = serde_json::to_string(entries).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let now = message(&entries[0]);
    assert!(now.text().starts_with("안녕 안녕"));
    assert_eq!(now.edited.unwrap().seq, seq(3));
    assert_eq!((now.changed, now.reactions.len()), (Some(seq(10)), 1));
    let names: Vec<_> = now.reactions[0].users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!((now.reactions[0].count, names), (2, vec!["Bob", "Ada"]));
    assert!(matches!(&entries[1], Entry::Tombstone(gone) if gone.changed == seq(12)));
    let quote = message(&entries[5]).reply_to.clone().unwrap();
    assert_eq!((quote.seq, quote.deleted), (kept, false));
    assert_eq!(quote.excerpt.unwrap().chars().count(), MAX_EXCERPT_CHARS);
    let quote = message(&entries[6]).reply_to.clone().unwrap();
    assert_eq!((quote.excerpt, quote.deleted), (None, true));
    assert!(matches!(&entries[7], Entry::Edit(edit) if edit.body.is_none()));
    assert_eq!(entries.len(), 12);
}

#[tokio::test]
async fn who_comes_later_or_reads_finds_it_as_it_is() {
    let mut server = Server::start(&[]);
    let (mut ada, mut bob) = two(&server).await;
    let (kept, gone) = lively(&mut ada, &mut bob).await;
    for round in 0..3 {
        let mut eve = server.guest(&format!("Eve {round}")).await;
        // From the tail, and after a restart from the journal.
        let joined = eve.join("lobby", None).await;
        check_lively(&joined.entries, kept);
        assert_eq!(
            (joined.about.topic.as_str(), &joined.about.pins[..]),
            ("무엇이든", &[kept][..])
        );
        check_lively(&eve.history("lobby").await, kept);
        let ServerFrame::Pinned { messages, .. } = eve.pinned("lobby").await else { panic!() };
        assert_eq!(messages, [message(&joined.entries[0]).clone()]);
        let page = get(server.http, &room_path("lobby")).await.json();
        let entries: Vec<Entry> = serde_json::from_value(page["entries"].clone()).unwrap();
        check_lively(&entries, kept);
        assert_eq!(refused(eve.edit("lobby", kept, "mine").await), ErrorCode::NotYours);
        assert_eq!(refused(eve.reply("lobby", seq(99), "?").await), ErrorCode::MessageNotFound);
        assert_eq!(refused(eve.react("lobby", gone, "👍", true).await), ErrorCode::MessageNotFound);
        drop(eve);
        if round == 0 {
            server = server.crash_and_restart();
        }
    }
}

/// From every position that somebody can be at, also in the middle of it.
#[tokio::test]
async fn who_comes_back_gets_what_was_missed() {
    let server = Server::start(&[]);
    let (mut ada, mut bob) = two(&server).await;
    let epoch = ada.join("lobby", None).await.position.epoch;
    lively(&mut ada, &mut bob).await;
    let whole = bob.history("lobby").await;
    for at in 0..=12 {
        let joined = bob.join("lobby", Some(Position { epoch, seq: seq(at) })).await;
        assert!(!joined.reset);
        assert_eq!(joined.seqs(), (at + 1..=12).collect::<Vec<_>>());
        assert_eq!((joined.about.topic.as_str(), joined.about.pins.len()), ("무엇이든", 1));
        let text = serde_json::to_string(&joined.entries).unwrap();
        assert!(!text.contains("secret"), "{text}");
        // Raw or folded: of what is read by now, every message is at most as new.
        for entry in &joined.entries {
            let read = &whole[usize::try_from(entry.seq().get()).unwrap() - 1];
            assert!(
                entry == read || matches!((entry, read), (Entry::Message(_), Entry::Message(_)))
            );
        }
    }
}

#[tokio::test]
async fn what_a_room_is_about_is_told_to_who_comes_while_it_changes() {
    let server = Server::start(&[]);
    let (mut ada, mut bob) = two(&server).await;
    let first = ada.say("lobby", "first").await;
    for n in 0..20 {
        let line = format!("topic {n}");
        sent(ada.topic("lobby", &line).await);
        sent(bob.pin("lobby", first, n % 2 == 0).await);
        let joined = bob.join("lobby", None).await;
        assert_eq!(joined.about.topic.as_str(), line);
        assert_eq!(joined.about.pins.len(), usize::from(n % 2 == 0));
    }
}

#[tokio::test]
async fn each_refusal_has_its_code_and_strangers_change_nothing() {
    let server = Server::start(&[]);
    let (mut ada, _bob) = two(&server).await;
    let first = ada.say("lobby", "first").await;
    let mut eve = server.guest("Eve").await;
    for answer in [
        eve.edit("lobby", first, "x").await,
        eve.delete("lobby", first).await,
        eve.react("lobby", first, "👍", true).await,
        eve.pin("lobby", first, true).await,
        eve.topic("lobby", "mine").await,
        eve.reply("lobby", first, "x").await,
        eve.pinned("lobby").await,
    ] {
        assert_eq!(refused(answer), ErrorCode::NotJoined);
    }
    assert_eq!(refused(ada.reply("lobby", first, "").await), ErrorCode::InvalidBody, "nothing");
    let send = |mentions: Vec<UserId>, files| {
        let (room, body) = (room("lobby"), Body::parse("hi".to_owned()).ok());
        move |reference, id| {
            let reply_to = None;
            ClientFrame::Send { reference, room, id, body, reply_to, mentions, files }
        }
    };
    let nobody = vec![UserId("nobody".to_owned())];
    assert_eq!(refused(ada.ask(send(nobody, Vec::new())).await), ErrorCode::UserNotFound);
    let none = vec![maru_protocol::FileId(Uuid::nil())];
    assert_eq!(refused(ada.ask(send(Vec::new(), none)).await), ErrorCode::FileNotFound);
    assert_eq!(ada.history("lobby").await.len(), 1);
}

/// What somebody put on messages, by their answer.
fn own(answer: ServerFrame) -> Vec<(u64, String)> {
    let ServerFrame::OwnReactions { messages, .. } = answer else { panic!("{answer:?}") };
    let text = |emoji: Vec<Emoji>| emoji.iter().map(Emoji::as_str).collect();
    messages.into_iter().map(|own| (own.target.get(), text(own.emoji))).collect()
}

/// Also where a crowd did it: more than a message lists.
#[tokio::test]
async fn everybody_knows_their_own_reactions() {
    let mut server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let said = ada.say("lobby", "who comes along?").await;
    for n in 0..MAX_REACTED_USERS {
        let mut one = server.guest(&format!("Member {n}")).await;
        one.join("lobby", None).await;
        sent(one.react("lobby", said, "👍", true).await);
    }
    sent(ada.react("lobby", said, "👍", true).await);
    sent(ada.react("lobby", said, "❤️", true).await);
    server = server.crash_and_restart();
    let token = ada.token.take().unwrap();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    let Entry::Message(read) = &ada.history("lobby").await[0] else { panic!() };
    assert_eq!(read.reactions[0].count as usize, MAX_REACTED_USERS + 1);
    assert!(read.reactions[0].users.iter().all(|user| user.name.as_str() != "Ada"));
    assert_eq!(own(ada.own_reactions("lobby", vec![said]).await), [(1, "👍❤️".to_owned())]);
    let mut eve = server.guest("Eve").await;
    assert!(own(eve.own_reactions("lobby", vec![said]).await).is_empty(), "they are hers alone");
    ada.join("lobby", None).await;
    sent(ada.react("lobby", said, "👍", false).await);
    assert_eq!(own(ada.own_reactions("lobby", vec![said]).await), [(1, "❤️".to_owned())]);
    let many = vec![said; 101];
    assert_eq!(refused(ada.own_reactions("lobby", many).await), ErrorCode::Malformed);
    assert_eq!(refused(ada.own_reactions("nowhere", vec![]).await), ErrorCode::RoomNotFound);
}

#[tokio::test]
async fn a_change_that_is_sent_again_counts_once() {
    let server = Server::start(&[]);
    let (mut ada, _bob) = two(&server).await;
    let target = ada.say("lobby", "first").await;
    let token = ada.token.clone().unwrap();
    let id = MessageId(Uuid::now_v7());
    let frame = |reference| {
        let (room, body) = (room("lobby"), Body::parse("second".to_owned()).unwrap());
        ClientFrame::Edit { reference, room, id, target, body, mentions: Vec::new() }
    };
    assert_eq!(sent(ada.ask(|reference, _| frame(reference)).await), seq(2));
    sent(ada.delete("lobby", target).await);
    let server = server.crash_and_restart();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    ada.join("lobby", None).await;
    assert_eq!(sent(ada.ask(|reference, _| frame(reference)).await), seq(2), "it was done once");
    assert_eq!(ada.history("lobby").await.len(), 3);
}

#[tokio::test]
async fn only_what_is_new_moves_a_room_up() {
    let server = Server::start(&[]);
    let (mut ada, _bob) = two(&server).await;
    ada.create("other").await;
    ada.join("other", None).await;
    let first = ada.say("lobby", "first").await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    ada.say("other", "second").await;
    sent(ada.react("lobby", first, "👍", true).await);
    sent(ada.pin("lobby", first, true).await);
    let rooms = get(server.http, "/api/v1/rooms").await.json();
    assert_eq!(
        (&rooms["rooms"][0]["room"], &rooms["rooms"][1]["head"]),
        (&"other".into(), &3.into())
    );
    sent(ada.topic("lobby", "news").await);
    let rooms = get(server.http, "/api/v1/rooms").await.json();
    assert_eq!(rooms["rooms"][0]["room"], "lobby");
}
