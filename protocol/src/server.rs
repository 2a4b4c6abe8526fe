//! Server to client.

use serde::{Deserialize, Serialize};

use crate::{
    ByeCode, Entry, Epoch, ErrorCode, Limits, MessageId, Ref, RoomName, Seq, SessionId, User,
    UserId,
};

/// What the server can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// This connection.
        session: SessionId,
        /// Who the client is from now on.
        user: User,
        /// Proves it in a later `hello`: keep it, show it to nobody.
        token: String,
        /// The bounds of this server.
        limits: Limits,
        /// How both ends notice that the other is gone.
        heartbeat: Heartbeat,
        /// Which server this is.
        server: ServerInfo,
    },
    /// The answer to `join`. From here on every entry above `head` comes as `entry`.
    Joined {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room, spelled as its maker did.
        room: RoomName,
        /// The journal's epoch.
        epoch: Epoch,
        /// The newest seq; 0 in an empty room.
        head: Seq,
        /// Who is here.
        members: Presence,
        /// What came after `after`; the newest page without it or on a `reset`. Ascending.
        entries: Vec<Entry>,
        /// `entries` do not continue what the client holds (too much missed, another epoch, ahead
        /// of the head): forget it.
        reset: bool,
    },
    /// Done.
    Ok {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
    },
    /// The answer to `send`: the message is durable.
    Sent {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room.
        room: RoomName,
        /// The message.
        id: MessageId,
        /// Its number.
        seq: Seq,
        /// When the server took it, milliseconds since 1970-01-01T00:00Z.
        #[cfg_attr(feature = "generate", ts(type = "number"))]
        at: u64,
    },
    /// The answer to `history`.
    Page {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room.
        room: RoomName,
        /// The journal's epoch.
        epoch: Epoch,
        /// The newest seq.
        head: Seq,
        /// Ascending.
        entries: Vec<Entry>,
    },
    /// The answer to `rooms`: at most 100, the latest active first.
    Rooms {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The rooms.
        rooms: Vec<RoomInfo>,
    },
    /// The answer to `ping`.
    Pong,
    /// One durable entry of a joined room; per room in order of `seq`, without holes.
    Entry(Entry),
    /// Who is in a joined room changed. Changes of a short while come together.
    Presence {
        /// The room.
        room: RoomName,
        /// How many people are here.
        count: u32,
        /// What changed.
        change: PresenceChange,
    },
    /// Somebody in a joined room types, or stopped. Lapses after 6 s.
    Typing {
        /// The room.
        room: RoomName,
        /// Who.
        user: User,
        /// Started or stopped.
        on: bool,
    },
    /// Rooms that are new or whose figures changed, for sessions that `watch` the directory.
    Directory {
        /// The rooms that changed; what is not named did not.
        rooms: Vec<RoomInfo>,
    },
    /// A refusal.
    Error {
        /// Pairs the request, where it had one.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<Ref>,
        /// What to act on.
        code: ErrorCode,
        /// For a person.
        message: String,
        /// Milliseconds to wait before a retry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// The last frame before the server closes this connection.
    Bye {
        /// What to act on.
        code: ByeCode,
        /// For a person.
        reason: String,
        /// Milliseconds to wait before connecting again; spread over the clients, so that they
        /// don't all come at once. Without it: don't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
}

/// How both ends notice that the other is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Heartbeat {
    /// Milliseconds. The server pings (RFC 6455 section 5.5.2) a connection that was silent for
    /// this long; a client does well to send `ping` when it heard nothing for as long.
    pub interval: u32,
    /// Milliseconds of silence after which either end gives the connection up.
    pub timeout: u32,
}

/// Which server this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// What its operator calls it.
    pub name: String,
    /// Its version (Semantic Versioning).
    pub version: String,
}

/// Who is in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Presence {
    /// How many people; one with several sessions counts once.
    pub count: u32,
    /// Everybody when `complete`, otherwise some of them.
    pub users: Vec<User>,
    /// Whether `users` is everybody.
    pub complete: bool,
}

/// What changed about who is in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub enum PresenceChange {
    /// Apply to the roster: `left` go, `joined` come or change their name.
    Delta {
        /// Came, or have a new name.
        joined: Vec<User>,
        /// Went.
        left: Vec<UserId>,
    },
    /// Replaces the roster: everybody when `complete`, otherwise some of them.
    Roster {
        /// The people.
        users: Vec<User>,
        /// Whether that is everybody.
        complete: bool,
    },
}

/// A room in the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomInfo {
    /// Its name.
    pub room: RoomName,
    /// How many people are in it now.
    pub members: u32,
    /// The newest seq; 0 in an empty room.
    pub head: Seq,
    /// When something last happened there, milliseconds since 1970-01-01T00:00Z: the newest entry,
    /// or its making.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub active_at: u64,
}
