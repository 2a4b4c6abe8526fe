//! The order of one room's entries, as a pure value: no clock, no I/O.
//!
//! Entries come from three sides: this node's commits by seq but with holes where others wrote,
//! hints of the others in any order and as often as they like, pages of the journal. They go out
//! by seq, each once. What comes early is held; what can't be held, or was never heard, is a hole
//! that a page closes.

use std::collections::BTreeMap;

use maru_protocol::Seq;

use crate::defects::{Defect, on};

/// Most entries of one room that are held for what is before them: ten commits of 50. A hole that
/// so much came after is no late hint but a lost one, and one page brings as much.
const HELD_ENTRIES: usize = 512;
/// Most bytes of one room that are held: 512 entries of what people write are some 200 KiB.
const HELD_BYTES: usize = 1 << 20;

/// One room's entries between what is out and what is known to exist.
#[derive(Debug)]
pub(super) struct Order<T> {
    /// The newest one that went out.
    last: Seq,
    /// The newest one that is known to be committed.
    known: Seq,
    /// Early ones. All are above `last`, the first one is not its successor.
    held: BTreeMap<Seq, Held<T>>,
    bytes: usize,
}

#[derive(Debug)]
struct Held<T> {
    entry: T,
    bytes: usize,
}

/// What is missing between two entries, or at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    /// The newest entry before it.
    pub(super) after: Seq,
    /// How many entries are missing in a row; at least 1.
    pub(super) missing: u64,
}

impl<T> Order<T> {
    /// What comes after `last` goes out.
    pub(super) fn new(last: Seq) -> Self {
        Self { last, known: last, held: BTreeMap::new(), bytes: 0 }
    }

    /// The newest seq that went out.
    pub(super) fn last(&self) -> Seq {
        self.last
    }

    /// The newest seq that is known to be committed.
    pub(super) fn known(&self) -> Seq {
        self.known
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether this one goes out as soon as it is offered.
    pub(super) fn is_next(&self, seq: Seq) -> bool {
        seq > self.last && seq == self.last.next()
    }

    /// Whether it went out or is held.
    pub(super) fn has(&self, seq: Seq) -> bool {
        seq <= self.last || self.held.contains_key(&seq)
    }

    /// A committed entry. Appends to `out` what may go out now: nothing when it is early or was
    /// out before, otherwise itself and what was held for it. `bytes` is what it costs to hold;
    /// more than `free` bytes are not held now, whatever the bounds of this room allow.
    pub(super) fn offer(
        &mut self,
        seq: Seq,
        entry: T,
        bytes: usize,
        free: usize,
        out: &mut Vec<T>,
    ) {
        if seq <= self.last {
            return;
        }
        self.known = self.known.max(seq);
        if !self.is_next(seq) && !on(Defect::SkipHoleCheck) {
            self.hold(seq, entry, bytes, free);
            return;
        }
        self.last = seq;
        out.push(entry);
        while let Some(entry) = self.drop_held(self.last.next()) {
            self.last = self.last.next();
            out.push(entry);
        }
    }

    /// An entry with this seq is committed, wherever it is.
    pub(super) fn know(&mut self, seq: Seq) {
        self.known = self.known.max(seq);
    }

    /// The journal knew of nothing above `head` although `claimed` was said to be committed when
    /// it was asked: whoever said so was wrong, and what is held above goes. A commit of that very
    /// moment may be among it; then the next look at the head finds it.
    pub(super) fn doubt(&mut self, head: Seq, claimed: Seq) -> bool {
        if claimed <= head.max(self.last) {
            return false;
        }
        self.known = head.max(self.last);
        while let Some(seq) = self.held.last_key_value().map(|(seq, _)| *seq)
            && seq > self.known
        {
            self.drop_held(seq);
        }
        true
    }

    /// The first hole, if there is one.
    pub(super) fn hole(&self) -> Option<Hole> {
        if self.known <= self.last {
            return None;
        }
        let end = self.held.keys().next().map_or(self.known, |first| first.previous());
        Some(Hole { after: self.last, missing: end.get().saturating_sub(self.last.get()).max(1) })
    }

    fn hold(&mut self, seq: Seq, entry: T, bytes: usize, free: usize) {
        let fits = self.held.len() < HELD_ENTRIES && self.bytes + bytes <= HELD_BYTES;
        if fits && bytes <= free && !self.held.contains_key(&seq) {
            self.bytes += bytes;
            self.held.insert(seq, Held { entry, bytes });
        }
    }

    fn drop_held(&mut self, seq: Seq) -> Option<T> {
        let held = self.held.remove(&seq)?;
        self.bytes -= held.bytes;
        Some(held.entry)
    }
}

#[cfg(test)]
mod tests;
