//! Bounds, ends and threads: nothing grows, nothing is lost, nothing hangs.

use std::{collections::HashMap, sync::Arc};

use maru_server::journal::{Full, Outcome, PageRange, RoomQuery};

use crate::{kit::*, suite::directory};

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
        let (thread, number) =
            (entry.head().id.0.as_u128() >> 32, entry.head().id.0.as_u128() & 0xFFFF);
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
        drop(store.journal.rooms(RoomQuery::first(9)));
    }
    store.fill(&lobby, 20).await;
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 2 }).await, [19, 20]);
    // Asked for, so made, whether or not anybody waited.
    assert_eq!(directory(&store, Some("dropped"), 200).await.len(), 100);
    drop(store.journal.close());
    assert_eq!(store.close().await, []);
}
