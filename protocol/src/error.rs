//! Errors are vocabulary: each has a stable code and says whether a retry can help.

use serde::{Deserialize, Serialize};

/// Declares a closed set of codes with, for each, whether the same request can succeed later.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident => $retryable:literal ),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $( $(#[$variant_doc])* $variant ),+ }

        impl $name {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// Whether the same attempt, later, can succeed.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $( Self::$variant => $retryable ),+ }
            }
        }
    };
}

codes! {
    /// Why a request was refused. The connection goes on unless a `bye` follows.
    ErrorCode {
        /// The frame is not a JSON object.
        NotJson => false,
        /// The `type` is none of this protocol's.
        UnknownType => false,
        /// A field is missing or of the wrong type.
        Malformed => false,
        /// A binary WebSocket message; this protocol is text.
        BinaryFrame => false,
        /// The server doesn't speak the version that `hello` names.
        UnsupportedVersion => false,
        /// The first frame must be `hello`.
        HelloRequired => false,
        /// `hello` comes once per connection.
        AlreadyGreeted => false,
        /// The identity token is not from this server, damaged or expired: say hello without it.
        InvalidToken => false,
        /// The display name breaks a rule; the message says which.
        InvalidName => false,
        /// Another user of the room, present or not, holds a name that looks like this one, or another
        /// room does.
        NameTaken => false,
        /// The room's name breaks a rule; the message says which.
        InvalidRoom => false,
        /// There is no such room; `create` makes one.
        RoomNotFound => false,
        /// The room has another name now: `renamed_to`.
        RoomRenamed => false,
        /// A room of that name exists.
        RoomExists => false,
        /// Join the room first.
        NotJoined => false,
        /// The session is in as many rooms as it can be: leave one.
        TooManyRooms => false,
        /// The body is empty, too long or holds control characters; the message says which.
        InvalidBody => false,
        /// The message id is not a UUID, or belongs to another person's message.
        InvalidId => false,
        /// There is no message with that seq in the room, or it was deleted.
        MessageNotFound => false,
        /// Only who sent a message edits or deletes it.
        NotYours => false,
        /// The message has as many different reactions as it can have.
        TooManyReactions => false,
        /// The room has as many pinned messages as it can have: unpin one.
        TooManyPins => false,
        /// A reaction is one emoji.
        InvalidEmoji => false,
        /// The topic or the description is too long or holds control characters; the message says
        /// which.
        InvalidTopic => false,
        /// The search is empty or too long; the message says which.
        InvalidQuery => false,
        /// Somebody who is mentioned was never in the room.
        UserNotFound => false,
        /// There is no such file, or it is not yours to send.
        FileNotFound => false,
        /// Too many frames: wait `retry_after` milliseconds.
        RateLimited => true,
        /// The server has more to do than it can queue.
        Overloaded => true,
        /// The store doesn't answer; nothing was kept of this request.
        Unavailable => true,
        /// The server is stopping: come back on a new connection.
        ShuttingDown => true,
        /// A bug on our side; it is in the server's log.
        Internal => true,
    }
}

codes! {
    /// Why the server ends a connection. Retryable: connect again and resume.
    ByeCode {
        /// The server stops or restarts.
        Shutdown => true,
        /// The client read too slowly and its outbox was full.
        SlowReader => true,
        /// Nothing was heard for two heartbeats.
        HeartbeatTimeout => true,
        /// No `hello` within the time given.
        HelloTimeout => true,
        /// The user was signed out everywhere: the token is not good any more.
        SignedOut => true,
        /// The client went on after many refusals for sending too much: stay away for `retry_after`.
        RateLimited => true,
        /// The version is not spoken here.
        UnsupportedVersion => false,
        /// Bad frames without end.
        TooManyErrors => false,
    }
}

impl ByeCode {
    /// The WebSocket close code (RFC 6455 section 7.4.1 and the IANA registry it opened).
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Shutdown => 1012,
            Self::SlowReader | Self::HeartbeatTimeout | Self::HelloTimeout | Self::RateLimited => {
                1013
            }
            Self::SignedOut | Self::UnsupportedVersion | Self::TooManyErrors => 1008,
        }
    }
}
