//! Pages: what is read back.

use maru_protocol::{Body, Entry, MessageId, Seq};
use maru_server::journal::{Change, MOST_HEADS, PageRange};

use crate::kit::*;

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
        append.what = Change::say(Body::parse(text).unwrap());
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

pub async fn a_page_is_one_snapshot(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for number in 1..=1_000 {
        store.journal.append(message(&lobby, number)).unwrap();
    }
    // Read while the writer is at it: the newest entry is the one that the head names.
    let mut head = Seq::ZERO;
    while head < seq(1_000) {
        let newest = PageRange::Newest { limit: 3 };
        let page = soon(store.journal.page(lobby.id, newest)).await.unwrap();
        assert_eq!(page.entries.last().map_or(Seq::ZERO, Entry::seq), page.head);
        assert!(page.head >= head, "nothing goes back");
        head = page.head;
        while store.has_outcome() {
            store.outcome().await;
        }
    }
}

pub async fn heads_are_the_newest_committed(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, quiet) = (store.make("lobby").await, store.make("quiet").await);
    assert!(soon(store.journal.heads(Vec::new())).await.unwrap().is_empty());
    for number in 1..=3 {
        store.say(message(&lobby, number.into())).await;
        let asked = vec![nowhere().id, quiet.id, lobby.id];
        let mut heads = soon(store.journal.heads(asked)).await.unwrap();
        heads.sort_unstable();
        assert_eq!(heads, [(lobby.id, seq(number)), (quiet.id, Seq::ZERO)]);
    }
    // One more than is answered at once.
    let many = (0..=MOST_HEADS).map(|_| lobby.id).collect();
    assert_eq!(soon(store.journal.heads(many)).await.unwrap().len(), MOST_HEADS);
}
