//! What becomes of messages: each change an entry, and its effect in every page after it.

use std::collections::HashMap;

use maru_protocol::{
    About, Body, Description, Edited, Emoji, Entry, FileId, FileInfo, FileName, MAX_PINS,
    MAX_REACTED_USERS, MAX_REACTIONS, Message, MessageId, Quote, Reacted, Seq, Topic,
};
use maru_server::journal::{
    Append, Change, JournalError, NewMessage, Outcome, PageRange, Refused, RoomId, RoomRecord,
};
use uuid::Uuid;

use crate::kit::*;

/// What somebody asks for; ids follow from the number.
pub fn draft(room: &RoomRecord, number: u128, who: &str, what: Change) -> Append {
    Append { sender: user(who), what, ..message(room, number) }
}

pub fn body(text: &str) -> Body {
    Body::parse(text.to_owned()).unwrap()
}

pub fn emoji(text: &str) -> Emoji {
    Emoji::parse(text.to_owned()).unwrap()
}

pub fn edit(target: u64, text: &str) -> Change {
    Change::Edit { target: seq(target), body: body(text), mentions: Vec::new() }
}

pub fn delete(target: u64) -> Change {
    Change::Delete { target: seq(target) }
}

pub fn react(target: u64, face: &str, on: bool) -> Change {
    Change::React { target: seq(target), emoji: emoji(face), on }
}

pub fn pin(target: u64, on: bool) -> Change {
    Change::Pin { target: seq(target), on }
}

pub fn reply(target: u64, text: &str) -> Change {
    Change::Message(NewMessage {
        body: Some(body(text)),
        reply_to: Some(seq(target)),
        ..NewMessage::default()
    })
}

pub fn topic(line: &str) -> Change {
    let description = Description::parse("여러\n줄").unwrap();
    Change::Topic { topic: Topic::parse(line).unwrap(), description }
}

pub fn picture() -> FileInfo {
    FileInfo {
        id: FileId(Uuid::from_u128(5)),
        name: FileName::of("사진.png"),
        media_type: "image/png".to_owned(),
        size: 7,
        width: Some(3),
        height: Some(4),
    }
}

impl Store {
    /// Expects it to be committed, and gives the entry.
    pub async fn done(&mut self, append: Append) -> Entry {
        match self.say(append).await {
            Outcome::Committed { entry, .. } => entry,
            other => panic!("not committed: {other:?}"),
        }
    }

    pub async fn all(&self, room: &RoomRecord) -> (Vec<Entry>, About) {
        let range = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
        let page = soon(self.journal.page(room.id, range)).await.unwrap();
        (page.entries, page.about)
    }

    /// A message as it is now.
    pub async fn now(&self, room: &RoomRecord, number: u64) -> Message {
        match self.one(room, number).await {
            Entry::Message(message) => message,
            other => panic!("no message: {other:?}"),
        }
    }

    /// What somebody put on messages, as text.
    pub async fn own(&self, room: &RoomRecord, who: &str, of: &[u64]) -> Vec<(u64, String)> {
        let targets = of.iter().map(|number| seq(*number)).collect();
        let (_, own) =
            soon(self.journal.own_reactions(room.id, user(who).id, targets)).await.unwrap();
        let texts = |emoji: Vec<Emoji>| emoji.iter().map(Emoji::as_str).collect();
        own.into_iter().map(|own| (own.target.get(), texts(own.emoji))).collect()
    }

    pub async fn one(&self, room: &RoomRecord, number: u64) -> Entry {
        let range = PageRange::Before { before: seq(number + 1), limit: 1 };
        soon(self.journal.page(room.id, range)).await.unwrap().entries.remove(0)
    }
}

