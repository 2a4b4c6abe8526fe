//! Why a connection ended.

use maru_protocol::ByeCode;

/// Why a connection ended. The first reason stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The server ended it, with this code and sentence.
    Bye(ByeCode, &'static str),
    /// The peer broke the transport's rules, or closed: the transport's own close code.
    Close(u16, &'static str),
    /// The socket failed or the peer vanished.
    Gone(&'static str),
}

impl DisconnectReason {
    /// One word or sentence for the log and the metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Bye(ByeCode::Shutdown, _) => "shutdown",
            Self::Bye(ByeCode::SlowReader, _) => "slow reader",
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
