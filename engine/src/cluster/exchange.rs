//! What the engine tells other nodes, and what it makes of what they tell.

use std::time::Duration;

use maru_protocol::{RoomInfo, User, UserId};

use super::{Active, Gossip, NodeId, RemoteChange, RemoteUser, RemovedRoom, RenamedRoom, Topic};
use crate::{
    Effects, Instant,
    event::{Event, SharedEvent},
    log::{RoomId, RoomRecord},
    rooms::room::Room,
    state::Engine,
};

/// How often a node says that it lives, and looks who does not any more.
pub(super) const BEAT: Duration = Duration::from_secs(2);

impl Engine {
    pub(crate) fn cluster_timeout(&mut self, now: Instant, effects: &mut Effects) {
        let Some(cluster) = &mut self.cluster else { return };
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        let (changes, active) =
            (is_due(cluster.local.changes_due), is_due(cluster.local.active_due));
        let beat = cluster.next_beat <= now;
        if changes {
            self.tell_changes(effects);
        }
        if active {
            self.tell_active(now, effects);
        }
        if beat {
            self.beat(now, effects);
        }
    }

    fn beat(&mut self, now: Instant, effects: &mut Effects) {
        self.tell_changes(effects);
        let Some(cluster) = &mut self.cluster else { return };
        cluster.next_beat = now + BEAT;
        effects.gossip(Topic::Nodes, Gossip::Alive { version: cluster.local.version() });
        // Without the bus everybody is silent: then presence stands still.
        if cluster.connected {
            let gone = cluster.remote.silent(now);
            self.take_over(now, gone);
        }
    }

    pub(crate) fn people_elsewhere(&self, id: RoomId) -> u32 {
        self.cluster.as_ref().map_or(0, |cluster| cluster.remote.count(id))
    }

    pub(crate) fn tell_typing_elsewhere(
        &self,
        room: RoomId,
        user: &User,
        on: bool,
        effects: &mut Effects,
    ) {
        if self.cluster.is_some() {
            effects.gossip(Topic::Room(room), Gossip::Typing { user: user.clone(), on });
        }
    }

    /// Somebody of this node came or went, or may go by another name now.
    pub(crate) fn tell_presence_elsewhere(&mut self, now: Instant, id: RoomId, user: &UserId) {
        let Some(cluster) = &mut self.cluster else { return };
        let here = self.rooms.get(&id).and_then(|room| room.here(user));
        let here = here.map(|(user, named_by)| RemoteUser { user: user.clone(), named_by });
        cluster.local.changed(id, user.clone(), here);
        cluster.local.changes_due.get_or_insert(now + self.options.presence_interval);
    }

    fn tell_changes(&mut self, effects: &mut Effects) {
        let Some(cluster) = &mut self.cluster else { return };
        cluster.local.changes_due = None;
        for gossip in cluster.local.take_changes() {
            effects.gossip(Topic::Nodes, gossip);
        }
    }

    /// Everybody on this node, for who missed something.
    fn tell_whole(&mut self, effects: &mut Effects) {
        self.tell_changes(effects);
        let Some(cluster) = &self.cluster else { return };
        let people = self.rooms.iter().flat_map(|(id, room)| {
            let here = room.all_here();
            here.map(|(user, named_by)| (*id, RemoteUser { user: user.clone(), named_by }))
        });
        for gossip in cluster.local.whole(people) {
            effects.gossip(Topic::Nodes, gossip);
        }
    }

    /// This node did something in a room, or made it.
    pub(crate) fn tell_activity_elsewhere(&mut self, now: Instant, record: &RoomRecord) {
        let RoomRecord { id, name, head, active_at } = record;
        let active = Active { id: id.0, room: name.clone(), head: *head, active_at: *active_at };
        self.tell_active_elsewhere(now, active);
    }

    pub(crate) fn tell_active_elsewhere(&mut self, now: Instant, active: Active) {
        let Some(cluster) = &mut self.cluster else { return };
        cluster.local.active(active);
        cluster.local.active_due.get_or_insert(now + self.options.directory_interval);
    }

    fn tell_active(&mut self, now: Instant, effects: &mut Effects) {
        let Some(cluster) = &mut self.cluster else { return };
        cluster.local.active_due = None;
        if let Some(gossip) = cluster.local.take_active() {
            effects.gossip(Topic::Nodes, gossip);
        }
        if cluster.local.has_active() {
            cluster.local.active_due = Some(now + self.options.directory_interval);
        }
    }

    /// What changed on other nodes, for the rooms that are in use here. Who comes to a room is told of
    /// by the node that they came to. Who is gone may be told of by nobody: their node died, or they
    /// left two nodes at once and each took them for still being on the other. So of the nodes that
    /// have somebody in the room the lowest tells of it.
    fn take_over(&mut self, now: Instant, changes: Vec<RemoteChange>) {
        for change in changes {
            let (room, gone) = (change.room, change.now.is_none());
            if self.take_over_one(now, change)
                && gone
                && self.tells_for(room)
                && let Some(record) = self.rooms.get(&room).map(|room| room.record().clone())
            {
                self.tell_activity_elsewhere(now, &record);
            }
        }
    }

