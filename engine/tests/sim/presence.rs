//! Who really is in which room: what all rosters are compared to.

use std::collections::{BTreeMap, BTreeSet};

use maru_engine::log::RoomId;
use maru_protocol::{SessionId, UserId};

use crate::world::Place;

/// Sessions in rooms, as the engines of living nodes seated them.
#[derive(Default)]
pub struct Truth {
    sessions: BTreeMap<(RoomId, SessionId), (UserId, Place)>,
}

impl Truth {
    pub fn enter(&mut self, room: RoomId, session: SessionId, user: UserId, place: Place) {
        self.sessions.insert((room, session), (user, place));
    }

    pub fn exit(&mut self, room: RoomId, session: SessionId) {
        self.sessions.remove(&(room, session));
    }

    pub fn disconnect(&mut self, session: SessionId) {
        self.sessions.retain(|(_, other), _| *other != session);
    }

    pub fn node_gone(&mut self, place: Place) {
        self.sessions.retain(|_, (_, on)| *on != place);
    }

    pub fn people(&self, room: RoomId) -> BTreeSet<UserId> {
        let all = self.sessions.iter().filter(|((in_room, _), _)| *in_room == room);
        all.map(|(_, (user, _))| user.clone()).collect()
    }

    /// Rooms with a session of the node.
    pub fn rooms(&self, place: Place) -> BTreeSet<RoomId> {
        let here = self.sessions.iter().filter(|(_, (_, on))| *on == place);
        here.map(|((room, _), _)| *room).collect()
    }
}
