//! Parts of a room's log.

use std::ops::Range;

use maru_protocol::{About, Covers, Entry, Seq};

/// Which entries of a room. All bounds are exclusive, every answer ascends by seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageRange {
    /// The newest, at most `limit`.
    Newest {
        /// Most entries.
        limit: u32,
    },
    /// The nearest below `before`, at most `limit`.
    Before {
        /// Above the newest one wanted.
        before: Seq,
        /// Most entries.
        limit: u32,
    },
    /// The nearest above `after`, at most `limit`.
    After {
        /// Below the oldest one wanted.
        after: Seq,
        /// Most entries.
        limit: u32,
    },
    /// Those around an entry, at most `limit`: half of them before it.
    Around {
        /// The one in the middle.
        at: Seq,
        /// Most entries.
        limit: u32,
    },
}

impl PageRange {
    /// Most entries.
    #[must_use]
    pub const fn limit(self) -> u32 {
        match self {
            Self::Newest { limit }
            | Self::Before { limit, .. }
            | Self::After { limit, .. }
            | Self::Around { limit, .. } => limit,
        }
    }

    /// The position below the oldest entry wanted, where the range is counted from there.
    #[must_use]
    pub fn begins_after(self) -> Option<Seq> {
        match self {
            Self::Newest { .. } | Self::Before { .. } => None,
            Self::After { after, .. } => Some(after),
            Self::Around { at, limit } => {
                let before = 1 + u64::from(limit / 2);
                Some(Seq::new(at.get().saturating_sub(before)).unwrap_or(Seq::ZERO))
            }
        }
    }

    /// The seqs that a room with that head, which has no holes, has in this range.
    #[must_use]
    pub fn seqs(self, head: Seq) -> Range<u64> {
        if let Some(after) = self.begins_after() {
            let first = after.get() + 1;
            let end = first.saturating_add(self.limit().into()).min(head.get() + 1);
            return first..end.max(first);
        }
        let (limit, end) = match self {
            Self::Before { before, limit } => (limit, before.get().min(head.get() + 1)),
            other => (other.limit(), head.get() + 1),
        };
        end.saturating_sub(limit.into()).max(1)..end.max(1)
    }

    /// The same as what a page of all of them speaks of.
    #[must_use]
    pub fn covers(self, head: Seq) -> Covers {
        let Range { start, end } = self.seqs(head);
        let seq = |number| Seq::new(number).unwrap_or(Seq::MAX);
        Covers { from: seq(start), to: seq(end - 1) }
    }
}

/// A part of a room's log and the head it was read at, in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Ascending; without holes unless it was read by messages.
    pub entries: Vec<Entry>,
    /// The seqs that the page speaks of.
    pub covers: Covers,
    /// Messages below these as they are now, whose newest change lies in them and is not listed.
    pub updated: Vec<Entry>,
    /// The newest committed seq of the room.
    pub head: Seq,
    /// What the room is about, as of `head`.
    pub about: About,
}
