//! The delivery path of one worker thread: from the ChatServer's deliveries to the sockets.
//!
//! [`Hub`] takes deliveries, [`queue`] says which room is written to next, [`subscribers`] who is in
//! a room, [`Outbox`] is the bounded queue of bytes towards one connection.

mod counters;
mod disconnect_reason;
mod format;
mod hub;
mod outbox;
mod pipe;
mod positions;
mod queue;
mod subscribers;
mod subscription;
#[cfg(test)]
pub(crate) mod testing;

pub use disconnect_reason::{Broken, DisconnectReason};
pub use format::{Format, MAX_FORMATS};
pub use hub::{Heartbeat, Holder, Hub, Peer};
pub use outbox::Outbox;
pub use pipe::{Framing, Pipe};
pub(crate) use positions::Positions;
pub(crate) use subscription::{RoomEnd, Subscription};
