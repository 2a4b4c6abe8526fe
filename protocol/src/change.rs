//! Entries that change what was said before: each names its message by its seq.

use serde::{Deserialize, Serialize};

use crate::{Body, Description, Emoji, MessageId, RoomName, Seq, Topic, User};

/// A message has another text. Only its sender can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Edit {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the client made which asked for it.
    pub id: MessageId,
    /// Who did it, with the name they had then.
    pub sender: User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// The message, by its number.
    pub target: Seq,
    /// What it says now. Missing where it was read back after the message was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Who is mentioned in it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<User>>"))]
    pub mentions: Vec<User>,
}

/// A message is gone, and its text with it. Only its sender can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deletion {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the client made which asked for it.
    pub id: MessageId,
    /// Who did it, with the name they had then.
    pub sender: User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// The message, by its number.
    pub target: Seq,
}

/// Somebody put an emoji on a message, or took it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the client made which asked for it.
    pub id: MessageId,
    /// Who did it, with the name they had then.
    pub sender: User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// The message, by its number.
    pub target: Seq,
    /// Which.
    pub emoji: Emoji,
    /// Put there, or taken back.
    pub on: bool,
}

/// A message was pinned, or is no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pinning {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the client made which asked for it.
    pub id: MessageId,
    /// Who did it, with the name they had then.
    pub sender: User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// The message, by its number.
    pub target: Seq,
    /// Pinned, or no more.
    pub on: bool,
}

/// The room has another topic and description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TopicChange {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the client made which asked for it.
    pub id: MessageId,
    /// Who did it, with the name they had then.
    pub sender: User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// One line; empty for none.
    pub topic: Topic,
    /// Some lines; empty for none.
    pub description: Description,
}
