//! A worker thread's part of the fan-out: who of its sessions is in which room, and the seam
//! between what was missed and what comes.

use std::collections::{BTreeMap, VecDeque};

use maru_engine::{Delivery, Event as Told, Item, SharedEvent, log::RoomId};
use maru_protocol::{Seq, SessionId};

use crate::{
    plan::Micros,
    world::{NodeEvent, Place, World},
};

/// A session's end of a room's stream.
pub struct Subscriber {
    client: usize,
    session: SessionId,
    live: bool,
    last: Seq,
    held: Vec<(Option<Seq>, SharedEvent)>,
}

pub struct Worker {
    pub queue: VecDeque<Delivery>,
    pub busy: bool,
    /// How long it is busy with what it took.
    pub time: Micros,
    rooms: BTreeMap<RoomId, Vec<Subscriber>>,
    /// Who watches the directory.
    pub watchers: BTreeMap<SessionId, usize>,
    /// Sessions and their clients.
    pub sessions: BTreeMap<SessionId, usize>,
}

impl Worker {
    pub fn new(time: Micros) -> Self {
        Self {
            queue: VecDeque::new(),
            busy: false,
            time,
            rooms: BTreeMap::new(),
            watchers: BTreeMap::new(),
            sessions: BTreeMap::new(),
        }
    }

    /// From now on what comes is held for the session, until it goes live.
    pub fn subscribe(&mut self, room: RoomId, session: SessionId, client: usize) {
        let (live, last, held) = (false, Seq::ZERO, Vec::new());
        let subscriber = Subscriber { client, session, live, last, held };
        self.rooms.entry(room).or_default().push(subscriber);
    }

    pub fn unsubscribe(&mut self, room: RoomId, session: SessionId) {
        if let Some(subscribers) = self.rooms.get_mut(&room) {
            subscribers.retain(|subscriber| subscriber.session != session);
        }
    }

    pub fn remove(&mut self, session: SessionId) {
        self.sessions.remove(&session);
        self.watchers.remove(&session);
        for subscribers in self.rooms.values_mut() {
            subscribers.retain(|subscriber| subscriber.session != session);
        }
    }

    /// What was held above `head`, and then what comes.
    pub fn go_live(&mut self, room: RoomId, session: SessionId, head: Seq) -> Vec<SharedEvent> {
        let subscribers = self.rooms.entry(room).or_default();
        let Some(subscriber) = subscribers.iter_mut().find(|one| one.session == session) else {
            return Vec::new();
        };
        subscriber.live = true;
        subscriber.last = head;
        let mut follows = Vec::new();
        for (seq, event) in std::mem::take(&mut subscriber.held) {
            if seq.is_none_or(|seq| seq > subscriber.last) {
                subscriber.last = seq.unwrap_or(subscriber.last);
                follows.push(event);
            }
        }
        follows
    }

    /// Everybody in the room who is to have it now.
    fn tell(
        &mut self,
        room: RoomId,
        seq: Option<Seq>,
        event: &SharedEvent,
        except: Option<SessionId>,
    ) -> Vec<usize> {
        let mut to = Vec::new();
        for subscriber in self.rooms.get_mut(&room).into_iter().flatten() {
            if Some(subscriber.session) == except {
                continue;
            }
            if !subscriber.live {
                subscriber.held.push((seq, event.clone()));
            } else if seq.is_none_or(|seq| seq > subscriber.last) {
                subscriber.last = seq.unwrap_or(subscriber.last);
                to.push(subscriber.client);
            }
        }
        to
    }
}

impl World {
    /// A worker takes what waits for it.
    pub fn worker(&mut self, place: Place, number: usize) {
        let worker = &mut self.node(place).workers[number];
        worker.busy = false;
        for item in std::mem::take(&mut worker.queue).into_iter().flatten() {
            self.item(place, number, item);
        }
        let worker = &mut self.node(place).workers[number];
        if !worker.queue.is_empty() && !worker.busy {
            worker.busy = true;
            let time = worker.time;
            let later = self.about(time);
            self.node_after(place, later, NodeEvent::Worker(number));
        }
        self.room_in_queue(place);
    }

    fn item(&mut self, place: Place, number: usize, item: Item) {
        let worker = &mut self.node(place).workers[number];
        match item {
            Item::Entry { room, seq, event } => {
                for client in worker.tell(room, Some(seq), &event, None) {
                    self.event_told(client, room, &event);
                }
            }
            Item::Event { room, event, except } => {
                for client in worker.tell(room, None, &event, except) {
                    self.event_told(client, room, &event);
                }
            }
            Item::Answer { to, answer } => {
                if let Some(client) = worker.sessions.get(&to.session).copied() {
                    self.answered(client, to, answer);
                }
            }
            // No room of the simulation is removed.
            Item::Own { .. } | Item::Drain(_) | Item::Removed { .. } | Item::Renamed { .. } => {}
            Item::Directory { event } => {
                let watchers: Vec<usize> = worker.watchers.values().copied().collect();
                if let Told::Directory { rooms, .. } = &*event {
                    for client in watchers {
                        self.directory_told(client, rooms);
                    }
                }
            }
        }
    }

    /// A worker did without rows of the directory: those who watch know nothing for sure.
    pub fn forget_directory(&mut self, place: Place, number: usize) {
        let watchers: Vec<usize> =
            self.node(place).workers[number].watchers.values().copied().collect();
        for client in watchers {
            self.clients[client].directory.clear();
        }
    }
}
