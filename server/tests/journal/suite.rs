//! The promises of `journal::Journal`, one test each, for any store.

use std::{collections::HashMap, sync::Arc};

use maru_protocol::{Body, MessageId, Seq};
use maru_server::journal::{Append, Created, Full, Outcome, PageRange, Refused, RoomQuery};

use crate::kit::*;

/// Makes every promise a test of its own for one store.
macro_rules! contract {
    ($store:ty) => {
        $crate::suite::contract!(@each $store:
            seqs_run_from_one_in_the_order_taken rooms_are_numbered_apart a_retry_is_known_for_ever
            an_id_counts_once_in_a_batch an_id_belongs_to_its_sender_and_room
            no_room_no_entry pages_end_where_the_room_does pages_hold_what_was_said
            what_came_out_can_be_read a_room_is_made_once a_room_is_found_by_any_case
            the_directory_is_ordered_by_activity the_directory_is_searched_by_folded_name
            a_consumer_that_stops_bounds_memory close_finishes_what_was_taken
            reopening_continues many_threads_many_rooms dropped_futures_break_nothing);
    };
    (@each $store:ty: $($promise:ident)*) => {
        $(#[tokio::test]
        async fn $promise() {
            $crate::suite::$promise(<$store as $crate::kit::StoreUnderTest>::new()).await;
        })*
    };
}
pub(crate) use contract;

pub async fn seqs_run_from_one_in_the_order_taken(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let all: Vec<_> = (1..=250).map(|number| message(&lobby, number)).collect();
    for append in &all {
        store.journal.append(append.clone()).unwrap();
    }
    for (append, number) in all.iter().zip(1..) {
        assert_eq!(store.outcome().await, Some(committed(append, number)));
    }
    assert_eq!(store.close().await, []);
}

pub async fn rooms_are_numbered_apart(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let mut rooms = Vec::new();
    for name in ["a", "b", "다", "d", "e"] {
        rooms.push(store.make(name).await);
    }
    // The same ids in every room, the rooms mixed unevenly.
    let mut heads = [0_u64; 5];
    let mut expected = Vec::new();
    for number in 0..300_u64 {
        let at = (number * number % 7 % 5) as usize;
        heads[at] += 1;
        let append = message(&rooms[at], heads[at].into());
        expected.push(committed(&append, heads[at]));
        store.journal.append(append).unwrap();
    }
    for outcome in expected {
        assert_eq!(store.outcome().await, Some(outcome));
    }
    for (room, head) in rooms.iter().zip(heads) {
        let seqs = store.page(room, PageRange::After { after: Seq::ZERO, limit: 999 }).await;
        assert_eq!(seqs, (1..=head).collect::<Vec<_>>());
    }
}

pub async fn a_retry_is_known_for_ever(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let first = message(&lobby, 7);
    // A retry may come later, with another text and over another connection.
    let mut retry = Append { at: first.at + 9, ..first.clone() };
    retry.body = Body::parse("something else".into()).unwrap();
    retry.ticket.reference.0 += 1;
    assert_eq!(store.say(first.clone()).await, committed(&first, 1));
    assert_eq!(store.say(retry.clone()).await, known(&retry, 1, first.at));
    let next = message(&lobby, 8);
    assert_eq!(store.say(next.clone()).await, committed(&next, 2));
    store.close().await;

    let mut store = Store::open(&place, WIDE).await;
    assert_eq!(store.say(retry.clone()).await, known(&retry, 1, first.at));
    let third = message(&lobby, 9);
    assert_eq!(store.say(third.clone()).await, committed(&third, 3));
    let page = store.journal.page(lobby.id, PageRange::Newest { limit: 9 }).await.unwrap();
    assert_eq!(page.entries, [entry(&first, 1), entry(&next, 2), entry(&third, 3)]);
}

pub async fn an_id_counts_once_in_a_batch(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let all: Vec<_> = (1..=100).map(|number| message(&lobby, number)).collect();
    let other = |append: &Append| Append { sender: user("u2"), ..append.clone() };
    for append in &all {
        for twice in [append.clone(), append.clone(), other(append)] {
            store.journal.append(twice).unwrap();
        }
    }
    for (append, number) in all.iter().zip(1..) {
        assert_eq!(store.outcome().await, Some(committed(append, number)));
        assert_eq!(store.outcome().await, Some(known(append, number, append.at)));
        assert_eq!(store.outcome().await, Some(refused(append, Refused::IdTaken)));
    }
}

