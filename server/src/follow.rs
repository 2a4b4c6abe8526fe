//! The log of a cluster as one node hears it: what every node commits, room by room, by seq.
//!
//! ```text
//! journal's commits ─┬─ hint ─▶ bus                         (other nodes)
//!                    ▼
//! bus: hints ─────▶ Follower ──▶ batches ───▶ relay         each followed room's entries by seq, once
//!                    │  ▲   └──▶ others say ▶ engine        what is never kept
//!         holes, heads  pages
//!                    ▼  │
//!                   journal
//! ```
//!
//! What it decides is [`maru_engine::follow`], a value. Here it gets time, the channels, the bus
//! and the journal: `follower` drives it, `reads` asks the journal, `requests` holds what the
//! engine wants followed.

mod follower;
mod options;
mod reads;
mod requests;
#[cfg(test)]
mod testing;

use bytes::Bytes;
use maru_protocol::Seq;

use crate::{
    bus::{NodeId, Topic},
    journal::RoomId,
};

pub use follower::{Follower, Output, Parts};
pub use maru_engine::follow::FollowOptions;
pub use options::FollowerOptions;

/// Which rooms are followed. No call blocks, and each may come from anywhere.
///
/// **Order.** A call counts before every append that whoever made it hands to the journal
/// afterwards.
pub trait Follow: Send + Sync + 'static {
    /// From now on every entry of the room above `head` comes out, by seq. A room that is followed
    /// already stays where it is, so an entry up to `head` can still come.
    fn follow(&self, room: RoomId, head: Seq);

    /// From soon on none does. Followed again, the room begins at the head given then.
    fn unfollow(&self, room: RoomId);
}

/// What other nodes say that is never kept, and how the bus is. In the order in which it came in;
/// what finds the channel full is dropped and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterEvent {
    /// Another node says something.
    Message {
        /// The node that says it.
        from: NodeId,
        /// Whom it concerns.
        topic: Topic,
        /// What was given to [`crate::bus::encoding::soft`].
        says: Bytes,
    },
    /// What is said about the room from now on is heard; after a lost connection, again. The time
    /// to ask the others what they know of it.
    Following(RoomId),
    /// The bus is there (again). Never dropped: told late rather than not at all.
    Connected,
    /// The bus is away. Never dropped either.
    Disconnected,
}
