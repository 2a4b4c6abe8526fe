//! Which room a worker writes to next.
//!
//! A fan-out to thousands of sockets takes tens of milliseconds. It is done in slices, room by
//! room in turn, so that a quiet room never waits for a loud one; and while a room waits for its
//! turn, its entries gather into one run, which costs one write per socket instead of one each.

use std::{
    collections::{HashMap, VecDeque},
    rc::Rc,
};

use bytes::{Bytes, BytesMut};
use maru_protocol::{Seq, SessionId};

use super::{
    outbox::Framing,
    subscription::{Run, Subscription},
};
use crate::journal::RoomId;

/// A room's subscribers on this worker. Shared with fan-outs under way: a change meanwhile makes
/// a copy (`Rc::make_mut`), so a fan-out sees the list as it was when it began.
pub(crate) type Subscribers = Rc<Vec<Rc<Subscription>>>;

/// Most entries in one run; a run's bytes are bounded by [`RUN_BYTES`] as well.
const RUN_ENTRIES: usize = 64;
/// Most bytes in one run, past its first entry: about what a socket buffer takes at once.
const RUN_BYTES: usize = 64 * 1024;
/// Most bytes that wait here before the hub leaves the rest in its queue, which in turn stops the
/// relay, the writer and, in the end, the senders.
const WAITING_BYTES: usize = 4 << 20;

/// Work for the sockets of one worker.
#[derive(Default)]
pub(crate) struct Runs {
    rooms: HashMap<RoomId, RoomWork>,
    turn: VecDeque<RoomId>,
    waiting: usize,
}

#[derive(Default)]
struct RoomWork {
    waiting: VecDeque<Piece>,
    active: Option<Active>,
}

enum Piece {
    Entry(Seq, Bytes),
    Event(Bytes, Option<SessionId>),
}

struct Active {
    to: Subscribers,
    next: usize,
    what: What,
}

enum What {
    Entries(Run),
    Event(Bytes, Option<SessionId>),
}

impl Runs {
    pub(crate) fn is_empty(&self) -> bool {
        self.turn.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting >= WAITING_BYTES
    }

    pub(crate) fn entry(&mut self, room: RoomId, seq: Seq, framed: Bytes) {
        self.add(room, framed.len(), Piece::Entry(seq, framed));
    }

    pub(crate) fn event(&mut self, room: RoomId, framed: Bytes, except: Option<SessionId>) {
        self.add(room, framed.len(), Piece::Event(framed, except));
    }

    fn add(&mut self, room: RoomId, bytes: usize, piece: Piece) {
        self.waiting += bytes;
        let work = self.rooms.entry(room).or_default();
        if work.waiting.is_empty() && work.active.is_none() {
            self.turn.push_back(room);
        }
        work.waiting.push_back(piece);
    }

    /// Gives the room whose turn it is up to `budget` sockets' worth of work. Returns how many
    /// sockets it wrote to and how many entries they got in all.
    pub(crate) fn step(
        &mut self,
        budget: usize,
        subscribers: impl Fn(RoomId) -> Option<Subscribers>,
    ) -> Written {
        let mut written = Written::default();
        let Some(room) = self.turn.pop_front() else { return written };
        let Some(work) = self.rooms.get_mut(&room) else { return written };
        if work.active.is_none() {
            let Some(what) = next_run(&mut work.waiting, &mut self.waiting) else {
                self.rooms.remove(&room);
                return written;
            };
            let to = subscribers(room).unwrap_or_default();
            work.active = Some(Active { to, next: 0, what });
        }
        if let Some(active) = &mut work.active {
            written = active.advance(budget);
            if active.next >= active.to.len() {
                work.active = None;
            }
        }
        if work.active.is_none() && work.waiting.is_empty() {
            self.rooms.remove(&room);
        } else {
            self.turn.push_back(room);
        }
        written
    }
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Sockets looked at.
    pub(crate) sockets: usize,
    /// Entries given to them, in all.
    pub(crate) deliveries: usize,
}

impl Active {
    fn advance(&mut self, budget: usize) -> Written {
        let end = (self.next + budget.max(1)).min(self.to.len());
        let slice = &self.to[self.next..end];
        self.next = end;
        let mut written = Written { sockets: slice.len(), deliveries: 0 };
        match &self.what {
            What::Entries(run) => {
                slice.iter().for_each(|subscription| subscription.entries(run));
                written.deliveries = slice.len() * run.entries.len();
            }
            What::Event(bytes, except) => {
                slice
                    .iter()
                    .filter(|subscription| Some(subscription.session) != *except)
                    .for_each(|subscription| subscription.event(bytes));
            }
        }
        written
    }
}

/// Takes the entries at the front that follow one another, or one event.
fn next_run(waiting: &mut VecDeque<Piece>, total: &mut usize) -> Option<What> {
    let mut entries: Vec<(Seq, Bytes)> = Vec::new();
    let mut size = 0;
    while let Some(piece) = waiting.front() {
        let fits = match piece {
            Piece::Entry(_, bytes) => {
                entries.is_empty()
                    || (entries.len() < RUN_ENTRIES && size + bytes.len() <= RUN_BYTES)
            }
            Piece::Event(..) => entries.is_empty(),
        };
        if !fits {
            break;
        }
        match waiting.pop_front() {
            Some(Piece::Entry(seq, bytes)) => {
                *total = total.saturating_sub(bytes.len());
                size += bytes.len();
                entries.push((seq, bytes));
            }
            Some(Piece::Event(bytes, except)) => {
                *total = total.saturating_sub(bytes.len());
                return Some(What::Event(bytes, except));
            }
            None => break,
        }
    }
    let joined = join(&entries, size)?;
    Some(What::Entries(Run { entries, joined }))
}

fn join(entries: &[(Seq, Bytes)], size: usize) -> Option<Bytes> {
    match entries {
        [] => None,
        [(_, only)] => Some(only.clone()),
        many => {
            let mut joined = BytesMut::with_capacity(size);
            many.iter().for_each(|(_, bytes)| joined.extend_from_slice(bytes));
            Some(joined.freeze())
        }
    }
}

/// One text, framed for the wire: done once per worker and message.
pub(crate) fn frame(framing: &dyn Framing, text: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(text.len() + 10);
    framing.text(text, &mut out);
    out.freeze()
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
