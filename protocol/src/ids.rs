//! Identifiers and positions.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The number of an entry in its room's log: from 1, without holes. 0 is the position before the
/// first entry.
///
/// At most 2^53 - 1, the largest integer a JavaScript number holds exactly (ECMA-262,
/// `Number.MAX_SAFE_INTEGER`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Seq(
    #[cfg_attr(feature = "generate", ts(type = "number"), schemars(range(min = 0)))] u64,
);

/// A number above [`Seq::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a seq is at most 9007199254740991 (2^53 - 1)")]
pub struct SeqError;

impl Seq {
    /// Before the first entry.
    pub const ZERO: Self = Self(0);
    /// The largest seq.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// A seq from its number.
    ///
    /// # Errors
    /// [`SeqError`] above 2^53 - 1.
    pub const fn new(number: u64) -> Result<Self, SeqError> {
        if number > Self::MAX.0 { Err(SeqError) } else { Ok(Self(number)) }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The seq after this one. A room that reached [`Seq::MAX`] stays there: at a million entries
    /// a second that takes 285 years.
    #[must_use]
    pub const fn next(self) -> Self {
        if self.0 == Self::MAX.0 { self } else { Self(self.0 + 1) }
    }

    /// The seq before this one; 0 stays 0.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl TryFrom<u64> for Seq {
    type Error = SeqError;
    fn try_from(number: u64) -> Result<Self, SeqError> {
        Self::new(number)
    }
}

impl From<Seq> for u64 {
    fn from(seq: Seq) -> Self {
        seq.0
    }
}

impl std::fmt::Display for Seq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A UUID with a meaning. All are UUIDs (RFC 9562) in their hyphenated lower-case form on the wire.
macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        #[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(#[cfg_attr(feature = "generate", ts(type = "string"))] pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_newtype! {
    /// One live connection. Version 7, made by the server.
    SessionId
}
uuid_newtype! {
    /// The id of a message, or of another durable change, made by the client that asks for it: the
    /// same id gives the same seq for ever, which makes a retry safe.
    MessageId
}
uuid_newtype! {
    /// A file's id, made by the server. Version 4: 122 random bits, which nobody guesses.
    FileId
}
uuid_newtype! {
    /// A journal's epoch. Made with the journal; another one means that history was lost
    /// (a restored backup, a dropped file) and that a client's positions are worth nothing.
    Epoch
}

/// Who someone is: the `sub` of the identity token. At most 128 bytes, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserId(#[cfg_attr(feature = "generate", ts(type = "string"))] pub String);

impl UserId {
    /// What the ids begin with that a server makes up for who comes without a token.
    pub const GUEST: &str = "guest-";
}

impl std::fmt::Display for UserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Pairs a request with its answer. The client's choosing; the server only repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Ref(pub u32);

/// A place in a room's log, valid in one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Position {
    /// The epoch the seq belongs to.
    pub epoch: Epoch,
    /// The last seq that the client has; 0 for none.
    pub seq: Seq,
}

/// The seqs that a page of a room's log speaks of, both inclusive. An entry in it that the page does
/// not list changed a message, and the message has the change in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Covers {
    /// The oldest; the next older page is the one before it. 1 where the log begins.
    pub from: Seq,
    /// The newest; `from` - 1 in a page of nothing.
    pub to: Seq,
}

impl Covers {
    /// Nothing, right after that entry.
    #[must_use]
    pub const fn nothing_after(seq: Seq) -> Self {
        Self { from: seq.next(), to: seq }
    }

    /// Whether it speaks of that seq.
    #[must_use]
    pub const fn contains(self, seq: Seq) -> bool {
        self.from.get() <= seq.get() && seq.get() <= self.to.get()
    }
}
