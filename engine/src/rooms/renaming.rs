//! Rooms that have another name: those who are in one by the name that it had are told the new one, and
//! enter it again. The log is the same one: they go on from where they were.
//!
//! Nodes learn of a name one after the other, and of one name several times. So the command says how the
//! room is called, not what to change: what is known by that name already stays as it is.

use maru_protocol::RoomName;

use crate::{
    Effects, Instant, NewName,
    cluster::{Active, Gossip, RenamedRoom, Topic},
    effect::Item,
    event::Event,
    log::RoomRecord,
    rooms::room::info_of,
    state::Engine,
};

impl Engine {
    /// A room has another name in the store: for everybody here, and on other nodes.
    pub(crate) fn room_renamed(&mut self, now: Instant, name: NewName, effects: &mut Effects) {
        let NewName { room, former, tell } = name;
        if tell && self.cluster.is_some() {
            let RoomRecord { id, name, head, active_at } = room.clone();
            let room = Active { id: id.0, room: name, head, active_at };
            let rooms = vec![RenamedRoom { room, former: former.clone() }];
            effects.gossip(Topic::Nodes, Gossip::Renamed { rooms });
        }
        self.follow_name(now, room, former, effects);
    }

    /// The same, where all nodes are told of it.
    pub(crate) fn follow_name(
        &mut self,
        now: Instant,
        room: RoomRecord,
        mut former: Vec<RoomName>,
        effects: &mut Effects,
    ) {
        let id = room.id;
        let known = self.rooms.get(&id).map(|used| used.record().name.clone());
        match known.filter(|known| *known != room.name) {
            Some(known) => {
                self.put_out(now, id, effects);
                former.push(known.clone());
                let renamed_to = Some(room.name.clone());
                self.tell_put_out(id, Event::Removed { room: known, renamed_to }, effects);
            }
            // Nobody is in it, or all are by this name. A worker may know it by another one.
            None => {
                for worker in 0..self.workers {
                    effects.owe(worker, Item::Renamed { room: id });
                }
            }
        }
        let key = room.name.key();
        former.retain(|former| former.key() != key);
        former.sort_unstable();
        former.dedup();
        self.show_removed(now, id, former);
        if self.directory.is_watched() {
            let used = self.rooms.get(&id).map(crate::rooms::room::Room::info);
            let info = used.unwrap_or_else(|| info_of(&room, self.people_elsewhere(id)));
            self.show(now, id, info);
        }
    }
}

#[cfg(test)]
mod tests;
