//! Who may do what where: the only place that says so.
//!
//! A service asks once for each read and each write, and gets a permit or a denial.
//! The stores are reached with a permit only (`guarded`), and a permit of a room is good for that room
//! alone: what does not ask does not compile.
//!
//! The rule itself is a [`Policy`]. Today's is [`OpenRooms`].
//!
//! The protocol has no code for a denial yet, and a denial must not tell what there is. So it looks
//! like the nearest answer that there is: in a room like a room that is not there
//! (`room_not_found`, 404), of a file like a file that is not there (404), of an upload 403
//! `forbidden`, and of what concerns no single room like what the operator switched off
//! (`unavailable` without a time to try again; 403 over HTTP).

use std::sync::Arc;

use maru_engine::Actor;

use crate::journal::RoomId;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Enter a room, with what was missed there.
    Join,
    /// Go out of a room, and be no member of it any more.
    Leave,
    /// Become a member of a room.
    BecomeMember,
    /// See who the members of a room are.
    ReadMembers,
    /// Move one's own read position in a room.
    MoveReadPosition,
    /// See one's own read positions.
    ReadPositions,
    /// Read entries of a room.
    ReadHistory,
    /// Read what is pinned in a room.
    ReadPinned,
    /// Read which emoji one put on messages of a room oneself.
    ReadOwnReactions,
    /// Search in a room.
    Search,
    /// See which rooms there are.
    ListRooms,
    /// As [`Action::ListRooms`], and what becomes of them from now on.
    WatchRooms,
    /// Make a room.
    CreateRoom,
    /// Have something kept in a room.
    Publish(PublishKind),
    /// Tell a room that one types.
    Type,
    /// Bring a file into a room.
    UploadFile,
    /// Fetch a file of a room.
    DownloadFile,
    /// Remove a room with all that is in it.
    RemoveRoom,
    /// Give a room another name.
    RenameRoom,
    /// End all that proves who somebody is.
    SignOut,
}

impl Action {
    /// Whether it concerns a room.
    #[must_use]
    pub fn is_in_a_room(self) -> bool {
        !matches!(
            self,
            Self::ReadPositions
                | Self::ListRooms
                | Self::WatchRooms
                | Self::CreateRoom
                | Self::SignOut
        )
    }
}

/// What is to be kept in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublishKind {
    /// A message.
    Message,
    /// Another text for a message.
    Edit,
    /// The end of a message.
    Delete,
    /// A reaction, or its end.
    React,
    /// A pin, or its end.
    Pin,
    /// What the room is about.
    Topic,
}

/// A rule that says who may do what. It is asked in the way of every message: it answers from memory
/// and never waits.
pub trait Policy: Send + Sync + 'static {
    /// Whether the actor may do that, in that room where the action concerns one.
    fn allows(&self, actor: &Actor, action: Action, room: Option<RoomId>) -> bool;
}

/// Rooms are open to everybody with an identity.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenRooms {
    /// Without one, history, search and the directory can be read.
    pub anonymous_reading: bool,
}

impl Policy for OpenRooms {
    fn allows(&self, actor: &Actor, action: Action, _: Option<RoomId>) -> bool {
        if matches!(action, Action::SignOut | Action::RemoveRoom | Action::RenameRoom) {
            return matches!(actor, Actor::System);
        }
        match actor {
            Actor::Session { .. } | Actor::User(_) | Actor::Service(_) | Actor::System => true,
            Actor::Anonymous => {
                let reads =
                    matches!(action, Action::ReadHistory | Action::Search | Action::ListRooms);
                self.anonymous_reading && reads
            }
        }
    }
}

/// The door: whoever wants to read or write asks here.
pub(super) struct Access(Arc<dyn Policy>);

/// An action that concerns no single room is allowed.
#[derive(Debug)]
pub(crate) struct Permit(());

/// An action is allowed in one room.
#[derive(Debug)]
pub(crate) struct RoomPermit(RoomId);

/// An action is allowed in these rooms.
#[derive(Debug)]
pub(crate) struct RoomsPermit(Vec<RoomId>);

/// An action is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied(pub Action);

impl Access {
    pub(super) fn new(policy: Arc<dyn Policy>) -> Self {
        Self(policy)
    }

