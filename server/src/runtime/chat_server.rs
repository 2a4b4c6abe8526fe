//! The ChatServer: who is in which room, and what everybody is to be told.
//!
//! It decides; it never waits, reads or writes. Its mailbox is bounded, its handlers are short,
//! and what takes time is asked of the journal by the sessions.

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, AsyncContext, Context, Handler};
use bytes::Bytes;
use maru_protocol::{RoomName, ServerFrame, SessionId};
use tokio::sync::{mpsc, oneshot};

use crate::{
    bus::Topic,
    clock::Clock,
    engine::{
        cluster::{Cluster, Signal},
        rooms::room::Room,
    },
    engine::{
        publish::Untold,
        rooms::{directory::Directory, presence::Presences, recent_budget::Tails},
    },
    fanout::encode,
    journal::{Journal, RoomId},
    metrics::Metrics,
    runtime::{
        messages::{Delivery, Item, RegisterWorker, Type, Visitor, Workers},
        options::Options,
    },
};

/// Messages waiting for the ChatServer. Sessions wait with theirs when it is full; 4,096 is a few
/// milliseconds of its work.
const MAILBOX: usize = 4_096;

/// Batches waiting for one worker, of up to about 100 outcomes each. Full, the relay waits, and
/// with it the journal.
pub const WORKER_QUEUE: usize = 64;

/// The actor that owns rooms and sessions.
pub struct ChatServer {
    pub(crate) options: Arc<Options>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) workers: Vec<mpsc::Sender<Delivery>>,
    pub(crate) sessions: HashMap<SessionId, SessionEntry>,
    pub(crate) rooms: HashMap<RoomId, Room>,
    pub(crate) tails: Tails,
    pub(crate) presence: Presences,
    pub(crate) directory: Directory,
    /// Appends that the journal took and whose outcome is not handed over.
    pub(crate) in_flight: usize,
    pub(crate) untold: Untold,
    pub(crate) stopping: Option<Vec<oneshot::Sender<()>>>,
    /// The other nodes, where there are any.
    pub(crate) cluster: Option<Cluster>,
}

/// A session: the other half of the index that `Room` holds.
pub(crate) struct SessionEntry {
    pub(crate) visitor: Arc<Visitor>,
    /// A few, or at most as many as a session may be in (`limits.max_rooms`).
    pub(crate) rooms: Vec<RoomId>,
}

impl ChatServer {
    /// An engine without rooms or sessions.
    #[must_use]
    pub fn new(
        options: Arc<Options>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        cluster: Option<Cluster>,
    ) -> Self {
        Self {
            options,
            journal,
            clock,
            metrics,
            workers: Vec::new(),
            sessions: HashMap::new(),
            rooms: HashMap::new(),
            tails: Tails::default(),
            presence: Presences::default(),
            directory: Directory::default(),
            in_flight: 0,
            untold: Untold::default(),
            stopping: None,
            cluster,
        }
    }

    /// `most` is the larger of how many people there were before the change and after it.
    pub(crate) fn presence_changed(&mut self, id: RoomId, most: u32, ctx: &mut Context<Self>) {
        let sessions = self.rooms.get(&id).map_or(0, Room::size);
        self.presence.changed(id, most, sessions);
        self.tell_presence_later(ctx);
    }

    pub(crate) fn tell_presence_later(&mut self, ctx: &mut Context<Self>) {
        if !self.presence.timer {
            self.presence.timer = true;
            ctx.run_later(self.options.presence_interval, Self::tell_presence);
        }
    }

    fn tell_presence(&mut self, ctx: &mut Context<Self>) {
        self.presence.timer = false;
        let roster = roster(&self.options);
        let mut untold = Vec::new();
        for (id, most) in self.presence.due(|id| self.rooms.get(&id).map(Room::size)) {
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            let Some(change) = room.take_change(roster, most) else { continue };
            let (count, name) = (room.count(), room.record().name.clone());
            let frame = ServerFrame::Presence { room: name, count, change };
            if !self.tell_room(id, encode(&frame), None) {
                untold.push(id);
            }
        }
        // A change that a busy worker did without would leave a wrong roster: next time, all of it.
        for id in untold {
            self.presence_changed(id, u32::MAX, ctx);
        }
        if !self.presence.is_settled() {
            self.tell_presence_later(ctx);
        }
    }

    /// Tells everybody in a room something ephemeral. False when a worker did without.
    pub(crate) fn tell_room(&self, id: RoomId, text: Bytes, except: Option<SessionId>) -> bool {
        let Some(room) = self.rooms.get(&id) else { return true };
        let mut all = true;
        for worker in room.workers() {
            if let Some(worker) = self.workers.get(worker) {
                all &= tell(worker, Item::Event { room: id, text: text.clone(), except });
            }
        }
        all
    }
}

/// Up to how many people a room tells of each.
pub(crate) fn roster(options: &Options) -> usize {
    usize::try_from(options.limits.max_roster).unwrap_or(usize::MAX)
}

/// Ephemeral: a worker too busy to take it does without.
pub(crate) fn tell(worker: &mpsc::Sender<Delivery>, item: Item) -> bool {
    worker.try_send(vec![item]).is_ok()
}

pub(crate) fn tell_all(worker: &mpsc::Sender<Delivery>, items: Delivery) {
    if !items.is_empty() {
        let _ = worker.try_send(items);
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.join_cluster(ctx);
    }
}

impl Handler<RegisterWorker> for ChatServer {
    type Result = ();
    fn handle(&mut self, register: RegisterWorker, _: &mut Self::Context) {
        let RegisterWorker { number, queue } = register;
        // A worker that is not here yet has a queue that nobody reads.
        self.workers.resize_with(self.workers.len().max(number + 1), || mpsc::channel(1).0);
        self.workers[number] = queue;
    }
}

impl Handler<Type> for ChatServer {
    type Result = ();
    fn handle(&mut self, Type { session, room, on }: Type, _: &mut Self::Context) {
        let Some(entry) = self.sessions.get(&session) else { return };
        let Some(known) = self.rooms.get(&room).filter(|known| known.holds(session)) else {
            return;
        };
        // In a crowd somebody always types: nobody wants to know, and it costs everybody.
        if known.count() > self.options.limits.max_roster {
            return;
        }
        let name: RoomName = known.record().name.clone();
        let user = &entry.visitor.user;
        let user = known.person(&user.id).unwrap_or(user).clone();
        let frame = ServerFrame::Typing { room: name, user, on };
        let ServerFrame::Typing { user, .. } = &frame else { return };
        self.tell_nodes(Topic::Room(room), || Signal::Typing { user: user.clone(), on });
        self.tell_room(room, encode(&frame), Some(session));
    }
}

impl Handler<Workers> for ChatServer {
    type Result = Vec<mpsc::Sender<Delivery>>;
    fn handle(&mut self, _: Workers, _: &mut Self::Context) -> Self::Result {
        self.workers.clone()
    }
}
