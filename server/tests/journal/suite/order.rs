//! Numbers and ids: what an append becomes.

use maru_protocol::{Body, Seq};
use maru_server::journal::{Append, Change, PageRange, Refused, ReplyTo};

use crate::kit::*;

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
    retry.what = Change::say(Body::parse("something else".into()).unwrap());
    if let ReplyTo::Session(request) = &mut retry.reply {
        request.reference.0 += 1;
    }
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
