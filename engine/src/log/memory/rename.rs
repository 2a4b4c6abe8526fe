//! Other names for rooms.

use maru_protocol::RoomName;

use super::{MemoryLog, index_of};
use crate::log::{MOST_FORMER, Renamed, RenamedRoom, RoomRecord};

impl MemoryLog {
    /// Gives a room another name; of the record the number and the name count. Its former name leads
    /// to it and is no other room's.
    pub fn rename(&mut self, room: &RoomRecord, name: RoomName) -> Renamed {
        let Some(now) = self.record(room.id) else { return Renamed::Gone };
        if now.name == name {
            return Renamed::Done(now);
        }
        if now.name != room.name {
            return Renamed::Gone;
        }
        let (old, key) = (now.name.key(), name.key());
        let is_other = |other: &RoomRecord| other.id != room.id;
        if let Some(other) = self.room(&key).filter(is_other) {
            return Renamed::Taken(other);
        }
        let looks = name.skeletons().keys();
        let mut alike = looks.iter().filter_map(|look| self.record(*self.by_look.get(look)?));
        if let Some(other) = alike.find(is_other) {
            return Renamed::LooksLike(other);
        }
        let Some(Some(kept)) = index_of(room.id).and_then(|index| self.rooms.get_mut(index)) else {
            return Renamed::Gone;
        };
        let mut former = kept.former.clone();
        former.retain(|former| former.key() != key);
        if old != key {
            former.push(now.name);
        }
        if former.len() > MOST_FORMER {
            return Renamed::TooMany;
        }
        self.renames += 1;
        (kept.renamed, kept.former) = (self.renames, former);
        kept.record.name = name.clone();
        kept.entries.iter_mut().for_each(|entry| entry.call_room(name.clone()));
        let record = kept.record.clone();
        self.by_key.insert(key, room.id);
        self.by_look.extend(looks.map(|look| (look, room.id)));
        Renamed::Done(record)
    }

    /// Rooms that got another name after that number, the earliest first.
    #[must_use]
    pub fn renamed(&self, after: u64, limit: usize) -> Vec<RenamedRoom> {
        let rooms = self.rooms.iter().flatten().filter(|room| room.renamed > after);
        let mut renamed: Vec<RenamedRoom> = rooms
            .map(|room| RenamedRoom {
                number: room.renamed,
                room: room.record.clone(),
                former: room.former.clone(),
            })
            .collect();
        renamed.sort_unstable_by_key(|room| room.number);
        renamed.truncate(limit);
        renamed
    }
}
