//! What the engine tells other nodes, and what it makes of what they tell.

use std::time::Duration;

use actix::{AsyncContext, Context, Handler};
use maru_protocol::{RoomInfo, ServerFrame, UserId};
use tokio::time::Instant;

use crate::{
    bus::{NodeId, Topic},
    engine::{
        cluster::{Active, Change, Cluster, Person, Signal},
        rooms::room::Room,
    },
    fanout::encode,
    follow::Soft,
    journal::{RoomId, RoomRecord},
    runtime::{
        chat_server::{ChatServer, roster},
        messages::{Farewell, Overheard},
    },
};

/// How often a node says that it lives, and looks who does not any more.
const BEAT: Duration = Duration::from_secs(2);

impl Cluster {
    /// A room that nobody of this node was in: its entries are to come, its people are known.
    pub(crate) fn come_into_use(&self, id: RoomId, room: &mut Room) {
        self.follow.follow(id, room.record().head);
        for (user, elsewhere) in self.peers.people(id) {
            room.elsewhere(user, Some((elsewhere.named_by, &elsewhere.visitor)));
        }
        // Who comes in is told of all.
        room.is_told();
    }
}

impl ChatServer {
    pub(crate) fn join_cluster(&mut self, ctx: &mut Context<Self>) {
        if self.cluster.is_some() {
            ctx.run_interval(BEAT, Self::beat);
        }
    }

    fn beat(&mut self, ctx: &mut Context<Self>) {
        self.tell_changes();
        let Some(cluster) = &mut self.cluster else { return };
        cluster.tell(Topic::Nodes, &Signal::Alive { version: cluster.own.version() });
        // Without the bus everybody is silent: then presence stands still.
        if cluster.hears {
            let gone = cluster.peers.silent(Instant::now());
            self.take_over(gone, ctx);
        }
    }

    pub(crate) fn tell_nodes(&self, to: Topic, signal: impl FnOnce() -> Signal) {
        if let Some(cluster) = &self.cluster {
            cluster.tell(to, &signal());
        }
    }

    pub(crate) fn unfollow(&self, id: RoomId) {
        if let Some(cluster) = &self.cluster {
            cluster.follow.unfollow(id);
        }
    }

    pub(crate) fn people_elsewhere(&self, id: RoomId) -> u32 {
        self.cluster.as_ref().map_or(0, |cluster| cluster.peers.count(id))
    }

    /// Somebody of this node came or went, or may go by another name now.
    pub(crate) fn tell_presence_elsewhere(
        &mut self,
        id: RoomId,
        user: &UserId,
        ctx: &mut Context<Self>,
    ) {
        let Some(cluster) = &mut self.cluster else { return };
        let here = self.rooms.get(&id).and_then(|room| room.here(user));
        let now = here.map(|(user, named_by)| Person { user: user.clone(), named_by });
        cluster.own.changed(id, user.clone(), now);
        if !cluster.own.timer {
            cluster.own.timer = true;
            ctx.run_later(self.options.presence_interval, |engine, _| {
                if let Some(cluster) = &mut engine.cluster {
                    cluster.own.timer = false;
                }
                engine.tell_changes();
            });
        }
    }

    fn tell_changes(&mut self) {
        let Some(cluster) = &mut self.cluster else { return };
        for signal in cluster.own.take_changes() {
            cluster.tell(Topic::Nodes, &signal);
        }
    }

    /// Everybody on this node, for who missed something.
    fn tell_whole(&mut self) {
        self.tell_changes();
        let Some(cluster) = &self.cluster else { return };
        let people = self.rooms.iter().flat_map(|(id, room)| {
            let person =
                |(user, named_by)| Person { user: maru_protocol::User::clone(user), named_by };
            room.all_here().map(person).map(|person| (*id, person))
        });
        for signal in cluster.own.whole(people) {
            cluster.tell(Topic::Nodes, &signal);
        }
    }

    /// Something happened in a room in use here.
    pub(crate) fn tell_active_elsewhere(&mut self, id: RoomId, ctx: &mut Context<Self>) {
        if self.cluster.is_some()
            && let Some(record) = self.rooms.get(&id).map(|room| room.record().clone())
        {
            self.tell_made_elsewhere(&record, ctx);
        }
    }