pub async fn an_id_belongs_to_its_sender_and_room(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    let mine = message(&lobby, 7);
    let theirs = Append { sender: user("u2"), ..mine.clone() };
    let elsewhere = Append { room: other.id, room_name: other.name.clone(), ..theirs.clone() };
    assert_eq!(store.say(mine.clone()).await, committed(&mine, 1));
    assert_eq!(store.say(theirs.clone()).await, refused(&theirs, Refused::IdTaken));
    assert_eq!(store.say(elsewhere.clone()).await, committed(&elsewhere, 1));
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 9 }).await, [1]);
}

pub async fn no_room_no_entry(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let append = message(&nowhere(), 1);
    assert_eq!(store.say(append.clone()).await, refused(&append, Refused::NoRoom));
    let page = store.journal.page(nowhere().id, PageRange::Newest { limit: 9 });
    assert!(soon(page).await.is_err());
    assert_eq!(soon(store.journal.room(room_name("nowhere").key())).await, Ok(None));
    assert_eq!(soon(store.journal.probe()).await, Ok(()));
}

pub async fn pages_end_where_the_room_does(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    // Neighbours on both sides, whose entries must never show.
    let (left, lobby) = (store.make("left").await, store.make("lobby").await);
    let right = store.make("right").await;
    store.fill(&left, 10).await;
    store.fill(&lobby, 120).await;
    store.fill(&right, 10).await;
    let newest = |limit| PageRange::Newest { limit };
    let before = |n, limit| PageRange::Before { before: seq(n), limit };
    let after = |n, limit| PageRange::After { after: seq(n), limit };
    let top = Seq::MAX.get();
    for (range, expected) in [
        (newest(50), 71..=120),
        (newest(1), 120..=120),
        (newest(500), 1..=120),
        (newest(u32::MAX), 1..=120),
        (before(71, 50), 21..=70),
        (before(21, 50), 1..=20),
        (before(2, 50), 1..=1),
        (before(121, 1), 120..=120),
        (before(top, 2), 119..=120),
        (after(0, 50), 1..=50),
        (after(0, 1), 1..=1),
        (after(50, 50), 51..=100),
        (after(100, 50), 101..=120),
        (after(119, 50), 120..=120),
    ] {
        assert_eq!(store.page(&lobby, range).await, expected.collect::<Vec<_>>(), "{range:?}");
    }
    let none =
        [newest(0), before(1, 50), before(0, 50), after(120, 50), after(top, 50), after(0, 0)];
    for range in none {
        assert_eq!(store.page(&lobby, range).await, [0; 0], "{range:?}");
        let page = soon(store.journal.page(lobby.id, range)).await.unwrap();
        assert_eq!(page.head, seq(120), "the head comes with an empty page as well");
    }
    let empty = store.make("empty").await;
    for range in [newest(50), before(1, 50), before(top, 50), after(0, 50), after(top, 50)] {
        let page = soon(store.journal.page(empty.id, range)).await.unwrap();
        assert_eq!((page.entries.len(), page.head), (0, Seq::ZERO), "{range:?}");
    }
}

pub async fn pages_hold_what_was_said(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("사랑방 2").await;
    let texts = ["x", "  두 줄\n\tkept \r\n", "👩\u{200D}💻", "'; DROP TABLE entries; --"];
    let long = ["가".repeat(4_000), "👍".repeat(4_000), "y".repeat(1_000)];
    let texts = texts.into_iter().map(str::to_owned).chain(long);
    let mut expected = Vec::new();
    for (number, text) in (1..).zip(texts) {
        let mut append = message(&lobby, number);
        append.id = MessageId(uuid::Uuid::from_u128(u128::MAX - number));
        append.body = Body::parse(text).unwrap();
        append.sender = user(&"긴".repeat(number as usize * 6));
        store.say(append.clone()).await;
        expected.push(entry(&append, number as u64));
    }
    let all = PageRange::After { after: Seq::ZERO, limit: 50 };
    assert_eq!(soon(store.journal.page(lobby.id, all)).await.unwrap().entries, expected);
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(soon(store.journal.page(lobby.id, all)).await.unwrap().entries, expected);
}

pub async fn what_came_out_can_be_read(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for number in 1..=50 {
        store.say(message(&lobby, number.into())).await;
        assert_eq!(store.page(&lobby, PageRange::Newest { limit: 1 }).await, [number]);
        let record = soon(store.journal.room(lobby.name.key())).await.unwrap().unwrap();
        assert_eq!((record.head, record.active_at), (seq(number), 1_700_000_000_000 + number));
    }
}

