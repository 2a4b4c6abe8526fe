//! Who of a worker's sessions is in one room, in the order in which a fan-out reaches them.
//!
//! A fan-out to thousands of sockets is done in slices, and people come and go between two of them.
//! The list is not copied for that: it knows how far the fan-out is, and a leave moves at most two
//! others so that nobody is skipped and nobody is served twice.

use std::rc::Rc;

use maru_engine::{SharedEvent, log::RoomId};
use maru_protocol::{RoomName, Seq, SessionId};

use super::{
    format::{Format, Frames, MAX_FORMATS},
    outbox::Outbox,
    queue::{EntryRun, Payload, SliceResult},
    subscription::{HeldItem, Subscription},
};

/// A room's sessions on this worker.
#[derive(Default)]
pub(crate) struct Subscribers {
    slots: Vec<Slot>,
    /// The formats of these connections, and how many have each.
    formats: [Option<(&'static Format, u32)>; MAX_FORMATS],
    /// How many of them the fan-out under way has served: the first ones.
    served: usize,
    /// Messages that these sessions sent to the room and that have no answer yet.
    unanswered: u64,
}

/// What a delivery looks at. They lie side by side, so that a fan-out reads along and takes one
/// step through memory per member, to the outbox with the socket in it.
struct Slot {
    /// The newest seq that the session has been given.
    last: Seq,
    live: bool,
    /// Each entry says where the client is after it, which is another text for each of them.
    positioned: bool,
    outbox: Rc<Outbox>,
    subscription: Rc<Subscription>,
}

impl Subscribers {
    /// From now on what comes is held for the session, until it goes live.
    pub(crate) fn join(
        &mut self,
        session: SessionId,
        room: RoomId,
        outbox: Rc<Outbox>,
    ) -> Rc<Subscription> {
        let format = outbox.format();
        let count = self.formats[format.number()].map_or(0, |(_, count)| count);
        self.formats[format.number()] = Some((format, count + 1));
        let subscription = Rc::new(Subscription::new(session, room, self.slots.len()));
        let positioned = outbox.positions().is_some();
        let slot = Slot {
            last: Seq::ZERO,
            live: false,
            positioned,
            outbox,
            subscription: subscription.clone(),
        };
        self.slots.push(slot);
        subscription
    }

    /// Nothing reaches the session any more, also not from a fan-out under way.
    pub(crate) fn leave(&mut self, subscription: &Subscription) {
        let mut hole = subscription.slot.get();
        let Some(slot) = self.slot(subscription) else { return };
        let format = slot.outbox.format();
        let left = self.formats[format.number()].map_or(0, |(_, count)| count.saturating_sub(1));
        self.formats[format.number()] = (left > 0).then_some((format, left));
        // The last one fills the hole; among the served ones only a served one may.
        if hole < self.served {
            self.served -= 1;
            self.slots.swap(hole, self.served);
            self.number(hole);
            hole = self.served;
        }
        self.slots.swap_remove(hole);
        self.number(hole);
        if self.slots.capacity() > 64 && self.slots.len() < self.slots.capacity() / 4 {
            self.slots.shrink_to(self.slots.len() * 2);
        }
    }

    /// The replay up to `head` is on its way: what was held above it follows, then what comes.
    pub(crate) fn go_live(&mut self, subscription: &Subscription, head: Seq) {
        let Some(slot) = self.slot(subscription) else { return };
        slot.live = true;
        slot.last = head;
        for piece in subscription.take_held() {
            match piece {
                HeldItem::Entry(seq, bytes) if seq > slot.last => {
                    slot.last = seq;
                    slot.outbox.push_positioned(subscription.room, seq, &bytes);
                }
                HeldItem::Entry(..) => {}
                HeldItem::Event(bytes) => slot.outbox.push(&bytes),
            }
        }
    }

    /// The room is there no more, or not by this name: everybody is told, and nothing else reaches them.
    pub(crate) fn end(&mut self, frames: &Frames, renamed_to: Option<&RoomName>) {
        for slot in std::mem::take(&mut self.slots) {
            slot.subscription.end(renamed_to);
            if let Some(positions) = slot.outbox.positions() {
                positions.leave(slot.subscription.room);
            }
            slot.outbox.push(frames.get(slot.outbox.format()));
        }
        *self = Self::default();
    }

    /// An event as frames for these connections.
    pub(crate) fn frames(&self, event: SharedEvent) -> Frames {
        let frames = Frames::new(event);
        for (format, _) in self.formats.iter().flatten() {
            frames.get(format);
        }
        frames
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// A fan-out begins: nobody is served.
    pub(crate) fn begin(&mut self) {
        self.served = 0;
    }

    /// Whether the fan-out under way has reached everybody.
    pub(crate) fn is_served(&self) -> bool {
        self.served >= self.slots.len()
    }

    /// Goes on with the fan-out, to so many more.
    pub(crate) fn serve(&mut self, what: &Payload, most: usize) -> SliceResult {
        let end = self.served.saturating_add(most.max(1)).min(self.slots.len());
        let slice = &mut self.slots[self.served..end];
        let mut written = SliceResult { sockets: slice.len(), deliveries: 0 };
        self.served = end;
        match what {
            Payload::Entries(run) => {
                for slots in slice.chunks_mut(AHEAD) {
                    look_ahead(slots);
                    slots.iter_mut().for_each(|slot| slot.entries(run));
                }
                written.deliveries = written.sockets * run.entries.len();
            }
            Payload::Event(frames, except) => {
                for slot in slice.iter() {
                    if Some(slot.subscription.session) == *except {
                        continue;
                    }
                    if slot.live {
                        slot.outbox.push(frames.get(slot.outbox.format()));
                    } else {
                        slot.subscription.hold_event(frames, &slot.outbox);
                    }
                }
            }
        }
        written
    }

    /// One of these sessions sent a message to the room.
    pub(crate) fn ask(&mut self) {
        self.unanswered += 1;
    }

    /// One of those messages has its answer.
    pub(crate) fn answer(&mut self) {
        // Who asked may have been in an earlier subscribers of the room.
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Whether messages of these sessions are on their way through the journal.
    pub(crate) fn expects_more(&self) -> bool {
        self.unanswered > 0
    }

    fn slot(&mut self, subscription: &Subscription) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(subscription.slot.get());
        slot.filter(|slot| std::ptr::eq(Rc::as_ptr(&slot.subscription), subscription))
    }

    /// Tells whoever stands there so.
    fn number(&self, at: usize) {
        if let Some(slot) = self.slots.get(at) {
            slot.subscription.slot.set(at);
        }
    }
}

/// Members whose outboxes are looked at before the first of them is written to.
const AHEAD: usize = 16;

/// A look at each outbox brings it into the cache. Between two writes each look would wait for
/// memory, as a system call lets nothing overtake it; here they wait together.
#[inline]
fn look_ahead(slots: &[Slot]) {
    let ending = slots.iter().filter(|slot| slot.outbox.is_ending()).count();
    std::hint::black_box(ending);
}

impl Slot {
    #[inline]
    fn entries(&mut self, run: &EntryRun) {
        if !self.live {
            self.subscription.hold_run(run, &self.outbox);
        } else if self.positioned {
            self.positioned_entries(run);
        } else if self.last < run.first() {
            self.last = run.last();
            self.outbox.push_frames(run.joined(self.outbox.format()), run.entries.len());
        } else {
            for (seq, frames) in &run.entries {
                if *seq > self.last {
                    self.last = *seq;
                    self.outbox.push(frames.get(self.outbox.format()));
                }
            }
        }
    }

    #[cold]
    fn positioned_entries(&mut self, run: &EntryRun) {
        for (seq, frames) in &run.entries {
            if *seq > self.last {
                self.last = *seq;
                let frame = frames.get(self.outbox.format());
                self.outbox.push_positioned(self.subscription.room, *seq, frame);
            }
        }
    }
}

#[cfg(test)]
mod tests;
