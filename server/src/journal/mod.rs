//! The durable log of every room: the contract ([`Journal`]) and its stores.
//!
//! The contract speaks of order, atomicity and loss; a store that cannot keep a sentence of it is
//! not a store of this kind. `tests/journal_contract.rs` holds each store to it.

mod contract;
pub mod sqlite;

pub use contract::{
    Append, Batch, Created, Full, Journal, JournalError, MOST_HEADS, Outcome, Page, PageRange,
    Refused, RoomId, RoomQuery, RoomRecord, StoreFuture, Ticket,
};
