//! One session's place in one room's stream.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use bytes::Bytes;
use maru_protocol::{ByeCode, Seq, SessionId};

use super::outbox::Outbox;

/// What the hub writes a room's stream to. It makes the seam between a replay and the live stream
/// exact: from its making until [`Subscription::go_live`] it holds what comes; then it passes on
/// what lies above the replay, and from there on everything, once.
pub(crate) struct Subscription {
    pub(crate) session: SessionId,
    outbox: Rc<Outbox>,
    /// The newest seq that the session has been given.
    last: Cell<Seq>,
    state: RefCell<State>,
    /// Where it stands in the room's list of its hub, so that leaving costs no search.
    pub(crate) place: Cell<usize>,
}

enum State {
    /// Joining: bounded in bytes like the outbox it stands for.
    Held(Vec<Held>, usize),
    Live,
    Gone,
}

enum Held {
    Entry(Seq, Bytes),
    Event(Bytes),
}

/// Entries of one room that follow one another, framed, and the same joined into one buffer.
pub(crate) struct Run {
    pub(crate) entries: Vec<(Seq, Bytes)>,
    pub(crate) joined: Bytes,
}

impl Run {
    fn first(&self) -> Seq {
        self.entries.first().map_or(Seq::MAX, |(seq, _)| *seq)
    }

    fn last(&self) -> Seq {
        self.entries.last().map_or(Seq::ZERO, |(seq, _)| *seq)
    }
}

/// Most bytes held for a join that takes long: a join that is not done by then is behind anyway,
/// and ends as a slow reader would.
const HELD_BYTES: usize = 1 << 20;

impl Subscription {
    pub(crate) fn new(session: SessionId, outbox: Rc<Outbox>) -> Rc<Self> {
        Rc::new(Self {
            session,
            outbox,
            last: Cell::new(Seq::ZERO),
            state: RefCell::new(State::Held(Vec::new(), 0)),
            place: Cell::new(usize::MAX),
        })
    }

    /// The next entries of the room.
    pub(crate) fn entries(&self, run: &Run) {
        match &mut *self.state.borrow_mut() {
            State::Live => {}
            State::Held(held, bytes) => {
                held.extend(run.entries.iter().map(|(seq, b)| Held::Entry(*seq, b.clone())));
                *bytes += run.joined.len();
                return self.refuse_endless(*bytes);
            }
            State::Gone => return,
        }
        if self.last.get() < run.first() {
            self.last.set(run.last());
            self.outbox.push(&run.joined);
        } else {
            for (seq, bytes) in &run.entries {
                self.entry(*seq, bytes);
            }
        }
    }

    /// Something ephemeral in the room.
    pub(crate) fn event(&self, bytes: &Bytes) {
        match &mut *self.state.borrow_mut() {
            State::Live => {}
            State::Held(held, size) => {
                held.push(Held::Event(bytes.clone()));
                *size += bytes.len();
                return self.refuse_endless(*size);
            }
            State::Gone => return,
        }
        self.outbox.push(bytes);
    }

    /// The replay up to `head` is on its way: what was held above it follows, then what comes.
    pub(crate) fn go_live(&self, head: Seq) {
        self.last.set(head);
        let before = self.state.replace(State::Live);
        if let State::Held(held, _) = before {
            for item in held {
                match item {
                    Held::Entry(seq, bytes) => self.entry(seq, &bytes),
                    Held::Event(bytes) => self.outbox.push(&bytes),
                }
            }
        }
    }

    /// Nothing goes through any more, also not from a fan-out that is under way.
    pub(crate) fn end(&self) {
        self.state.replace(State::Gone);
    }

    fn refuse_endless(&self, held: usize) {
        if held > HELD_BYTES {
            let why = "joining took too long for a room this busy";
            self.outbox.bye(ByeCode::SlowReader, why, Some(1_000));
        }
    }

    fn entry(&self, seq: Seq, bytes: &Bytes) {
        if seq > self.last.get() {
            self.last.set(seq);
            self.outbox.push(bytes);
        }
    }
}

#[cfg(test)]
#[path = "subscription_tests.rs"]
mod tests;
