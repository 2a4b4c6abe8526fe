//! The search's index, over both of its stores: it finds what a plain look at every message finds,
//! whatever was said, edited and deleted meanwhile and however often it was stopped.

// Tests may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod following;
mod log;
mod place;
mod same;
#[path = "../support/mod.rs"]
mod support;
mod world;

use support::services;
