//! The steps of the clean stop, as a worker takes them.

use std::rc::Rc;

use maru_engine::Drain;
use maru_protocol::ByeCode;

use crate::fanout::{
    disconnect_reason::DisconnectReason,
    hub::{Hub, Peer},
};

impl Hub {
    /// The close waits until what came before it is written.
    pub(crate) fn close_if_told(&self) {
        if self.stopping.get() == Some(Drain::Close) {
            self.drain(Drain::Close);
        }
    }

    pub(crate) fn drain(&self, step: Drain) {
        let peers: Vec<Rc<Peer>> = self.peers.borrow().values().cloned().collect();
        let count = peers.len();
        for (n, peer) in peers.iter().enumerate() {
            let share = n as f64 / count.max(1) as f64;
            drain_one(peer, step, share_of(step, share));
        }
    }
}

/// A client's own part of the spread: their order in a hash map is random enough.
fn share_of(step: Drain, share: f64) -> u32 {
    match step {
        Drain::Announce { spread } => (f64::from(spread) * share) as u32,
        Drain::Close => 0,
    }
}

/// One connection's step, at once.
pub(crate) fn drain_one(peer: &Peer, step: Drain, wait: u32) {
    let why = "the server restarts";
    match step {
        // Half a second for the listener to close: nobody comes back to the server that goes.
        Drain::Announce { .. } => {
            peer.outbox.announce(ByeCode::Shutdown, why, Some(wait.saturating_add(500)));
        }
        Drain::Close => peer.outbox.close(DisconnectReason::Bye(ByeCode::Shutdown, why)),
    }
}