    /// The directory of other nodes has news of a room.
    pub(crate) fn tell_made_elsewhere(&mut self, record: &RoomRecord, ctx: &mut Context<Self>) {
        let Some(cluster) = &mut self.cluster else { return };
        let waits = cluster.own.has_active();
        let RoomRecord { id, name, head, active_at } = record.clone();
        cluster.own.active(Active { id: id.0, room: name, head, active_at });
        if !waits {
            ctx.run_later(self.options.directory_interval, Self::tell_active);
        }
    }

    fn tell_active(&mut self, ctx: &mut Context<Self>) {
        let Some(cluster) = &mut self.cluster else { return };
        if let Some(signal) = cluster.own.take_active() {
            cluster.tell(Topic::Nodes, &signal);
        }
        if cluster.own.has_active() {
            ctx.run_later(self.options.directory_interval, Self::tell_active);
        }
    }

    /// What changed on other nodes, for the rooms that are in use here.
    fn take_over(&mut self, changes: Vec<Change>, ctx: &mut Context<Self>) {
        for Change { room: id, user, now } in changes {
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            let before = room.count();
            let elsewhere = now.as_ref().map(|there| (there.named_by, &there.visitor));
            room.elsewhere(&user, elsewhere);
            let count = room.count();
            self.presence_changed(id, before.max(count), ctx);
            if count != before {
                self.directory_changed(id, ctx);
            }
        }
        if let Some(cluster) = &self.cluster {
            self.metrics.peers.set(i64::try_from(cluster.peers.len()).unwrap_or(i64::MAX));
        }
    }

    fn hear(&mut self, from: NodeId, topic: Topic, signal: Signal, ctx: &mut Context<Self>) {
        let now = Instant::now();
        let Some(cluster) = &mut self.cluster else { return };
        let heard = match signal {
            Signal::Alive { version } => cluster.peers.alive(from, version, now),
            Signal::Changes { version, rooms } => cluster.peers.changes(from, version, rooms, now),
            Signal::Whole { version, part, parts, rooms } => {
                cluster.peers.whole(from, version, (part, parts), rooms, now)
            }
            Signal::Bye => {
                let gone = cluster.peers.bye(from);
                return self.take_over(gone, ctx);
            }
            Signal::Ask { node } => {
                if cluster.is_me(node) && cluster.own.may_tell_whole(now) {
                    self.tell_whole();
                }
                return;
            }
            Signal::Active { rooms } => return self.show_active(rooms, ctx),
            Signal::Typing { user, on } => {
                if let Topic::Room(room) = topic {
                    self.show_typing(room, user, on);
                }
                return;
            }
            Signal::Read { reads } => {
                if let Topic::Room(room) = topic {
                    self.show_readers(room, reads);
                }
                return;
            }
        };
        if heard.ask {
            cluster.tell(Topic::Nodes, &Signal::Ask { node: from.0 });
        }
        self.take_over(heard.changes, ctx);
    }

    fn show_active(&mut self, rooms: Vec<Active>, ctx: &mut Context<Self>) {
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
            self.show(id, RoomInfo { room, members, head, active_at }, ctx);
        }
    }

    fn show_typing(&self, id: RoomId, user: maru_protocol::User, on: bool) {
        let Some(room) = self.rooms.get(&id) else { return };
        if usize::try_from(room.count()).is_ok_and(|count| count <= roster(&self.options)) {
            let frame = ServerFrame::Typing { room: room.record().name.clone(), user, on };
            self.tell_room(id, encode(&frame), None);
        }
    }
}

impl Handler<Overheard> for ChatServer {
    type Result = ();
    fn handle(&mut self, Overheard(soft): Overheard, ctx: &mut Self::Context) {
        match soft {
            Soft::Message { from, topic, says } => {
                if let Some(signal) = Signal::decode(&says) {
                    self.hear(from, topic, signal, ctx);
                }
            }
            // What was told meanwhile is lost: what does not fit shows now, not at the next beat.
            Soft::Connected => {
                if let Some(cluster) = &mut self.cluster {
                    cluster.hears = true;
                    cluster.peers.listen_anew(Instant::now());
                }
                self.beat(ctx);
            }
            Soft::Disconnected => {
                if let Some(cluster) = &mut self.cluster {
                    cluster.hears = false;
                }
            }
            Soft::Following(_) => {}
        }
    }
}

impl Handler<Farewell> for ChatServer {
    type Result = ();
    fn handle(&mut self, _: Farewell, _: &mut Self::Context) {
        self.tell_nodes(Topic::Nodes, || Signal::Bye);
        // A beat after it would bring the node back to life.
        self.cluster = None;
    }
}
