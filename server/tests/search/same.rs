//! An index and a plain look at every message find the same.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use maru_protocol::{Query, Seq};
use maru_server::{
    journal::RoomId,
    search::{CandidateQuery, IndexReader, IndexWriter, SearchError, text::Needles},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use crate::{
    place::{File, PlaceUnderTest, Tables},
    world::World,
};

#[derive(Clone, Debug)]
enum Act {
    Say(i64, String),
    Edit(i64, usize, String),
    Delete(i64, usize),
    Restart,
}

/// Few words in many spellings: what is looked for is often there, or nearly.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(회의|횡의|회이|자료|자로|나|집|김치찌개|안녕하세요)(는|를|에서|)",
        "(build|Built|BUILDING|the|a|ok|café|CAFE\u{301}|straße|STRASSE|ﬁn|fine)[,!?]?",
        "(会議|会|議事録|か|が|ガ)",
        "[a-c가-깋\"*%'()]{1,5}",
    ];
    prop::collection::vec((word, "[ \n]{1,2}"), 1..12)
        .prop_map(|words| words.into_iter().map(|(word, space)| word + &space).collect())
}

fn act() -> impl Strategy<Value = Act> {
    let room = 1..4_i64;
    prop_oneof![
        12 => (room.clone(), text()).prop_map(|(room, text)| Act::Say(room, text)),
        3 => (room.clone(), any::<usize>(), text()).prop_map(|(room, nth, text)| Act::Edit(room, nth, text)),
        2 => (room, any::<usize>()).prop_map(|(room, nth)| Act::Delete(room, nth)),
        1 => Just(Act::Restart),
    ]
}

/// Words of what is said, whole or in part, and phrases.
fn query() -> impl Strategy<Value = String> {
    let part = || {
        (text(), any::<prop::sample::Index>(), 1..9_usize).prop_map(|(text, at, most)| {
            let from = at.index(text.chars().count());
            text.chars().skip(from).take(most).collect::<String>()
        })
    };
    prop_oneof![
        4 => part(),
        1 => part().prop_map(|part| format!("\"{part}\"")),
        2 => (part(), part()).prop_map(|(one, other)| format!("{one} {other}")),
    ]
}

async fn both_find_the_same<P: PlaceUnderTest>() {
    let mut runner = TestRunner::new(Config::default());
    let mut world = World::<P>::new().await;
    for _ in 0..6 {
        let acts = prop::collection::vec(act(), 60).new_tree(&mut runner).unwrap().current();
        for act in acts {
            world = take(world, act);
        }
        world.settle().await;
        let queries = prop::collection::vec(query(), 60).new_tree(&mut runner).unwrap().current();
        for query in queries.iter().filter_map(|query| Query::parse(query).ok()) {
            for rooms in [&[2][..], &[1, 2, 3], &[3, 9]] {
                let (found, naive) = (world.all(&query, rooms).await, world.naive(&query, rooms));
                assert_eq!(found, naive, "{query:?} in {rooms:?}");
            }
        }
    }
}

fn take<P: PlaceUnderTest>(world: World<P>, act: Act) -> World<P> {
    let at = 1_700_000_000_000;
    let target = |room: i64, nth: usize| -> Option<Seq> {
        let messages = world.log.messages(RoomId(room));
        (!messages.is_empty()).then(|| messages[nth % messages.len()].seq)
    };
    match act {
        Act::Say(room, text) => {
            world.say(room, &text);
        }
        Act::Edit(room, nth, text) => {
            if let Some(target) = target(room, nth) {
                world.mark(&world.log.edit(RoomId(room), target, at, &text));
            }
        }
        Act::Delete(room, nth) => {
            if let Some(target) = target(room, nth) {
                world.delete(room, target);
            }
        }
        Act::Restart => return world.restart(),
    }
    world
}

#[tokio::test]
async fn in_a_file() {
    both_find_the_same::<File>().await;
}

#[tokio::test]
async fn in_tables() {
    both_find_the_same::<Tables>().await;
}

/// The newest and the best come first, each page goes on where the one before ended, and what is said
/// meanwhile changes nothing of it.
async fn pages_go_on<P: PlaceUnderTest>() {
    let world = World::<P>::new().await;
    for n in 0..57 {
        let at = 1_700_000_000_000 - (57 - n) * 86_400_000;
        world.mark(&world.log.say(RoomId(1), at, &format!("회의 {n}")));
    }
    world.settle().await;
    let query = Query::parse("회의").unwrap();
    let (mut seqs, mut more) = (Vec::new(), None);
    for page in 0..3 {
        let found = world.ask(&query, &[1], more).await.unwrap();
        assert_eq!(found.hits.len(), if page < 2 { 20 } else { 17 });
        assert_eq!(found.more.is_some(), page < 2);
        seqs.extend(found.hits.iter().map(|hit| hit.message.seq.get()));
        more = found.more;
        world.say(1, "회의 회의 회의");
        world.clock.advance_ms(86_400_000);
        world.settle().await;
    }
    // The last page says nothing of what came after the first: it was better.
    assert_eq!(seqs, (1..=57).rev().collect::<Vec<_>>());
    let first = world.ask(&query, &[1], None).await.unwrap();
    assert_eq!(first.hits[0].message.text(), "회의 회의 회의");
}

