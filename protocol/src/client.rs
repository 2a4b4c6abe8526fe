//! Client to server.

use serde::{Deserialize, Serialize};

use crate::{
    Body, Description, DisplayName, Emoji, FileId, MessageId, Position, Query, Ref, RoomName, Seq,
    Topic, UserId,
};

/// What a client can say. A frame with a `ref` gets exactly one answer that repeats it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub enum ClientFrame {
    /// The first frame, once per connection. Answer: `welcome`.
    Hello {
        /// The protocol's version, [`crate::VERSION`].
        version: u32,
        /// The identity token of an earlier `welcome`; without one the server makes a guest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// The name to go by; required without a token, renames its holder with one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<DisplayName>,
    },
    /// Enter a room. Answer: `joined`.
    Join {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which room.
        room: RoomName,
        /// The last entry that the client has; what came after it is replayed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Position>,
    },
    /// Go out of a room. Answer: `ok`, also when not in it.
    Leave {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which room.
        room: RoomName,
    },
    /// Make a room. Answer: `ok`; `room_exists` when there is one.
    Create {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Its name.
        room: RoomName,
    },
    /// Say something: a text, files, or both. Answer: `sent`, after the commit.
    Send {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client; a retry repeats it and gets the seq of the first.
        id: MessageId,
        /// What. Needed unless there are files.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Body>,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Seq>,
        /// Who is mentioned in it: its text has `@` and their name. At most `max_mentions`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<UserId>>"))]
        mentions: Vec<UserId>,
        /// What it carries: files that the same person uploaded to this room and has not sent yet.
        /// At most `max_files`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<FileId>>"))]
        files: Vec<FileId>,
    },
    /// Give a message of one's own another text. Answer: `sent`, after the commit.
    Edit {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client for this change, as for a message.
        id: MessageId,
        /// The message.
        target: Seq,
        /// What it says from now on.
        body: Body,
        /// Who is mentioned in it from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<UserId>>"))]
        mentions: Vec<UserId>,
    },
    /// Take a message of one's own away: its text and its files are erased. Answer: `sent`, after
    /// the commit.
    Delete {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client for this change.
        id: MessageId,
        /// The message.
        target: Seq,
    },
    /// Put an emoji on a message, or take it back. Answer: `sent`, after the commit; where it was
    /// so already nothing changes, and `seq` is that of the message's newest change.
    React {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client for this change.
        id: MessageId,
        /// The message.
        target: Seq,
        /// Which.
        emoji: Emoji,
        /// Put it there, or take it back.
        on: bool,
    },
    /// Pin a message, or unpin it. Answer: `sent`, after the commit; where it was so already nothing
    /// changes, and `seq` is that of the message's newest change.
    Pin {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client for this change.
        id: MessageId,
        /// The message.
        target: Seq,
        /// Pin it, or unpin it.
        on: bool,
    },
    /// Say what the room is about. Answer: `sent`, after the commit.
    Topic {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client for this change.
        id: MessageId,
        /// One line; empty for none.
        topic: Topic,
        /// Some lines; empty for none.
        description: Description,
    },
    /// The pinned messages of a room, the latest pinned first. Answer: `pinned`.
    Pinned {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which room.
        room: RoomName,
    },
    /// Which emoji one put on these messages oneself, at most `max_page` of them: where more people
    /// did than are listed, nobody can read that off a message. Answer: `own_reactions`.
    OwnReactions {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which room.
        room: RoomName,
        /// Which messages.
        targets: Vec<Seq>,
    },
    /// Entries of a room: before or after a seq, around a message, or the newest. Answer: `page`.
    History {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which room.
        room: RoomName,
        /// Entries below this seq, the nearest ones. Not together with `after`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Seq>,
        /// Entries above this seq, the nearest ones. Not together with `before`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Seq>,
        /// The message of this id, or the one that this entry changed, and what was said before and
        /// after it; `message_not_found` where there is none. Not together with the others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        around: Option<MessageId>,
        /// At most this many, 1 to `max_page`; `max_page` without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },
    /// The directory: rooms by their latest entry, newest first; those without one come last. Answer:
    /// `rooms`.
    Rooms {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Only rooms whose name contains this, case aside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
        /// Start (`true`) or stop (`false`) `directory` events for this session; unchanged
        /// without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        watch: Option<bool>,
        /// Where the answer before went on: its `more`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    /// Read up to here. No answer; one's other sessions get `read`. The highest seq counts. Who has
    /// read in a room is one of its members from then on, until they `leave`.
    Read {
        /// Where.
        room: RoomName,
        /// The newest entry that was seen.
        seq: Seq,
    },
    /// How far one has read in these rooms, at most `max_rooms`. Answer: `unread`.
    Unread {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which rooms; what is not there is left out of the answer.
        rooms: Vec<RoomName>,
    },
    /// People who read in a room, also when they are not there now, whose name begins with `query` or
    /// has a word that does, case aside. Answer: `members`, at most 20.
    Members {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Which room.
        room: RoomName,
        /// How the name begins; anybody without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
    },
    /// Messages that contain every word of `query`. Answer: `results`, the best first.
    Search {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// What to look for.
        query: Query,
        /// Only there; in all rooms that the session is in without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// Where the answer before went on: its `more`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    /// Started or stopped typing. No answer. `on` lapses after 6 s unless repeated.
    Typing {
        /// Where.
        room: RoomName,
        /// Started or stopped.
        on: bool,
    },
    /// Is the server there? Answer: `pong`.
    Ping,
}

impl ClientFrame {
    /// A `send` of a text and nothing else.
    #[must_use]
    pub fn say(reference: Ref, room: RoomName, id: MessageId, body: Body) -> Self {
        Self::Send {
            reference,
            room,
            id,
            body: Some(body),
            reply_to: None,
            mentions: Vec::new(),
            files: Vec::new(),
        }
    }

    /// What its answer is to repeat, if it gets one.
    #[must_use]
    pub fn reference(&self) -> Option<Ref> {
        match self {
            Self::Join { reference, .. }
            | Self::Leave { reference, .. }
            | Self::Create { reference, .. }
            | Self::Send { reference, .. }
            | Self::Edit { reference, .. }
            | Self::Delete { reference, .. }
            | Self::React { reference, .. }
            | Self::Pin { reference, .. }
            | Self::Topic { reference, .. }
            | Self::Pinned { reference, .. }
            | Self::OwnReactions { reference, .. }
            | Self::History { reference, .. }
            | Self::Rooms { reference, .. }
            | Self::Unread { reference, .. }
            | Self::Members { reference, .. }
            | Self::Search { reference, .. } => Some(*reference),
            Self::Hello { .. } | Self::Read { .. } | Self::Typing { .. } | Self::Ping => None,
        }
    }
}
