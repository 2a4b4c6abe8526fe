//! How far people have read, who they are, and where they are mentioned.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use maru_engine::log::MemoryLog;
use maru_protocol::{Beginning, MAX_UNREAD, ReadState, Seq, Skeletons, User, UserId};

use super::names::{NameTable, step};
use crate::journal::{
    Append, MOST_MARKS, MOST_READ_QUERIES, MOST_SCANNED, Mark, MemberPlace, NameHolder, NamePlace,
    ReadQuery, RoomId, Swept,
    projections::marks::{MarkEffect, above, distinct, is_guest, mentioned},
};

#[derive(Default)]
pub(super) struct MarkTable {
    members: HashMap<RoomId, Members>,
    /// By room and message, whom it mentions beside its sender.
    mentions: HashMap<RoomId, BTreeMap<Seq, BTreeSet<UserId>>>,
    names: NameTable,
}

#[derive(Default)]
struct Members {
    by_id: BTreeMap<UserId, MemberRow>,
    /// Each way in which a member's name begins, with the member.
    beginnings: BTreeSet<(String, UserId)>,
}

struct MemberRow {
    user: User,
    read: Seq,
    /// When they were last seen.
    at: u64,
}

impl Members {
    fn set(&mut self, user: &User, read: Seq, at: u64) {
        self.remove(&user.id);
        let beginnings = user.name.beginnings().into_iter();
        self.beginnings.extend(beginnings.map(|beginning| (beginning, user.id.clone())));
        let row = MemberRow { user: user.clone(), read, at };
        self.by_id.insert(user.id.clone(), row);
    }

    fn remove(&mut self, person: &UserId) {
        if let Some(MemberRow { user, .. }) = self.by_id.remove(person) {
            for beginning in user.name.beginnings() {
                self.beginnings.remove(&(beginning, person.clone()));
            }
        }
    }
}

impl MarkTable {
    /// Keeps marks; says how many of them changed anything.
    pub(super) fn mark(&mut self, log: &MemoryLog, marks: &[Mark]) -> u64 {
        let marks = marks.iter().take(MOST_MARKS);
        marks.map(|mark| u64::from(self.one(log, mark))).sum()
    }

    fn one(&mut self, log: &MemoryLog, mark: &Mark) -> bool {
        let Some(head) = log.head(mark.room) else { return false };
        let members = self.members.entry(mark.room).or_default();
        let kept = members.by_id.get(&mark.user.id);
        let kept = kept.map(|row| (row.read, row.user.name.as_str()));
        let same_name = kept.is_some_and(|(_, name)| name == mark.user.name.as_str());
        match mark.effect(kept, head) {
            MarkEffect::Unchanged => return false,
            MarkEffect::Removed => {
                members.remove(&mark.user.id);
                self.release_unspoken(mark.room, &mark.user.id);
            }
            MarkEffect::Moved(read) => {
                members.set(&mark.user, read, mark.at);
                if !same_name {
                    self.names.claim(mark.room, &mark.user, false);
                }
            }
        }
        true
    }

    fn release_unspoken(&mut self, room: RoomId, person: &UserId) {
        if !self.names.spoke(room, person) {
            self.names.release(room, person);
        }
    }

    /// The room is there no more.
    pub(super) fn forget_room(&mut self, room: RoomId) {
        self.members.remove(&room);
        self.mentions.remove(&room);
        self.names.forget_room(room);
    }

    pub(super) fn holders(&self, room: RoomId, looks: &Skeletons) -> Vec<NameHolder> {
        self.names.holders(room, looks)
    }

    pub(super) fn hold(&mut self, room: RoomId, user: &User) -> bool {
        self.names.claim(room, user, true)
    }

    /// See [`crate::journal::Names::sweep`].
    pub(super) fn sweep(&mut self, from: &MemberPlace, before: u64) -> Swept {
        let rooms = self.members.iter();
        let mut seen: Vec<(MemberPlace, u64)> = rooms
            .flat_map(|(room, members)| {
                let place =
                    |person: &UserId| MemberPlace { room: room.0, person: person.0.clone() };
                members.by_id.iter().map(move |(person, row)| (place(person), row.at))
            })
            .filter(|(place, _)| place > from)
            .collect();
        let next = step(&mut seen);
        let mut forgotten = 0;
        for (place, at) in seen {
            let (room, person) = (RoomId(place.room), UserId(place.person));
            if at < before && is_guest(&person) && !self.names.spoke(room, &person) {
                self.names.release(room, &person);
                if let Some(members) = self.members.get_mut(&room) {
                    members.remove(&person);
                }
                forgotten += 1;
            }
        }
        Swept { forgotten, next }
    }

    pub(super) fn release_ended(
        &mut self,
        from: &NamePlace,
        is_over: impl Fn(&UserId) -> bool,
    ) -> Swept<NamePlace> {
        self.names.release_ended(from, is_over)
    }

    /// Keeps who is mentioned in a message from an append on.
    pub(super) fn mention(&mut self, append: &Append, seq: Seq) {
        let Some((message, people)) = mentioned(append, seq) else { return };
        let mentions = self.mentions.entry(append.room).or_default();
        if people.is_empty() {
            mentions.remove(&message);
        } else {
            mentions.insert(message, people.into_iter().cloned().collect());
        }
    }

    pub(super) fn unread(&self, log: &MemoryLog, asked: &[ReadQuery]) -> Vec<Option<ReadState>> {
        asked.iter().take(MOST_READ_QUERIES).map(|asked| self.state(log, asked)).collect()
    }

    fn state(&self, log: &MemoryLog, asked: &ReadQuery) -> Option<ReadState> {
        // Not of one that was called so before.
        let room = log.room(&asked.room).filter(|room| room.name.key() == asked.room)?;
        let member = self.members.get(&room.id).and_then(|all| all.by_id.get(&asked.person));
        let read = asked.read(member.map(|row| row.read), room.head)?;
        let unread = messages_above(log, room.id, read, &asked.person);
        let mentions = self.mentions_above(room.id, read, &asked.person);
        Some(ReadState { room: room.name, read, unread, mentions })
    }

    fn mentions_above(&self, room: RoomId, read: Seq, person: &UserId) -> u32 {
        let Some(mentions) = self.mentions.get(&room) else { return 0 };
        let above = mentions.range(read.next()..).filter(|(_, people)| people.contains(person));
        count(above)
    }

    pub(super) fn members(&self, room: RoomId, beginning: &Beginning) -> Vec<User> {
        let Some(members) = self.members.get(&room) else { return Vec::new() };
        let none = UserId(String::new());
        let bounds = (beginning.as_str().to_owned(), none.clone())..(above(beginning), none);
        let found = members.beginnings.range(bounds);
        let users = found.filter_map(|(_, person)| Some(members.by_id.get(person)?.user.clone()));
        distinct(users, beginning)
    }

    pub(super) fn known(&self, room: RoomId, people: &[UserId]) -> Vec<User> {
        let Some(members) = self.members.get(&room) else { return Vec::new() };
        let member = |person| Some(members.by_id.get(person)?.user.clone());
        people.iter().take(MOST_READ_QUERIES).filter_map(member).collect()
    }
}

/// Messages of others, among the newest ones.
fn messages_above(log: &MemoryLog, room: RoomId, read: Seq, person: &UserId) -> u32 {
    let newest = log.said_above(room, read).take(MOST_SCANNED as usize);
    count(newest.filter(|message| message.sender.id != *person))
}

/// At most [`MAX_UNREAD`].
fn count<T>(found: impl Iterator<Item = T>) -> u32 {
    found.take(MAX_UNREAD as usize).fold(0, |count, _| count + 1)
}
