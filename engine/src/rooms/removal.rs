//! Rooms that are there no more, or not by that name: those who are in them are told, and in them no more.

use maru_protocol::RoomName;

use crate::{
    Effects, Instant,
    cluster::{Gossip, RemovedRoom, Topic},
    effect::{FollowChange, Item},
    event::{Event, SharedEvent},
    log::{RoomId, RoomRecord},
    state::Engine,
};

impl Engine {
    /// Of these rooms those in which nobody is, on whichever node; none while other nodes can't be
    /// heard.
    #[must_use]
    pub fn unused(&self, mut rooms: Vec<RoomRecord>) -> Vec<RoomRecord> {
        if self.cluster.as_ref().is_some_and(|cluster| !cluster.connected) {
            return Vec::new();
        }
        let is_used = |id: RoomId| self.rooms.contains_key(&id) || self.people_elsewhere(id) > 0;
        rooms.retain(|room| !is_used(room.id));
        rooms
    }

    /// A room was removed from the store: for everybody here and on other nodes.
    pub(crate) fn room_removed(
        &mut self,
        now: Instant,
        id: RoomId,
        room: RoomName,
        effects: &mut Effects,
    ) {
        if self.cluster.is_some() {
            let rooms = vec![RemovedRoom { id: id.0, room: room.clone() }];
            effects.gossip(Topic::Nodes, Gossip::Removed { rooms });
        }
        self.forget_room(now, id, room, effects);
    }

    /// The same, where all nodes are told of it.
    pub(crate) fn forget_room(
        &mut self,
        now: Instant,
        id: RoomId,
        room: RoomName,
        effects: &mut Effects,
    ) {
        self.put_out(now, id, effects);
        self.show_removed(now, id, [room.clone()]);
        self.tell_put_out(id, Event::Removed { room, renamed_to: None }, effects);
    }

    /// Nobody of this node is in the room any more, and nothing of it is to be told of.
    pub(super) fn put_out(&mut self, now: Instant, id: RoomId, effects: &mut Effects) {
        if let Some(used) = self.rooms.remove(&id) {
            for (session, _) in used.sessions() {
                if let Some(entry) = self.sessions.get_mut(&session) {
                    entry.rooms.retain(|other| *other != id);
                }
            }
            for (user, _) in used.all_here() {
                self.tell_presence_elsewhere(now, id, &user.id);
            }
            self.budget.forget(used.recent());
            if self.cluster.is_some() {
                effects.follow.push(FollowChange::Unfollow { room: id });
            }
        }
        if let Some(cluster) = &mut self.cluster {
            cluster.local.removed(id);
        }
    }

    /// Owed to all workers: one that nobody of is in the room may know it by its name.
    pub(super) fn tell_put_out(&self, id: RoomId, event: Event, effects: &mut Effects) {
        let event = SharedEvent::new(event);
        for worker in 0..self.workers {
            effects.owe(worker, Item::Removed { room: id, event: event.clone() });
        }
    }
}

#[cfg(test)]
mod tests;
