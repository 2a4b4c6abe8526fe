//! Refusals: a code to act on, a sentence for a person, and when to try again.

use std::borrow::Cow;

use maru_protocol::{ErrorCode, FrameError, Ref, RoomName, ServerFrame};

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What a client acts on.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: Cow<'static, str>,
    /// Milliseconds to wait before the same request can succeed; none where it can't.
    pub retry_after: Option<u32>,
    /// The name that the room has now, with `room_renamed`. Boxed, as it is rare.
    pub renamed_to: Option<Box<RoomName>>,
}

impl Refusal {
    /// A refusal that may be tried again after a second, where its code says that it may.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = code.retryable().then_some(1_000);
        Self { code, message: message.into(), retry_after, renamed_to: None }
    }

    /// A room that was asked for by a name that it had.
    #[must_use]
    pub fn renamed(asked: &RoomName, now: RoomName) -> Self {
        let message = format!("the room “{asked}” is called “{now}” now: use that name");
        let renamed_to = Some(Box::new(now));
        Self { renamed_to, ..Self::new(ErrorCode::RoomRenamed, message) }
    }

    /// As the answer to a request, or to what was none.
    #[must_use]
    pub fn answer(self, reference: Option<Ref>) -> ServerFrame {
        let Self { code, message, retry_after, renamed_to } = self;
        let (message, renamed_to) = (message.into_owned(), renamed_to.map(|name| *name));
        ServerFrame::Error { reference, code, message, retry_after, renamed_to }
    }
}

/// What is not even a frame.
impl From<FrameError> for Refusal {
    fn from(error: FrameError) -> Self {
        Self::new(error.code, error.message)
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        let message = match code {
            ErrorCode::NameTaken => {
                "somebody else in this room goes by a name that looks like yours: choose another one"
            }
            ErrorCode::NotJoined => "join the room before you send to it",
            ErrorCode::Overloaded => "the server has more to store than it can queue",
            ErrorCode::ShuttingDown => "the server restarts: come back on a new connection",
            ErrorCode::HelloRequired => "say hello first",
            _ => "the server can't do that",
        };
        Self::new(code, message)
    }
}
