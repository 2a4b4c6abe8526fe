//! How a room's history is read by messages, however many changes lie between them.
//!
//! A page has two parts (PROTOCOL.md, *Pages*): the entries nearest to where it begins, each of them,
//! and beyond these the messages that it takes to have enough. These functions say what the second
//! part is and what both come to; a store reads it, in whichever way it can.

use maru_protocol::{Covers, Entry, Seq};

use super::{Page, PageRange};

/// What a page has beyond its first part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Older messages.
    Older {
        /// The oldest seq of the first part.
        below: Seq,
        /// Most messages.
        messages: u32,
        /// Most other entries.
        noted: u32,
    },
    /// Newer messages, and which older ones changed.
    Newer {
        /// The newest seq of the first part.
        above: Seq,
        /// The newest seq of the room.
        head: Seq,
        /// The position that the page begins at: messages up to it that changed above it are told.
        older: Seq,
        /// Most messages; 0 where the page ends with its first part.
        messages: u32,
        /// Most other entries.
        noted: u32,
        /// Most states of messages that are looked at. More than the first part has entries.
        touched: u32,
    },
}

/// The second part, as it was read.
#[derive(Clone, Debug, Default)]
pub struct SecondPart {
    /// The nearest messages that are not deleted, ascending.
    pub said: Vec<Entry>,
    /// The newest other entries but reactions, in any order.
    pub noted: Vec<Entry>,
    /// Messages by their newest change, ascending by that. As many as were asked for: there may be
    /// more.
    pub touched: Vec<Touched>,
}

/// A message that changed.
#[derive(Clone, Debug)]
pub struct Touched {
    /// Its newest change.
    pub changed: Seq,
    /// The message as it is now; none where it is no older one.
    pub message: Option<Entry>,
}

/// Where the second part is read from: a store that answers at once, in one snapshot.
pub trait Source {
    /// Why something can't be read.
    type Error;

    /// The messages nearest below a seq that are not deleted, at most `limit`, ascending.
    ///
    /// # Errors
    /// Those of the store.
    fn said_below(&mut self, below: Seq, limit: u32) -> Result<Vec<Entry>, Self::Error>;

    /// The messages nearest above a seq that are not deleted, at most `limit`, ascending.
    ///
    /// # Errors
    /// Those of the store.
    fn said_above(&mut self, above: Seq, limit: u32) -> Result<Vec<Entry>, Self::Error>;

    /// The newest other entries but reactions between two seqs, both exclusive; at most `limit`.
    ///
    /// # Errors
    /// Those of the store.
    fn noted(&mut self, above: Seq, below: Seq, limit: u32) -> Result<Vec<Entry>, Self::Error>;

    /// Messages whose newest change lies above a seq, by that change, at most `limit`; read only
    /// those that lie up to that seq themselves.
    ///
    /// # Errors
    /// Those of the store.
    fn touched(&mut self, above: Seq, limit: u32) -> Result<Vec<Touched>, Self::Error>;
}

/// Most entries beside messages in what was missed, where that is read by messages.
const MISSED_NOTED: u32 = 100;

/// Whether so much was missed that it is read by messages, not entry by entry.
#[must_use]
pub const fn is_far(after: Seq, head: Seq, limit: u32) -> bool {
    head.get().saturating_sub(after.get()) > limit as u64
}

/// What was missed, or none where a page that was read by messages says that it is too much: it does not
/// reach the head, or has more than `limit` messages, or more than `limit` older ones changed.
#[must_use]
pub fn unless_too_much(page: Page, limit: u32) -> Option<Page> {
    let changed = u32::try_from(page.updated.len()).unwrap_or(u32::MAX);
    let few = said(&page.entries) <= limit && changed <= limit;
    (few && page.covers.to >= page.head).then_some(page)
}

/// A page of so many messages goes on beyond its first part only if that has less than this of them:
/// a client that takes what is left out for a hole sees a page of a usual room whole.
#[must_use]
pub const fn enough(limit: u32) -> u32 {
    limit.div_ceil(4)
}

/// Whether an entry is a message that is not deleted: what a page is measured in.
#[must_use]
pub const fn is_said(entry: &Entry) -> bool {
    matches!(entry, Entry::Message(_))
}

