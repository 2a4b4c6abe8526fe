//! The journal's contract, held by every store, and what only one of them has to hold.
//!
//! `journal/suite.rs` is the list of promises, written once over `StoreUnderTest`; a new store adds
//! a file like `journal/sqlite.rs` with one `contract!` line.

// The helpers as well: clippy.toml's exemption reaches only into `#[test]` functions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "journal/cluster.rs"]
mod cluster;
#[path = "journal/crash.rs"]
mod crash;
#[path = "journal/damage.rs"]
mod damage;
#[path = "journal/database.rs"]
mod database;
#[path = "journal/erasing.rs"]
mod erasing;
#[path = "journal/kept.rs"]
mod kept;
#[path = "journal/kit.rs"]
mod kit;
#[path = "journal/memory.rs"]
mod memory;
#[path = "journal/model.rs"]
mod model;
#[path = "journal/moving.rs"]
mod moving;
#[path = "journal/open.rs"]
mod open;
#[path = "journal/outage.rs"]
mod outage;
#[path = "journal/postgres.rs"]
mod postgres;
#[path = "journal/renewing.rs"]
mod renewing;
mod services;
#[path = "journal/sqlite.rs"]
mod sqlite;
#[path = "journal/suite.rs"]
mod suite;
