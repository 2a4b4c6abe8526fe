//! The log of a cluster as one node hears it: what every node commits, room by room, by seq.
//!
//! ```text
//! journal's commits ─┬─ hint ─▶ bus                    (other nodes)
//!                    ▼
//! bus: hints ─────▶ Follower ──▶ batches ─▶ relay      each followed room's entries by seq, once
//!                    │  ▲   └──▶ soft ────▶ engine     what is never kept
//!         holes, heads  pages
//!                    ▼  │
//!                   journal
//! ```
//!
//! Nothing rests on the bus. What it loses is a hole that a page of the journal closes, or a last
//! entry that a look at the room's head finds. One node alone needs none of this: its commit
//! channel has everything.
//!
//! `order` is the heart, without a clock; `follower` gives it time and the bus, `asking` the journal;
//! `schedule` says when what is due, `wishes` what the engine wants.

mod asking;
mod follower;
mod order;
mod pace;
mod room;
mod schedule;
#[cfg(test)]
mod testing;
mod wishes;

use bytes::Bytes;
use maru_protocol::Seq;

use crate::{
    bus::{NodeId, Topic},
    journal::RoomId,
};

pub use follower::{Follower, Output, Parts};
pub use pace::Pace;

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
pub enum Soft {
    /// Another node says something.
    Message {
        /// Which.
        from: NodeId,
        /// Whom it concerns.
        topic: Topic,
        /// What was given to [`crate::bus::wire::soft`].
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
