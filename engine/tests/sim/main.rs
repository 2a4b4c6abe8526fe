//! A whole cluster in virtual time, from one seed: the engines and followers of one to five nodes,
//! and models of everything around them that is slow, fails, or comes back another way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // tests may

mod bus;
mod checks;
mod client;
mod engine_task;
mod faults;
mod follow_task;
mod node;
mod plan;
mod presence;
#[cfg(feature = "defects")]
mod proof;
mod relay;
mod rng;
mod runner;
mod session;
mod store;
mod talk;
mod told;
mod worker;
mod world;
mod writer;

use std::fmt::Write;

use runner::{first_broken, threads, timed};
use world::World;

/// Seeds that run without being asked for: about half a minute on two cores.
const SEEDS: u64 = 2_000;

/// Lines of its trace that a broken seed is reported with; alone it prints all.
const LINES: usize = 200;

/// What is wrong with a seed's world, told with what happened last.
fn report(seed: u64, broken: &str) -> String {
    let mut world = World::new(seed, true);
    let again = world.run();
    let mut report = String::new();
    for line in world.trace(LINES) {
        writeln!(report, "{line}").unwrap();
    }
    for (place, node) in world.nodes.iter().enumerate() {
        let figures = node.as_ref().map_or_else(|| "none".to_owned(), node::Node::figures);
        writeln!(report, "node {place}: {figures}").unwrap();
    }
    writeln!(report, "{:#?}", world.plan).unwrap();
    writeln!(report, "seed {seed}: {broken}").unwrap();
    if again.as_ref().err().map(String::as_str) != Some(broken) {
        writeln!(report, "and it does NOT replay: {again:?}").unwrap();
    }
    writeln!(report, "alone, with its trace: make sim SEED={seed}").unwrap();
    report
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// `SEEDS` many, from `FROM` on.
#[test]
fn no_seed_breaks_anything() {
    let (from, count) = (number("FROM").unwrap_or(0), number("SEEDS").unwrap_or(SEEDS));
    let ((broken, stats), took) = timed(|| first_broken((from, count), threads(), &|| {}));
    println!("{count} seeds in {took:.1?}: {stats:?}");
    if let Some((seed, broken)) = broken {
        panic!("{}", report(seed, &broken));
    }
}

/// `SEED` alone, with its trace.
#[test]
fn replay() {
    let seed = number("SEED").unwrap_or(0);
    let mut world = World::new(seed, true);
    let result = world.run();
    world.trace(usize::MAX).for_each(|line| println!("{line}"));
    println!("{:#?}\n{:?}", world.plan, world.stats);
    assert_eq!(result, Ok(()), "seed {seed}");
}

/// The same seed is the same world, to the last thing that a client is told.
#[test]
fn a_seed_replays() {
    for seed in 0..20 {
        let run = || {
            let mut world = World::new(seed, false);
            (world.run(), world.digest, world.stats.events)
        };
        assert_eq!(run(), run(), "seed {seed}");
    }
}
