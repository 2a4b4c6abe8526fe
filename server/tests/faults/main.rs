//! A cluster in which things break while people talk: nodes are killed and drained, NATS is frozen,
//! Postgres is restarted and killed. Nothing that was acknowledged is lost, nothing comes twice,
//! late or not at all.
//!
//! Everything is real and on this machine: a Postgres with fsync, a NATS, three servers, HAProxy in
//! front of them, and people who behave as the page does.
//!
//! - [`plan`]: what breaks when; the same seed, the same plan
//! - [`cluster`], [`gateway`]: the parts, and how each is broken and mended
//! - [`member`]: one person
//! - [`world`]: what they share and note
//! - [`rehearsal`]: all of it together, and what is asked of it
//! - [`figures`]: the table
//!
//! What everybody saw is judged by the checker of the behaviour tests, which has tests of its own.

// Tests may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cluster;
mod figures;
mod figures_checked;
mod member;
mod plan;
mod rehearsal;
#[path = "../support/mod.rs"]
mod support;
mod world;

use support::{client, gateway, history, nats, process, random, services, web};

use std::time::Duration;

use plan::Kind;
use rehearsal::{Bars, Scale};

/// What `make test` can carry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_is_killed_and_another_drained_while_sixty_people_talk() {
    let scale = Scale {
        seed: 4,
        length: Duration::from_secs(10),
        clients: 60,
        rooms: 8,
        rate: 60.0,
        kinds: &[Kind::KillNode, Kind::DrainNode],
        // Other tests may have the machine meanwhile: what is slow then is not wrong.
        bars: Bars {
            away: Duration::from_secs(15),
            late: Duration::from_secs(15),
            converge: Duration::from_secs(30),
        },
    };
    rehearsal::run(scale).await;
}

/// `make test-faults`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes two minutes and the whole machine: make test-faults"]
async fn everything_breaks_while_three_hundred_people_talk() {
    let given = |name: &str, default: u64| match std::env::var(format!("MARU_FAULTS_{name}")) {
        Ok(text) if !text.is_empty() => text.parse().unwrap_or_else(|_| panic!("{name} is {text}")),
        _ => default,
    };
    let chance = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    let scale = Scale {
        seed: given("SEED", u64::from(chance % 100_000)),
        length: Duration::from_secs(given("SECONDS", 60)),
        clients: u32::try_from(given("CLIENTS", 300)).unwrap(),
        rooms: usize::try_from(given("ROOMS", 20)).unwrap(),
        rate: given("RATE", 200) as f64,
        kinds: if given("MORE", 0) == 0 { Kind::ALL } else { Kind::MORE },
        bars: Bars {
            away: Duration::from_secs(3),
            late: Duration::from_secs(6),
            converge: Duration::from_secs(10),
        },
    };
    rehearsal::run(scale).await;
}
