//! The engine: who is in which room, and what everybody is to be told.

use std::sync::Arc;

use maru_protocol::{RoomName, SessionId, User, UserId};

use crate::{
    Command, Effects, Instant, Options, Visitor,
    cluster::{Cluster, NodeId},
    collections::{Map, Seed},
    defects::{Defect, on},
    effect::Item,
    event::{Event, SharedEvent},
    flips::FlipLimit,
    log::RoomId,
    publish::StoreFailures,
    rooms::{
        absent_workers::AbsentWorkers, directory::Directory, presence::PresenceQueue,
        recent_budget::RecentBudget, room::Room,
    },
};

/// Rooms and sessions of one node, as a value.
///
/// Commands go in, effects come out: [`Engine::handle`] decides at once and never waits. Time comes
/// in with each command; [`Engine::poll_timeout`] says when [`Engine::handle_timeout`] is to be
/// called, whatever comes before it.
#[derive(Debug)]
pub struct Engine {
    pub(crate) options: Options,
    pub(crate) seed: Seed,
    /// Workers have the numbers below this.
    pub(crate) workers: usize,
    pub(crate) sessions: Map<SessionId, SessionEntry>,
    pub(crate) rooms: Map<RoomId, Room>,
    pub(crate) absent: AbsentWorkers,
    pub(crate) budget: RecentBudget,
    pub(crate) presence: PresenceQueue,
    pub(crate) directory: Directory,
    pub(crate) flips: FlipLimit,
    pub(crate) failures: StoreFailures,
    pub(crate) stopping: bool,
    /// The other nodes, where there are any.
    pub(crate) cluster: Option<Cluster>,
}

/// A session: the other half of the index that `Room` holds.
#[derive(Debug)]
pub(crate) struct SessionEntry {
    pub(crate) visitor: Arc<Visitor>,
    /// A few, or at most as many as a session may be in (`limits.max_rooms`).
    pub(crate) rooms: Vec<RoomId>,
}

impl Engine {
    /// An engine without rooms or sessions. `node` is this node's id where there are others; `seed`
    /// is random in a server, and given in a simulation.
    #[must_use]
    pub fn new(options: Options, node: Option<NodeId>, seed: Seed, now: Instant) -> Self {
        Self {
            options,
            seed,
            workers: 0,
            sessions: Map::with_hasher(seed),
            rooms: Map::with_hasher(seed),
            absent: AbsentWorkers::new(seed),
            budget: RecentBudget::default(),
            presence: PresenceQueue::new(seed),
            directory: Directory::new(seed),
            flips: FlipLimit::new(seed),
            failures: StoreFailures::default(),
            stopping: false,
            cluster: node.map(|node| Cluster::new(node, seed, now)),
        }
    }

    /// Decides what a command means.
    pub fn handle(&mut self, now: Instant, command: Command, effects: &mut Effects) {
        match command {
            Command::Workers(workers) => self.workers = self.workers.max(workers),
            Command::Enter(enter) => effects.entered = Some(self.enter(now, enter, effects)),
            Command::Exit { session, room } => self.leave(now, session, room, effects),
            Command::Disconnect(session) => self.disconnect(now, session, effects),
            Command::Publish(publish) => self.publish(now, publish, effects),
            Command::NotTaken(appends) => self.not_taken(appends, effects),
            Command::Committed(batch) => self.committed(now, batch, effects),
            Command::Offer { session, room, read } => self.offer(session, room, read),
            Command::Typing { session, room, on } => self.typing(session, room, on, effects),
            Command::Watch { session, on } => self.directory.watch(session, on),
            Command::RoomMade(record) => self.room_made(now, &record),
            Command::RoomRemoved { id, room } => self.room_removed(now, id, room, effects),
            Command::RoomRenamed(name) => self.room_renamed(now, name, effects),
            Command::ReadMarkers(markers) => self.read_markers(markers, effects),
            Command::Undelivered(_) if on(Defect::ForgetUndelivered) => {}
            Command::Undelivered(room) => self.presence_changed(now, room, u32::MAX),
            Command::Heard { from, topic, gossip } => {
                self.heard(now, from, topic, gossip, effects);
            }
            Command::BusConnected => self.bus_connected(now, effects),
            Command::BusDisconnected => self.bus_disconnected(),
            Command::StopTaking => self.stopping = true,
            Command::Farewell => self.farewell(effects),
        }
    }

