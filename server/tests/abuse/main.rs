//! One hostile address with ten thousand identities does its worst on a server where fifty people talk.
//!
//! Everything is real and on this machine: the server with the settings that it has when nobody sets any, people
//! at one address of the loopback network, and a stranger at another, in a process of its own.
//!
//! - [`people`]: who talks, and how long what they say takes
//! - [`stranger`]: what the stranger does
//! - [`echo`]: what the machine itself takes
//! - [`rehearsal`]: both together, and what is asked of it

// Tests may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod echo;
mod people;
mod rehearsal;
mod stranger;
#[path = "../support/mod.rs"]
mod support;

use support::{client, dial, process, random, raw, web};

use std::time::Duration;

/// What `make test` can carry: that everything holds which does not depend on the machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_for_some_seconds() {
    rehearsal::run(Duration::from_secs(2), Duration::from_secs(8)).await;
}

/// `make test-abuse`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes six minutes and the whole machine: make test-abuse"]
async fn a_stranger_does_its_worst() {
    let seconds = std::env::var("MARU_ABUSE_SECONDS").ok().and_then(|text| text.parse().ok());
    let attack = Duration::from_secs(seconds.unwrap_or(300));
    rehearsal::run(Duration::from_secs(30), attack).await;
}

/// The stranger's process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the others"]
async fn the_stranger() {
    if let Ok(target) = std::env::var(stranger::TARGET) {
        stranger::run(target.parse().unwrap()).await;
    }
}

/// The echo's process.
#[test]
#[ignore = "started by the others"]
fn the_echo() {
    if std::env::var(echo::WANTED).is_ok() {
        echo::run();
    }
}