pub async fn a_room_is_made_once(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let asked: Vec<_> = ["Lobby", "lobby", "LOBBY", "lObby"]
        .into_iter()
        .cycle()
        .take(40)
        .zip(10..)
        .map(|(name, at)| store.journal.create(room_name(name), at))
        .collect();
    let mut new = Vec::new();
    let mut existing = Vec::new();
    for made in asked {
        match soon(made).await.unwrap() {
            Created::New(room) => new.push(room),
            Created::Existing(room) => existing.push(room),
        }
    }
    assert_eq!(new.len(), 1);
    assert!(existing.iter().all(|room| *room == new[0]));
    let lobby = new.remove(0);
    assert_eq!((lobby.name.as_str(), lobby.head, lobby.active_at), ("Lobby", Seq::ZERO, 10));
    // One that is asked for behind an append tells the head after it.
    let append = message(&lobby, 1);
    store.journal.append(append.clone()).unwrap();
    let again = soon(store.journal.create(room_name("lobby"), 99)).await.unwrap();
    assert_eq!(store.outcome().await, Some(committed(&append, 1)));
    let Created::Existing(again) = again else { panic!("made twice") };
    assert_eq!((again.id, again.head, again.active_at), (lobby.id, seq(1), append.at));
}

pub async fn a_room_is_found_by_any_case(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let street = store.make("Straße 한").await;
    for name in ["STRASSE 한", "straße 한", "Strasse \u{1112}\u{1161}\u{11AB}"] {
        let found = soon(store.journal.room(room_name(name).key())).await;
        assert_eq!(found, Ok(Some(street.clone())), "{name}");
    }
    assert_eq!(soon(store.journal.room(room_name("Strasse").key())).await, Ok(None));
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(soon(store.journal.room(street.name.key())).await, Ok(Some(street)));
}

async fn directory(store: &Store, contains: Option<&str>, limit: u32) -> Vec<String> {
    let query = RoomQuery { contains: contains.map(str::to_owned), limit };
    let rooms = soon(store.journal.rooms(query)).await.unwrap();
    rooms.into_iter().map(|room| room.name.into()).collect()
}

pub async fn the_directory_is_ordered_by_activity(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    assert_eq!(directory(&store, None, 10).await, [""; 0]);
    for (name, at) in [("a", 30), ("b", 10), ("c", 20)] {
        soon(store.journal.create(room_name(name), at)).await.unwrap();
    }
    assert_eq!(directory(&store, None, 10).await, ["a", "c", "b"]);
    let b = store.make("b").await;
    store.say(message(&b, 1)).await;
    assert_eq!(directory(&store, None, 10).await, ["b", "a", "c"]);
    assert_eq!(directory(&store, None, 2).await, ["b", "a"]);
    assert_eq!(directory(&store, None, 0).await, [""; 0]);
    // A retry is no activity.
    let a = store.make("a").await;
    store.say(message(&a, 2)).await;
    store.say(Append { at: 1_800_000_000_000, ..message(&b, 1) }).await;
    assert_eq!(directory(&store, None, 10).await, ["a", "b", "c"]);
}

pub async fn the_directory_is_searched_by_folded_name(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let names = ["사랑방", "사랑방 2", "Lobby", "ΣΥΣΤΗΜΑ", "Straße", "a_b", "axb"];
    for (name, at) in names.into_iter().zip((1..=9).rev()) {
        soon(store.journal.create(room_name(name), at)).await.unwrap();
    }
    for (part, expected) in [
        ("사랑", &["사랑방", "사랑방 2"][..]),
        ("방", &["사랑방", "사랑방 2"]),
        ("\u{1109}\u{1161}\u{1105}\u{1161}\u{11BC}", &["사랑방", "사랑방 2"]),
        ("방 2", &["사랑방 2"]),
        ("LOB", &["Lobby"]),
        ("ΣΥΣ", &["ΣΥΣΤΗΜΑ"]),
        ("STRASS", &["Straße"]),
        ("ß", &["Straße"]),
        // Nothing in it means more than itself.
        ("a_b", &["a_b"]),
        ("_", &["a_b"]),
        ("%", &[]),
        ("'", &[]),
        ("nothing", &[]),
        ("", &names),
        ("  ", &names),
    ] {
        assert_eq!(directory(&store, Some(part), 20).await, expected, "{part:?}");
    }
    assert_eq!(directory(&store, Some("사랑"), 1).await, ["사랑방"]);
}