    /// When there is something to do, whatever comes before it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let cluster = self.cluster.iter().filter_map(Cluster::due);
        [self.presence.due, self.directory.due].into_iter().flatten().chain(cluster).min()
    }

    /// Does what is due by now.
    pub fn handle_timeout(&mut self, now: Instant, effects: &mut Effects) {
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        if is_due(self.presence.due) {
            self.tell_presence(now, effects);
        }
        if is_due(self.directory.due) {
            self.tell_directory(now, effects);
        }
        self.cluster_timeout(now, effects);
    }

    /// How many rooms are in use.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }

    /// How many nodes live beside this one.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.cluster.as_ref().map_or(0, |cluster| cluster.remote.len())
    }

    /// Who is in a room: those of these ids, or, unless it is a crowd, everybody.
    #[must_use]
    pub fn present(&self, room: RoomId, of: Option<&[UserId]>) -> Vec<User> {
        let Some(room) = self.rooms.get(&room) else { return Vec::new() };
        match of {
            Some(ids) => ids.iter().filter_map(|id| room.person(id)).cloned().collect(),
            None => {
                let all = room.presence(self.options.max_roster);
                if all.complete { all.users } else { Vec::new() }
            }
        }
    }

    /// Who spoke in a room lately, the latest first: of a room in use, as far as its recent entries
    /// go back.
    #[must_use]
    pub fn speakers(&self, room: RoomId) -> Vec<User> {
        self.rooms.get(&room).map_or_else(Vec::new, |room| room.recent().speakers())
    }

    /// `most` is the larger of how many people there were before the change and after it.
    pub(crate) fn presence_changed(&mut self, now: Instant, id: RoomId, most: u32) {
        let sessions = self.rooms.get(&id).map_or(0, Room::size);
        self.presence.changed(id, most, sessions);
        self.presence.due.get_or_insert(now + self.options.presence_interval);
    }

    fn tell_presence(&mut self, now: Instant, effects: &mut Effects) {
        self.presence.due = None;
        let roster = self.options.max_roster;
        for (id, most) in self.presence.take_due(|id| self.rooms.get(&id).map(Room::size)) {
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            let Some(change) = room.take_change(roster, most) else { continue };
            let (count, room) = (room.count(), room.record().name.clone());
            let event = SharedEvent::new(Event::Presence { room, count, change });
            let before = effects.ephemeral.len();
            self.tell_room(id, &event, None, effects);
            // A change that a busy worker did without would leave a wrong roster: next time, all.
            for told in effects.ephemeral.iter_mut().skip(before) {
                told.presence = Some(id);
            }
        }
        if !self.presence.is_settled() {
            self.presence.due = Some(now + self.options.presence_interval);
        }
    }

    /// Tells everybody in a room something ephemeral.
    pub(crate) fn tell_room(
        &self,
        id: RoomId,
        event: &SharedEvent,
        except: Option<SessionId>,
        effects: &mut Effects,
    ) {
        let Some(room) = self.rooms.get(&id) else { return };
        for worker in room.workers() {
            effects.tell(worker, Item::Event { room: id, event: event.clone(), except });
        }
    }

    fn typing(&mut self, session: SessionId, room: RoomId, on: bool, effects: &mut Effects) {
        let Some(entry) = self.sessions.get(&session) else { return };
        let Some(known) = self.rooms.get(&room).filter(|known| known.holds(session)) else {
            return;
        };
        // In a crowd somebody always types: nobody wants to know, and it costs everybody.
        if usize::try_from(known.count()).is_ok_and(|count| count > self.options.max_roster) {
            return;
        }
        let name: RoomName = known.record().name.clone();
        let user = &entry.visitor.user;
        let user = known.person(&user.id).unwrap_or(user).clone();
        self.tell_typing_elsewhere(room, &user, on, effects);
        let event = SharedEvent::new(Event::Typing { room: name, user, on });
        self.tell_room(room, &event, Some(session), effects);
    }
}
