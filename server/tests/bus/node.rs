//! One end of the bus, and what it heard.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use maru_server::{
    bus::{
        Bus, BusEvent, BusEvents, NodeId, Topic,
        nats::{Nats, NatsOptions},
    },
    journal::RoomId,
    metrics::Metrics,
};
use tokio::time::timeout;
use uuid::Uuid;

use crate::nats::PATIENCE;

pub const CLUSTER: Uuid = Uuid::from_u128(0xC1);

pub struct Node {
    pub bus: Arc<dyn Bus>,
    pub ears: BusEvents,
    pub metrics: Arc<Metrics>,
    heard: VecDeque<BusEvent>,
}

pub fn room(number: i64) -> Topic {
    Topic::Room(RoomId(number))
}

impl Node {
    /// Not waiting for NATS.
    pub fn alone(url: &str) -> Self {
        Self::with(NatsOptions::new(url, "maru", CLUSTER))
    }

    pub fn with(options: NatsOptions) -> Self {
        let metrics = Arc::new(Metrics::new().unwrap());
        let (bus, ears) = Nats::connect(options, metrics.clone()).unwrap();
        Self { bus, ears, metrics, heard: VecDeque::new() }
    }

    /// Connected, hearing these rooms.
    pub async fn hearing(url: &str, rooms: &[i64]) -> Self {
        let mut node = Self::alone(url);
        node.expect(BusEvent::Connected).await;
        node.follow(rooms).await;
        node
    }

    pub async fn follow(&mut self, rooms: &[i64]) {
        rooms.iter().for_each(|room| self.bus.follow(RoomId(*room)));
        self.following(rooms.len()).await;
    }

    /// Waits until so many more rooms are heard.
    pub async fn following(&mut self, rooms: usize) {
        for _ in 0..rooms {
            let heard = self.next().await;
            assert!(matches!(heard, BusEvent::Following(_)), "{heard:?}");
        }
    }

    pub fn id(&self) -> NodeId {
        self.bus.node()
    }

    pub fn say(&self, to: Topic, says: &str) {
        self.bus.send(to, Bytes::copy_from_slice(says.as_bytes()));
    }

    pub async fn next(&mut self) -> BusEvent {
        match self.heard.pop_front() {
            Some(heard) => heard,
            None => timeout(PATIENCE, self.ears.recv()).await.expect("nothing").expect("the end"),
        }
    }

    pub async fn expect(&mut self, wanted: BusEvent) {
        assert_eq!(self.next().await, wanted);
    }

    pub async fn hears(&mut self, from: NodeId, topic: Topic, says: &str) {
        let message = Bytes::copy_from_slice(says.as_bytes());
        self.expect(BusEvent::Message { from, topic, message }).await;
    }

    /// Nothing is on its way: a message of the other node on the topic of all is the next one.
    pub async fn hears_nothing_before(&mut self, other: &Self) {
        other.say(Topic::Nodes, "that was all");
        self.hears(other.id(), Topic::Nodes, "that was all").await;
    }

    pub fn dropped(&self, what: &str) -> u64 {
        self.metrics.bus_dropped.with_label_values(&[what]).get()
    }

    pub fn is_connected(&self) -> bool {
        self.metrics.bus_connected.get() == 1
    }

    /// How long it takes until this is heard; what comes before it is put aside.
    pub async fn until(&mut self, wanted: BusEvent) -> Duration {
        let started = Instant::now();
        loop {
            let heard = timeout(PATIENCE, self.ears.recv()).await.expect("nothing").unwrap();
            if heard == wanted {
                return started.elapsed();
            }
        }
    }
}
