//! Random histories against the simplest thing that could be right: a list per room.

use std::collections::BTreeMap;

use maru_protocol::{Entry, Seq};
use maru_server::journal::{Append, Outcome, PageRange, Refused, RoomQuery, RoomRecord};
use proptest::prelude::*;

use crate::{kit::*, memory::MemoryPlace, services::Database, sqlite::SqliteFile};

#[derive(Clone, Debug)]
enum Step {
    /// Appends sent at once: room, id, sender.
    Burst(Vec<(usize, u8, bool)>),
    /// A room made again, in capitals.
    Remake(usize),
    Page(usize, PageRange),
    Directory(u32),
    Reopen,
}

const ROOMS: [&str; 3] = ["lobby", "straße", "사랑방"];

fn step() -> impl Strategy<Value = Step> {
    // Few ids, so that retries and stolen ids are common.
    let append = (0..ROOMS.len(), 0..40_u8, prop::bool::weighted(0.2));
    prop_oneof![
        5 => prop::collection::vec(append, 1..25).prop_map(Step::Burst),
        1 => (0..ROOMS.len()).prop_map(Step::Remake),
        4 => (0..ROOMS.len(), range()).prop_map(|(room, range)| Step::Page(room, range)),
        1 => (0..5_u32).prop_map(Step::Directory),
        1 => Just(Step::Reopen),
    ]
}

fn range() -> impl Strategy<Value = PageRange> {
    let at = prop_oneof![0..45_u64, Just(Seq::MAX.get())].prop_map(seq);
    prop_oneof![
        (0..30_u32).prop_map(|limit| PageRange::Newest { limit }),
        (at.clone(), 0..30_u32).prop_map(|(before, limit)| PageRange::Before { before, limit }),
        (at.clone(), 0..30_u32).prop_map(|(after, limit)| PageRange::After { after, limit }),
        (at, 0..30_u32).prop_map(|(at, limit)| PageRange::Around { at, limit }),
    ]
}

/// What the store should be.
#[derive(Default)]
struct Model {
    rooms: BTreeMap<usize, Vec<Append>>,
    active_at: BTreeMap<usize, u64>,
    clock: u64,
}

impl Model {
    fn append(&mut self, number: usize, append: &Append) -> Outcome {
        let log = self.rooms.entry(number).or_default();
        let first = log.iter().zip(1..).find(|(first, _)| first.id == append.id);
        match first {
            Some((first, _)) if first.sender != append.sender => refused(append, Refused::IdTaken),
            Some((first, seq)) => known(append, seq, first.at),
            None => {
                log.push(append.clone());
                self.active_at.insert(number, append.at);
                committed(append, log.len() as u64)
            }
        }
    }

    fn page(&self, room: usize, range: PageRange) -> (Vec<Entry>, u64) {
        let all: Vec<Entry> = self
            .rooms
            .get(&room)
            .into_iter()
            .flatten()
            .zip(1..)
            .map(|(append, seq)| entry(append, seq))
            .collect();
        let head = all.len() as u64;
        let last = |mut kept: Vec<Entry>, limit: u32| {
            kept.drain(..kept.len().saturating_sub(limit as usize));
            kept
        };
        let page = match range {
            PageRange::Newest { limit } => last(all, limit),
            PageRange::Before { before, limit } => {
                last(all.into_iter().filter(|entry| entry.seq() < before).collect(), limit)
            }
            PageRange::After { .. } | PageRange::Around { .. } => {
                let (after, limit) = (range.begins_after().unwrap(), range.limit() as usize);
                all.into_iter().filter(|entry| entry.seq() > after).take(limit).collect()
            }
        };
        (page, head)
    }

    fn directory(&self, limit: u32) -> Vec<usize> {
        // Rooms without an entry come last; all were made at the same time.
        let at = |room: &usize| self.active_at.get(room).copied();
        let mut rooms: Vec<usize> = (0..ROOMS.len()).collect();
        rooms.sort_by_key(|room| std::cmp::Reverse((at(room), *room)));
        rooms.truncate(limit as usize);
        rooms
    }
}

async fn run<S: StoreUnderTest>(steps: Vec<Step>) {
    let place = S::new();
    let mut store = Store::open(&place, WIDE).await;
    let mut model = Model::default();
    let mut rooms: Vec<RoomRecord> = Vec::new();
    for name in ROOMS {
        rooms.push(store.make(name).await);
    }
    for step in steps {
        match step {
            Step::Burst(appends) => burst(&mut store, &mut model, &rooms, appends).await,
            Step::Remake(room) => {
                let made = store.make(&ROOMS[room].to_uppercase()).await;
                assert_eq!((made.id, &made.name), (rooms[room].id, &rooms[room].name));
                assert_eq!(made.head.get(), model.page(room, PageRange::Newest { limit: 0 }).1);
            }
            Step::Page(room, range) => {
                let page = soon(store.journal.page(rooms[room].id, range)).await.unwrap();
                assert_eq!((page.entries, page.head.get()), model.page(room, range));
            }
            Step::Directory(limit) => {
                let found = soon(store.journal.rooms(RoomQuery::first(limit))).await.unwrap();
                assert_eq!(found.more.is_some(), limit > 0 && (limit as usize) < ROOMS.len());
                let found = found.rooms;
                let ids: Vec<_> = found.into_iter().map(|room| room.id).collect();
                let expected = model.directory(limit).into_iter().map(|room| rooms[room].id);
                assert_eq!(ids, expected.collect::<Vec<_>>());
            }
            Step::Reopen => {
                assert_eq!(store.close().await, []);
                store = Store::open(&place, WIDE).await;
            }
        }
    }
    assert_eq!(store.close().await, []);
}

async fn burst(
    store: &mut Store,
    model: &mut Model,
    rooms: &[RoomRecord],
    appends: Vec<(usize, u8, bool)>,
) {
    let mut expected = Vec::new();
    for (room, id, stranger) in appends {
        model.clock += 1;
        let mut append = message(&rooms[room], id.into());
        append.at += model.clock;
        append.sender = user(if stranger { "u2" } else { "u1" });
        expected.push(model.append(room, &append));
        store.journal.append(append).unwrap();
    }
    for outcome in expected {
        assert_eq!(store.outcome().await, Some(outcome));
    }
}

fn any_history<S: StoreUnderTest>(cases: u32) {
    // Failures are told, not kept in files.
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..40))| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(run::<S>(steps));
    });
}

/// A history is some 20 steps with a commit each.
#[test]
fn any_history_of_sqlite_is_that_of_the_model() {
    any_history::<SqliteFile>(48);
}

/// Nothing is written.
#[test]
fn any_history_of_memory_is_that_of_the_model() {
    any_history::<MemoryPlace>(256);
}

/// Each has a database to be made first.
#[test]
fn any_history_of_postgres_is_that_of_the_model() {
    any_history::<Database>(24);
}