pub async fn messages_keep_what_they_carry(place: impl StoreUnderTest) {
    bring(&place, "u2", &picture()).await;
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.done(message(&lobby, 1)).await;
    let said = NewMessage {
        body: None,
        reply_to: Some(seq(1)),
        mentions: vec![user("u2")],
        files: vec![picture()],
    };
    let live = store.done(draft(&lobby, 2, "u2", Change::Message(said))).await;
    let Entry::Message(message) = &live else { panic!("{live:?}") };
    let excerpt = Some("말 1\n\t😀".to_owned());
    let quote = Quote { seq: seq(1), sender: user("u1"), excerpt, deleted: false };
    assert_eq!(message.reply_to, Some(quote));
    assert_eq!((&message.body, message.mentions.len()), (&None, 1));
    assert_eq!(message.files, [picture()]);
    assert_eq!(store.one(&lobby, 2).await, live, "read back as it was heard");
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.one(&lobby, 2).await, live);
    store.close().await;
    verified(&place).await;
}

async fn verified<S: StoreUnderTest>(place: &S) {
    S::verify_at(&place.address()).await;
}

pub async fn a_change_is_an_entry_and_an_effect(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.done(message(&lobby, 1)).await;
    store.done(draft(&lobby, 2, "u2", reply(1, "answer"))).await;
    let mentions = vec![user("u2")];
    let what = Change::Edit { target: seq(1), body: body("새 말"), mentions: mentions.clone() };
    let mut live = vec![store.done(draft(&lobby, 3, "u1", what)).await];
    for (number, who, what) in [
        (4, "u2", react(1, "👍", true)),
        (5, "u1", react(1, "👍", true)),
        (6, "u2", react(1, "❤️", true)),
        (7, "u2", react(1, "❤️", false)),
        (8, "u3", pin(1, true)),
        (9, "u3", pin(2, true)),
        (10, "u3", topic("  이번  주 ")),
    ] {
        live.push(store.done(draft(&lobby, number, who, what)).await);
    }
    check_effects(&store, &lobby, &live, &mentions).await;
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    check_effects(&store, &lobby, &live, &mentions).await;
    store.close().await;
}

async fn check_effects(
    store: &Store,
    lobby: &RoomRecord,
    live: &[Entry],
    mentions: &[maru_protocol::User],
) {
    let (entries, about) = store.all(lobby).await;
    assert_eq!(entries[2..], *live, "an entry says what happened then");
    let Entry::Message(message) = &entries[0] else { panic!("{entries:?}") };
    assert_eq!(message.text(), "새 말");
    assert_eq!(message.mentions, mentions);
    assert_eq!(message.edited, Some(Edited { seq: seq(3), at: live[0].head().at }));
    assert_eq!(message.changed, Some(seq(8)));
    let users = vec![user("u2"), user("u1")];
    assert_eq!(message.reactions, [Reacted { emoji: emoji("👍"), count: 2, users }]);
    let Entry::Message(answer) = &entries[1] else { panic!("{entries:?}") };
    let quote = answer.reply_to.as_ref().unwrap();
    assert_eq!(quote.excerpt.as_deref(), Some("새 말"), "as it is now");
    assert_eq!((about.topic.as_str(), about.description.as_str()), ("이번 주", "여러\n줄"));
    assert_eq!(about.pins, [seq(2), seq(1)]);
    let pinned = soon(store.journal.pinned(lobby.id)).await.unwrap();
    assert_eq!(pinned, [answer.clone(), message.clone()]);
}

