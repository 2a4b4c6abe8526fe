//! The index of a cluster: tables beside the journal's, in its schema.
//!
//! A row of `maru.search_texts` is a message: its folded text, and its grams as numbers, by which a GIN
//! index finds it. The numbers are made here, so that it needs no extension and no locale. A gram's
//! number has the room in it: the index has a list per gram *and room*, and a search in a small room
//! costs nothing for what is said elsewhere. Different grams may share a number; the text has the
//! last word.
//!
//! One node keeps the index, whichever got an advisory lock, which lives and dies with its
//! connection; the others try every other second. All nodes read it.

mod reader;
mod tables;
mod writer;

use std::sync::Arc;

use maru_protocol::Epoch;

pub use self::{reader::PostgresReader, writer::PostgresWriter};
use crate::journal::{
    RoomId,
    postgres::{Connector, OpenError},
};

/// The two ends of the index in the journal of that epoch, at an address like
/// `postgres://user:password@host/database`. Nothing is opened yet.
///
/// # Errors
/// [`OpenError::Url`] when the address is none.
pub fn index(
    url: &str,
    limit: std::time::Duration,
    epoch: Epoch,
) -> Result<(PostgresWriter, PostgresReader), OpenError> {
    let connector = Arc::new(Connector::new(url, limit, epoch)?);
    Ok((PostgresWriter::new(connector.clone()), PostgresReader::new(connector)))
}

/// A gram of a room as the index knows it: FNV-1a, which is the same everywhere and for ever.
fn number(room: RoomId, gram: &str) -> i32 {
    let mut hash: u32 = 0x811C_9DC5;
    for byte in room.0.to_le_bytes().into_iter().chain(gram.bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay() {
        assert_eq!(number(RoomId(1), "abc"), number(RoomId(1), "abc"));
        assert_ne!(number(RoomId(1), "abc"), number(RoomId(2), "abc"));
    }
}
