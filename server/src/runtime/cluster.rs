//! What ties an engine to the others of its cluster: gossip as bytes, there and back.

use std::sync::Arc;

use maru_engine::{
    Command,
    cluster::{Gossip, NodeId, Topic},
};

use crate::{
    bus::{Bus, encoding},
    follow::{ClusterEvent, Follow},
};

/// The bus and the follower, as the ChatServer uses them.
pub struct Cluster {
    bus: Arc<dyn Bus>,
    pub(crate) follow: Arc<dyn Follow>,
}

impl Cluster {
    /// A node that has told nothing and heard nothing.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>, follow: Arc<dyn Follow>) -> Self {
        Self { bus, follow }
    }

    /// This node.
    pub(crate) fn node(&self) -> NodeId {
        self.bus.node()
    }

    /// Tells the nodes that a topic concerns.
    pub(crate) fn gossip(&self, to: Topic, gossip: &Gossip) {
        self.bus.send(to, encoding::soft(&encode(gossip)));
    }
}

fn encode(gossip: &Gossip) -> Vec<u8> {
    // Plain data without maps has a JSON form always.
    serde_json::to_vec(gossip).unwrap_or_default()
}

/// From bytes; none for what this version does not know.
fn decode(bytes: &[u8]) -> Option<Gossip> {
    serde_json::from_slice(bytes).ok()
}

/// What the bus brought, for the engine.
pub(super) fn command(event: ClusterEvent) -> Option<Command> {
    match event {
        ClusterEvent::Message { from, topic, says } => {
            decode(&says).map(|gossip| Command::Heard { from, topic, gossip })
        }
        ClusterEvent::Connected => Some(Command::BusConnected),
        ClusterEvent::Disconnected => Some(Command::BusDisconnected),
        ClusterEvent::Following(_) => None,
    }
}

#[cfg(test)]
mod tests;
