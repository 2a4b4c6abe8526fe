//! A followed room, and what all rooms hold together.

use maru_protocol::{Entry, Seq};

use super::{message::Output, order::Order};
use crate::{
    Instant,
    log::{Outcome, ReplyTo, RoomId},
};

/// What holding an entry costs beside its body: names, ids, its place.
const ENTRY_OVERHEAD: usize = 256;

/// A committed entry on its way out.
#[derive(Debug)]
pub(super) struct Committed {
    pub(super) entry: Entry,
    pub(super) reply: Option<ReplyTo>,
    /// It was not heard from this node's own commits.
    pub(super) foreign: bool,
}

/// A room that is followed.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) order: Order<Committed>,
    pub(super) repair: Repair,
    /// Reads that failed in a row, and until when there is no further one.
    pub(super) failures: u32,
    pub(super) backoff_until: Option<Instant>,
    /// The journal's head is behind what went out, and that was said.
    pub(super) head_regressed: bool,
}

/// What is done about the first hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// There is none.
    None,
    /// The one after this entry is read when its time comes.
    Scheduled(Seq),
    /// A page is being read.
    Reading,
}

impl Room {
    pub(super) fn new(head: Seq) -> Self {
        Self {
            order: Order::new(head),
            repair: Repair::None,
            failures: 0,
            backoff_until: None,
            head_regressed: false,
        }
    }
}

/// The bytes that all rooms hold together, within their bound.
#[derive(Debug)]
pub(super) struct HeldBytes {
    used: usize,
    max: usize,
    /// Reused: what one offer lets out.
    released: Vec<Committed>,
}

impl HeldBytes {
    pub(super) fn new(max: usize) -> Self {
        Self { used: 0, max, released: Vec::new() }
    }

    /// An entry of the room; what may go out now does.
    pub(super) fn offer(
        &mut self,
        room: RoomId,
        order: &mut Order<Committed>,
        committed: Committed,
        out: &mut Output,
    ) {
        let entry = &committed.entry;
        let (seq, bytes) = (entry.seq(), entry.text_bytes() + ENTRY_OVERHEAD);
        let free = self.max.saturating_sub(self.used);
        self.used -= order.bytes();
        order.offer(seq, committed, bytes, free, &mut self.released);
        self.used += order.bytes();
        for Committed { entry, reply, foreign } in self.released.drain(..) {
            if foreign {
                out.counters.foreign_taken_at.push(entry.head().at);
            }
            out.outcomes.push(Outcome::Committed { room, entry, reply });
        }
    }

    /// What the journal has not; see [`Order::doubt`].
    pub(super) fn doubt(&mut self, order: &mut Order<Committed>, head: Seq, claimed: Seq) -> bool {
        self.used -= order.bytes();
        let doubted = order.doubt(head, claimed);
        self.used += order.bytes();
        doubted
    }

    /// The room is followed no more.
    pub(super) fn forget(&mut self, order: &Order<Committed>) {
        self.used -= order.bytes();
    }

    /// How many they are.
    pub(super) fn used(&self) -> usize {
        self.used
    }
}
