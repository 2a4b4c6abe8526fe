//! The ChatServer: who is in which room, and what everybody is to be told.
//!
//! It decides; it never waits, reads or writes. Its mailbox is bounded, its handlers are short,
//! and what takes time is asked of the journal by the sessions.

mod passage;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use actix::{Actor, AsyncContext, Context, Handler};
use bytes::Bytes;
use maru_protocol::{
    ErrorCode, Presence, RoomInfo, RoomName, ServerFrame, SessionId, Skeletons, User,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    messages::{
        Connect, Delivery, Describe, Disconnect, Enter, Exit, Item, RegisterWorker, RoomMade, Type,
        Workers,
    },
    options::Options,
    outbox::encode,
    room::Room,
};
use crate::{
    clock::Clock,
    journal::{Journal, RoomId, RoomRecord},
    metrics::Metrics,
};

/// Messages waiting for the ChatServer. Sessions wait with theirs when it is full; 4,096 is a few
/// milliseconds of its work.
const MAILBOX: usize = 4_096;

/// Batches waiting for one worker, of up to about 100 outcomes each. Full, the relay waits, and
/// with it the journal.
pub const WORKER_QUEUE: usize = 64;

/// Most rooms in one `directory` event; more wait for the next one.
const DIRECTORY_ROOMS: usize = 200;

/// The actor that owns rooms and sessions.
pub struct ChatServer {
    options: Arc<Options>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    workers: Vec<mpsc::Sender<Delivery>>,
    sessions: HashMap<SessionId, Sitting>,
    rooms: HashMap<RoomId, Room>,
    presence: Presences,
    /// What the directory's watchers have not been told yet.
    directory: HashMap<RoomId, RoomInfo>,
    directory_timer: bool,
    /// Appends that the journal took and whose outcome is not handed over.
    in_flight: usize,
    stopping: Option<Vec<oneshot::Sender<()>>>,
}

/// A session: the other half of the index that `Room` holds.
struct Sitting {
    worker: usize,
    user: User,
    skeletons: Arc<Skeletons>,
    rooms: HashSet<RoomId>,
}

/// Rooms whose people changed, with the most there were since that was last told.
#[derive(Default)]
struct Presences {
    dirty: HashMap<RoomId, u32>,
    timer: bool,
}

