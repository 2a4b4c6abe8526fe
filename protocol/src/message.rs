//! A message: what it said, and what became of it.

use serde::{Deserialize, Serialize};

use crate::{Body, Emoji, FileInfo, MessageId, RoomName, Seq, User};

/// A message in a room's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
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
    /// What it says. Missing where it only carries files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    /// Who is mentioned in it, with the name that stands behind the `@`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<User>>"))]
    pub mentions: Vec<User>,
    /// What it carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<FileInfo>>"))]
    pub files: Vec<FileInfo>,
    /// Its text is not the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// What people put on it, in the order of the first of each emoji.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<Reacted>>"))]
    pub reactions: Vec<Reacted>,
    /// The seq of the newest entry that this state of the message has in it. An entry with a
    /// greater seq that targets the message is to be applied to it; any other is known already.
    /// Without it: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Seq>,
}

impl Message {
    /// A message as it is said: a text and nothing else.
    #[must_use]
    pub fn of(room: RoomName, seq: Seq, id: MessageId, sender: User, at: u64, body: Body) -> Self {
        Self {
            room,
            seq,
            id,
            sender,
            at,
            body: Some(body),
            reply_to: None,
            mentions: Vec::new(),
            files: Vec::new(),
            edited: None,
            reactions: Vec::new(),
            changed: None,
        }
    }

    /// Its text; empty where it only carries files.
    #[must_use]
    pub fn text(&self) -> &str {
        self.body.as_ref().map_or("", Body::as_str)
    }

    /// Bytes of what people wrote in it, and of the names of those who are named in it.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        let quoted = self.reply_to.as_ref().and_then(|quote| quote.excerpt.as_ref());
        let names = |users: &[User]| -> usize {
            users.iter().map(|user| user.id.0.len() + user.name.as_str().len()).sum()
        };
        let files: usize = self.files.iter().map(|file| file.name.as_str().len()).sum();
        let reacted: usize = self.reactions.iter().map(|reacted| names(&reacted.users)).sum();
        self.text().len() + quoted.map_or(0, String::len) + names(&self.mentions) + files + reacted
    }
}

/// A message that was deleted, in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tombstone {
    /// The room.
    pub room: RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the sender's client made.
    pub id: MessageId,
    /// Who had sent it.
    pub sender: User,
    /// When they had: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
    /// When it was deleted: milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub deleted_at: u64,
    /// The seq of the entry that deleted it.
    pub changed: Seq,
}

/// The message that another one answers, as it is when this is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Its number in the same room.
    pub seq: Seq,
    /// Who sent it.
    pub sender: User,
    /// How its text begins, at most [`crate::MAX_EXCERPT_CHARS`] characters. Missing where it was
    /// deleted or only carries files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// It was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "generate", ts(optional, as = "Option<bool>"))]
    pub deleted: bool,
}

/// What one person put on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct OwnReactions {
    /// The message.
    pub target: Seq,
    /// Which, in the message's order.
    pub emoji: Vec<Emoji>,
}

/// When a text was last replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Edited {
    /// The entry that did it.
    pub seq: Seq,
    /// Milliseconds since 1970-01-01T00:00Z.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub at: u64,
}

/// One emoji on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reacted {
    /// Which.
    pub emoji: Emoji,
    /// How many people.
    pub count: u32,
    /// Who, the first ones first; at most [`crate::MAX_REACTED_USERS`] of them.
    pub users: Vec<User>,
}
