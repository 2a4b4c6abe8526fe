//! What is sent, in its order, while the bus is there.

use std::{sync::Arc, time::Duration};

use async_nats::{Client, PublishErrorKind};
use bytes::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::{connection::ConnectionState, shared::Shared};
use crate::bus::Topic;

/// How long the end waits for what is on its way.
const LAST: Duration = Duration::from_millis(500);

pub(super) struct Outgoing {
    pub(super) client: Client,
    pub(super) shared: Arc<Shared>,
    pub(super) queue: mpsc::Receiver<(Topic, Bytes)>,
    pub(super) link: watch::Receiver<ConnectionState>,
}

impl Outgoing {
    /// Sends until nobody can send any more.
    pub(super) async fn run(mut self) {
        while let Some((topic, message)) = self.queue.recv().await {
            let size = message.len();
            self.send(topic, message).await;
            self.shared.sending.give(size);
        }
        if self.shared.is_up() {
            let _ = timeout(LAST, self.client.flush()).await;
        }
    }

    async fn send(&mut self, topic: Topic, message: Bytes) {
        if !self.link.borrow_and_update().up {
            return self.shared.dropped("away");
        }
        let subject = self.shared.subject(topic);
        // A connection that takes nothing stops here, until it is noticed to be gone.
        let sent = tokio::select! {
            biased;
            sent = self.client.publish(subject, message) => sent,
            _ = self.link.changed() => return self.shared.dropped("away"),
        };
        match sent.map_err(|error| error.kind()) {
            Ok(()) => {}
            Err(PublishErrorKind::MaxPayloadExceeded) => self.shared.dropped("too_long"),
            Err(_) => self.shared.dropped("away"),
        }
    }
}
