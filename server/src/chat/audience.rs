//! Who of a worker's sessions is in one room, in the order in which a fan-out reaches them.
//!
//! A fan-out to thousands of sockets is done in slices, and people come and go between two of them.
//! The list is not copied for that: it knows how far the fan-out is, and a leave moves at most two
//! others so that nobody is skipped and nobody is served twice.

use std::rc::Rc;

use maru_protocol::{Seq, SessionId};

use super::{
    outbox::Outbox,
    runs::{Run, What, Written},
    subscription::{Piece, Subscription},
};

/// A room's sessions on this worker.
#[derive(Default)]
pub(crate) struct Audience {
    places: Vec<Place>,
    /// How many of them the fan-out under way has served: the first ones.
    served: usize,
    /// Messages that these sessions sent to the room and that have no answer yet.
    unanswered: u64,
}

/// What a delivery looks at. They lie side by side, so that a fan-out reads along and takes one
/// step through memory per member, to the outbox with the socket in it.
struct Place {
    /// The newest seq that the session has been given.
    last: Seq,
    live: bool,
    outbox: Rc<Outbox>,
    subscription: Rc<Subscription>,
}

impl Audience {
    /// From now on what comes is held for the session, until it goes live.
    pub(crate) fn join(&mut self, session: SessionId, outbox: Rc<Outbox>) -> Rc<Subscription> {
        let subscription = Rc::new(Subscription::new(session, self.places.len()));
        let place =
            Place { last: Seq::ZERO, live: false, outbox, subscription: subscription.clone() };
        self.places.push(place);
        subscription
    }

    /// Nothing reaches the session any more, also not from a fan-out under way.
    pub(crate) fn leave(&mut self, subscription: &Subscription) {
        let mut hole = subscription.place.get();
        if self.place(subscription).is_none() {
            return;
        }
        // The last one fills the hole; among the served ones only a served one may.
        if hole < self.served {
            self.served -= 1;
            self.places.swap(hole, self.served);
            self.number(hole);
            hole = self.served;
        }
        self.places.swap_remove(hole);
        self.number(hole);
        if self.places.capacity() > 64 && self.places.len() < self.places.capacity() / 4 {
            self.places.shrink_to(self.places.len() * 2);
        }
    }

    /// The replay up to `head` is on its way: what was held above it follows, then what comes.
    pub(crate) fn go_live(&mut self, subscription: &Subscription, head: Seq) {
        let Some(place) = self.place(subscription) else { return };
        place.live = true;
        place.last = head;
        for piece in subscription.take_held() {
            match piece {
                Piece::Entry(seq, bytes) if seq > place.last => {
                    place.last = seq;
                    place.outbox.push(&bytes);
                }
                Piece::Entry(..) => {}
                Piece::Event(bytes) => place.outbox.push(&bytes),
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// A fan-out begins: nobody is served.
    pub(crate) fn begin(&mut self) {
        self.served = 0;
    }

    /// Whether the fan-out under way has reached everybody.
    pub(crate) fn is_served(&self) -> bool {
        self.served >= self.places.len()
    }

    /// Goes on with the fan-out, to so many more.
    pub(crate) fn serve(&mut self, what: &What, most: usize) -> Written {
        let end = self.served.saturating_add(most.max(1)).min(self.places.len());
        let slice = &mut self.places[self.served..end];
        let mut written = Written { sockets: slice.len(), deliveries: 0 };
        self.served = end;
        match what {
            What::Entries(run) => {
                for places in slice.chunks_mut(AHEAD) {
                    look_ahead(places);
                    places.iter_mut().for_each(|place| place.entries(run));
                }
                written.deliveries = written.sockets * run.entries.len();
            }
            What::Event(bytes, except) => {
                for place in slice.iter() {
                    if Some(place.subscription.session) == *except {
                        continue;
                    }
                    if place.live {
                        place.outbox.push(bytes);
                    } else {
                        place.subscription.hold_event(bytes, &place.outbox);
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
        // Who asked may have been in an earlier audience of the room.
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Whether messages of these sessions are on their way through the journal.
    pub(crate) fn expects_more(&self) -> bool {
        self.unanswered > 0
    }

    fn place(&mut self, subscription: &Subscription) -> Option<&mut Place> {
        let place = self.places.get_mut(subscription.place.get());
        place.filter(|place| std::ptr::eq(Rc::as_ptr(&place.subscription), subscription))
    }

    /// Tells whoever stands there so.
    fn number(&self, at: usize) {
        if let Some(place) = self.places.get(at) {
            place.subscription.place.set(at);
        }
    }
}

/// Members whose outboxes are looked at before the first of them is written to.
const AHEAD: usize = 16;

/// A look at each outbox brings it into the cache. Between two writes each look would wait for
/// memory, as a system call lets nothing overtake it; here they wait together.
#[inline]
fn look_ahead(places: &[Place]) {
    let ending = places.iter().filter(|place| place.outbox.is_ending()).count();
    std::hint::black_box(ending);
}

impl Place {
    #[inline]
    fn entries(&mut self, run: &Run) {
        if !self.live {
            self.subscription.hold_run(run, &self.outbox);
        } else if self.last < run.first() {
            self.last = run.last();
            self.outbox.push_frames(&run.joined, run.entries.len());
        } else {
            for (seq, bytes) in &run.entries {
                if *seq > self.last {
                    self.last = *seq;
                    self.outbox.push(bytes);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "audience_tests.rs"]
mod tests;
