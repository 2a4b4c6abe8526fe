//! What nodes say to one another, as bytes.
//!
//! ```text
//! entries  1, then for each: seq (8 bytes), length (4 bytes), the entry as JSON
//! soft     2, then whatever the engine says of what is never kept
//! ```
//!
//! Numbers are big-endian. What doesn't read like this comes from a stranger or from a version of
//! another time: it is garbage and ignored, as if it were lost.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use maru_protocol::{Entry, Seq};

const ENTRIES: u8 = 1;
const SOFT: u8 = 2;

/// Most bytes of entries in one message before another one begins. The longest entry is some
/// 100 KiB (16 KiB of body, all escaped), so a message stays well below the 1 MiB that NATS takes;
/// a commit of 100 ordinary messages is some 30 KiB.
const ENOUGH: usize = 256 * 1024;

/// Not a message of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no message of a node")]
pub struct Garbage;

/// A message of another node.
#[derive(Clone, Debug)]
pub enum NodeMessage {
    /// Entries of one room were committed.
    Entries(Hint),
    /// Something that is never kept.
    ClusterEvent(Bytes),
}

/// Reads what a node said.
///
/// # Errors
/// [`Garbage`]. What is wrong inside of a hint shows while it is read.
pub fn open(mut message: Bytes) -> Result<NodeMessage, Garbage> {
    match message.try_get_u8() {
        Ok(ENTRIES) => Ok(NodeMessage::Entries(Hint(message))),
        Ok(SOFT) => Ok(NodeMessage::ClusterEvent(message)),
        _ => Err(Garbage),
    }
}

/// Something that is never kept, as a message.
#[must_use]
pub fn soft(says: &[u8]) -> Bytes {
    let mut message = BytesMut::with_capacity(1 + says.len());
    message.put_u8(SOFT);
    message.put_slice(says);
    message.freeze()
}

/// The entries of one message, one after the other; after garbage nothing more.
#[derive(Clone, Debug)]
pub struct Hint(Bytes);

/// One entry of a hint. Who knows its seq already need not read it.
#[derive(Clone, Debug)]
pub struct Hinted {
    /// Its number in the room.
    pub seq: Seq,
    json: Bytes,
}

impl Hinted {
    /// The entry itself.
    ///
    /// # Errors
    /// [`Garbage`] when it is none, or one of another number.
    pub fn entry(&self) -> Result<Entry, Garbage> {
        let entry: Entry = serde_json::from_slice(&self.json).map_err(|_| Garbage)?;
        if entry.seq() == self.seq { Ok(entry) } else { Err(Garbage) }
    }

    /// Bytes of its JSON.
    #[must_use]
    pub fn size(&self) -> usize {
        self.json.len()
    }
}

impl Iterator for Hint {
    type Item = Result<Hinted, Garbage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let hinted = split(&mut self.0);
        if hinted.is_err() {
            self.0.clear();
        }
        Some(hinted)
    }
}

fn split(from: &mut Bytes) -> Result<Hinted, Garbage> {
    let seq = from.try_get_u64().map_err(|_| Garbage)?;
    let size = from.try_get_u32().map_err(|_| Garbage)?;
    let size = usize::try_from(size).map_err(|_| Garbage)?;
    let seq = Seq::new(seq).map_err(|_| Garbage)?;
    if size > from.len() || seq == Seq::ZERO {
        return Err(Garbage);
    }
    Ok(Hinted { seq, json: from.split_to(size) })
}

/// Gathers entries of one room into messages.
#[derive(Debug, Default)]
pub struct Hints {
    full: Vec<Bytes>,
    filling: BytesMut,
}

impl Hints {
    /// Adds an entry; begins another message where this one is long enough.
    pub fn add(&mut self, entry: &Entry) {
        let before = self.filling.len();
        if before == 0 {
            self.filling.put_u8(ENTRIES);
        }
        self.filling.put_u64(entry.seq().get());
        let length = self.filling.len();
        self.filling.put_u32(0);
        let json = self.filling.len();
        let written = serde_json::to_writer((&mut self.filling).writer(), entry);
        let size = u32::try_from(self.filling.len() - json);
        let (Ok(()), Ok(size), Some(place)) = (written, size, self.filling.get_mut(length..json))
        else {
            // Nobody could read it: the others find it in the journal.
            self.filling.truncate(before);
            return;
        };
        place.copy_from_slice(&size.to_be_bytes());
        if self.filling.len() >= ENOUGH {
            self.full.push(self.filling.split().freeze());
        }
    }

    /// The gathered messages, in the order of the entries.
    pub fn messages(mut self) -> impl Iterator<Item = Bytes> {
        if !self.filling.is_empty() {
            self.full.push(self.filling.freeze());
        }
        self.full.into_iter()
    }
}

#[cfg(test)]
mod tests;
