//! The durable log of every room: what is asked of a store, and the stores.
//!
//! - `contract`: what every store promises.
//! - [`sqlite`], [`postgres`], [`memory`]: the stores.
//! - `writer`: the way in, a bounded queue and the loop of a store's writer thread.
//! - `rows`: entries as they are kept, and the pages that are read of them.
//! - `projections`: what lies beside the log (states, read markers, mentions, files).
//! - `integrity`: checksums, `verify`, and what it finds.
//! - `migrate`: copies a SQLite store into a Postgres one.
//!
//! The rules of the log are [`maru_engine::log::fold`].

mod contract;
mod free_space;
mod integrity;
pub mod memory;
mod migrate;
pub mod postgres;
mod projections;
mod rows;
pub mod sqlite;
mod writer;

pub use contract::*;
pub use free_space::{FreeSpace, free_bytes};
pub use integrity::{Fault, FaultKind, Location, MOST_FAULTS, Progress, Report};
pub use maru_engine::log::{
    Append, Batch, Change, Created, MOST_FORMER, NewMessage, Outcome, Page, PageRange, Refused,
    Renamed, RenamedRoom, ReplyTo, RoomId, RoomRecord, SessionRef,
};
pub use migrate::{MigrateError, Migrated, MigrationStep, migrate};

use crate::seldom::Seldom;

/// The journal was closed, or broke, before it could answer.
fn gone() -> JournalError {
    JournalError::Store("the journal is closed".to_owned())
}

/// A read failed in the store. Whoever asks for what is damaged may ask again and again: the log says it
/// now and then.
fn read_failed(error: &impl std::fmt::Display) -> JournalError {
    static LINES: Seldom = Seldom::new();
    if let Some(untold) = LINES.may_say() {
        log::error!(error:%, untold; "a read of the journal failed");
    }
    JournalError::Store(error.to_string())
}
