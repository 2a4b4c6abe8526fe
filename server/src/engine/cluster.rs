//! The other nodes of a cluster, as one node's engine knows them.
//!
//! Each node owns who is in which room *on it*, and tells the others what changes. So everybody
//! knows of everybody: a room's roster and count are of all nodes, and a room that comes into use
//! here needs to ask nobody. It is soft state: what is lost shows as a number that does not fit, and
//! is told again whole.
//!
//! - [`gossip`]: what nodes say
//! - [`local`]: what this node has to tell
//! - [`remote`]: what the others told

pub(crate) mod gossip;
pub(crate) mod local;
pub(crate) mod remote;

use std::{sync::Arc, time::Duration};

use maru_protocol::User;
use tokio::time::Instant;

pub(crate) use self::{
    gossip::{Active, Person, ReadElsewhere, Signal},
    local::Own,
    remote::{Change, Peers},
};
use crate::{
    bus::{Bus, Topic, wire},
    follow::Follow,
    runtime::messages::Visitor,
};

/// What ties an engine to the others of its cluster.
pub struct Cluster {
    bus: Arc<dyn Bus>,
    pub(crate) follow: Arc<dyn Follow>,
    pub(crate) own: Own,
    pub(crate) peers: Peers,
    /// The bus is there: who is not heard is silent.
    pub(crate) hears: bool,
}

impl Cluster {
    /// A node that has told nothing and heard nothing.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>, follow: Arc<dyn Follow>) -> Self {
        Self { bus, follow, own: Own::default(), peers: Peers::default(), hears: false }
    }

    /// Tells the nodes that a topic concerns.
    pub(crate) fn tell(&self, to: Topic, signal: &Signal) {
        self.bus.send(to, wire::soft(&signal.encode()));
    }

    /// Whether somebody means this node.
    pub(crate) fn is_me(&self, node: uuid::Uuid) -> bool {
        self.bus.node().0 == node
    }
}

/// Lets something through at most once in a while.
#[derive(Default)]
struct Seldom {
    last: Option<Instant>,
}

impl Seldom {
    /// Whether the last time is `pause` ago; then this is the last time.
    fn may(&mut self, now: Instant, pause: Duration) -> bool {
        let long_ago = |last: Instant| now.saturating_duration_since(last) >= pause;
        let may = self.last.is_none_or(long_ago);
        if may {
            self.last = Some(now);
        }
        may
    }
}

/// Somebody on another node, as rooms know people.
fn visitor(user: User) -> Arc<Visitor> {
    let skeletons = user.name.skeletons();
    Arc::new(Visitor { worker: 0, user, skeletons })
}
