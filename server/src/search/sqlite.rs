//! The index of a server alone: a SQLite file beside the journal's, with FTS5's trigrams.
//!
//! A row of `texts` is a message, under the place that it has in the journal (room and seq in one
//! number), so a room is a range of rows and its newest matches come first without sorting. The text
//! is folded before it comes here, so the tokenizer has nothing to do but to cut. `detail=none`: the
//! index says which rows have all the trigrams of a word, and the row itself whether they stand
//! together. That is a third of the size of an index with positions, and is written in half the time.
//!
//! One connection writes, on the indexer's thread, and one reads, on the reader's. `secure-delete`
//! and `secure_delete` overwrite what is removed; the write-ahead log is emptied after it.

mod index_file;
mod reader;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use maru_protocol::Epoch;

pub use self::{reader::SqliteReader, writer::SqliteWriter};

use super::{DirtyRooms, Positions};

/// How far the index in the file at `path` had read each room of the journal with that epoch: at most as far as
/// the journal went then. Nothing where there is no such index, or it can't be read.
#[must_use]
pub fn read_up_to(path: &Path, epoch: Epoch) -> Positions {
    let shared = index_file::IndexFile::new(path.to_owned(), Arc::default());
    let read = shared.open(epoch).map(|conn| conn.map(|conn| writer::positions(&conn)));
    // What is wrong with it is the indexer's to mend.
    read.ok().flatten().and_then(Result::ok).unwrap_or_default()
}

/// The two ends of the index in the file at `path`. Nothing is opened yet. A reader that meets damage
/// wakes the writer by way of `dirty`.
#[must_use]
pub fn index(path: PathBuf, dirty: Arc<DirtyRooms>) -> (SqliteWriter, SqliteReader) {
    let shared = Arc::new(index_file::IndexFile::new(path, dirty));
    (SqliteWriter::new(shared.clone()), SqliteReader::new(shared))
}
