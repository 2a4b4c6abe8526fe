//! A room in use, as a pure value: who is in it, and what others are to be told of that.

use std::collections::{BTreeSet, HashMap};

use maru_protocol::{Presence, PresenceChange, RoomInfo, Seq, SessionId, Skeletons, User, UserId};

use super::tail::Tail;
use crate::journal::RoomRecord;

/// A room with at least one session in it. Rooms that nobody is in are in the journal only.
#[derive(Debug)]
pub(crate) struct Room {
    record: RoomRecord,
    sessions: HashMap<SessionId, Seat>,
    people: HashMap<UserId, Person>,
    /// Who goes by a name that looks like this; two keys a person.
    looks: HashMap<Look, UserId>,
    /// People whose presence changed since the last telling.
    changed: BTreeSet<UserId>,
    /// Sessions per worker.
    workers: Vec<u32>,
    /// The newest entries.
    tail: Tail,
}

#[derive(Debug)]
struct Seat {
    user: UserId,
    worker: usize,
}

#[derive(Debug)]
struct Person {
    user: User,
    skeletons: Skeletons,
    sessions: u32,
    /// The latest session to say hello gives the name: session ids are ordered by time.
    named_by: SessionId,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Look {
    AsWritten(String),
    Folded(String),
}

fn looks(skeletons: &Skeletons) -> [Look; 2] {
    [Look::AsWritten(skeletons.as_written.clone()), Look::Folded(skeletons.folded.clone())]
}

/// Somebody else in the room has a name that looks like this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameTaken;

/// How many of a large room's people are named.
const SAMPLE: usize = 20;

impl Room {
    pub(crate) fn new(record: RoomRecord) -> Self {
        Self {
            record,
            sessions: HashMap::new(),
            people: HashMap::new(),
            looks: HashMap::new(),
            changed: BTreeSet::new(),
            workers: Vec::new(),
            tail: Tail::default(),
        }
    }

    pub(crate) fn record(&self) -> &RoomRecord {
        &self.record
    }

    /// Seats a session. Again is no change, but for a new name, which everybody's next look sees.
    ///
    /// # Errors
    /// [`NameTaken`]; nothing changed.
    pub(crate) fn enter(
        &mut self,
        session: SessionId,
        worker: usize,
        user: &User,
        skeletons: &Skeletons,
    ) -> Result<(), NameTaken> {
        let seated = self.sessions.contains_key(&session);
        let older = self.people.get(&user.id).is_some_and(|person| session < person.named_by);
        if !older {
            self.rename(session, user, skeletons)?;
        }
        if !seated {
            if let Some(person) = self.people.get_mut(&user.id) {
                person.sessions += 1;
            }
            self.sessions.insert(session, Seat { user: user.id.clone(), worker });
            if self.workers.len() <= worker {
                self.workers.resize(worker + 1, 0);
            }
            self.workers[worker] += 1;
        }
        Ok(())
    }

    /// Gives a person, new or known, the name that this session came with.
    fn rename(
        &mut self,
        session: SessionId,
        user: &User,
        skeletons: &Skeletons,
    ) -> Result<(), NameTaken> {
        let taken = |look: &Look| self.looks.get(look).is_some_and(|holder| *holder != user.id);
        if looks(skeletons).iter().any(taken) {
            return Err(NameTaken);
        }
        let before = self.people.get(&user.id);
        if before.is_none_or(|person| person.user.name != user.name) {
            self.changed.insert(user.id.clone());
        }
        let sessions = before.map_or(0, |person| person.sessions);
        for look in before.iter().flat_map(|person| looks(&person.skeletons)) {
            self.looks.remove(&look);
        }
        for look in looks(skeletons) {
            self.looks.insert(look, user.id.clone());
        }
        let (user, skeletons) = (user.clone(), skeletons.clone());
        let person = Person { user, skeletons, sessions, named_by: session };
        self.people.insert(person.user.id.clone(), person);
        Ok(())
    }

