//! Many seeds on all processors. The worlds have no clock and no threads; this has.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // how long it takes is shown

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::world::{Stats, World};

/// The first seed of these with something wrong, and what it is. Each thread is prepared first.
pub fn first_broken(
    (from, count): (u64, u64),
    threads: usize,
    prepare: &(dyn Fn() + Sync),
) -> (Option<(u64, String)>, Stats) {
    let next = AtomicU64::new(from);
    // No seed above one that is broken is begun.
    let end = AtomicU64::new(from + count);
    let work = || {
        prepare();
        let (mut found, mut stats) = (None, Stats::default());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end.load(Ordering::Relaxed) {
                return (found, stats);
            }
            let mut world = World::new(seed, false);
            if let Err(broken) = world.run() {
                end.fetch_min(seed, Ordering::Relaxed);
                found = Some((seed, broken));
            }
            stats.add(&world.stats);
        }
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut stats = Stats::default();
    all.iter().for_each(|(_, one)| stats.add(one));
    let first = all.into_iter().filter_map(|(found, _)| found).min_by_key(|(seed, _)| *seed);
    (first, stats)
}

pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What it says, and how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed())
}
