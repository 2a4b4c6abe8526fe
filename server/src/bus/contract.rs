//! What the nodes of a cluster tell one another with.

use bytes::Bytes;
use tokio::sync::mpsc;

pub use maru_engine::cluster::{NodeId, Topic};

use crate::journal::RoomId;

/// A way for short messages between nodes.
///
/// **Order.** What one node sends on one topic arrives in that order, as far as it arrives.
///
/// **Loss.** Anything may be lost: nothing rests on a message having arrived. What must not be
/// missed is in the journal, or is told again.
///
/// **Bounds.** No call blocks. What can't be sent at once (the bus is away, its buffer is full) is
/// dropped and counted.
pub trait Bus: Send + Sync + 'static {
    /// The id of this node, made when the process began.
    fn node(&self) -> NodeId;

    /// From soon on, what others send about the room is heard. [`BusEvent::Following`] says from when.
    fn follow(&self, room: RoomId);

    /// From soon on it is not.
    fn unfollow(&self, room: RoomId);

    /// Sends to every other node that hears the topic; never to this one.
    fn send(&self, to: Topic, message: Bytes);
}

/// What comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// A message of another node.
    Message {
        /// The node that sent it.
        from: NodeId,
        /// The topic that it was sent on.
        topic: Topic,
        /// The message's bytes, as `wire` reads them.
        message: Bytes,
    },
    /// What is said about the room from now on is heard; after a lost connection, again.
    Following(RoomId),
    /// The bus is there (again), and what is said to every node is heard from now on. What was said
    /// meanwhile is lost.
    Connected,
    /// The bus is away.
    Disconnected,
}

/// Where what comes in comes out: bounded, and what finds it full is dropped and counted.
pub type BusEvents = mpsc::Receiver<BusEvent>;
