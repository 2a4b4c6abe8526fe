//! Engine.IO, revision 4: sessions over HTTP long-polling and WebSocket, and the upgrade from one to the
//! other.
//!
//! Knows nothing of chat: an [`Application`] is told of each session and its messages, and answers by
//! the session's [`Link`]. `examples/socketio_echo.rs` is another one.
//!
//! A session lives on the worker thread that opened it, its *home*. Its requests may arrive at any
//! thread and are handed over; the session's id says to which. What goes to the client is framed for
//! WebSocket in any case, so that one buffer serves all members of a room and the order holds through an
//! upgrade: for long-polling the pipe takes the frames apart again.

mod door;
mod framing;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod link;
mod packets;
mod polls;
mod probe;
mod query;
mod refusal;
mod session;
mod sessions;
mod sid;

use std::time::Duration;

use bytes::Bytes;

use super::intake::Entry;
use crate::fanout::{DisconnectReason, Format};

pub use door::{Admission, Door, Homes, route};
pub use framing::ENGINEIO;
pub use link::Link;
pub use polls::{PollBody, Polled, Polls};
pub use refusal::Refusal;
pub use sessions::{Home, Sessions};

/// What an operator, or an example, sets.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A client hears a heartbeat as often.
    pub ping_interval: Duration,
    /// So long it may take to answer.
    pub ping_timeout: Duration,
    /// Most bytes of a message, and of the body of a POST.
    pub max_payload: usize,
    /// Most bytes that wait towards one client before it is closed as too slow.
    pub outbox_bytes: usize,
    /// What becomes of a poll when the same session polls again.
    pub second_poll: SecondPoll,
}

/// What becomes of a poll when the same session polls again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondPoll {
    /// The newer one takes its place: the older one was given up by a client whose network changed, and
    /// a proxy in between may not have noticed.
    Replaces,
    /// The session is closed, as the reference implementation does.
    Closes,
}

/// A message of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

/// What sessions are for.
pub trait Application: 'static {
    /// What it keeps of a session.
    type Conversation: Conversation;

    /// How its answers look: in the framing [`ENGINEIO`].
    fn format(&self) -> &'static Format;

    /// A session begins, on this thread.
    fn open(&self, link: Link, entry: Entry) -> Self::Conversation;
}

/// One session, as its application sees it.
pub trait Conversation: 'static {
    /// Waits for the session's turn, before something that it said is looked at.
    fn turn(&self) -> impl Future<Output = ()>;

    /// Something came from the client, if only the answer to a heartbeat.
    fn heard(&self);

    /// Bytes in memory of what the client has begun to say in several messages.
    fn kept(&self) -> usize {
        0
    }

    /// A message of the client. The next one comes when this one is done.
    ///
    /// # Errors
    /// When there is no going on: the session ends, and what came behind the message is not looked at.
    fn take(&mut self, message: Message) -> impl Future<Output = Result<(), DisconnectReason>>;

    /// What is left of it until its last bytes are written.
    type Rest;

    /// The session ended.
    fn end(self, why: &DisconnectReason) -> impl Future<Output = Self::Rest>;
}
