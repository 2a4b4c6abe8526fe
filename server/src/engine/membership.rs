//! Coming into rooms and going out of them.

use std::{collections::hash_map::Entry, sync::Arc};

use actix::{Context, Handler};
use maru_protocol::{ErrorCode, SessionId};

use crate::{
    engine::rooms::room::Room,
    journal::{RoomId, RoomRecord},
    runtime::{
        chat_server::{ChatServer, SessionEntry, roster},
        messages::{Enter, Entered, Offer, Visitor},
    },
};

impl ChatServer {
    /// Takes a session out of a room, and the room out of memory with the last one.
    fn exit(&mut self, session: SessionId, id: RoomId, ctx: &mut Context<Self>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let before = room.count();
        let visitor = room.visitor(session).cloned();
        room.exit(session);
        if room.count() != before {
            self.presence_changed(id, before, ctx);
            self.directory_changed(id, ctx);
        }
        if let Some(visitor) = visitor {
            self.tell_presence_elsewhere(id, &visitor.user.id, ctx);
        }
        self.forget_if_empty(id);
    }

    fn forget_if_empty(&mut self, id: RoomId) {
        if self.rooms.get(&id).is_some_and(Room::is_empty)
            && let Some(room) = self.rooms.remove(&id)
        {
            self.tails.forget(room.tail());
            self.unfollow(id);
        }
        self.count();
    }

    fn count(&self) {
        self.metrics.rooms.set(self.rooms.len().try_into().unwrap_or(i64::MAX));
    }

    pub(crate) fn enter(&mut self, enter: Enter, ctx: &mut Context<Self>) {
        let Enter { session, visitor, room, record, after, epoch, answer } = enter;
        let entered = self.seat(session, visitor, room, record, ctx).map(|()| {
            self.rooms.get_mut(&room).map_or(Entered::RecordNeeded, |known| {
                let replay = known.tail_mut().replay(after, epoch, &self.options);
                self.tails.used(room, known.tail_mut());
                let members = known.presence(roster(&self.options));
                Entered::In { name: known.record().name.clone(), members, replay }
            })
        });
        // A session that ended meanwhile says so by a post of its own.
        let _ = answer.send(entered);
    }

    /// Seats a session; not in a room that nobody is in and whose record did not come along.
    fn seat(
        &mut self,
        session: SessionId,
        visitor: Arc<Visitor>,
        id: RoomId,
        record: Option<RoomRecord>,
        ctx: &mut Context<Self>,
    ) -> Result<(), ErrorCode> {
        let room = match (self.rooms.entry(id), record) {
            (Entry::Occupied(known), _) => known.into_mut(),
            (Entry::Vacant(place), Some(record)) => {
                let room = place.insert(Room::new(record));
                if let Some(cluster) = &self.cluster {
                    cluster.come_into_use(id, room);
                }
                room
            }
            (Entry::Vacant(_), None) => return Ok(()),
        };
        let before = room.count();
        if room.enter(session, &visitor).is_err() {
            self.forget_if_empty(id);
            return Err(ErrorCode::NameTaken);
        }
        let (count, who) = (room.count(), visitor.clone());
        let entry = self
            .sessions
            .entry(session)
            .or_insert_with(|| SessionEntry { visitor, rooms: Vec::new() });
        if !entry.rooms.contains(&id) {
            entry.rooms.push(id);
        }
        self.presence_changed(id, before.max(count), ctx);
        if count != before {
            self.directory_changed(id, ctx);
        }
        self.tell_presence_elsewhere(id, &who.user.id, ctx);
        self.count();
        Ok(())
    }

    pub(crate) fn leave(&mut self, session: SessionId, room: RoomId, ctx: &mut Context<Self>) {
        if let Some(entry) = self.sessions.get_mut(&session) {
            entry.rooms.retain(|other| *other != room);
        }
        self.exit(session, room, ctx);
    }

    pub(crate) fn disconnect(&mut self, session: SessionId, ctx: &mut Context<Self>) {
        self.directory.watch(session, false);
        let Some(entry) = self.sessions.remove(&session) else { return };
        for room in entry.rooms {
            self.exit(session, room, ctx);
        }
    }
}

impl Handler<Offer> for ChatServer {
    type Result = ();
    fn handle(&mut self, offer: Offer, _: &mut Self::Context) {
        let Offer { session, room, read } = offer;
        // Of a room that was out of use since, entries may be missing behind what was read.
        if !self.rooms.get(&room).is_some_and(|known| known.holds(session)) {
            return;
        }
        self.tails.change(&mut self.rooms, room, |tail| tail.offer(read));
    }
}

#[cfg(test)]
mod tests;