    fn tells_for(&self, room: RoomId) -> bool {
        self.cluster.as_ref().is_some_and(|cluster| {
            cluster.remote.lowest_node(room).is_none_or(|lowest| cluster.node < lowest)
        })
    }

    /// True when the room has another number of people now.
    fn take_over_one(&mut self, now: Instant, change: RemoteChange) -> bool {
        let RemoteChange { room: id, user, now: there } = change;
        let Some(room) = self.rooms.get_mut(&id) else { return false };
        let before = room.count();
        room.elsewhere(&user, there.as_ref().map(|there| (there.named_by, &there.visitor)));
        let count = room.count();
        self.presence_changed(now, id, before.max(count));
        if count != before {
            self.show_room(now, id);
        }
        count != before
    }

    pub(crate) fn heard(
        &mut self,
        now: Instant,
        from: NodeId,
        topic: Topic,
        gossip: Gossip,
        effects: &mut Effects,
    ) {
        let Some(cluster) = &mut self.cluster else { return };
        let heard = match gossip {
            Gossip::Alive { version } => cluster.remote.alive(from, version, now),
            Gossip::Changes { version, rooms } => cluster.remote.changes(from, version, rooms, now),
            Gossip::Whole { version, part, parts, rooms } => {
                cluster.remote.whole(from, version, (part, parts), rooms, now)
            }
            Gossip::Bye => {
                let gone = cluster.remote.bye(from);
                return self.take_over(now, gone);
            }
            Gossip::Ask { node } => {
                if cluster.node.0 == node && cluster.local.may_tell_whole(now) {
                    self.tell_whole(effects);
                }
                return;
            }
            Gossip::Active { rooms } => return self.show_active(now, rooms),
            Gossip::Removed { rooms } => {
                for RemovedRoom { id, room } in rooms {
                    self.forget_room(now, RoomId(id), room, effects);
                }
                return;
            }
            Gossip::Renamed { rooms } => {
                for RenamedRoom { room, former } in rooms {
                    let id = room.id();
                    let Active { room: name, head, active_at, .. } = room;
                    let room = RoomRecord { id, name, head, active_at };
                    self.follow_name(now, room, former, effects);
                }
                return;
            }
            Gossip::Typing { user, on } => {
                if let Topic::Room(room) = topic {
                    self.show_typing(room, user, on, effects);
                }
                return;
            }
            Gossip::Read { reads } => {
                if let Topic::Room(room) = topic {
                    self.show_readers(room, reads, effects);
                }
                return;
            }
        };
        if heard.ask {
            effects.gossip(Topic::Nodes, Gossip::Ask { node: from.0 });
        }
        self.take_over(now, heard.changes);
    }

    fn show_active(&mut self, now: Instant, rooms: Vec<Active>) {
        if !self.directory.is_watched() {
            return;
        }
        for active in rooms {
            let id = active.id();
            let Active { room, head, active_at, .. } = active;
            let (members, head, active_at) = match self.rooms.get(&id).map(Room::info) {
                // What this node hands out may be a moment behind: never tell less.
                Some(own) => (own.members, own.head.max(head), own.active_at.max(active_at)),
                None => (self.people_elsewhere(id), head, active_at),
            };
            self.show(now, id, RoomInfo { room, members, head, active_at });
        }
    }

    fn show_typing(&self, id: RoomId, user: User, on: bool, effects: &mut Effects) {
        let Some(room) = self.rooms.get(&id) else { return };
        if usize::try_from(room.count()).is_ok_and(|count| count <= self.options.max_roster) {
            let room = room.record().name.clone();
            self.tell_room(id, &SharedEvent::new(Event::Typing { room, user, on }), None, effects);
        }
    }

    /// What was told meanwhile is lost: what does not fit shows now, not at the next beat.
    pub(crate) fn bus_connected(&mut self, now: Instant, effects: &mut Effects) {
        if let Some(cluster) = &mut self.cluster {
            cluster.connected = true;
            cluster.remote.listen_anew(now);
            self.beat(now, effects);
        }
    }

    pub(crate) fn bus_disconnected(&mut self) {
        if let Some(cluster) = &mut self.cluster {
            cluster.connected = false;
        }
    }

    pub(crate) fn farewell(&mut self, effects: &mut Effects) {
        // A beat after it would bring the node back to life.
        if self.cluster.take().is_some() {
            effects.gossip(Topic::Nodes, Gossip::Bye);
        }
    }
}

#[cfg(test)]
mod tests;
