//! Which room a worker writes to next.
//!
//! A fan-out to thousands of sockets takes milliseconds. It is done in slices, room by room in turn,
//! so that a quiet room never waits for a loud one; and while a room waits for its turn, its entries
//! gather into one run, which costs one write per socket instead of one each.
//!
//! A crowded room also waits when more is known to come: when sessions of this worker have sent
//! messages to it that are on their way through the journal. One fan-out for all of them saves more
//! time than the wait takes, and the wait is bounded by that ([`patience`]).

use std::{
    cell::{OnceCell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use maru_protocol::{Seq, SessionId};
use tokio::time::Instant;

use super::{
    format::{Format, Frames, MAX_FORMATS},
    subscribers::Subscribers,
};
use maru_engine::log::RoomId;

/// A room's sessions on this worker, shared with the fan-out under way.
pub(crate) type SharedSubscribers = Rc<RefCell<Subscribers>>;

/// Most entries in one run; a run's bytes are bounded by [`RUN_BYTES`] as well.
const RUN_ENTRIES: usize = 64;
/// Most bytes in one run, past its first entry: about what a socket buffer takes at once.
const RUN_BYTES: usize = 64 * 1024;
/// Most bytes that wait here before the hub leaves the rest in its queue, which in turn stops the
/// relay, the writer and, in the end, the senders.
const WAITING_BYTES: usize = 4 << 20;
/// The smallest subscribers that is worth a wait: a smaller one is written to in less than the
/// millisecond that a timer takes.
const CROWD: usize = 256;

/// Work for the sockets of one worker.
#[derive(Default)]
pub(crate) struct FanoutQueue {
    rooms: HashMap<RoomId, RoomQueue>,
    turn: VecDeque<RoomId>,
    /// Rooms that wait for company. Each has a time at which it waits no longer.
    patient: Vec<RoomId>,
    waiting: usize,
}

#[derive(Default)]
struct RoomQueue {
    waiting: VecDeque<Queued>,
    active: Option<Active>,
    /// Until when it waits for company at most.
    patience: Option<Instant>,
}

enum QueuedItem {
    Entry(Seq, Frames),
    Event(Frames, Option<SessionId>),
}

/// An item with the bytes that it counts for.
struct Queued {
    item: QueuedItem,
    bytes: usize,
}

struct Active {
    to: SharedSubscribers,
    what: Payload,
}

/// What everybody in a room is given.
pub(crate) enum Payload {
    /// Entries that follow one another.
    Entries(EntryRun),
    /// Something ephemeral, and who needs no telling.
    Event(Frames, Option<SessionId>),
}

/// Entries of one room that follow one another, and the same joined into one buffer for each format
/// that somebody has.
pub(crate) struct EntryRun {
    pub(crate) entries: Vec<(Seq, Frames)>,
    joined: [OnceCell<Bytes>; MAX_FORMATS],
}

impl EntryRun {
    pub(crate) fn new(entries: Vec<(Seq, Frames)>) -> Self {
        Self { entries, joined: [const { OnceCell::new() }; MAX_FORMATS] }
    }

    /// All of them in one buffer of that format.
    #[inline]
    pub(crate) fn joined(&self, format: &Format) -> &Bytes {
        self.joined[format.number()].get_or_init(|| join(&self.entries, format))
    }

    pub(crate) fn first(&self) -> Seq {
        self.entries.first().map_or(Seq::MAX, |(seq, _)| *seq)
    }

    pub(crate) fn last(&self) -> Seq {
        self.entries.last().map_or(Seq::ZERO, |(seq, _)| *seq)
    }
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SliceResult {
    /// Sockets looked at.
    pub(crate) sockets: usize,
    /// Entries given to them, in all.
    pub(crate) deliveries: usize,
}

impl FanoutQueue {
    /// Nothing is left to do, now or later.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.turn.is_empty() && self.patient.is_empty()
    }

    /// Nothing can be done now.
    pub(crate) fn is_idle(&self) -> bool {
        self.turn.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting >= WAITING_BYTES
    }

    pub(crate) fn entry(&mut self, room: RoomId, seq: Seq, frames: Frames) {
        self.add(room, frames.size(), QueuedItem::Entry(seq, frames));
    }

    pub(crate) fn event(&mut self, room: RoomId, frames: Frames, except: Option<SessionId>) {
        self.add(room, frames.size(), QueuedItem::Event(frames, except));
    }

    fn add(&mut self, room: RoomId, bytes: usize, item: QueuedItem) {
        self.waiting += bytes;
        let work = self.rooms.entry(room).or_default();
        if work.waiting.is_empty() && work.active.is_none() {
            self.turn.push_back(room);
        }
        work.waiting.push_back(Queued { item, bytes });
    }

    /// When the first of the rooms that wait for company waits no longer.
    pub(crate) fn patience_ends(&self) -> Option<Instant> {
        let until = |room: &RoomId| self.rooms.get(room)?.patience;
        self.patient.iter().filter_map(until).min()
    }

    /// Gives the rooms that have waited long enough their turn.
    pub(crate) fn look_at_patient(
        &mut self,
        subscribers: impl Fn(RoomId) -> Option<SharedSubscribers>,
    ) {
        let full = self.is_full();
        let Self { rooms, turn, patient, .. } = self;
        patient.retain(|room| {
            let work = rooms.get(room);
            let to = subscribers(*room);
            let waits = match (work, to) {
                (Some(work), Some(to)) => !full && work.waits(&to.borrow()),
                _ => false,
            };
            if !waits {
                turn.push_back(*room);
            }
            waits
        });
    }

    /// Gives the room whose turn it is up to `budget` sockets' worth of work. Returns how many
    /// sockets it wrote to and how many entries they got in all.
    pub(crate) fn step(
        &mut self,
        budget: usize,
        subscribers: impl Fn(RoomId) -> Option<SharedSubscribers>,
    ) -> SliceResult {
        let Some(room) = self.turn.pop_front() else { return SliceResult::default() };
        let full = self.is_full();
        let Some(work) = self.rooms.get_mut(&room) else { return SliceResult::default() };
        if work.active.is_none() {
            let to = subscribers(room).unwrap_or_default();
            if !full && work.becomes_patient(&to.borrow()) {
                self.patient.push(room);
                return SliceResult::default();
            }
            work.patience = None;
            let Some(what) = next_run(&mut work.waiting, &mut self.waiting) else {
                self.rooms.remove(&room);
                return SliceResult::default();
            };
            to.borrow_mut().begin();
            work.active = Some(Active { to, what });
        }
        let mut written = SliceResult::default();
        if let Some(Active { to, what }) = &work.active {
            let mut to = to.borrow_mut();
            written = to.serve(what, budget);
            let done = to.is_served();
            drop(to);
            if done {
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

impl RoomQueue {
    /// Whether its next run should wait for what this worker's sessions have sent. Asked once a
    /// run.
    fn becomes_patient(&mut self, to: &Subscribers) -> bool {
        let first_is_entry =
            self.waiting.front().is_some_and(|first| matches!(first.item, QueuedItem::Entry(..)));
        if self.patience.is_some() || !first_is_entry || to.len() < CROWD || !to.expects_more() {
            return false;
        }
        self.patience = Some(Instant::now() + patience(to.len()));
        self.waits(to)
    }

    fn waits(&self, to: &Subscribers) -> bool {
        let until = self.patience.filter(|_| self.waiting.len() < RUN_ENTRIES && to.expects_more());
        until.is_some_and(|until| Instant::now() < until)
    }
}

/// How long a fan-out to so many may wait for company: 2 us each, which is less than the cheapest
/// write measured (2.4 us), so that waiting never costs more than the second fan-out that it may
/// save; 5 ms at most, which nobody sees.
fn patience(sockets: usize) -> Duration {
    let micros = u64::try_from(sockets).unwrap_or(u64::MAX).saturating_mul(2);
    Duration::from_micros(micros.min(5_000))
}

/// Takes the entries at the front that follow one another, or one event.
fn next_run(waiting: &mut VecDeque<Queued>, total: &mut usize) -> Option<Payload> {
    let mut entries: Vec<(Seq, Frames)> = Vec::new();
    let mut size = 0;
    while let Some(Queued { item, bytes }) = waiting.front() {
        let fits = match item {
            QueuedItem::Entry(..) => {
                entries.is_empty() || (entries.len() < RUN_ENTRIES && size + bytes <= RUN_BYTES)
            }
            QueuedItem::Event(..) => entries.is_empty(),
        };
        if !fits {
            break;
        }
        let Some(Queued { item, bytes }) = waiting.pop_front() else { break };
        *total = total.saturating_sub(bytes);
        match item {
            QueuedItem::Entry(seq, frames) => {
                size += bytes;
                entries.push((seq, frames));
            }
            QueuedItem::Event(frames, except) => return Some(Payload::Event(frames, except)),
        }
    }
    (!entries.is_empty()).then(|| Payload::Entries(EntryRun::new(entries)))
}

fn join(entries: &[(Seq, Frames)], format: &Format) -> Bytes {
    match entries {
        [] => Bytes::new(),
        [(_, only)] => only.get(format).clone(),
        many => {
            let size = many.iter().map(|(_, frames)| frames.get(format).len()).sum();
            let mut joined = BytesMut::with_capacity(size);
            many.iter().for_each(|(_, frames)| joined.extend_from_slice(frames.get(format)));
            joined.freeze()
        }
    }
}

#[cfg(test)]
mod tests;
