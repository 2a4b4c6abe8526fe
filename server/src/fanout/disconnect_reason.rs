//! Why a connection ended.

use std::io;

use maru_protocol::ByeCode;

/// Why a connection ended. The first reason stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The server ended it, with this code and sentence.
    Bye(ByeCode, &'static str),
    /// The peer broke the transport's rules, or closed: the transport's own close code.
    Close(u16, &'static str),
    /// The socket failed.
    Broken(Broken),
    /// The peer vanished, or has no more to say.
    Gone(&'static str),
}

/// How a socket failed.
///
/// A peer that stops reading and one that vanished look alike at first: the system gives both up when its
/// bytes are not acknowledged for as long as `TCP_USER_TIMEOUT` says (`ETIMEDOUT`). They differ in what
/// waits *here*. The kernel's buffer takes what a room says in those seconds, so that for somebody who
/// was up to date when they vanished nothing waits in the outbox. For somebody who reads more slowly than
/// their rooms produce the buffer was full before, and the rest waits in the outbox. The same holds for a
/// connection that is reset: who closes a page that lagged behind was a slow reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The peer reset it.
    Reset,
    /// The system gave it up, and nothing waited here: the peer vanished.
    TimedOut,
    /// It failed while bytes waited for the socket to take more.
    Behind,
}

impl From<&io::Error> for Broken {
    fn from(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut { Self::TimedOut } else { Self::Reset }
    }
}

impl DisconnectReason {
    /// One word or sentence for the log and the metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Bye(ByeCode::Shutdown, _) => "shutdown",
            Self::Bye(ByeCode::SlowReader, _) | Self::Broken(Broken::Behind) => "slow reader",
            Self::Broken(Broken::Reset) => "connection reset",
            Self::Broken(Broken::TimedOut) => "timed out",
            Self::Bye(ByeCode::HeartbeatTimeout, _) => "heartbeat timeout",
            Self::Bye(ByeCode::HelloTimeout, _) => "hello timeout",
            Self::Bye(ByeCode::SignedOut, _) => "signed out",
            Self::Bye(ByeCode::UnsupportedVersion, _) => "unsupported version",
            Self::Bye(ByeCode::RateLimited, _) => "rate limited",
            Self::Bye(ByeCode::TooManyErrors, _) => "too many errors",
            Self::Close(_, reason) | Self::Gone(reason) => reason,
        }
    }
}
