//! What must hold: at every step where it can, otherwise when all is quiet.

use std::collections::BTreeSet;

use maru_engine::log::RoomId;
use maru_protocol::{Entry, RoomInfo, Seq, UserId};

use crate::{store::RoomLog, world::World};

impl RoomLog {
    /// Whether an entry says what was deleted by then.
    pub fn speaks_of_deleted(&self, entry: &Entry, head: Seq) -> bool {
        let gone = |target: Seq| self.deleted_by(target).is_some_and(|by| by <= head);
        match entry {
            Entry::Message(message) => {
                gone(message.seq)
                    || message
                        .reply_to
                        .as_ref()
                        .is_some_and(|quote| quote.excerpt.is_some() && gone(quote.seq))
            }
            Entry::Edit(edit) => edit.body.is_some() && gone(edit.target),
            _ => false,
        }
    }
}

impl World {
    /// Every queue is within its bound.
    pub fn check_bounds(&mut self) {
        for place in 0..self.nodes.len() {
            let Some(node) = &self.nodes[place] else { continue };
            let held = node.follower.as_ref().map_or(0, |follower| follower.held_bytes());
            let figures = [
                ("appends", node.appends.waiting.len(), self.plan.append_queue),
                ("commits", node.commits.len(), 4),
                ("the relay", node.relay.queue.len(), 4),
                ("pages", node.asked.0, 4),
                ("checks of heads", node.asked.1, 1),
                ("held bytes", held, 32 << 20),
            ];
            let workers = node.workers.iter();
            let longest = workers.map(|worker| worker.queue.len()).max().unwrap_or_default();
            let figures =
                figures.into_iter().chain([("a worker", longest, self.plan.worker_queue)]);
            let over: Vec<_> = figures.filter(|(_, is, most)| is > most).collect();
            self.ensure(over.is_empty(), || format!("node {place}: over its bounds: {over:?}"));
        }
    }

    /// Every node knows exactly who is where.
    pub fn check_presence(&mut self, when: &str) {
        for room in self.room_ids() {
            let people = self.truth.people(room);
            for place in 0..self.nodes.len() {
                let Some(node) = &self.nodes[place] else { continue };
                let record = self.store.record(room);
                let told = node.engine.describe(vec![record]);
                let count = told.first().map_or(0, |info| info.members);
                let right = usize::try_from(count).unwrap() == people.len();
                let in_use = self.truth.rooms(place).contains(&room);
                let ids: Vec<UserId> = people.iter().cloned().collect();
                let shown = node.engine.present(room, Some(&ids)).len();
                self.ensure(right, || {
                    format!("{when}, node {place} counts {count} in {}, not {people:?}", room.0)
                });
                self.ensure(!in_use || shown == ids.len(), || {
                    format!("{when}, node {place} knows {shown} in {}, not {people:?}", room.0)
                });
            }
        }
    }

    fn room_ids(&self) -> Vec<RoomId> {
        self.store.rooms.iter().map(|log| log.id).collect()
    }

    /// Everything agrees.
    pub fn check_end(&mut self) {
        self.check_bounds();
        self.check_presence("at the end");
        for number in 0..self.clients.len() {
            self.check_client(number);
        }
        for place in 0..self.nodes.len() {
            let used = self.truth.rooms(place);
            let Some(node) = &self.nodes[place] else { continue };
            let rooms = node.engine.rooms();
            let followed: BTreeSet<RoomId> = match &node.follower {
                Some(follower) => {
                    let all = self.store.rooms.iter().map(|log| log.id);
                    all.filter(|room| follower.follows(*room)).collect()
                }
                None => used.clone(),
            };
            self.ensure(rooms == used.len(), || {
                format!("node {place} has {rooms} rooms in use, not {used:?}")
            });
            self.ensure(followed == used, || {
                format!("node {place} follows {followed:?}, and uses {used:?}")
            });
        }
    }

    fn check_client(&mut self, number: usize) {
        let Some(connection) = &self.clients[number].connection else { return };
        let open: Vec<u32> = connection.requests.keys().copied().collect();
        let joined = connection.joined.clone();
        let used = self.truth.rooms(connection.place);
        self.ensure(open.is_empty(), || format!("client {number}: no answer to {open:?}"));
        for room in joined {
            self.check_held(number, room);
            let head = self.store.room(room).head();
            let people = self.truth.people(room);
            let Some(view) = self.clients[number].views.get(&room) else { continue };
            let (last, count, complete) = (view.last, view.count, view.complete);
            let shown = view.people.clone();
            let who = format!("client {number} in {}", room.0);
            self.ensure(last == Some(head), || format!("{who}: is at {last:?}, not at {head}"));
            let right = usize::try_from(count).unwrap() == people.len();
            self.ensure(right, || format!("{who}: counts {count}, not {people:?}"));
            self.ensure(!complete || shown == people, || {
                format!("{who}: shows {shown:?}, not {people:?}")
            });
            let small = people.len() <= self.plan.max_roster;
            self.ensure(complete == small, || {
                format!("{who}: shows a sample: {}, of {}", !complete, people.len())
            });
        }
        let rows: Vec<(RoomId, RoomInfo)> =
            self.clients[number].directory.iter().map(|(id, info)| (*id, info.clone())).collect();
        for (room, info) in rows {
            let (people, head) = (self.truth.people(room), self.store.room(room).head());
            // What several nodes say of a room that nobody of this one is in comes in any order.
            let latest = info.head == head || !used.contains(&room);
            let right = usize::try_from(info.members).unwrap() == people.len() && latest;
            self.ensure(people.is_empty() || self.plan.mute || right, || {
                format!("client {number}: the directory has {info:?}, not {people:?} at {head}")
            });
        }
    }
}
