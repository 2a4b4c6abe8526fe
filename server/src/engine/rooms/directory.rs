//! The directory: what is told to those who watch it. Where nobody does, it costs nothing.

use std::collections::{HashMap, HashSet};

use actix::{AsyncContext, Context, Handler};
use maru_protocol::{RoomInfo, ServerFrame, SessionId};

use crate::{
    engine::rooms::room::Room,
    fanout::encode,
    journal::{RoomId, RoomRecord},
    runtime::{
        chat_server::{ChatServer, tell},
        messages::{Describe, Item, RoomMade, Watch},
    },
};

/// Most rooms in one `directory` event; more wait for the next one.
const ROOMS: usize = 200;

/// Who watches, and what they have not been told yet.
#[derive(Default)]
pub(crate) struct Directory {
    /// No more than there are sessions: each one's end takes it out.
    watchers: HashSet<SessionId>,
    changed: HashMap<RoomId, RoomInfo>,
    timer: bool,
}

impl Directory {
    /// Starts or stops with a session; what changed before concerns nobody who comes after.
    pub(crate) fn watch(&mut self, session: SessionId, on: bool) {
        if on {
            self.watchers.insert(session);
        } else if self.watchers.remove(&session) && self.watchers.is_empty() {
            self.changed = HashMap::new();
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        !self.watchers.is_empty()
    }
}

impl ChatServer {
    /// Something in a room in use changed that the directory shows.
    pub(crate) fn directory_changed(&mut self, id: RoomId, ctx: &mut Context<Self>) {
        self.tell_active_elsewhere(id, ctx);
        if self.directory.is_watched()
            && let Some(info) = self.rooms.get(&id).map(Room::info)
        {
            self.show(id, info, ctx);
        }
    }

    pub(crate) fn show(&mut self, id: RoomId, info: RoomInfo, ctx: &mut Context<Self>) {
        self.directory.changed.insert(id, info);
        if !self.directory.timer {
            self.directory.timer = true;
            ctx.run_later(self.options.directory_interval, Self::tell_directory);
        }
    }

    fn tell_directory(&mut self, ctx: &mut Context<Self>) {
        let directory = &mut self.directory;
        directory.timer = false;
        let ids: Vec<RoomId> = directory.changed.keys().take(ROOMS).copied().collect();
        if ids.is_empty() {
            return;
        }
        let rooms = ids.iter().filter_map(|id| directory.changed.remove(id)).collect();
        let text = encode(&ServerFrame::Directory { rooms });
        for worker in &self.workers {
            tell(worker, Item::Directory { text: text.clone() });
        }
        if !self.directory.changed.is_empty() {
            self.directory.timer = true;
            ctx.run_later(self.options.directory_interval, Self::tell_directory);
        }
    }
}

impl Handler<Watch> for ChatServer {
    type Result = ();
    fn handle(&mut self, Watch { session, on }: Watch, _: &mut Self::Context) {
        self.directory.watch(session, on);
    }
}

impl Handler<RoomMade> for ChatServer {
    type Result = ();
    fn handle(&mut self, RoomMade(record): RoomMade, ctx: &mut Self::Context) {
        self.tell_made_elsewhere(&record, ctx);
        if self.directory.is_watched() {
            let id = record.id;
            let info = self.rooms.get(&id).map_or_else(|| Room::new(record).info(), Room::info);
            self.show(id, info, ctx);
        }
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
            None => {
                let members = self.people_elsewhere(record.id);
                RoomInfo { members, ..Room::new(record).info() }
            }
        };
        records.into_iter().map(info).collect()
    }
}

#[cfg(test)]
mod tests {
    use maru_protocol::{RoomName, Seq};
    use uuid::Uuid;

    use super::*;

    fn session(n: u128) -> SessionId {
        SessionId(Uuid::from_u128(n))
    }

    #[test]
    fn the_last_one_to_look_away_takes_what_was_to_be_told_along() {
        let mut directory = Directory::default();
        assert!(!directory.is_watched());
        directory.watch(session(1), true);
        directory.watch(session(1), true);
        directory.watch(session(2), true);
        let name = RoomName::parse("lobby").unwrap();
        let record = RoomRecord { id: RoomId(1), name, head: Seq::ZERO, active_at: 0 };
        directory.changed.insert(record.id, Room::new(record).info());
        directory.watch(session(1), false);
        // One who never watched ends.
        directory.watch(session(3), false);
        assert!(directory.is_watched() && directory.changed.len() == 1);
        directory.watch(session(2), false);
        assert!(!directory.is_watched() && directory.changed.is_empty());
    }
}
