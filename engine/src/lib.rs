//! Maru's engine: rooms, membership, presence, publishing and the cluster, as a value.
//!
//! [`Engine::handle`] takes a [`Command`] and says what is to be done, as [`Effects`]. Whoever runs
//! it carries them out: nothing here does I/O, waits, reads a clock, draws a random number or starts
//! a thread. So a server runs it on one thread, and a simulation runs five of them in virtual time.
//!
//! - [`log`]: the values of a room's log, in which the journal's contract is written
//! - [`rooms`]: rooms in use, their newest entries, presence, the directory
//! - `membership`, `publish`, `read_state`: what becomes of commands
//! - [`cluster`]: the other nodes, and who is on them
//! - [`follow`]: the log of a cluster, put in order from what is heard of it
//! - [`Event`], [`SharedEvent`]: what happened, before and beside its encodings

mod actor;
pub mod cluster;
mod collections;
mod command;
#[cfg(feature = "defects")]
pub mod defects;
#[cfg(not(feature = "defects"))]
mod defects;
mod effect;
mod event;
mod flips;
pub mod follow;
pub mod log;
mod membership;
mod options;
mod publish;
mod read_state;
mod refusal;
pub mod rooms;
mod state;
#[cfg(test)]
mod testing;
mod time;

pub use actor::{Actor, Visitor};
pub use collections::Seed;
pub use command::{Command, Enter, NewName, Publish, ReadMarker, Reader};
pub use effect::{Answer, Delivery, Drain, Effects, Ephemeral, FollowChange, Item};
pub use event::{Event, MAX_WIRES, SharedEvent};
pub use membership::Entered;
pub use options::Options;
pub use refusal::Refusal;
pub use state::Engine;
pub use time::Instant;