    /// Somebody in the room, by the name they have now.
    pub(crate) fn person(&self, id: &UserId) -> Option<&User> {
        self.people.get(id).map(|person| &person.user)
    }

    /// Unseats a session; a person's last one takes the person along.
    pub(crate) fn exit(&mut self, session: SessionId) {
        let Some(Seat { user, worker }) = self.sessions.remove(&session) else { return };
        if let Some(count) = self.workers.get_mut(worker) {
            *count = count.saturating_sub(1);
        }
        let Some(person) = self.people.get_mut(&user) else { return };
        person.sessions = person.sessions.saturating_sub(1);
        if person.sessions > 0 {
            return;
        }
        if let Some(person) = self.people.remove(&user) {
            for look in looks(&person.skeletons) {
                self.looks.remove(&look);
            }
        }
        self.changed.insert(user);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    pub(crate) fn holds(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }

    /// How many sessions are here: what telling the room something costs.
    pub(crate) fn size(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn tail(&self) -> &Tail {
        &self.tail
    }

    pub(crate) fn tail_mut(&mut self) -> &mut Tail {
        &mut self.tail
    }

    /// The workers that have sessions in this room.
    pub(crate) fn workers(&self) -> impl Iterator<Item = usize> + '_ {
        self.workers.iter().enumerate().filter(|(_, count)| **count > 0).map(|(worker, _)| worker)
    }

    /// A new entry was committed.
    pub(crate) fn advance(&mut self, seq: Seq, at: u64) {
        self.record.head = self.record.head.max(seq);
        self.record.active_at = self.record.active_at.max(at);
    }

    /// Who is here: everybody up to `roster`, above that some.
    pub(crate) fn presence(&self, roster: usize) -> Presence {
        let complete = self.people.len() <= roster;
        let shown = if complete { self.people.len() } else { SAMPLE };
        let mut users: Vec<User> =
            self.people.values().take(shown).map(|person| person.user.clone()).collect();
        users.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        Presence { count: self.count(), users, complete }
    }

    /// What changed since the last call, if anything did. `most` is how many people there were at
    /// some time since: who came then was given a sample, so a room that became small enough for a
    /// roster tells it whole. `u32::MAX` asks for all of it, changed or not.
    pub(crate) fn take_change(&mut self, roster: usize, most: u32) -> Option<PresenceChange> {
        if self.changed.is_empty() && most != u32::MAX {
            return None;
        }
        let changed = std::mem::take(&mut self.changed);
        let was_small = usize::try_from(most).is_ok_and(|count| count <= roster);
        if self.people.len() > roster || !was_small {
            let Presence { users, complete, .. } = self.presence(roster);
            return Some(PresenceChange::Roster { users, complete });
        }
        let (mut joined, mut left) = (Vec::new(), Vec::new());
        for id in changed {
            match self.people.get(&id) {
                Some(person) => joined.push(person.user.clone()),
                None => left.push(id),
            }
        }
        Some(PresenceChange::Delta { joined, left })
    }

    /// How many people are here.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.people.len()).unwrap_or(u32::MAX)
    }