fn said(entries: &[Entry]) -> u32 {
    let count = entries.iter().filter(|entry| is_said(entry)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Beyond {
    /// What a page of this range has beyond its first part; nothing where that has [`enough`] messages,
    /// upwards, or all, downwards, or reaches the end of the log.
    #[must_use]
    pub fn of(range: PageRange, first: &Page) -> Option<Self> {
        let limit = range.limit();
        let Covers { from, to } = first.covers;
        let (has, wanted) = match range {
            PageRange::After { after, .. } => {
                let has = said(&first.entries);
                let whole = to >= first.head || has >= enough(limit);
                let messages = if whole { 0 } else { limit.saturating_sub(has) };
                // Who reads page after page may be at a message whose changes the page before left
                // out: its newest one tells its state, wherever it is.
                return (to >= from).then(|| Self::newer(after, first, limit, messages));
            }
            PageRange::Around { at, .. } => {
                let before = first.entries.partition_point(|entry| entry.seq() < at);
                (said(&first.entries[..before]), limit / 2)
            }
            PageRange::Newest { .. } | PageRange::Before { .. } => (said(&first.entries), limit),
        };
        let messages = wanted.saturating_sub(has);
        let none = messages == 0 || from <= Seq::ZERO.next();
        (!none).then_some(Self::Older { below: from, messages, noted: limit })
    }

    /// Most messages of the second part. Without any, older messages that changed may be in it.
    #[must_use]
    pub const fn messages(self) -> u32 {
        match self {
            Self::Older { messages, .. } | Self::Newer { messages, .. } => messages,
        }
    }

    /// All that lies above a position, when that is more than `limit` entries: one message and one
    /// state more than there may be. There is no first part.
    #[must_use]
    pub fn missed(after: Seq, head: Seq, limit: u32) -> Self {
        Self::Newer {
            above: after,
            head,
            older: after,
            messages: limit.saturating_add(1),
            noted: MISSED_NOTED,
            touched: limit.saturating_mul(2).saturating_add(1),
        }
    }

    fn newer(after: Seq, first: &Page, limit: u32, messages: u32) -> Self {
        let (above, head) = (first.covers.to, first.head);
        let touched = limit.saturating_mul(2).saturating_add(1);
        Self::Newer { above, head, older: after, messages, noted: limit, touched }
    }

    /// The second part, out of a store that answers at once.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read<S: Source>(self, source: &mut S) -> Result<SecondPart, S::Error> {
        let mut part = SecondPart::default();
        match self {
            Self::Older { below, messages, noted } => {
                part.said = source.said_below(below, messages)?;
                part.noted = source.noted(self.from(&part).previous(), below, noted)?;
            }
            Self::Newer { above, older, messages, noted, touched, .. } => {
                part.touched = source.touched(older, touched)?;
                if messages > 0 {
                    part.said = source.said_above(above, messages)?;
                    part.noted = source.noted(above, self.to(&part).next(), noted)?;
                }
            }
        }
        Ok(part)
    }

    /// The page with its second part.
    #[must_use]
    pub fn complete(self, first: Page, part: SecondPart) -> Page {
        let (from, to) = (self.from(&part), self.to(&part));
        let SecondPart { mut said, noted, touched } = part;
        said.extend(noted);
        said.retain(|entry| (from..=to).contains(&entry.seq()));
        said.sort_unstable_by_key(Entry::seq);
        let Page { mut entries, mut covers, mut updated, head, about } = first;
        match self {
            Self::Older { .. } => {
                said.extend(entries);
                entries = said;
                covers.from = from;
            }
            Self::Newer { .. } => {
                entries.extend(said);
                covers.to = to;
                // To the head: also what changed after this snapshot, which has what changed before.
                let told = |it: &Touched| it.changed <= to || to == head;
                let touched = touched.into_iter().filter(told);
                updated.extend(touched.filter_map(|it| it.message));
            }
        }
        Page { entries, covers, updated, head, about }
    }

    /// The oldest seq that the page speaks of.
    fn from(self, part: &SecondPart) -> Seq {
        match self {
            Self::Older { messages, .. } => match part.said.first() {
                Some(oldest) if is_full(&part.said, messages) => oldest.seq(),
                // There is nothing below.
                _ => Seq::ZERO.next(),
            },
            Self::Newer { older, .. } => older.next(),
        }
    }

    /// The newest seq that the page speaks of.
    fn to(self, part: &SecondPart) -> Seq {
        match self {
            Self::Older { below, .. } => below.previous(),
            Self::Newer { above, messages: 0, .. } => above,
            Self::Newer { head, messages, touched, .. } => {
                let said = part.said.last().filter(|_| is_full(&part.said, messages));
                let last = part.touched.last().filter(|_| is_full(&part.touched, touched));
                let ends = [said.map(Entry::seq), last.map(|last| last.changed)];
                ends.into_iter().flatten().fold(head, Seq::min)
            }
        }
    }
}

fn is_full<T>(found: &[T], limit: u32) -> bool {
    u32::try_from(found.len()).is_ok_and(|count| count >= limit)
}

#[cfg(test)]
mod tests;