pub async fn the_rules_hold_and_a_refusal_leaves_nothing(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    store.done(message(&lobby, 1)).await;
    store.done(message(&other, 1)).await;
    store.done(message(&other, 2)).await;
    for (what, why) in [
        (edit(1, "x"), Refused::NotYours),
        (delete(1), Refused::NotYours),
        (edit(2, "x"), Refused::NoMessage),
        (delete(2), Refused::NoMessage),
        (react(2, "👍", true), Refused::NoMessage),
        (pin(0, true), Refused::NoMessage),
        (reply(2, "of the other room"), Refused::NoMessage),
        (reply(Seq::MAX.get(), "of none"), Refused::NoMessage),
    ] {
        let append = draft(&lobby, 9, "u2", what);
        assert_eq!(store.say(append.clone()).await, refused(&append, why), "{append:?}");
    }
    let faces = "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔";
    let faces: Vec<String> = faces.chars().map(String::from).collect();
    for (number, face) in (10..).zip(&faces[..MAX_REACTIONS]) {
        store.done(draft(&lobby, number, "u2", react(1, face, true))).await;
    }
    let more = draft(&lobby, 99, "u3", react(1, &faces[MAX_REACTIONS], true));
    assert_eq!(store.say(more.clone()).await, refused(&more, Refused::TooManyReactions));
    for number in 100..=100 + MAX_PINS as u128 {
        store.done(message(&lobby, number)).await;
    }
    let first = 2 + MAX_REACTIONS as u64;
    for n in 0..MAX_PINS as u64 {
        store.done(draft(&lobby, 200 + u128::from(n), "u2", pin(first + n, true))).await;
    }
    let more = draft(&lobby, 300, "u2", pin(1, true));
    assert_eq!(store.say(more.clone()).await, refused(&more, Refused::TooManyPins));
    assert_eq!(soon(store.journal.pinned(lobby.id)).await.unwrap().len(), MAX_PINS);
    let (entries, _) = store.all(&lobby).await;
    assert_eq!(entries.len(), 2 + MAX_REACTIONS + MAX_PINS + MAX_PINS, "and nothing refused");
    store.close().await;
}

/// One of each kind that is committed, in an order in which it is.
fn one_of_each(room: &RoomRecord) -> Vec<Append> {
    let whats = [
        Change::say(body("first")),
        reply(1, "answer"),
        edit(1, "better"),
        react(1, "👍", true),
        pin(1, true),
        topic("on topic"),
        react(1, "👍", false),
        pin(1, false),
        delete(1),
    ];
    (1..).zip(whats).map(|(number, what)| draft(room, number, "u1", what)).collect()
}

pub async fn a_retry_of_any_change_is_known_for_ever(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for append in one_of_each(&lobby) {
        store.done(append).await;
    }
    for _ in 0..2 {
        // Also of what could not be done any more: the message is gone.
        for (number, append) in (1..).zip(one_of_each(&lobby)) {
            let late = Append { at: append.at + 5, ..append.clone() };
            assert_eq!(store.say(late.clone()).await, known(&late, number, append.at));
            let theirs = Append { sender: user("u2"), ..late };
            assert_eq!(store.say(theirs.clone()).await, refused(&theirs, Refused::IdTaken));
        }
        store.close().await;
        store = Store::open(&place, WIDE).await;
    }
    store.close().await;
}

