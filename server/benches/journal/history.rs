//! What a page of history costs in a short room and in a long one of the same file.

use std::{path::Path, time::Duration};

use maru_protocol::{RoomName, Seq};
use maru_server::journal::{PageRange, RoomId, sqlite::SqliteOptions};

use super::{Random, Store, timed, wait};

/// Messages in the short room.
const SHORT: usize = 1_000;
/// AdmissionQueue, and pages of each kind in one: what disturbs the machine meanwhile meets all alike.
const TURNS: usize = 100;
const PAGES: usize = 50;

/// One room, and what its pages took.
struct Sample {
    room: RoomId,
    length: u64,
    newest: Vec<Duration>,
    random: Vec<Duration>,
}

/// Makes both rooms in a fresh file, reads both in turn, and tells it in one line.
pub fn compare(path: &Path, long: usize) {
    let lengths = [SHORT, long];
    let options = SqliteOptions { queue: 20_000, batch: 10_000, ..SqliteOptions::default() };
    let mut store = Store::open(path, lengths.len(), options);
    let rooms: Vec<(RoomId, RoomName)> = store.rooms.clone();
    for (room, length) in rooms.iter().zip(lengths) {
        store.rooms = vec![room.clone()];
        store.run(20_000, length);
    }
    store.close();

    let store = Store::open(path, lengths.len(), SqliteOptions::default());
    let mut samples: Vec<Sample> = rooms
        .iter()
        .zip(lengths)
        .map(|((room, _), length)| Sample {
            room: *room,
            length: length as u64,
            newest: Vec::new(),
            random: Vec::new(),
        })
        .collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..TURNS {
        samples.iter_mut().for_each(|sample| sample.turn(&store, &mut random));
    }
    store.close();
    tell(&mut samples);
}

impl Sample {
    fn turn(&mut self, store: &Store, random: &mut Random) {
        let newest = PageRange::Newest { limit: 50 };
        self.newest.extend(timed(PAGES, || page(store, self.room, newest)));
        self.random.extend(timed(PAGES, || {
            let before = Seq::new(random.below(self.length - 60) + 55).unwrap();
            page(store, self.room, PageRange::Before { before, limit: 50 });
        }));
    }
}

fn page(store: &Store, room: RoomId, range: PageRange) {
    let page = wait(store.journal.page(room, range)).unwrap();
    assert_eq!(page.entries.len(), 50);
}

fn tell(samples: &mut [Sample]) {
    let at = |times: &mut Vec<Duration>, part: usize| {
        times.sort_unstable();
        times[(times.len() - 1) * part / 100].as_nanos() as f64 / 1_000.0
    };
    let mut told = |of: fn(&mut Sample) -> &mut Vec<Duration>| {
        let one = |sample: &mut Sample| {
            let times = of(sample);
            format!("{:.1} ({:.1})", at(times, 50), at(times, 99))
        };
        let each: Vec<String> = samples.iter_mut().map(one).collect();
        each.join(" and ")
    };
    let (newest, random) = (told(|sample| &mut sample.newest), told(|sample| &mut sample.random));
    let lengths: Vec<String> = samples.iter().map(|sample| sample.length.to_string()).collect();
    println!(
        "A page of 50 messages in a room of {} messages of one file takes: the newest {newest} µs, \
         at random places {random} µs (p50, and p99 in brackets).",
        lengths.join(" and in one of ")
    );
}
