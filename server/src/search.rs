//! Finding what was said: an index beside the journal, derived from it and never in its way.
//!
//! ```text
//! relay ─ rooms that changed ─▶ DirtyRooms ─▶ Indexer ─ pages of the journal, folded ─▶ IndexWriter ─▶ index
//! Session, API ─▶ Finder ─▶ ReaderThread (a bounded queue) ─▶ IndexReader ─▶ index
//!                    └─ ranks, reads the messages as they are now, cuts excerpts
//! ```
//!
//! The log is the truth. The index follows it from a position per room that lies in the same
//! transaction as what it holds, so a crash loses and doubles nothing, and it is made anew when it is
//! missing, damaged, of another version or of another journal. Nothing of a message's way waits for
//! it: it learns from the relay *which* rooms changed and reads them itself, gathered, on a thread of
//! its own. What it finds is only proposed: a hit is shown as the journal has it now, or not at all.
//!
//! `text` is pure, and the same for every index; `sqlite` and `postgres` are what differs.

mod contract;
mod cursor;
mod dirty_rooms;
mod finder;
mod indexer;
pub mod postgres;
mod reader_thread;
pub mod sqlite;
pub mod text;

pub use self::{
    contract::{
        Candidate, CandidateQuery, IndexBatch, IndexChange, IndexError, IndexReader, IndexWriter,
        Positions, Search, SearchError, SearchFuture, SearchPage, SearchRequest,
    },
    dirty_rooms::DirtyRooms,
    finder::Finder,
    indexer::{Indexer, Pace},
    reader_thread::ReaderThread,
};
