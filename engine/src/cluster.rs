//! The other nodes of a cluster, as one node's engine knows them.
//!
//! Each node owns who is in which room *on it*, and tells the others what changes. So everybody
//! knows of everybody: a room's roster and count are of all nodes, and a room that comes into use
//! here needs to ask nobody. It is soft state: what is lost shows as a number that does not fit, and
//! is told again whole.
//!
//! - [`gossip`]: what nodes say to one another
//! - [`local`]: what this node has to tell
//! - [`remote`]: what the others told
//! - [`exchange`]: how the engine tells, and what it makes of what it hears

mod exchange;
mod gossip;
mod local;
mod remote;

use std::{sync::Arc, time::Duration};

use maru_protocol::User;
use uuid::Uuid;

pub use self::gossip::{
    Active, Gossip, ReadElsewhere, RemoteUser, RemovedRoom, RenamedRoom, RoomChange,
};
pub(crate) use self::{
    local::LocalPresence,
    remote::{RemoteChange, RemotePresence},
};
use crate::{Instant, Visitor, collections::Seed, log::RoomId};

/// One socket server of a cluster, for as long as its process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub Uuid);

/// Whom a message concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// The nodes that follow the room.
    Room(RoomId),
    /// Every node.
    Nodes,
}

/// What ties an engine to the others of its cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// This node.
    pub(crate) node: NodeId,
    pub(crate) local: LocalPresence,
    pub(crate) remote: RemotePresence,
    /// The bus is there: who is not heard is silent.
    pub(crate) connected: bool,
    /// When this node says that it lives, and looks who does not any more.
    pub(crate) next_beat: Instant,
}

impl Cluster {
    /// A node that has told nothing and heard nothing.
    pub(crate) fn new(node: NodeId, seed: Seed, now: Instant) -> Self {
        Self {
            node,
            local: LocalPresence::new(seed),
            remote: RemotePresence::new(seed),
            connected: false,
            next_beat: now + exchange::BEAT,
        }
    }

    /// When there is something to tell.
    pub(crate) fn due(&self) -> Option<Instant> {
        let told = [self.local.changes_due, self.local.active_due];
        told.into_iter().flatten().chain([self.next_beat]).min()
    }
}

/// Lets something through at most once in a while.
#[derive(Debug, Default)]
struct Throttle {
    last: Option<Instant>,
}

impl Throttle {
    /// Whether the last time is `pause` ago; then this is the last time.
    fn may(&mut self, now: Instant, pause: Duration) -> bool {
        let may = self.last.is_none_or(|last| now.saturating_since(last) >= pause);
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
