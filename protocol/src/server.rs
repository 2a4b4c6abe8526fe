//! Server to client.

use serde::{Deserialize, Serialize};

use crate::{
    About, ByeCode, Covers, Entry, Epoch, ErrorCode, Hit, Limits, Message, MessageId, OwnReactions,
    Ref, RoomName, Seq, SessionId, User, UserId,
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
        /// Lets its holder fetch files: `/api/v1/files/{id}?ticket=`. Valid for some hours, so use
        /// the one of the latest `welcome`.
        ticket: String,
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
        /// What the room is about, as of `head`; missing where nobody has said.
        #[serde(default, skip_serializing_if = "About::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<About>"))]
        about: About,
        /// What came after `after`; the newest page without it or on a `reset`. Ascending.
        entries: Vec<Entry>,
        /// The seqs that `entries` and `updated` speak of, up to `head`.
        covers: Covers,
        /// Messages below `covers` as they are now, which were changed since and whose changes
        /// `entries` does not list. Missing where there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<Entry>>"))]
        updated: Vec<Entry>,
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
    /// The answer to `send`, `edit`, `delete`, `react`, `pin` and `topic`: it is durable.
    Sent {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room.
        room: RoomName,
        /// The id of the request.
        id: MessageId,
        /// The number of the entry that it became.
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
        /// The seqs that `entries` and `updated` speak of.
        covers: Covers,
        /// In a page `after`: messages below `covers` as they are now, which were changed within it
        /// and whose changes `entries` does not list. Missing where there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<Entry>>"))]
        updated: Vec<Entry>,
    },
    /// The answer to `rooms`: at most 100, the latest active first; those without an entry come last.
    Rooms {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The rooms.
        rooms: Vec<RoomInfo>,
        /// There may be more: what to ask for them with. Also where there are fewer than 100, or none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    /// The answer to `pinned`.
    Pinned {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room.
        room: RoomName,
        /// The messages as they are now, the latest pinned first.
        messages: Vec<Message>,
    },
    /// The answer to `own_reactions`.
    OwnReactions {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room.
        room: RoomName,
        /// Each entry up to this one is in the answer.
        head: Seq,
        /// Of the messages that were asked for those on which there is one.
        messages: Vec<OwnReactions>,
    },
    /// The answer to `unread`.
    Unread {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// Rooms that one has read in before; others are left out.
        rooms: Vec<ReadState>,
    },
    /// The answer to `members`.
    Members {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The room.
        room: RoomName,
        /// By name.
        users: Vec<User>,
    },
    /// The answer to `search`.
    Results {
        /// Pairs the request.
        #[serde(rename = "ref")]
        reference: Ref,
        /// The best first.
        hits: Vec<Hit>,
        /// There are more: what to ask for them with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    /// Oneself read on in another session.
    Read(ReadState),
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
        /// Rooms that are there no more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "generate", ts(optional, as = "Option<Vec<RoomName>>"))]
        removed: Vec<RoomName>,
    },
    /// A room that one was in is there no more, and nothing of it; or it has another name now, by which
    /// one enters it again. One is not in it any more.
    Removed {
        /// Which room.
        room: RoomName,
        /// The room's name now; missing where it is there no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renamed_to: Option<RoomName>,
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
        /// The room's name now, with `room_renamed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renamed_to: Option<RoomName>,
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

impl ServerFrame {
    /// What it repeats of the request, if it is the answer to one.
    #[must_use]
    pub fn reference(&self) -> Option<Ref> {
        match self {
            Self::Joined { reference, .. }
            | Self::Ok { reference }
            | Self::Sent { reference, .. }
            | Self::Page { reference, .. }
            | Self::Rooms { reference, .. }
            | Self::Pinned { reference, .. }
            | Self::OwnReactions { reference, .. }
            | Self::Unread { reference, .. }
            | Self::Members { reference, .. }
            | Self::Results { reference, .. } => Some(*reference),
            Self::Error { reference, .. } => *reference,
            Self::Welcome { .. }
            | Self::Read(_)
            | Self::Pong
            | Self::Entry(_)
            | Self::Presence { .. }
            | Self::Typing { .. }
            | Self::Directory { .. }
            | Self::Removed { .. }
            | Self::Bye { .. } => None,
        }
    }
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

/// How far somebody has read in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ReadState {
    /// The room.
    pub room: RoomName,
    /// The newest entry that was read.
    pub read: Seq,
    /// Messages of others above it that are not deleted; counted up to [`crate::MAX_UNREAD`].
    pub unread: u32,
    /// Those of them that mention one; counted up to [`crate::MAX_UNREAD`].
    pub mentions: u32,
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
    /// When something was last said there, milliseconds since 1970-01-01T00:00Z: the newest message or
    /// topic, or its making. What becomes of older messages does not count.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub active_at: u64,
}
