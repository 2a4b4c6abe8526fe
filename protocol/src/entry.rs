//! What a room's log is made of.

use serde::{Deserialize, Serialize};

use crate::{Deletion, Edit, Pinning, Reaction, TopicChange};
use crate::{DisplayName, Message, MessageId, RoomName, Seq, Tombstone, UserId};

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
///
/// An entry says what happened then. A *message* that is read back (`joined`, `page`, `results`)
/// says besides what became of it since: see [`Message::changed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Entry {
    /// Somebody said something.
    Message(Message),
    /// A message that was deleted, read back: its place in the log, and nothing of what it said.
    Tombstone(Tombstone),
    /// A message has another text.
    Edit(Edit),
    /// A message is gone.
    Delete(Deletion),
    /// Somebody put a reaction on a message, or took it back.
    Reaction(Reaction),
    /// A message was pinned, or is no more.
    Pin(Pinning),
    /// The room has another topic.
    Topic(TopicChange),
}

/// What every entry has, whatever its kind.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The room.
    pub room: &'a RoomName,
    /// Its number there.
    pub seq: Seq,
    /// The id that the client made which asked for it.
    pub id: MessageId,
    /// Who did it, with the name they had then.
    pub sender: &'a User,
    /// When the server took it: milliseconds since 1970-01-01T00:00Z. Never orders anything.
    pub at: u64,
}

macro_rules! head {
    ($entry:expr, $($kind:ident),+) => {
        match $entry {
            $( Entry::$kind(it) => Head {
                room: &it.room, seq: it.seq, id: it.id, sender: &it.sender, at: it.at,
            } ),+
        }
    };
}

impl Entry {
    /// What every entry has.
    #[must_use]
    pub fn head(&self) -> Head<'_> {
        head!(self, Message, Tombstone, Edit, Delete, Reaction, Pin, Topic)
    }

    /// The room is called by this name now.
    pub fn call_room(&mut self, name: RoomName) {
        let room = match self {
            Self::Message(it) => &mut it.room,
            Self::Tombstone(it) => &mut it.room,
            Self::Edit(it) => &mut it.room,
            Self::Delete(it) => &mut it.room,
            Self::Reaction(it) => &mut it.room,
            Self::Pin(it) => &mut it.room,
            Self::Topic(it) => &mut it.room,
        };
        *room = name;
    }

    /// The entry's number in its room.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.head().seq
    }

    /// The message that it changes, if it changes one.
    #[must_use]
    pub fn target(&self) -> Option<Seq> {
        match self {
            Self::Message(_) | Self::Tombstone(_) | Self::Topic(_) => None,
            Self::Edit(edit) => Some(edit.target),
            Self::Delete(deletion) => Some(deletion.target),
            Self::Reaction(reaction) => Some(reaction.target),
            Self::Pin(pinning) => Some(pinning.target),
        }
    }

    /// Whether it moves its room up in the directory: something is said, or the room has another
    /// topic. What becomes of older messages does not.
    #[must_use]
    pub fn is_activity(&self) -> bool {
        matches!(self, Self::Message(_) | Self::Tombstone(_) | Self::Topic(_))
    }

    /// Bytes of what people wrote in it, by which pages and replays are bounded.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Message(message) => message.text_bytes(),
            Self::Edit(edit) => edit.body.as_ref().map_or(0, |body| body.as_str().len()),
            Self::Topic(change) => change.topic.as_str().len() + change.description.as_str().len(),
            Self::Tombstone(_) | Self::Delete(_) | Self::Reaction(_) | Self::Pin(_) => 0,
        }
    }
}
