//! What the bus's thread and everybody else share.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use super::{NatsOptions, budget::Budget, frame};
use crate::{
    bus::{BusEvent, NodeId, Topic},
    journal::RoomId,
    metrics::Metrics,
};

pub(super) struct Shared {
    pub(super) node: NodeId,
    pub(super) prefix: String,
    cluster: Uuid,
    up: AtomicBool,
    /// Bytes that wait to be sent, and bytes that were heard.
    pub(super) sending: Budget,
    hearing: Arc<Budget>,
    /// The latest wish about each room since the bus looked; as many as there are rooms that were
    /// entered or left since.
    wishes: Mutex<HashMap<RoomId, bool>>,
    wished: Notify,
    metrics: Arc<Metrics>,
}

impl Shared {
    pub(super) fn new(node: NodeId, options: &NatsOptions, metrics: Arc<Metrics>) -> Self {
        Self {
            node,
            prefix: options.prefix.clone(),
            cluster: options.cluster,
            up: AtomicBool::new(false),
            sending: Budget::new(options.sends_bytes),
            hearing: Arc::new(Budget::new(options.ears_bytes)),
            wishes: Mutex::default(),
            wished: Notify::new(),
            metrics,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    pub(super) fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Relaxed);
        self.metrics.bus_connected.set(up.into());
    }

    pub(super) fn dropped(&self, what: &str) {
        self.metrics.bus_dropped.with_label_values(&[what]).inc();
    }

    pub(super) fn wish(&self, room: RoomId, follow: bool) {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        wishes.insert(room, follow);
        drop(wishes);
        self.wished.notify_one();
    }

    pub(super) fn take_wishes(&self) -> HashMap<RoomId, bool> {
        mem::take(&mut self.wishes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns when something may have been wished since the last time.
    pub(super) async fn wished(&self) {
        self.wished.notified().await;
    }

    pub(super) fn frame(&self, message: &[u8]) -> Bytes {
        frame::wrap(self.cluster, self.node, message)
    }

    pub(super) fn subject(&self, topic: Topic) -> String {
        match topic {
            Topic::Room(RoomId(id)) => format!("{}.room.{id}", self.prefix),
            Topic::Nodes => format!("{}.nodes", self.prefix),
        }
    }

    /// Something came in on a topic.
    pub(super) fn hear(&self, topic: Topic, framed: Bytes, ears: &mpsc::Sender<BusEvent>) {
        let Some((from, message)) = frame::unwrap(self.cluster, framed) else {
            return self.dropped("strange");
        };
        // The server does not echo; a second connection of ours would.
        if from == self.node {
            return;
        }
        let Some(message) = self.hearing.lend(message) else {
            return self.dropped("ears_full");
        };
        if ears.try_send(BusEvent::Message { from, topic, message }).is_err() {
            self.dropped("ears_full");
        }
    }
}
