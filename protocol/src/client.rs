//! Client to server.

use serde::{Deserialize, Serialize};

use crate::{Body, DisplayName, MessageId, Position, Ref, RoomName, Seq};

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
    /// Say something. Answer: `sent`, after the commit.
    Send {
        /// Pairs the answer.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Where.
        room: RoomName,
        /// Made by the client; a retry repeats it and gets the seq of the first.
        id: MessageId,
        /// What.
        body: Body,
    },
    /// Entries of a room, before or after a seq, or the newest. Answer: `page`.
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
        /// At most this many, 1 to `max_page`; `max_page` without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },
    /// The directory: rooms by their latest entry, newest first. Answer: `rooms`.
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
