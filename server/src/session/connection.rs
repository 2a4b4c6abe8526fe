//! What a conversation has in each of its states: a worker, a number and a way to answer.

use std::rc::Rc;

use maru_protocol::{ServerFrame, SessionId};

use crate::{fanout::Peer, services::Services, session::Worker};

/// A connection, as its conversation knows it.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) worker: Rc<Worker>,
    pub(super) id: SessionId,
    pub(super) peer: Rc<Peer>,
}

impl Connection {
    pub(super) fn services(&self) -> &Services {
        &self.worker.services
    }

    pub(super) fn answer(&self, frame: &ServerFrame) {
        self.peer.outbox().send(frame);
    }
}
