//! Who reads where: for their other sessions, and for those who look for them.

use std::collections::{BTreeMap, HashMap};

use actix::{Context, Handler, MessageResult};
use maru_protocol::{ServerFrame, User, UserId};

use crate::{
    bus::Topic,
    engine::cluster::{ReadElsewhere, Signal},
    fanout::encode,
    journal::RoomId,
    runtime::{
        chat_server::{ChatServer, roster, tell_all},
        messages::{Delivery, Item, Present, Reading, ReadsOn, Seen, Tell},
    },
};

impl ChatServer {
    /// One walk over the room's sessions, however many people are told of.
    pub(crate) fn tell_readers(&self, id: RoomId, reads: &[ReadsOn]) {
        let Some(room) = self.rooms.get(&id) else { return };
        let of: HashMap<&UserId, &ReadsOn> = reads.iter().map(|read| (&read.user, read)).collect();
        let mut out: Vec<Delivery> = vec![Vec::new(); self.workers.len()];
        let mut texts = HashMap::new();
        for (session, visitor) in room.sessions() {
            let Some(read) = of.get(&visitor.user.id).filter(|read| read.by != Some(session))
            else {
                continue;
            };
            let text = texts
                .entry(&read.user)
                .or_insert_with(|| encode(&ServerFrame::Read(read.state.clone())));
            if let Some(delivery) = out.get_mut(visitor.worker) {
                delivery.push(Item::Own { session, text: text.clone() });
            }
        }
        for (worker, delivery) in self.workers.iter().zip(out) {
            tell_all(worker, delivery);
        }
    }

    fn tell_readers_elsewhere(&self, id: RoomId, reads: &[ReadsOn]) {
        let Some(room) = self.rooms.get(&id) else { return };
        let elsewhere = reads.iter().filter(|read| room.is_elsewhere(&read.user));
        let reads: Vec<ReadElsewhere> = elsewhere
            .map(|read| ReadElsewhere { user: read.user.clone(), state: read.state.clone() })
            .collect();
        if !reads.is_empty() {
            self.tell_nodes(Topic::Room(id), || Signal::Read { reads });
        }
    }

    /// Somebody read on, on another node.
    pub(crate) fn show_readers(&self, id: RoomId, reads: Vec<ReadElsewhere>) {
        let here = |read: &ReadElsewhere| {
            self.rooms.get(&id).is_some_and(|room| room.here(&read.user).is_some())
        };
        let reads: Vec<ReadsOn> = reads
            .into_iter()
            .filter(here)
            .map(|ReadElsewhere { user, state }| ReadsOn { room: id, user, by: None, state })
            .collect();
        if !reads.is_empty() {
            self.tell_readers(id, &reads);
        }
    }
}

impl Handler<Reading> for ChatServer {
    type Result = MessageResult<Reading>;
    fn handle(&mut self, Reading(who): Reading, _: &mut Context<Self>) -> Self::Result {
        let seen = who.into_iter().map(|(id, user, by)| {
            let room = self.rooms.get(&id)?;
            let name = room.person(&user)?.name.clone();
            let here = room.sessions_of(&user);
            let others = here > u32::from(room.holds(by)) || room.is_elsewhere(&user);
            Some(Seen { room: room.record().name.key(), name, others })
        });
        MessageResult(seen.collect())
    }
}

impl Handler<Tell> for ChatServer {
    type Result = ();
    fn handle(&mut self, Tell(reads): Tell, _: &mut Context<Self>) {
        let mut rooms: BTreeMap<RoomId, Vec<ReadsOn>> = BTreeMap::new();
        for read in reads {
            rooms.entry(read.room).or_default().push(read);
        }
        for (id, reads) in rooms {
            self.tell_readers_elsewhere(id, &reads);
            self.tell_readers(id, &reads);
        }
    }
}

impl Handler<Present> for ChatServer {
    type Result = MessageResult<Present>;
    fn handle(&mut self, Present { room, of }: Present, _: &mut Context<Self>) -> Self::Result {
        let Some(room) = self.rooms.get(&room) else { return MessageResult(Vec::new()) };
        let present: Vec<User> = match of {
            Some(ids) => ids.iter().filter_map(|id| room.person(id)).cloned().collect(),
            None => {
                let most = roster(&self.options);
                let all = room.presence(most);
                if all.complete { all.users } else { Vec::new() }
            }
        };
        MessageResult(present)
    }
}
