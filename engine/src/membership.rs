//! Coming into rooms and going out of them.

use std::{collections::hash_map::Entry, sync::Arc};

use maru_protocol::{ErrorCode, Presence, PresenceChange, RoomName, SessionId};

use crate::{
    Effects, Enter, Instant, Visitor,
    defects::{Defect, on},
    effect::{Ephemeral, FollowChange, Item},
    event::{Event, SharedEvent},
    log::{RoomId, RoomRecord},
    rooms::{
        recent::{PageRead, Replay},
        room::Room,
    },
    state::{Engine, SessionEntry},
};

/// What became of an [`Enter`].
#[derive(Clone, Debug)]
pub enum Entered {
    /// The session is in.
    In {
        /// The room's name, as its maker spelled it.
        name: RoomName,
        /// Who is there.
        members: Presence,
        /// What the client missed.
        replay: Replay,
    },
    /// Nobody is in this room: ask again, with its record.
    RecordNeeded,
}

impl Engine {
    pub(crate) fn enter(
        &mut self,
        now: Instant,
        enter: Enter,
        effects: &mut Effects,
    ) -> Result<Entered, ErrorCode> {
        let Enter { session, visitor, room: id, record, after, epoch, holds_name } = enter;
        let worker = visitor.worker;
        let serves = self.rooms.get(&id).is_some_and(|room| room.serves(worker));
        if !self.open_room(id, record, effects) {
            return Ok(Entered::RecordNeeded);
        }
        self.seat(now, (session, visitor, holds_name), id, effects)?;
        let was_absent = !serves && self.absent.contains(now, id, worker);
        if was_absent && !on(Defect::DeltaToAbsentWorker) {
            self.tell_roster_to(id, worker, effects);
        }
        let Some(room) = self.rooms.get_mut(&id) else { return Ok(Entered::RecordNeeded) };
        let replay = room.recent_mut().replay(after, epoch, &self.options);
        self.budget.used(id, room.recent_mut());
        let members = room.presence(self.options.max_roster);
        Ok(Entered::In { name: room.record().name.clone(), members, replay })
    }

    /// Brings a room into use. False for one that nobody is in and whose record did not come along.
    fn open_room(&mut self, id: RoomId, record: Option<RoomRecord>, effects: &mut Effects) -> bool {
        let (place, record) = match (self.rooms.entry(id), record) {
            (Entry::Occupied(_), _) => return true,
            (Entry::Vacant(_), None) => return false,
            (Entry::Vacant(place), Some(record)) => (place, record),
        };
        let room = place.insert(Room::new(record, self.seed));
        if let Some(cluster) = &self.cluster {
            effects.follow.push(FollowChange::Follow { room: id, head: room.record().head });
            for (user, elsewhere) in cluster.remote.people(id) {
                room.elsewhere(user, Some((elsewhere.named_by, &elsewhere.visitor)));
            }
            // Who comes in is told of all.
            room.is_told();
        }
        true
    }

    /// Seats a session in a room in use.
    fn seat(
        &mut self,
        now: Instant,
        (session, visitor, holds_name): (SessionId, Arc<Visitor>, bool),
        id: RoomId,
        effects: &mut Effects,
    ) -> Result<(), ErrorCode> {
        let Some(room) = self.rooms.get_mut(&id) else { return Ok(()) };
        let before = room.count();
        if room.enter(session, &visitor, holds_name).is_err() {
            self.close_if_empty(id, effects);
            return Err(ErrorCode::NameTaken);
        }
        let (count, who) = (room.count(), visitor.clone());
        let entry = self
            .sessions
            .entry(session)
            .or_insert_with(|| SessionEntry { visitor, rooms: Vec::new() });
        if !entry.rooms.contains(&id) {
            // Most are in one room.
            if entry.rooms.is_empty() {
                entry.rooms.reserve_exact(1);
            }
            entry.rooms.push(id);
        }
        self.presence_changed(now, id, before.max(count));
        if count != before {
            self.room_changed(now, id);
        }
        self.tell_presence_elsewhere(now, id, &who.user.id);
        Ok(())
    }

    /// Tells one worker the whole roster of a room: something older may reach its session after the
    /// answer to the join, and this comes behind it.
    fn tell_roster_to(&self, id: RoomId, worker: usize, effects: &mut Effects) {
        let Some(room) = self.rooms.get(&id) else { return };
        let Presence { count, users, complete } = room.presence(self.options.max_roster);
        let change = PresenceChange::Roster { users, complete };
        let room = room.record().name.clone();
        let event = SharedEvent::new(Event::Presence { room, count, change });
        let items = vec![Item::Event { room: id, event, except: None }];
        effects.ephemeral.push(Ephemeral { worker, items, presence: Some(id) });
    }

    pub(crate) fn leave(
        &mut self,
        now: Instant,
        session: SessionId,
        room: RoomId,
        effects: &mut Effects,
    ) {
        if let Some(entry) = self.sessions.get_mut(&session) {
            entry.rooms.retain(|other| *other != room);
        }
        self.exit(now, session, room, effects);
    }

    pub(crate) fn disconnect(&mut self, now: Instant, session: SessionId, effects: &mut Effects) {
        self.directory.watch(session, false);
        let Some(entry) = self.sessions.remove(&session) else { return };
        for room in entry.rooms {
            self.exit(now, session, room, effects);
        }
    }

    /// Takes a session out of a room, and the room out of memory with the last one.
    fn exit(&mut self, now: Instant, session: SessionId, id: RoomId, effects: &mut Effects) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let before = room.count();
        let visitor = room.visitor(session).cloned();
        room.exit(session);
        let (count, serves) =
            (room.count(), visitor.as_ref().is_some_and(|who| room.serves(who.worker)));
        if count != before {
            self.presence_changed(now, id, before);
            self.room_changed(now, id);
        }
        if let Some(visitor) = visitor {
            if !serves {
                self.absent.left(now, id, visitor.worker);
            }
            if !on(Defect::ForgetTellingLeave) {
                self.tell_presence_elsewhere(now, id, &visitor.user.id);
            }
        }
        self.close_if_empty(id, effects);
    }

    fn close_if_empty(&mut self, id: RoomId, effects: &mut Effects) {
        if self.rooms.get(&id).is_some_and(Room::is_empty)
            && let Some(room) = self.rooms.remove(&id)
        {
            self.budget.forget(room.recent());
            if self.cluster.is_some() && !on(Defect::ForgetUnfollow) {
                effects.follow.push(FollowChange::Unfollow { room: id });
            }
        }
    }

    /// What a session read of a room that it is in, for those who come next.
    pub(crate) fn offer(&mut self, session: SessionId, room: RoomId, read: PageRead) {
        // Of a room that was out of use since, entries may be missing behind what was read.
        if self.rooms.get(&room).is_some_and(|known| known.holds(session)) {
            self.budget.change(&mut self.rooms, room, |recent| recent.offer(read));
        }
    }
}

#[cfg(test)]
mod tests;
