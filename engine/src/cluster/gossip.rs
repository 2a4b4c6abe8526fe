//! What nodes say to one another about what is never kept.
//!
//! Nodes of two versions live side by side during an update: a field that a reader does not know is
//! ignored, a gossip that it does not know as well.

use maru_protocol::{ReadState, RoomName, Seq, SessionId, User, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::log::RoomId;

/// One thing that a node says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Gossip {
    /// The sender lives.
    Alive {
        /// How many [`Gossip::Changes`] it has told.
        version: u64,
    },
    /// Who came and went on the sender.
    Changes {
        /// The number of this one; they run from 1 without holes.
        version: u64,
        /// The changes, by room.
        rooms: Vec<RoomChange>,
    },
    /// What the sender has of that node does not fit: it is to tell everything.
    Ask {
        /// The node that is asked.
        node: Uuid,
    },
    /// A part of everybody on the sender.
    Whole {
        /// The number of the newest [`Gossip::Changes`] that it has in it.
        version: u64,
        /// The number of this part; they come in order, from 0.
        part: u32,
        /// How many parts there are.
        parts: u32,
        /// The people, by room.
        rooms: Vec<RoomChange>,
    },
    /// Something happened in rooms, or they were made.
    Active {
        /// The rooms.
        rooms: Vec<Active>,
    },
    /// Rooms were removed from the store.
    Removed {
        /// The rooms.
        rooms: Vec<RemovedRoom>,
    },
    /// Rooms have another name in the store.
    Renamed {
        /// The rooms.
        rooms: Vec<RenamedRoom>,
    },
    /// Somebody on the sender types, or stopped, in the room of the topic.
    Typing {
        /// Who types.
        user: User,
        /// Started or stopped.
        on: bool,
    },
    /// People who are on the sender too read on in the room of the topic.
    Read {
        /// How far each has read.
        reads: Vec<ReadElsewhere>,
    },
    /// The sender stops: nobody is on it any more.
    Bye,
}

/// Who came to a room, or goes by another name now; and who went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChange {
    /// The store's number of the room, which all nodes share.
    pub room: i64,
    /// Came, or have a new name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<RemoteUser>,
    /// Went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<UserId>,
}

/// Somebody in a room on another node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteUser {
    /// Who they are.
    pub user: User,
    /// The session that gave the name: the latest one of a person does, on whichever node.
    pub named_by: SessionId,
}

/// How far somebody has read, for their sessions on other nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadElsewhere {
    /// Who has read.
    pub user: UserId,
    /// How far, and what is left.
    pub state: ReadState,
}

/// A room that is there no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedRoom {
    /// The store's number of the room, which all nodes share.
    pub id: i64,
    /// Its name.
    pub room: RoomName,
}

/// A room that has another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenamedRoom {
    /// The room as it is called now.
    pub room: Active,
    /// Names that it had.
    pub former: Vec<RoomName>,
}

/// A room as the directory shows it, but for its members, which each node counts itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The store's number of the room, which all nodes share.
    pub id: i64,
    /// Its name.
    pub room: RoomName,
    /// The newest seq.
    pub head: Seq,
    /// When something was last said there, milliseconds since 1970-01-01T00:00Z.
    pub active_at: u64,
}

impl Active {
    pub(crate) fn id(&self) -> RoomId {
        RoomId(self.id)
    }
}
