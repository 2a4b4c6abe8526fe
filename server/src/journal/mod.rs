//! The durable log of every room: the contract ([`Journal`]) and its stores.
//!
//! Beside the log, a store keeps how far people have read ([`Marks`]).
//!
//! The contracts speak of order, atomicity and loss; a store that cannot keep a sentence of them is
//! not a store of this kind. `tests/journal_contract.rs` holds each store to it.
//!
//! What the stores share: `queue`, `jobs` and `writer` the way in, `fold` what becomes of messages,
//! `pages` and `entries` the way out, `chain` the checksums, `walk`, `refold`, `fault` and `report`
//! whether everything is whole. `migrate` copies one store into another.

mod chain;
mod contract;
mod entries;
mod fault;
mod files;
mod jobs;
mod marks;
pub mod memory;
mod migrate;
mod pages;
pub mod postgres;
mod queue;
mod refold;
mod report;
pub mod sqlite;
mod state;
mod walk;
mod writer;

pub use contract::{Full, Journal, JournalError, MOST_HEADS, RoomQuery, StoreFuture};
pub use fault::{Fault, Place, What};
pub use files::{FileFacts, FileRecord, Files, MOST_FILES, NewFile};
pub use marks::{Asked, MOST_ASKED, MOST_LOOKED_AT, MOST_MARKS, MOST_MEMBERS, Mark, Marked, Marks};
pub use maru_engine::log::{
    Append, Batch, Change, Created, NewMessage, Outcome, Page, PageRange, Refused, ReplyTo, RoomId,
    RoomRecord, SessionRef,
};
pub use migrate::{MigrateError, Moved, Step, migrate};
pub use report::{MOST_FAULTS, Progress, Report};

/// All that is asked of a store.
pub trait Store: Journal + Marks {}

impl<S: Journal + Marks> Store for S {}

/// The journal was closed, or broke, before it could answer.
fn gone() -> JournalError {
    JournalError::Store("the journal is closed".to_owned())
}
