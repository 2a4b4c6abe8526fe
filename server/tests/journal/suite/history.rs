//! What is read by messages: pages, what was missed, and what is unread, however many changes lie between.

use maru_engine::log::MemoryLog;
use maru_protocol::{Covers, Entry, MessageId, Seq};
use maru_server::journal::{
    Append, Change, JournalError, MOST_SCANNED, Mark, Marked, Outcome, Page, PageRange, ReadQuery,
    RoomId, RoomRecord,
};
use uuid::Uuid;

use super::changes::{body, delete, draft, edit, pin, react, reply, topic};
use crate::{kit::*, support::random::Random};

impl Store {
    async fn history(&self, room: &RoomRecord, range: PageRange) -> Page {
        soon(self.journal.history(room.id, range)).await.unwrap()
    }

    async fn missed(&self, room: &RoomRecord, after: u64, limit: u32) -> Option<Page> {
        soon(self.journal.missed(room.id, seq(after), limit)).await.unwrap()
    }

    /// Appends them all and waits for what becomes of them.
    async fn all_of(&mut self, appends: Vec<Append>) -> Vec<Outcome> {
        let count = appends.len();
        assert!(self.journal.append_all(appends).is_empty());
        let mut outcomes = Vec::new();
        for _ in 0..count {
            outcomes.push(self.outcome().await.unwrap());
        }
        outcomes
    }

    /// One person flips a reaction on a message, so often.
    pub async fn flip(&mut self, room: &RoomRecord, target: u64, first: u128, flips: u128) {
        let flip =
            |n: u128| draft(room, first + n, "flipper", react(target, "👍", n.is_multiple_of(2)));
        let outcomes = self.all_of((0..flips).map(flip).collect()).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Committed { .. })));
    }

    pub async fn unread(&self, room: &RoomRecord, person: &str) -> u32 {
        let asked = ReadQuery { person: user(person).id, room: room.name.key(), waiting: None };
        soon(self.journal.unread(vec![asked])).await.unwrap()[0].as_ref().unwrap().unread
    }

    pub async fn reads_to(&self, room: &RoomRecord, person: &str, number: u64) {
        let what = Marked::Read { seq: seq(number), anew: false };
        let mark = Mark { room: room.id, user: user(person), what, at: 1 };
        soon(self.journal.mark(vec![mark])).await.unwrap();
    }
}

fn messages(page: &Page) -> usize {
    page.entries.iter().filter(|entry| matches!(entry, Entry::Message(_))).count()
}

fn covers(from: u64, to: u64) -> Covers {
    Covers { from: seq(from), to: seq(to) }
}

/// 60 messages, and then one reaction goes on and off 600 times.
pub async fn a_page_has_its_messages_however_often_a_reaction_is_flipped(
    place: impl StoreUnderTest,
) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 60).await;
    store.flip(&lobby, 60, 1_000, 601).await;
    let newest = store.history(&lobby, PageRange::Newest { limit: 50 }).await;
    assert_eq!((newest.covers, newest.head), (covers(11, 661), seq(661)));
    assert_eq!((messages(&newest), newest.entries.len()), (50, 100));
    let Some(Entry::Message(flipped)) = newest.entries.get(49) else { panic!("{newest:?}") };
    assert_eq!((flipped.reactions[0].count, flipped.changed), (1, Some(seq(661))));
    let missed = store.missed(&lobby, 40, 50).await.unwrap();
    assert_eq!((missed.covers, messages(&missed)), (covers(41, 661), 20));
    let missed = store.missed(&lobby, 60, 50).await.unwrap();
    assert_eq!((missed.entries.len(), missed.updated.len()), (0, 1));
    assert_eq!(store.missed(&lobby, 9, 50).await, None, "51 messages");
    let newer = store.history(&lobby, PageRange::After { after: seq(59), limit: 20 }).await;
    assert_eq!((newer.covers, messages(&newer)), (covers(60, 661), 1));
    let none = store.journal.history(nowhere().id, PageRange::Newest { limit: 9 });
    assert!(matches!(soon(none).await, Err(JournalError::NoRoom(_))));
}

