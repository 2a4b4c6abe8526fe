//! What nodes say to one another about what is never kept, as JSON.
//!
//! Nodes of two versions live side by side during an update: a field that a reader does not know is
//! ignored, a signal that it does not know as well.

use maru_protocol::{ReadState, RoomName, Seq, SessionId, User, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::journal::RoomId;

/// One thing that a node says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Signal {
    /// I live, and have told so many changes.
    Alive { version: u64 },
    /// Who came and went on me. With it, `version` changes are told.
    Changes { version: u64, rooms: Vec<RoomChange> },
    /// Tell all, you there: what I have of you does not fit.
    Ask { node: Uuid },
    /// A part of everybody on me, as of `version`. Parts run from 0, in order.
    Whole { version: u64, part: u32, parts: u32, rooms: Vec<RoomChange> },
    /// Something happened in rooms, or they were made.
    Active { rooms: Vec<Active> },
    /// Somebody on me types, or stopped, in the room of the topic.
    Typing { user: User, on: bool },
    /// People who are on me too read on in the room of the topic.
    Read { reads: Vec<ReadElsewhere> },
    /// I stop: nobody is on me any more.
    Bye,
}

/// Who came to a room, or goes by another name now; and who went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoomChange {
    /// The store's number of the room, which all nodes share.
    pub(crate) room: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) joined: Vec<Person>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<UserId>,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) user: User,
    /// The session that gave the name: the latest one of a person does, on whichever node.
    pub(crate) named_by: SessionId,
}

/// How far somebody has read, for their sessions on other nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadElsewhere {
    pub(crate) user: UserId,
    pub(crate) state: ReadState,
}

/// A room as the directory shows it, but for its members, which each node counts itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Active {
    pub(crate) id: i64,
    pub(crate) room: RoomName,
    pub(crate) head: Seq,
    pub(crate) active_at: u64,
}

impl Active {
    pub(crate) fn id(&self) -> RoomId {
        RoomId(self.id)
    }
}

impl Signal {
    /// As bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        // Plain data without maps has a JSON form always.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// From bytes; none for what this version does not know.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_may_say_more() {
        let more = br#"{"type":"alive","version":7,"load":0.5}"#;
        assert_eq!(Signal::decode(more), Some(Signal::Alive { version: 7 }));
        assert_eq!(Signal::decode(br#"{"type":"song"}"#), None);
        assert_eq!(Signal::decode(b"\xff"), None);
    }

    #[test]
    fn there_and_back() {
        let user = User {
            id: UserId("a".into()),
            name: maru_protocol::DisplayName::parse("아다").unwrap(),
        };
        let person = Person { user: user.clone(), named_by: SessionId(Uuid::from_u128(1)) };
        let rooms = vec![RoomChange { room: 1, joined: vec![person], left: vec![user.id.clone()] }];
        let state = ReadState {
            room: RoomName::parse("방").unwrap(),
            read: Seq::new(3).unwrap(),
            unread: 2,
            mentions: 1,
        };
        for signal in [
            Signal::Changes { version: 1, rooms: rooms.clone() },
            Signal::Whole { version: 1, part: 0, parts: 1, rooms },
            Signal::Typing { user: user.clone(), on: true },
            Signal::Read { reads: vec![ReadElsewhere { user: user.id, state }] },
            Signal::Bye,
        ] {
            assert_eq!(Signal::decode(&signal.encode()), Some(signal));
        }
    }
}
