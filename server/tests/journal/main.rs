//! The journal's contract, held by every store, and what only one of them has to hold.
//!
//! `suite.rs` is the list of promises, written once over `StoreUnderTest`; a new store adds
//! a file like `sqlite.rs` with one `contract!` line.

// The helpers as well: clippy.toml's exemption reaches only into `#[test]` functions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;
mod crash;
mod damage;
mod database;
mod erasing;
mod kept;
mod killed;
mod kit;
mod memory;
mod model;
mod moving;
mod open;
mod outage;
mod postgres;
mod renewing;
mod sqlite;
mod suite;
#[path = "../support/mod.rs"]
mod support;

use support::services;