/// Reactions, deleted messages and one's own take nothing from what is counted.
pub async fn unread_messages_are_counted_past_what_is_none(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 30).await;
    store.reads_to(&lobby, "min", 10).await;
    store.flip(&lobby, 30, 1_000, u128::from(MOST_SCANNED) + 100).await;
    assert_eq!(store.unread(&lobby, "min").await, 20);
    // Who sends and deletes hides nothing either.
    let head = 30 + u64::from(MOST_SCANNED) + 100;
    let sent =
        (0..MOST_SCANNED + 10).map(|n| draft(&lobby, 9_000 + u128::from(n), "flipper", said("x")));
    store.all_of(sent.collect()).await;
    let first = head + 1;
    let deleted = (0..MOST_SCANNED + 10)
        .map(|n| draft(&lobby, 19_000 + u128::from(n), "flipper", delete(first + u64::from(n))));
    store.all_of(deleted.collect()).await;
    assert_eq!(store.unread(&lobby, "min").await, 20);
    let own = (0..50).map(|n| draft(&lobby, 29_000 + n, "min", said("own")));
    store.all_of(own.collect()).await;
    assert_eq!(store.unread(&lobby, "min").await, 20);
}

fn said(text: &str) -> Change {
    Change::say(body(text))
}

/// Whatever happens, each store reads the same as the log in memory, whose pages are held against the
/// fold of the whole log (`engine/src/log/history/tests.rs`).
pub async fn whatever_happens_is_read_by_messages_as_in_memory(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    // Another room's entries lie beside these.
    let other = store.make("other").await;
    let mut model = MemoryLog::new();
    model.create(lobby.name.clone(), 1);
    let mut random = Random::new(14);
    for round in 0..6 {
        let mut appends = Vec::new();
        for _ in 0..60 {
            appends.push(anything(&lobby, &mut random, round));
            appends.push(anything(&other, &mut random, round));
        }
        let expected: Vec<Outcome> = appends
            .iter()
            .filter(|append| append.room == lobby.id)
            .map(|append| model.append(Append { room: RoomId(1), ..append.clone() }))
            .collect();
        let outcomes = store.all_of(appends).await;
        let committed = |outcomes: &[Outcome]| {
            outcomes.iter().filter(|it| matches!(it, Outcome::Committed { .. })).count()
        };
        let of_lobby: Vec<Outcome> = outcomes.into_iter().step_by(2).collect();
        assert_eq!(committed(&of_lobby), committed(&expected));
        compare(&store, &lobby, &model).await;
    }
}

async fn compare(store: &Store, room: &RoomRecord, model: &MemoryLog) {
    let head = model.head(RoomId(1)).unwrap().get();
    for limit in [1, 2, 7, 30] {
        let mut ranges = vec![PageRange::Newest { limit }];
        for at in (0..=head + 1).step_by(5).map(seq) {
            ranges.push(PageRange::Before { before: at.next(), limit });
            ranges.push(PageRange::After { after: at, limit });
            ranges.push(PageRange::Around { at: at.next(), limit });
            let expected = model.missed(RoomId(1), at, limit).unwrap();
            assert_eq!(store.missed(room, at.get(), limit).await, expected, "{at}, {limit}");
        }
        for range in ranges {
            let expected = model.history(RoomId(1), range).unwrap();
            assert_eq!(store.history(room, range).await, expected, "{range:?}");
        }
    }
}

/// Of three people one does anything that can be done in a room, much of it with the first messages.
fn anything(room: &RoomRecord, random: &mut Random, round: u64) -> Append {
    let who = *random.pick(&["u1", "u2", "u3"]);
    let among = if random.below(3) == 0 { 9 } else { 40 * (round as usize + 1) };
    let target = 1 + random.below(among) as u64;
    let what = match random.below(14) {
        0..=3 => said("something"),
        4 => reply(target, "yes"),
        5 => edit(target, "something else"),
        6 => delete(target),
        7 => pin(target, random.below(2) == 0),
        8 => topic("today"),
        _ => {
            let face = *random.pick(&["👍", "🎉"]);
            react(target, face, random.below(3) > 0)
        }
    };
    let id =
        MessageId(Uuid::from_u128(u128::from(random.next()) << 64 | u128::from(random.next())));
    Append { id, ..draft(room, 1, who, what) }
}

/// A journal of the version that knew no messages is brought up with what is in it.
pub async fn what_was_written_before_is_read_by_messages<S: StoreUnderTest>(place: S) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 20).await;
    store.flip(&lobby, 3, 1_000, 101).await;
    store.done(draft(&lobby, 5_000, "u1", delete(20))).await;
    let newest = PageRange::Newest { limit: 10 };
    let (page, missed) = (store.history(&lobby, newest).await, store.missed(&lobby, 19, 10).await);
    store.close().await;
    S::make_previous(&place.address());
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.history(&lobby, newest).await, page);
    assert_eq!(store.missed(&lobby, 19, 10).await, missed);
    let missed = missed.unwrap();
    assert_eq!(missed.updated.iter().map(Entry::seq).collect::<Vec<Seq>>(), [seq(3)]);
    store.close().await;
    S::verify_at(&place.address()).await;
}
