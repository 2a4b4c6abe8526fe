//! What carries the messages of a conversation: a WebSocket, or requests of long-polling.
//!
//! A carrier has one TCP connection or two, its *lines*. Whoever holds the sockets' poll opens those that
//! it wants, and tells it what came on which.

mod exchange;
mod polling;
mod rest;
mod websocket;

use std::io::{self, ErrorKind, Write};

use mio::net::TcpStream;

pub use self::{polling::Polling, rest::Rest, websocket::WebSocket};
use super::{Talk, member::Member, outgoing::Outgoing};
use crate::{target::Target, wire::WireError, world::World};

/// Which of a member's TCP connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// What every member has: the WebSocket, or the polls.
    First,
    /// What who polls speaks by.
    Second,
}

/// Who takes what comes.
pub struct Listener<'a> {
    /// The conversation.
    pub talk: &'a mut Talk,
    /// Whose it is.
    pub member: &'a mut Member,
    /// What all share.
    pub world: &'a mut World,
    /// When it came, for those whose latencies are looked at.
    pub now: u64,
}

impl Listener<'_> {
    /// The way is open.
    pub fn upgraded(&mut self) {
        self.talk.upgraded(self.member, self.world);
    }

    /// A message came.
    ///
    /// # Errors
    /// [`WireError`] for what such a server never sends.
    #[inline]
    pub fn heard(&mut self, message: &[u8]) -> Result<(), WireError> {
        self.talk.heard(message, self.now, self.member, self.world)
    }
}

/// What carries the messages of a conversation.
pub trait Carrier {
    /// Begins anew at that server, for a member of that path.
    fn begin(&mut self, target: &Target, path: &str, out: &mut Outgoing);

    /// A line that is to be opened.
    fn wants(&self) -> Option<Line>;

    /// A line that is being connected.
    fn give(&mut self, line: Line, stream: TcpStream);

    /// The socket of a line.
    fn stream(&mut self, line: Line) -> Option<&mut TcpStream>;

    /// Gives all sockets up.
    fn drop_lines(&mut self);

    /// Takes what was read.
    ///
    /// # Errors
    /// [`WireError`] for what a server never sends, or when it refuses.
    fn receive(&mut self, line: Line, bytes: &[u8], to: &mut Listener<'_>)
    -> Result<(), WireError>;

    /// The server closed a line: whether the member is still there without it.
    fn hung_up(&mut self, line: Line) -> bool;

    /// Writes what waits.
    ///
    /// # Errors
    /// When a socket failed.
    fn flush(&mut self, out: &mut Outgoing) -> io::Result<()>;
}

/// Writes what the socket takes now; says how much that is.
fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => written += n,
            // One that is still being connected takes nothing yet.
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) =>
            {
                break;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}