pub async fn changes_of_one_batch_meet_each_other(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, alone) = (store.make("lobby").await, store.make("alone").await);
    for (room, at_once) in [(&lobby, true), (&alone, false)] {
        let all: Vec<Append> = one_of_each(room)
            .into_iter()
            .flat_map(|append| {
                // Each is sent again at once, and a stranger tries it too.
                let theirs = Append { sender: user("u2"), ..append.clone() };
                [append.clone(), append, theirs]
            })
            .collect();
        let count = all.len();
        let mut outcomes = Vec::new();
        if at_once {
            assert!(store.journal.append_all(all).is_empty());
            for _ in 0..count {
                outcomes.push(store.outcome().await.unwrap());
            }
        } else {
            for append in all {
                outcomes.push(store.say(append).await);
            }
        }
        for (n, outcome) in outcomes.iter().enumerate() {
            let number = n as u64 / 3 + 1;
            match (n % 3, outcome) {
                (0, Outcome::Committed { entry, .. }) => assert_eq!(entry.seq().get(), number),
                (1, Outcome::Known { seq, .. }) => assert_eq!(seq.get(), number),
                (2, Outcome::Refused { why: Refused::IdTaken, .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    let ((one, about), (other, same)) = (store.all(&lobby).await, store.all(&alone).await);
    let shown = |entries: Vec<Entry>| {
        let text = serde_json::to_string(&entries).unwrap();
        text.replace("\"alone\"", "\"lobby\"")
    };
    assert_eq!(shown(one.clone()), shown(other));
    assert_eq!(about, same);
    assert!(!shown(one).contains("better"), "erased in the batch that brought it");
    store.close().await;
    verified(&place).await;
}

pub async fn what_makes_no_difference_commits_nothing(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.done(message(&lobby, 1)).await;
    let at = message(&lobby, 1).at;
    for what in [react(1, "👍", false), pin(1, false)] {
        let append = draft(&lobby, 2, "u2", what);
        assert_eq!(store.say(append.clone()).await, known(&append, 1, at), "its own");
    }
    let liked = draft(&lobby, 3, "u2", react(1, "👍", true));
    store.done(liked.clone()).await;
    let again = draft(&lobby, 4, "u2", react(1, "👍", true));
    assert_eq!(store.say(again.clone()).await, known(&again, 2, liked.at), "its newest change");
    let pinned = draft(&lobby, 5, "u1", pin(1, true));
    store.done(pinned.clone()).await;
    for what in [react(1, "👍", true), pin(1, true), react(1, "❤️", false)] {
        let append = draft(&lobby, 6, "u2", what);
        assert_eq!(store.say(append.clone()).await, known(&append, 3, pinned.at));
    }
    assert_eq!(store.all(&lobby).await.0.len(), 3);
    store.close().await;
}

pub async fn a_deletion_takes_the_texts_along(place: impl StoreUnderTest) {
    bring(&place, "u1", &picture()).await;
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let secret = NewMessage {
        body: Some(body("secret one")),
        mentions: vec![user("mentioned")],
        files: vec![picture()],
        ..NewMessage::default()
    };
    store.done(draft(&lobby, 1, "u1", Change::Message(secret))).await;
    store.done(draft(&lobby, 2, "u2", reply(1, "what?"))).await;
    store.done(draft(&lobby, 3, "u1", edit(1, "secret two"))).await;
    store.done(draft(&lobby, 4, "u2", react(1, "👍", true))).await;
    store.done(draft(&lobby, 5, "u2", pin(1, true))).await;
    store.done(draft(&lobby, 6, "u1", edit(1, "secret three"))).await;
    let gone = store.done(draft(&lobby, 7, "u1", delete(1))).await;
    store.done(message(&lobby, 8)).await;
    for _ in 0..2 {
        let (entries, about) = store.all(&lobby).await;
        let text = serde_json::to_string(&entries).unwrap();
        for gone in ["secret", "mentioned", "사진"] {
            assert!(!text.contains(gone), "{text}");
        }
        let Entry::Tombstone(stone) = &entries[0] else { panic!("{entries:?}") };
        assert_eq!((stone.changed, stone.deleted_at), (seq(7), gone.head().at));
        assert_eq!((stone.sender.clone(), stone.at), (user("u1"), message(&lobby, 1).at));
        let Entry::Message(answer) = &entries[1] else { panic!("{entries:?}") };
        let quote = answer.reply_to.clone().unwrap();
        assert_eq!((quote.deleted, quote.excerpt, quote.seq), (true, None, seq(1)));
        for edit in [&entries[2], &entries[5]] {
            let Entry::Edit(edit) = edit else { panic!("{edit:?}") };
            assert_eq!((edit.target, &edit.body), (seq(1), &None));
        }
        assert_eq!(entries[6], gone);
        assert!(about.pins.is_empty());
        assert!(soon(store.journal.pinned(lobby.id)).await.unwrap().is_empty());
        for late in [edit(1, "x"), react(1, "👍", true), pin(1, true), delete(1)] {
            let late = draft(&lobby, 20, "u1", late);
            assert_eq!(store.say(late.clone()).await, refused(&late, Refused::NoMessage));
        }
        store.close().await;
        verified(&place).await;
        store = Store::open(&place, WIDE).await;
    }
    // An answer that was on its way is kept.
    let late = store.done(draft(&lobby, 21, "u2", reply(1, "too late"))).await;
    assert_eq!(store.one(&lobby, 9).await, late);
    store.close().await;
}

pub async fn everybody_who_reacts_counts_once(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.done(message(&lobby, 1)).await;
    let count = 3 * MAX_REACTED_USERS;
    let by = |n: usize, round: usize, on| {
        draft(&lobby, (round * 1_000 + n) as u128, &format!("p{n}"), react(1, "👍", on))
    };
    let all: Vec<Append> = (0..count).map(|n| by(n, 1, true)).collect();
    assert!(store.journal.append_all(all).is_empty());
    for _ in 0..count {
        let outcome = store.outcome().await.unwrap();
        assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
    }
    store.close().await;
    let mut store = Store::open(&place, WIDE).await;
    let reacted = store.now(&lobby, 1).await.reactions.remove(0);
    assert_eq!((reacted.count as usize, reacted.users.len()), (count, MAX_REACTED_USERS));
    assert_eq!(reacted.users[0].id.0, "p0", "the first ones first");
    for n in [0, count - 1] {
        assert_eq!(store.own(&lobby, &format!("p{n}"), &[1]).await, [(1, "👍".to_owned())], "p{n}");
    }
    assert!(store.own(&lobby, "somebody", &[1]).await.is_empty());
    for n in 0..count {
        let outcome = store.say(by(n, 2, true)).await;
        assert!(matches!(outcome, Outcome::Known { .. }), "p{n} has reacted: {outcome:?}");
    }
    // Back and there again at once, by one who is not listed.
    let twice = vec![by(count - 1, 5, false), by(count - 1, 6, true)];
    assert!(store.journal.append_all(twice).is_empty());
    for _ in 0..2 {
        let outcome = store.outcome().await.unwrap();
        assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
    }
    for n in (0..count).rev() {
        store.done(by(n, 3, false)).await;
    }
    let outcome = store.say(by(count - 1, 4, false)).await;
    assert!(matches!(outcome, Outcome::Known { .. }), "{outcome:?}");
    assert!(store.now(&lobby, 1).await.reactions.is_empty());
    store.close().await;
}

pub async fn ones_own_reactions_are_found_by_their_message(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    for (room, number) in [(&lobby, 1), (&lobby, 2), (&lobby, 3), (&other, 4), (&other, 5)] {
        store.done(message(room, number)).await;
    }
    for (number, who, what) in [
        (11, "u1", react(1, "👍", true)),
        (12, "u2", react(1, "❤️", true)),
        (13, "u1", react(1, "❤️", true)),
        (14, "u1", react(2, "👍", true)),
        (15, "u1", react(2, "👍", false)),
        (16, "u1", react(3, "🎉", true)),
    ] {
        store.done(draft(&lobby, number, who, what)).await;
    }
    let all = [3, 2, 1, 99];
    let own = store.own(&lobby, "u1", &all).await;
    assert_eq!(own, [(3, "🎉".to_owned()), (1, "👍❤️".to_owned())], "in the order asked for");
    assert_eq!(store.own(&lobby, "u2", &all).await, [(1, "❤️".to_owned())]);
    assert_eq!(store.own(&lobby, "u1", &[2]).await, []);
    assert_eq!(store.own(&lobby, "u1", &[]).await, []);
    assert_eq!(store.own(&other, "u1", &all).await, [], "another room's");
    let (head, _) =
        soon(store.journal.own_reactions(lobby.id, user("u1").id, vec![])).await.unwrap();
    assert_eq!(head, seq(9));
    store.done(draft(&lobby, 17, "u1", delete(1))).await;
    assert_eq!(store.own(&lobby, "u1", &all).await, [(3, "🎉".to_owned())], "it is gone");
    let nowhere = soon(store.journal.own_reactions(RoomId(99), user("u1").id, vec![seq(1)])).await;
    assert!(matches!(nowhere, Err(JournalError::NoRoom(_))), "{nowhere:?}");
    store.close().await;
}

pub async fn only_what_is_new_moves_a_room_up(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (a, b) = (store.make("a").await, store.make("b").await);
    store.done(message(&a, 1)).await;
    store.done(message(&b, 2)).await;
    let order = async |store: &Store| {
        let all = store.everything().await;
        all.into_iter().map(|(name, head, at, _)| (name, head, at)).collect::<Vec<_>>()
    };
    let (first, second) = (message(&a, 1).at, message(&b, 2).at);
    let names = |room: &RoomRecord| format!("{} {}", room.id.0, room.name);
    for (number, what) in
        [(3, react(1, "👍", true)), (4, pin(1, true)), (5, edit(1, "x")), (6, delete(1))]
    {
        store.done(draft(&a, number, "u1", what)).await;
        let head = u64::try_from(number).unwrap() - 1;
        assert_eq!(order(&store).await, [(names(&b), 1, second), (names(&a), head, first)]);
    }
    store.done(draft(&a, 7, "u1", topic("news"))).await;
    let third = message(&a, 7).at;
    assert_eq!(order(&store).await, [(names(&a), 6, third), (names(&b), 1, second)]);
    store.close().await;
}

/// Many people do anything to anything; what comes out, folded by a client's rule, is what a page has.
pub async fn who_folds_what_comes_out_has_what_is_read(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let mut dice = 0x2545_F491_4F6C_DD1D_u64;
    let mut roll = |sides: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    let faces = ["👍", "❤️", "😀"];
    let mut number = 0;
    let mut live: Vec<Entry> = Vec::new();
    for _ in 0..40 {
        let mut batch = Vec::new();
        for _ in 0..=roll(30) {
            number += 1;
            let target = 1 + roll(live.len() as u64 + 8);
            let (face, on) = (faces[usize::try_from(roll(3)).unwrap()], roll(3) > 0);
            let what = match roll(10) {
                0..=2 => Change::say(body(&format!("said {number}"))),
                3 => reply(target, &format!("reply {number}")),
                4 | 5 => edit(target, &format!("edit {number}")),
                6 => delete(target),
                7 => pin(target, on),
                _ => react(target, face, on),
            };
            batch.push(draft(&lobby, number, &format!("p{}", roll(3)), what));
        }
        let count = batch.len();
        assert!(store.journal.append_all(batch).is_empty());
        for _ in 0..count {
            match store.outcome().await.unwrap() {
                Outcome::Committed { entry, .. } => live.push(entry),
                Outcome::Known { .. }
                | Outcome::Refused { why: Refused::NoMessage | Refused::NotYours, .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
    let (read, about) = store.all(&lobby).await;
    store.close().await;
    verified(&place).await;
    let folded = folded(&live);
    assert_eq!(folded.1, about);
    for (shown, now) in folded.0.iter().zip(&read) {
        assert_eq!(shown, now);
    }
    assert_eq!(folded.0.len(), read.len());
    assert!(read.iter().filter(|entry| matches!(entry, Entry::Tombstone(_))).count() > 10);
}

/// What a client shows that heard all of it, by the rules of PROTOCOL.md.
fn folded(live: &[Entry]) -> (Vec<Entry>, About) {
    let mut shown: Vec<Entry> = live.to_vec();
    let mut about = About::default();
    for entry in live {
        match entry {
            Entry::Topic(change) => {
                about.topic = change.topic.clone();
                about.description = change.description.clone();
            }
            Entry::Pin(pinning) => {
                about.pins.retain(|pin| *pin != pinning.target);
                if pinning.on {
                    about.pins.insert(0, pinning.target);
                }
            }
            Entry::Delete(gone) => about.pins.retain(|pin| *pin != gone.target),
            _ => {}
        }
        if let Some(target) = entry.target() {
            let at = usize::try_from(target.get()).unwrap() - 1;
            shown[at] = applied(shown[at].clone(), entry);
        }
    }
    // Edits of what was deleted lose their text, and quotes are as the quoted is.
    let texts: HashMap<Seq, Option<String>> = shown
        .iter()
        .filter_map(|entry| match entry {
            Entry::Message(message) => Some((message.seq, Some(message.text().to_owned()))),
            Entry::Tombstone(gone) => Some((gone.seq, None)),
            _ => None,
        })
        .collect();
    for entry in &mut shown {
        match entry {
            Entry::Edit(edit) if texts[&edit.target].is_none() => edit.body = None,
            Entry::Message(Message { reply_to: Some(quote), .. }) => {
                quote.excerpt.clone_from(&texts[&quote.seq]);
                quote.deleted = quote.excerpt.is_none();
            }
            _ => {}
        }
    }
    (shown, about)
}

fn applied(held: Entry, entry: &Entry) -> Entry {
    let Entry::Message(mut message) = held else { return held };
    message.changed = Some(entry.seq());
    match entry {
        Entry::Edit(edit) => {
            message.body.clone_from(&edit.body);
            message.edited = Some(Edited { seq: edit.seq, at: edit.at });
        }
        Entry::Delete(gone) => {
            let Message { room, seq, id, sender, at, .. } = message;
            let (deleted_at, changed) = (gone.at, gone.seq);
            let stone = maru_protocol::Tombstone { room, seq, id, sender, at, deleted_at, changed };
            return Entry::Tombstone(stone);
        }
        Entry::Reaction(reaction) if reaction.on => {
            let place = message.reactions.iter().position(|it| it.emoji == reaction.emoji);
            let place = place.unwrap_or_else(|| {
                let emoji = reaction.emoji.clone();
                message.reactions.push(Reacted { emoji, count: 0, users: Vec::new() });
                message.reactions.len() - 1
            });
            message.reactions[place].count += 1;
            message.reactions[place].users.push(reaction.sender.clone());
        }
        Entry::Reaction(reaction) => {
            for reacted in message.reactions.iter_mut().filter(|it| it.emoji == reaction.emoji) {
                reacted.count -= 1;
                reacted.users.retain(|user| user.id != reaction.sender.id);
            }
            message.reactions.retain(|reacted| reacted.count > 0);
        }
        _ => {}
    }
    Entry::Message(message)
}

pub async fn a_message_is_located_by_its_id(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (other, lobby) = (store.make("other").await, store.make("lobby").await);
    // The same ids, in another order.
    for (room, ids) in [(&other, [3, 2, 1]), (&lobby, [1, 2, 3])] {
        for id in ids {
            store.done(message(room, id)).await;
        }
    }
    for (number, what) in [
        (11, edit(2, "새 말")),
        (12, react(1, "👍", true)),
        (13, pin(1, true)),
        (14, delete(3)),
        (15, topic("이야기")),
        (16, reply(2, "그래")),
    ] {
        store.done(draft(&lobby, number, "u1", what)).await;
    }
    let at = async |room: &RoomRecord, number: u128| {
        let id = MessageId(Uuid::from_u128(number));
        let found = soon(store.journal.locate(room.id, id)).await.unwrap();
        found.map(Seq::get)
    };
    for (number, seq) in [(1, 1), (3, 3), (11, 2), (12, 1), (13, 1), (14, 3), (16, 9)] {
        assert_eq!(at(&lobby, number).await, Some(seq), "{number}");
    }
    assert_eq!((at(&other, 1).await, at(&other, 11).await), (Some(3), None));
    assert_eq!((at(&lobby, 15).await, at(&lobby, 99).await), (None, None), "no message");
    assert_eq!(at(&nowhere(), 1).await, None);
    store.close().await;
}
