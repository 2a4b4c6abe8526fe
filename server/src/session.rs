//! One connection's conversation: what a frame means, and its answer.
//!
//! The transport reads frames and calls [`Conversation::handle`] with one at a time; answers go to the
//! outbox. A conversation has two states, each a type of its own: a `Greeting`, in which nobody said
//! who they are, and the `Session` that a `hello` makes of it. `commands` has a file for each command.
//! Dropping the conversation ends its memberships, whatever ended it.

mod admission;
mod charge;
mod commands;
mod connection;
mod conversation;
mod greeting;
mod identified;
mod rate_limit;
mod refusal;
pub mod socketio;
mod worker;

pub use self::{admission::AdmissionQueue, conversation::Conversation, worker::Worker};