impl ChatServer {
    /// An engine without rooms or sessions.
    #[must_use]
    pub fn new(
        options: Arc<Options>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            options,
            journal,
            clock,
            metrics,
            workers: Vec::new(),
            sessions: HashMap::new(),
            rooms: HashMap::new(),
            presence: Presences::default(),
            directory: HashMap::new(),
            directory_timer: false,
            in_flight: 0,
            stopping: None,
        }
    }

    fn roster(&self) -> usize {
        usize::try_from(self.options.limits.max_roster).unwrap_or(usize::MAX)
    }

    /// Takes a session out of a room, and the room out of memory with the last one.
    fn exit(&mut self, session: SessionId, id: RoomId, ctx: &mut Context<Self>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let before = room.count();
        room.exit(session);
        if room.count() != before {
            let info = room.info();
            self.presence_changed(id, before, ctx);
            self.directory_changed(id, info, ctx);
        }
        if self.rooms.get(&id).is_some_and(Room::is_empty) {
            self.rooms.remove(&id);
            self.presence.dirty.remove(&id);
        }
        self.metrics.rooms.set(self.rooms.len().try_into().unwrap_or(i64::MAX));
    }

    /// `count` is the larger of what there was before the change and after it.
    fn presence_changed(&mut self, id: RoomId, count: u32, ctx: &mut Context<Self>) {
        let most = self.presence.dirty.entry(id).or_default();
        *most = count.max(*most);
        if !self.presence.timer {
            self.presence.timer = true;
            ctx.run_later(self.options.presence_interval, Self::tell_presence);
        }
    }

    fn directory_changed(&mut self, id: RoomId, info: RoomInfo, ctx: &mut Context<Self>) {
        self.directory.insert(id, info);
        if !self.directory_timer {
            self.directory_timer = true;
            ctx.run_later(self.options.directory_interval, Self::tell_directory);
        }
    }

    fn tell_presence(&mut self, ctx: &mut Context<Self>) {
        self.presence.timer = false;
        let roster = self.roster();
        let mut untold = Vec::new();
        for (id, most) in std::mem::take(&mut self.presence.dirty) {
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
    }

    fn tell_directory(&mut self, ctx: &mut Context<Self>) {
        self.directory_timer = false;
        let ids: Vec<RoomId> = self.directory.keys().take(DIRECTORY_ROOMS).copied().collect();
        let rooms: Vec<RoomInfo> = ids.iter().filter_map(|id| self.directory.remove(id)).collect();
        let text = encode(&ServerFrame::Directory { rooms });
        for worker in &self.workers {
            tell(worker, Item::Directory { text: text.clone() });
        }
        if !self.directory.is_empty() {
            self.directory_timer = true;
            ctx.run_later(self.options.directory_interval, Self::tell_directory);
        }
    }

    /// Tells everybody in a room something ephemeral. False when a worker did without.
    fn tell_room(&self, id: RoomId, text: Bytes, except: Option<SessionId>) -> bool {
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

/// Ephemeral: a worker too busy to take it does without.
fn tell(worker: &mpsc::Sender<Delivery>, item: Item) -> bool {
    worker.try_send(vec![item]).is_ok()
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
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

impl Handler<Connect> for ChatServer {
    type Result = ();
    fn handle(&mut self, connect: Connect, _: &mut Self::Context) {
        let Connect { session, worker, user, skeletons } = connect;
        let sitting = Sitting { worker, user, skeletons, rooms: HashSet::new() };
        self.sessions.insert(session, sitting);
        self.metrics.sessions.set(self.sessions.len().try_into().unwrap_or(i64::MAX));
    }
}

impl Handler<Disconnect> for ChatServer {
    type Result = ();
    fn handle(&mut self, Disconnect(session): Disconnect, ctx: &mut Self::Context) {
        let Some(sitting) = self.sessions.remove(&session) else { return };
        for room in sitting.rooms {
            self.exit(session, room, ctx);
        }
        self.metrics.sessions.set(self.sessions.len().try_into().unwrap_or(i64::MAX));
    }
}

impl Handler<Enter> for ChatServer {
    type Result = Result<Presence, ErrorCode>;
    fn handle(&mut self, enter: Enter, ctx: &mut Self::Context) -> Self::Result {
        let Enter { session, room: record } = enter;
        let roster = self.roster();
        let Some(sitting) = self.sessions.get_mut(&session) else {
            return Err(ErrorCode::HelloRequired);
        };
        let id = record.id;
        let room = self.rooms.entry(id).or_insert_with(|| Room::new(record));
        let before = room.count();
        let entered = room.enter(session, sitting.worker, &sitting.user, &sitting.skeletons);
        if entered.is_err() {
            if room.is_empty() {
                self.rooms.remove(&id);
            }
            return Err(ErrorCode::NameTaken);
        }
        sitting.rooms.insert(id);
        let (presence, info) = (room.presence(roster), room.info());
        self.presence_changed(id, before.max(info.members), ctx);
        if info.members != before {
            self.directory_changed(id, info, ctx);
        }
        self.metrics.rooms.set(self.rooms.len().try_into().unwrap_or(i64::MAX));
        Ok(presence)
    }
}

impl Handler<Exit> for ChatServer {
    type Result = ();
    fn handle(&mut self, Exit { session, room }: Exit, ctx: &mut Self::Context) {
        if let Some(sitting) = self.sessions.get_mut(&session) {
            sitting.rooms.remove(&room);
        }
        self.exit(session, room, ctx);
    }
}

impl Handler<Type> for ChatServer {
    type Result = ();
    fn handle(&mut self, Type { session, room, on }: Type, _: &mut Self::Context) {
        let Some(sitting) = self.sessions.get(&session) else { return };
        let Some(known) = self.rooms.get(&room).filter(|known| known.holds(session)) else {
            return;
        };
        // In a crowd somebody always types: nobody wants to know, and it costs everybody.
        if known.count() > self.options.limits.max_roster {
            return;
        }
        let name: RoomName = known.record().name.clone();
        let user = known.person(&sitting.user.id).unwrap_or(&sitting.user).clone();
        let frame = ServerFrame::Typing { room: name, user, on };
        self.tell_room(room, encode(&frame), Some(session));
    }
}

impl Handler<RoomMade> for ChatServer {
    type Result = ();
    fn handle(&mut self, RoomMade(record): RoomMade, ctx: &mut Self::Context) {
        let id = record.id;
        let info = self.rooms.get(&id).map_or_else(|| Room::new(record).info(), Room::info);
        self.directory_changed(id, info, ctx);
    }
}

impl Handler<Describe> for ChatServer {
    type Result = Vec<RoomInfo>;
    fn handle(&mut self, Describe(records): Describe, _: &mut Self::Context) -> Self::Result {
        let info = |record: RoomRecord| match self.rooms.get(&record.id) {
            // The journal may be a moment ahead or behind of what was handed over: never tell less.
            Some(room) => {
                let RoomInfo { room, members, head, active_at } = room.info();
                let (head, active_at) = (head.max(record.head), active_at.max(record.active_at));
                RoomInfo { room, members, head, active_at }
            }
            None => Room::new(record).info(),
        };
        records.into_iter().map(info).collect()
    }
}

impl Handler<Workers> for ChatServer {
    type Result = Vec<mpsc::Sender<Delivery>>;
    fn handle(&mut self, _: Workers, _: &mut Self::Context) -> Self::Result {
        self.workers.clone()
    }
}
