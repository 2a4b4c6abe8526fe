//! A connection that is open.

use std::{rc::Rc, sync::Arc};

use maru_protocol::SessionId;

use crate::{
    fanout::DisconnectReason,
    limits::{Held, ShownAddress},
    runtime::OpenCount,
    session::Worker,
};

/// Counts a connection for as long as it lives, whatever ends it.
pub(super) struct Open {
    worker: Rc<Worker>,
    count: Arc<OpenCount>,
    _place: Held,
    from: ShownAddress,
}

impl Open {
    pub(super) fn new(
        worker: Rc<Worker>,
        count: Arc<OpenCount>,
        place: Held,
        from: ShownAddress,
    ) -> Self {
        count.add();
        worker.services.metrics.connections.inc();
        Self { worker, count, _place: place, from }
    }

    /// It ended: logs and counts why. `user`: the id of who was there, empty where nobody said hello.
    pub(super) fn ended(&self, wire: &str, session: SessionId, user: &str, why: &DisconnectReason) {
        let reason = why.reason();
        let address = self.from;
        log::info!(session:%, user, reason, wire, address:%; "disconnected");
        self.worker.services.metrics.ended.with_label_values(&[reason]).inc();
    }

    /// The worker that it lives on.
    pub(super) fn worker(&self) -> &Rc<Worker> {
        &self.worker
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.worker.services.metrics.connections.dec();
        self.count.remove();
    }
}