pub async fn a_consumer_that_stops_bounds_memory(place: impl StoreUnderTest) {
    let bounds = Bounds { queue: 4, batch: 2, outcomes: 1 };
    let mut store = Store::open(&place, bounds).await;
    let lobby = store.make("lobby").await;
    // Nobody takes outcomes: what is taken in is what fits into the queue, the outcomes' channel,
    // and the one batch in the writer's hands.
    let most = bounds.queue + (bounds.outcomes + 1) * bounds.batch;
    let mut taken = Vec::new();
    for number in 1..=20_000 {
        let append = message(&lobby, number);
        match store.journal.append(append.clone()) {
            Ok(()) => taken.push(append),
            Err(Full) => std::thread::yield_now(),
        }
    }
    assert!((bounds.queue..=most).contains(&taken.len()), "{} taken", taken.len());
    // Nothing of what was taken is lost, and nothing else is there.
    for (append, number) in taken.iter().zip(1..) {
        assert_eq!(store.outcome().await, Some(committed(append, number)));
    }
    let next = message(&lobby, 30_000);
    assert_eq!(store.say(next.clone()).await, committed(&next, taken.len() as u64 + 1));
    assert_eq!(store.close().await, []);
}

pub async fn close_finishes_what_was_taken(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let all: Vec<_> = (1..=500).map(|number| message(&lobby, number)).collect();
    for append in &all {
        store.journal.append(append.clone()).unwrap();
    }
    let (one, two) = (store.journal.close(), store.journal.close());
    assert_eq!(store.journal.append(message(&lobby, 999)), Err(Full), "closed is closed");
    for (append, number) in all.iter().zip(1..) {
        assert_eq!(store.outcome().await, Some(committed(append, number)));
    }
    assert_eq!(store.outcome().await, None, "the outcomes end");
    soon(one).await.unwrap();
    soon(two).await.unwrap();
    soon(store.journal.close()).await.unwrap();
    let page = store.journal.page(lobby.id, PageRange::Newest { limit: 1 });
    assert!(soon(page).await.is_err(), "a closed journal answers with an error, not never");
    assert!(soon(store.journal.create(room_name("late"), 1)).await.is_err());
    assert!(soon(store.journal.probe()).await.is_err());

    // The first may still be held: the place is free all the same.
    let again = Store::open(&place, WIDE).await;
    assert_eq!(again.page(&lobby, PageRange::Newest { limit: 1 }).await, [500]);
}

pub async fn reopening_continues(place: impl StoreUnderTest) {
    let mut epochs = Vec::new();
    for round in 0..4_u32 {
        let mut store = Store::open(&place, WIDE).await;
        epochs.push(store.journal.epoch());
        let lobby = store.make("lobby").await;
        assert_eq!(lobby.head, seq(u64::from(round) * 10));
        for number in 1..=10 {
            let append = message(&lobby, u128::from(round) * 1_000 + number);
            let expected = u64::from(round) * 10 + number as u64;
            assert_eq!(store.say(append.clone()).await, committed(&append, expected));
        }
        store.close().await;
    }
    assert!(epochs.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(epochs[0].0.get_version_num(), 7);
}

pub async fn many_threads_many_rooms(place: impl StoreUnderTest) {
    const THREADS: u128 = 4;
    const EACH: u128 = 150;
    let mut store = Store::open(&place, Bounds { queue: 16, batch: 8, outcomes: 2 }).await;
    let mut rooms = Vec::new();
    for name in ["a", "b", "c"] {
        rooms.push(store.make(name).await);
    }
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (journal, rooms) = (Arc::clone(&store.journal), rooms.clone());
            std::thread::spawn(move || {
                for number in 0..EACH {
                    let room = &rooms[(number % 3) as usize];
                    push(&*journal, &message(room, thread << 32 | number));
                }
            })
        })
        .collect();
    let (mut heads, mut last) = (HashMap::new(), HashMap::new());
    for _ in 0..THREADS * EACH {
        let Some(Outcome::Committed { room, entry, .. }) = store.outcome().await else {
            panic!("every one is committed")
        };
        let head: &mut u64 = heads.entry(room).or_default();
        *head += 1;
        assert_eq!(entry.seq().get(), *head);
        let maru_protocol::Entry::Message(message) = entry;
        let (thread, number) = (message.id.0.as_u128() >> 32, message.id.0.as_u128() & 0xFFFF);
        let before = last.insert((room, thread), number);
        assert!(before < Some(number), "each thread's own order is kept");
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(store.close().await, []);
}

pub async fn dropped_futures_break_nothing(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for number in 0..100 {
        drop(store.journal.create(room_name(&format!("dropped {number}")), 1));
        drop(store.journal.page(lobby.id, PageRange::Newest { limit: 9 }));
        drop(store.journal.rooms(RoomQuery { contains: None, limit: 9 }));
    }
    store.fill(&lobby, 20).await;
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 2 }).await, [19, 20]);
    // Asked for, so made, whether or not anybody waited.
    assert_eq!(directory(&store, Some("dropped"), 200).await.len(), 100);
    drop(store.journal.close());
    assert_eq!(store.close().await, []);
}
