//! What a room's log is made of.

use serde::{Deserialize, Serialize};

use crate::{Body, DisplayName, MessageId, RoomName, Seq, UserId};

/// A person, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Who; stays the same when the name changes.
    pub id: UserId,
    /// What they are called.
    pub name: DisplayName,
}

/// One numbered, durable change in a room's log. New kinds may come: a client that doesn't know a
/// `kind` keeps its `seq` and shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Entry {
    /// Somebody said something.
    Message(Message),
}

impl Entry {
    /// The entry's number in its room.
    #[must_use]
    pub fn seq(&self) -> Seq {
        match self {
            Self::Message(message) => message.seq,
        }
    }
}

/// A message in a room's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the sender's client made.
    pub id: MessageId,
    /// Who sent it, with the name they had then.
    pub sender: User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z. Never orders anything.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// What it says.
    pub body: Body,
}