#[tokio::test]
async fn pages_go_on_in_a_file() {
    pages_go_on::<File>().await;
}

#[tokio::test]
async fn pages_go_on_in_tables() {
    pages_go_on::<Tables>().await;
}

/// An answer is bounded in bytes, of one hit at least, and the next one goes on behind it.
#[tokio::test]
async fn long_texts_come_in_more_pages() {
    let world = World::<File>::new().await;
    for _ in 0..9 {
        world.say(1, &format!("회의 {}", "x".repeat(2_000)));
    }
    world.settle().await;
    let query = Query::parse("회의").unwrap();
    for (bytes, each) in [(1, 1), (5_000, 2), (1 << 20, 9)] {
        let (mut seqs, mut more) = (Vec::new(), None);
        loop {
            let found = world.ask_within(bytes, &query, &[1], more).await.unwrap();
            assert_eq!(found.hits.len(), each.min(9 - seqs.len()), "in {bytes} bytes");
            seqs.extend(found.hits.iter().map(|hit| hit.message.seq.get()));
            more = found.more;
            if more.is_none() {
                break;
            }
        }
        assert_eq!(seqs, (1..=9).rev().collect::<Vec<_>>());
    }
}

/// However much there is: no more of it than is wanted, and, where nobody else ends it, not for longer.
async fn a_look_is_bounded<P: PlaceUnderTest>(ends_itself: bool) {
    let mut world = World::<P>::new().await;
    for n in 1..=100 {
        world.say(1, &format!("회의 {n} m"));
    }
    world.settle().await;
    world.stop();
    let (mut writer, mut reader) = world.place.index(&Arc::default());
    writer.open(world.place.epoch()).await.unwrap();
    let mut find = async |query: &str, (most, scan), until| {
        let needles = Arc::new(Needles::of(&Query::parse(query).unwrap()));
        let wanted = CandidateQuery { rooms: vec![RoomId(1)], needles, most, scan };
        let found = reader.candidates(&wanted, until).await;
        found.map(|found| found.into_iter().map(|one| one.seq.get()).collect::<Vec<_>>())
    };
    let (late, early) = (Instant::now() + Duration::from_secs(60), Instant::now());
    let newest = |count: u64| (101 - count..=100).rev().collect::<Vec<_>>();
    assert_eq!(find("회의", (1_000, 0), late).await, Ok(newest(100)));
    assert_eq!(find("회의", (7, 1_000), late).await, Ok(newest(7)));
    // Too short to be looked up.
    assert_eq!(find("m", (1_000, 9), late).await, Ok(newest(9)));
    assert_eq!(find("m", (5, 1_000), late).await, Ok(newest(5)));
    for query in ["회의", "m"].into_iter().filter(|_| ends_itself) {
        let over = find(query, (1_000, 1_000), early).await;
        assert_eq!(over, Err(SearchError::TooLong));
    }
}

#[tokio::test]
async fn a_look_at_a_file_is_bounded() {
    a_look_is_bounded::<File>(true).await;
}

#[tokio::test]
async fn a_look_at_tables_is_bounded() {
    // Of what Postgres answers within a moment nothing has to be ended.
    a_look_is_bounded::<Tables>(false).await;
}

/// The answer is what the journal says, not what the index does.
async fn what_the_index_has_not_heard_of_shows_nowhere<P: PlaceUnderTest>() {
    let mut world = World::<P>::new().await;
    let (gone, changed) = (world.say(1, "회의 하나"), world.say(1, "회의 둘"));
    world.settle().await;
    world.stop();
    world.log.delete(RoomId(1), gone, 1);
    world.log.edit(RoomId(1), changed, 1, "점심");
    let query = Query::parse("회의").unwrap();
    assert!(world.all(&query, &[1]).await.is_empty());
}

#[tokio::test]
async fn what_a_file_has_not_heard_of_shows_nowhere() {
    what_the_index_has_not_heard_of_shows_nowhere::<File>().await;
}

#[tokio::test]
async fn what_tables_have_not_heard_of_shows_nowhere() {
    what_the_index_has_not_heard_of_shows_nowhere::<Tables>().await;
}