    /// The room as the directory shows it.
    pub(crate) fn info(&self) -> RoomInfo {
        RoomInfo {
            room: self.record.name.clone(),
            members: self.count(),
            head: self.record.head,
            active_at: self.record.active_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::RoomId;
    use maru_protocol::{DisplayName, RoomName};
    use uuid::Uuid;

    fn room() -> Room {
        Room::new(RoomRecord {
            id: RoomId(1),
            name: RoomName::parse("lobby").unwrap(),
            head: Seq::ZERO,
            active_at: 0,
        })
    }

    fn user(id: &str, name: &str) -> User {
        User { id: UserId(id.into()), name: DisplayName::parse(name).unwrap() }
    }

    fn session(n: u128) -> SessionId {
        SessionId(Uuid::from_u128(n))
    }

    fn enter(room: &mut Room, n: u128, worker: usize, user: &User) -> Result<(), NameTaken> {
        room.enter(session(n), worker, user, &user.name.skeletons())
    }

    #[test]
    fn a_person_with_two_sessions_counts_once_and_leaves_with_the_last() {
        let mut room = room();
        let ada = user("a", "Ada");
        enter(&mut room, 1, 0, &ada).unwrap();
        enter(&mut room, 2, 1, &ada).unwrap();
        enter(&mut room, 2, 1, &ada).unwrap();
        assert_eq!((room.count(), room.workers().collect::<Vec<_>>()), (1, vec![0, 1]));
        room.exit(session(1));
        assert_eq!((room.count(), room.workers().collect::<Vec<_>>()), (1, vec![1]));
        room.exit(session(2));
        room.exit(session(2));
        assert!(room.is_empty());
        assert_eq!(room.count(), 0);
    }

    #[test]
    fn nobody_wears_a_name_that_looks_like_anothers() {
        let mut room = room();
        enter(&mut room, 1, 0, &user("a", "Alice")).unwrap();
        assert_eq!(enter(&mut room, 2, 0, &user("b", "Αlice")), Err(NameTaken));
        assert_eq!(enter(&mut room, 2, 0, &user("b", "ALICE")), Err(NameTaken));
        assert_eq!(room.count(), 1);
        // The same person may, in another tab; and a name is free once its wearer changed it.
        enter(&mut room, 3, 0, &user("a", "Bea")).unwrap();
        enter(&mut room, 2, 0, &user("b", "Alice")).unwrap();
        room.exit(session(2));
        enter(&mut room, 4, 0, &user("c", "alice")).unwrap();
    }

    #[test]
    fn an_older_tab_coming_back_does_not_undo_a_rename() {
        let mut room = room();
        let (ada, bea) = (user("a", "Ada"), user("a", "Bea"));
        enter(&mut room, 1, 0, &ada).unwrap();
        enter(&mut room, 2, 0, &bea).unwrap();
        enter(&mut room, 3, 0, &user("b", "Ada")).unwrap();
        room.exit(session(1));
        enter(&mut room, 1, 0, &ada).unwrap();
        assert_eq!(room.person(&ada.id), Some(&bea));
        assert_eq!(room.count(), 2);
        room.exit(session(1));
        room.exit(session(2));
        assert_eq!(room.person(&ada.id), None);
    }

    #[test]
    fn changes_come_together_and_cancel_out_into_the_last_state() {
        let mut room = room();
        let (ada, bob) = (user("a", "Ada"), user("b", "Bob"));
        enter(&mut room, 1, 0, &ada).unwrap();
        enter(&mut room, 2, 0, &bob).unwrap();
        room.exit(session(2));
        let change = room.take_change(200, 0);
        let left = vec![bob.id.clone()];
        assert_eq!(change, Some(PresenceChange::Delta { joined: vec![ada], left }));
        assert_eq!(room.take_change(200, 1), None);
    }

    #[test]
    fn who_was_not_told_of_a_change_is_told_everything() {
        let mut room = room();
        let ada = user("a", "Ada");
        enter(&mut room, 1, 0, &ada).unwrap();
        assert!(room.take_change(200, 0).is_some());
        let everything = PresenceChange::Roster { users: vec![ada], complete: true };
        assert_eq!(room.take_change(200, u32::MAX), Some(everything));
    }

    #[test]
    fn a_large_room_tells_a_count_and_a_sample_and_its_roster_when_it_shrinks() {
        let mut room = room();
        for n in 0..=200_u32 {
            let person = user(&n.to_string(), &format!("person {n} x"));
            enter(&mut room, n.into(), 0, &person).unwrap();
        }
        let presence = room.presence(200);
        assert_eq!((presence.count, presence.complete, presence.users.len()), (201, false, SAMPLE));
        let Some(PresenceChange::Roster { complete: false, .. }) = room.take_change(200, 199)
        else {
            unreachable!("above the bound a sample is told")
        };
        room.exit(session(7));
        let Some(PresenceChange::Roster { users, complete: true }) = room.take_change(200, 201)
        else {
            unreachable!("back at the bound the roster is told whole")
        };
        assert_eq!(users.len(), 200);
    }
}
