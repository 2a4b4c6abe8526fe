//! The log of a cluster as one node follows it: what every node commits, room by room, by seq.
//!
//! ```text
//! this node's commits ──┐
//! hints of other nodes ─┼─▶ Follower ──▶ outcomes: each followed room's entries by seq, once
//! answers of the journal┘      └───────▶ requests to the journal: pages for holes, heads
//! ```
//!
//! Nothing rests on hints. What the bus loses is a hole that a page of the journal closes, or a
//! last entry that a check of the room's head finds. One node alone needs none of this: its commit
//! channel has everything.
//!
//! A value without clock and I/O: whoever drives it says what time it is, asks the journal what it
//! wants to know and hands over what comes out.
//!
//! `order` is the heart, `repair` closes holes, `check` looks for what was never heard, `schedule`
//! says when what is due.

mod check;
mod jitter;
mod message;
mod options;
mod order;
mod repair;
mod room;
mod schedule;

use std::time::Duration;

use maru_protocol::{Entry, Seq};

use self::{
    check::HeadChecks,
    jitter::Jitter,
    room::{Committed, HeldBytes, Room},
    schedule::Schedule,
};
pub use self::{
    message::{
        Counters, Finding, HeadsRequest, Input, Output, PageRequest, ReadFailed, Request,
        Subscription,
    },
    options::FollowOptions,
};
use crate::{
    Instant,
    collections::{Map, Seed},
    defects::{Defect, on},
    log::{Batch, Outcome, ReplyTo, RoomId},
};

/// Makes one stream of this node's commits and of what is heard of others; see [`Output`].
#[derive(Debug)]
pub struct Follower {
    options: FollowOptions,
    jitter: Jitter,
    rooms: Map<RoomId, Room>,
    held: HeldBytes,
    /// When holes are read.
    holes: Schedule,
    /// Pages being read: `FollowOptions::page_reads` at most.
    reading: usize,
    checks: HeadChecks,
    bus_connected: bool,
}

/// The entries of a batch that other nodes are to be told of, in order.
pub fn hints(batch: &[Outcome]) -> impl Iterator<Item = (RoomId, &Entry)> {
    batch.iter().filter_map(|outcome| match outcome {
        Outcome::Committed { room, entry, .. } => Some((*room, entry)),
        Outcome::Known { .. } | Outcome::Refused { .. } => None,
    })
}

impl Follower {
    /// A follower that follows no room yet. Nodes of a cluster have different seeds, so that they
    /// do not ask the journal all at once.
    #[must_use]
    pub fn new(options: FollowOptions, seed: Seed) -> Self {
        Self {
            jitter: Jitter::new(seed.0[0] ^ seed.0[1]),
            rooms: Map::with_hasher(seed),
            held: HeldBytes::new(options.held_bytes),
            holes: Schedule::default(),
            reading: 0,
            checks: HeadChecks::default(),
            bus_connected: false,
            options,
        }
    }

    /// Whether the room is followed.
    #[must_use]
    pub fn follows(&self, room: RoomId) -> bool {
        self.rooms.contains_key(&room)
    }

    /// Whether a hint of this entry brings something.
    #[must_use]
    pub fn wants(&self, room: RoomId, seq: Seq) -> bool {
        self.rooms.get(&room).is_some_and(|room| !room.order.has(seq))
    }

    /// Bytes of entries that wait for what is before them, in all rooms.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held.used()
    }

    /// Something happened. What is to be asked because of it, [`Follower::handle_timeout`] asks.
    pub fn handle(&mut self, now: Instant, input: Input, out: &mut Output) {
        match input {
            Input::Commits(batch) => self.commits(now, batch, out),
            Input::Hint { room, entries } => {
                self.offer_foreign(room, entries, out);
                if !on(Defect::ForgetHintedHole) {
                    self.schedule_repair(now, room);
                }
            }
            Input::Page { request, result } => self.page(now, request, result, out),
            Input::Heads { request, result } => self.heads(now, &request, result, out),
            Input::Follow { room, head } => self.follow(now, room, head, out),
            Input::Unfollow(room) => self.unfollow(room, out),
            Input::BusFollowing(room) => {
                if self.follows(room) && !on(Defect::ForgetFirstCheck) {
                    self.checks.due.hurry(room, now);
                }
            }
            Input::BusConnected => self.bus_connected = true,
            Input::BusDisconnected => {
                self.bus_connected = false;
                self.check_all_soon(now);
            }
        }
    }

    /// When [`Follower::handle_timeout`] has something to do, unless something happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.next_read().into_iter().chain(self.checks.next()).min()
    }

    /// Asks what is due, within the bounds.
    pub fn handle_timeout(&mut self, now: Instant, out: &mut Output) {
        self.read_holes(now, out);
        self.check_heads(now, out);
    }

    fn follow(&mut self, now: Instant, room: RoomId, head: Seq, out: &mut Output) {
        if self.follows(room) {
            return;
        }
        self.rooms.insert(room, Room::new(head));
        out.subscriptions.push(Subscription::Follow(room));
        // What was said until the bus hears for the room is found by a check of the head, at once
        // when it does.
        if on(Defect::ForgetFirstCheck) {
            return;
        }
        let interval = self.check_interval();
        self.checks.due.set(room, now + self.jitter.between(interval / 4, interval));
    }

    fn unfollow(&mut self, id: RoomId, out: &mut Output) {
        if let Some(room) = self.rooms.remove(&id) {
            self.held.forget(&room.order);
            self.holes.remove(id);
            self.checks.due.remove(id);
            out.subscriptions.push(Subscription::Unfollow(id));
        }
    }

    /// This node's own commits: answered, and passed on when their turn comes.
    fn commits(&mut self, now: Instant, batch: Batch, out: &mut Output) {
        for outcome in batch {
            let Outcome::Committed { room: id, entry, mut reply } = outcome else {
                out.outcomes.push(outcome);
                continue;
            };
            let Some(room) = self.rooms.get_mut(&id) else {
                out.outcomes.push(Outcome::Committed { room: id, entry, reply });
                continue;
            };
            if !room.order.is_next(entry.seq())
                && let Some(waits) = reply.take()
            {
                if !on(Defect::ForgetEarlyAnswer) {
                    answer(&entry, waits, out);
                }
                // It stays this node's own, which tells of it elsewhere.
                reply = Some(if on(Defect::AnswerTwice) { waits } else { ReplyTo::Nobody });
            }
            let committed = Committed { entry, reply, foreign: false };
            self.held.offer(id, &mut room.order, committed, out);
            self.schedule_repair(now, id);
        }
    }

    /// Entries that were not heard from this node's own commits.
    fn offer_foreign(&mut self, id: RoomId, entries: Vec<Entry>, out: &mut Output) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        for entry in entries {
            let committed = Committed { entry, reply: None, foreign: true };
            self.held.offer(id, &mut room.order, committed, out);
        }
    }

    fn backoff(&mut self, failures: u32) -> Duration {
        let doubled = self.options.min_backoff.saturating_mul(1 << failures.min(16));
        let most = doubled.min(self.options.max_backoff);
        self.jitter.between(most * 3 / 4, most)
    }
}

/// Its sender is answered now: the entry itself comes later, or came before, and answers nobody.
fn answer(entry: &Entry, reply: ReplyTo, out: &mut Output) {
    let head = entry.head();
    out.counters.answered_taken_at.push(head.at);
    out.outcomes.push(Outcome::Known {
        seq: head.seq,
        at: head.at,
        room: head.room.clone(),
        id: head.id,
        reply,
    });
}
