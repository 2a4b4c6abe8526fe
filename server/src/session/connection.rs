//! What a conversation has in each of its states: a worker, a number and a way to answer.

use std::rc::Rc;

use maru_engine::Event;
use maru_protocol::{Entry, RoomName, Seq, ServerFrame, SessionId};

use crate::{
    fanout::{Outbox, Peer, Positions},
    journal::RoomId,
    limits::Caller,
    services::Services,
    session::Worker,
    wire::{
        Joined,
        socketio::chat::{position, updated},
    },
};

/// A connection, as its conversation knows it.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) worker: Rc<Worker>,
    pub(super) id: SessionId,
    pub(super) peer: Rc<Peer>,
    pub(super) caller: Caller,
}

impl Connection {
    pub(super) fn services(&self) -> &Services {
        &self.worker.services
    }

    pub(super) fn answer(&self, frame: &ServerFrame) {
        self.peer.outbox().send(frame);
    }

    /// Answers a join. A client that is being brought back gets as events what the answer would list:
    /// what was said while its last page was read, too, comes the way everything else came.
    pub(super) fn send_joined(&self, mut joined: Joined) {
        let outbox = self.peer.outbox();
        let is_restoring = outbox.positions().is_some_and(|positions| positions.is_restoring());
        if is_restoring && !joined.reset {
            send_updated(outbox, &joined.room, &std::mem::take(&mut joined.updated));
            for event in joined.entries.take() {
                if let Event::Entry(entry) = &*event {
                    outbox.replay(&joined.room, entry.seq(), &event);
                }
            }
        }
        outbox.send_joined(&joined);
    }

    /// The client was given everything of the room up to this entry. Who asked for recovery is told
    /// so: nothing of the room may come for long, and the room is to be known when they come back.
    pub(super) fn entered(&self, room: RoomId, name: &RoomName, head: Seq) {
        if let Some(positions) = self.peer.outbox().positions() {
            positions.enter(room, name, head);
            self.tell_position(&positions);
        }
    }

    /// The client is not in the room any more.
    pub(super) fn left(&self, room: RoomId) {
        if let Some(positions) = self.peer.outbox().positions() {
            positions.leave(room);
            self.tell_position(&positions);
        }
    }

    fn tell_position(&self, positions: &Positions) {
        self.peer.outbox().send_text(&position(&positions.offset()));
    }
}

/// Tells a client that is being brought back how messages below what it is given are now.
pub(super) fn send_updated(outbox: &Outbox, room: &RoomName, entries: &[Entry]) {
    if !entries.is_empty() {
        outbox.send_text(&updated(room, entries));
    }
}