    /// For what concerns no single room.
    pub(super) fn ask(&self, actor: &Actor, action: Action) -> Result<Permit, Denied> {
        self.allows(actor, action, None).then_some(Permit(())).ok_or(Denied(action))
    }

    /// For what concerns one room.
    pub(super) fn ask_in(
        &self,
        actor: &Actor,
        action: Action,
        room: RoomId,
    ) -> Result<RoomPermit, Denied> {
        self.allows(actor, action, Some(room)).then_some(RoomPermit(room)).ok_or(Denied(action))
    }

    /// For what concerns several rooms: those of them in which it is allowed. Denied where it is in
    /// none of them.
    pub(super) fn ask_in_each(
        &self,
        actor: &Actor,
        action: Action,
        mut rooms: Vec<RoomId>,
    ) -> Result<RoomsPermit, Denied> {
        let wanted = rooms.len();
        rooms.retain(|room| self.allows(actor, action, Some(*room)));
        if rooms.is_empty() && wanted > 0 { Err(Denied(action)) } else { Ok(RoomsPermit(rooms)) }
    }

    fn allows(&self, actor: &Actor, action: Action, room: Option<RoomId>) -> bool {
        let allowed = self.0.allows(actor, action, room);
        if !allowed {
            log::debug!(action:?, room:?; "denied");
        }
        allowed
    }
}

impl RoomPermit {
    /// The room that it is good for.
    pub(crate) fn room(&self) -> RoomId {
        self.0
    }
}

impl RoomsPermit {
    /// The rooms that it is good for.
    pub(super) fn into_rooms(self) -> Vec<RoomId> {
        self.0
    }
}

impl From<RoomPermit> for RoomsPermit {
    fn from(permit: RoomPermit) -> Self {
        Self(vec![permit.0])
    }
}

#[cfg(test)]
mod tests {
    use maru_protocol::UserId;

    use super::*;

    /// Allows what is done in room 1, and nothing that concerns no room.
    struct OnlyRoomOne;

    impl Policy for OnlyRoomOne {
        fn allows(&self, _: &Actor, _: Action, room: Option<RoomId>) -> bool {
            room == Some(RoomId(1))
        }
    }

    #[test]
    fn a_permit_is_for_the_rooms_that_the_policy_allows() {
        let access = Access::new(Arc::new(OnlyRoomOne));
        let ask = |rooms: &[i64]| {
            let rooms = rooms.iter().copied().map(RoomId).collect();
            let permit = access.ask_in_each(&Actor::System, Action::Search, rooms);
            permit.map(RoomsPermit::into_rooms)
        };
        assert_eq!(ask(&[2, 1, 3]), Ok(vec![RoomId(1)]));
        assert_eq!(ask(&[2, 3]), Err(Denied(Action::Search)));
        assert_eq!(ask(&[]), Ok(vec![]), "who is nowhere finds nothing");
        assert!(access.ask_in(&Actor::System, Action::Join, RoomId(1)).is_ok());
        assert!(access.ask_in(&Actor::System, Action::Join, RoomId(2)).is_err());
        assert!(access.ask(&Actor::System, Action::ListRooms).is_err());
    }

    #[test]
    fn without_an_identity_one_reads_what_is_open() {
        let open = OpenRooms { anonymous_reading: true };
        let allows = |actor: &Actor, action| open.allows(actor, action, Some(RoomId(1)));
        for action in [Action::ReadHistory, Action::Search, Action::ListRooms] {
            assert!(allows(&Actor::Anonymous, action), "{action:?}");
            let closed = OpenRooms::default();
            assert!(!closed.allows(&Actor::Anonymous, action, Some(RoomId(1))), "{action:?}");
        }
        let user = Actor::User(UserId("u".to_owned()));
        for action in [
            Action::Join,
            Action::CreateRoom,
            Action::Publish(PublishKind::Message),
            Action::UploadFile,
            Action::DownloadFile,
            Action::ReadMembers,
        ] {
            assert!(!allows(&Actor::Anonymous, action), "{action:?}");
            assert!(allows(&user, action), "{action:?}");
        }
        for actor in [Actor::Anonymous, user] {
            assert!(!allows(&actor, Action::SignOut), "{actor:?}");
            assert!(!allows(&actor, Action::RemoveRoom), "{actor:?}");
            assert!(!allows(&actor, Action::RenameRoom), "{actor:?}");
        }
        assert!(allows(&Actor::System, Action::SignOut));
    }
}
