//! A room in use, as a pure value: who is in it, and what others are to be told of that.

use std::{
    borrow::Borrow,
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::Arc,
};

use maru_protocol::{Entry, Head, Presence, PresenceChange, RoomInfo, SessionId, User, UserId};

use crate::{
    Visitor,
    collections::{Map, Seed, Set},
    defects::{Defect, on},
    log::RoomRecord,
    rooms::recent::RecentEntries,
};

/// A room with at least one session of this node in it. Rooms that nobody is in are in the journal
/// only. Its people are those of all nodes.
///
/// Names and ids are not copied: whoever is known here is known by the visitor that the session
/// came as.
#[derive(Debug)]
pub(crate) struct Room {
    record: RoomRecord,
    sessions: Map<SessionId, Arc<Visitor>>,
    people: Map<Id, Person>,
    /// What names here look like; two looks a person.
    looks: Set<Look>,
    /// People whose presence changed since the last telling.
    changed: BTreeSet<UserId>,
    /// Sessions per worker.
    workers: Vec<u32>,
    recent: RecentEntries,
}

#[derive(Debug)]
struct Person {
    /// Who they are, by their present name.
    visitor: Arc<Visitor>,
    sessions: u32,
    /// The latest session to say hello gives the name: session ids are ordered by time.
    named_by: SessionId,
    /// They are here on another node as well, or only there.
    elsewhere: bool,
}

/// A visitor as the person that they are.
#[derive(Debug)]
struct Id(Arc<Visitor>);

impl Borrow<UserId> for Id {
    fn borrow(&self) -> &UserId {
        &self.0.user.id
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.0.user.id == other.0.user.id
    }
}

impl Eq for Id {}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.user.id.hash(state);
    }
}

/// A visitor as what their name looks like.
#[derive(Debug)]
struct Look {
    of: Arc<Visitor>,
    folded: bool,
}

impl Look {
    /// The name as written, and with its case folded.
    fn both(of: &Arc<Visitor>) -> [Self; 2] {
        [false, true].map(|folded| Self { of: of.clone(), folded })
    }

    fn text(&self) -> &str {
        let skeletons = &self.of.skeletons;
        if self.folded { &skeletons.folded } else { &skeletons.as_written }
    }
}

impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        (self.folded, self.text()) == (other.folded, other.text())
    }
}

impl Eq for Look {}

impl Hash for Look {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.folded, self.text()).hash(state);
    }
}

/// Somebody else in the room has a name that looks like this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameTaken;

/// How many of a large room's people are named.
const SAMPLE: usize = 20;

impl Room {
    pub(crate) fn new(record: RoomRecord, seed: Seed) -> Self {
        Self {
            record,
            sessions: Map::with_hasher(seed),
            people: Map::with_hasher(seed),
            looks: Set::with_hasher(seed),
            changed: BTreeSet::new(),
            workers: Vec::new(),
            recent: RecentEntries::default(),
        }
    }

    pub(crate) fn record(&self) -> &RoomRecord {
        &self.record
    }

    /// Seats a session. Again is no change, but for a new name, which everybody's next look sees.
    /// Whom the store says to hold the name comes in whoever is there.
    ///
    /// # Errors
    /// [`NameTaken`]; nothing changed.
    pub(crate) fn enter(
        &mut self,
        session: SessionId,
        visitor: &Arc<Visitor>,
        holds_name: bool,
    ) -> Result<(), NameTaken> {
        let seated = self.sessions.contains_key(&session);
        let person = self.people.get(&visitor.user.id);
        if person.is_none_or(|person| session >= person.named_by) {
            if holds_name {
                self.name(session, visitor);
            } else {
                self.rename(session, visitor)?;
            }
        }
        if !seated {
            if let Some(person) = self.people.get_mut(&visitor.user.id) {
                person.sessions += 1;
            }
            self.sessions.insert(session, visitor.clone());
            let worker = visitor.worker;
            if self.workers.len() <= worker {
                self.workers.resize(worker + 1, 0);
            }
            self.workers[worker] += 1;
        }
        Ok(())
    }

    /// Gives a person, new or known, the name that this session came with.
    fn rename(&mut self, session: SessionId, visitor: &Arc<Visitor>) -> Result<(), NameTaken> {
        let id = &visitor.user.id;
        let taken = |look: &Look| self.looks.get(look).is_some_and(|held| held.of.user.id != *id);
        if Look::both(visitor).iter().any(taken) {
            return Err(NameTaken);
        }
        self.name(session, visitor);
        Ok(())
    }

    /// As [`Room::rename`], whoever has the name already: who came to two nodes at once with names
    /// that look alike is in both, and so is who holds the name.
    fn name(&mut self, session: SessionId, visitor: &Arc<Visitor>) {
        let id = &visitor.user.id;
        // The key goes with the value: it would hold on to the visitor of before.
        let before = self.people.remove(id);
        if before.as_ref().is_none_or(|person| person.visitor.user.name != visitor.user.name) {
            self.changed.insert(id.clone());
        }
        if let Some(before) = &before {
            self.forget_looks(&before.visitor);
        }
        for look in Look::both(visitor) {
            if !self.looks.contains(&look) {
                self.looks.insert(look);
            }
        }
        let (sessions, elsewhere) =
            before.map_or((0, false), |person| (person.sessions, person.elsewhere));
        let person = Person { visitor: visitor.clone(), sessions, named_by: session, elsewhere };
        self.people.insert(Id(visitor.clone()), person);
    }

    fn forget_looks(&mut self, visitor: &Arc<Visitor>) {
        for look in Look::both(visitor) {
            if self.looks.get(&look).is_some_and(|held| held.of.user.id == visitor.user.id) {
                self.looks.remove(&look);
            }
        }
    }

    /// What other nodes say of somebody: how they are known there, or that they are on none of them.
    pub(crate) fn elsewhere(&mut self, id: &UserId, now: Option<(SessionId, &Arc<Visitor>)>) {
        let Some((session, visitor)) = now else {
            if let Some(person) = self.people.get_mut(id) {
                person.elsewhere = false;
            }
            self.forget_if_gone(id);
            return;
        };
        if self.people.get(id).is_none_or(|person| session >= person.named_by) {
            self.name(session, visitor);
        }
        if let Some(person) = self.people.get_mut(id) {
            person.elsewhere = true;
        }
    }

    /// Somebody with a session of this node, and which session named them.
    pub(crate) fn here(&self, id: &UserId) -> Option<(&User, SessionId)> {
        let person = self.people.get(id).filter(|person| person.sessions > 0)?;
        Some((&person.visitor.user, person.named_by))
    }

    /// Everybody with a session of this node, and which session named them.
    pub(crate) fn all_here(&self) -> impl Iterator<Item = (&User, SessionId)> {
        let here = self.people.values().filter(|person| person.sessions > 0);
        here.map(|person| (&person.visitor.user, person.named_by))
    }

    /// How many sessions of this node somebody has here.
    pub(crate) fn sessions_of(&self, id: &UserId) -> u32 {
        self.people.get(id).map_or(0, |person| person.sessions)
    }

    /// Whether somebody is here on another node.
    pub(crate) fn is_elsewhere(&self, id: &UserId) -> bool {
        self.people.get(id).is_some_and(|person| person.elsewhere)
    }

    /// This node's sessions.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (SessionId, &Arc<Visitor>)> {
        self.sessions.iter().map(|(session, visitor)| (*session, visitor))
    }

    /// Everybody who is in it knows of all who are: nothing of that is news.
    pub(crate) fn is_told(&mut self) {
        self.changed.clear();
    }

    /// Somebody in the room, by the name they have now.
    pub(crate) fn person(&self, id: &UserId) -> Option<&User> {
        self.people.get(id).map(|person| &person.visitor.user)
    }

    /// Unseats a session.
    pub(crate) fn exit(&mut self, session: SessionId) {
        let Some(visitor) = self.sessions.remove(&session) else { return };
        if let Some(count) = self.workers.get_mut(visitor.worker) {
            *count = count.saturating_sub(1);
        }
        let id = &visitor.user.id;
        let Some(person) = self.people.get_mut(id) else { return };
        person.sessions = person.sessions.saturating_sub(1);
        self.forget_if_gone(id);
    }

    /// A person's last session, on whichever node, takes the person along.
    fn forget_if_gone(&mut self, id: &UserId) {
        let gone = |person: &&Person| {
            person.sessions == 0 && (!person.elsewhere || on(Defect::ForgetElsewhere))
        };
        if self.people.get(id).filter(gone).is_none() {
            return;
        }
        if let Some(person) = self.people.remove(id) {
            self.forget_looks(&person.visitor);
        }
        self.changed.insert(id.clone());
    }

    /// Whose session that is, if it is here.
    pub(crate) fn visitor(&self, session: SessionId) -> Option<&Arc<Visitor>> {
        self.sessions.get(&session)
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

    pub(crate) fn recent(&self) -> &RecentEntries {
        &self.recent
    }

    pub(crate) fn recent_mut(&mut self) -> &mut RecentEntries {
        &mut self.recent
    }

    /// Whether a worker has sessions in this room.
    pub(crate) fn serves(&self, worker: usize) -> bool {
        self.workers.get(worker).is_some_and(|sessions| *sessions > 0)
    }

    /// The workers that have sessions in this room.
    pub(crate) fn workers(&self) -> impl Iterator<Item = usize> + '_ {
        self.workers.iter().enumerate().filter(|(_, count)| **count > 0).map(|(worker, _)| worker)
    }

    /// A new entry was committed. What becomes of older messages moves the room nowhere.
    pub(crate) fn advance(&mut self, entry: &Entry) {
        let Head { seq, at, .. } = entry.head();
        self.record.head = self.record.head.max(seq);
        if entry.is_activity() {
            self.record.active_at = self.record.active_at.max(at);
        }
    }

    /// Who is here: everybody up to `roster`, above that some.
    pub(crate) fn presence(&self, roster: usize) -> Presence {
        let complete = self.people.len() <= roster;
        let shown = if complete { self.people.len() } else { SAMPLE };
        let mut users: Vec<User> =
            self.people.values().take(shown).map(|person| person.visitor.user.clone()).collect();
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
        if self.people.len() > roster || !(was_small || on(Defect::DeltaAfterSample)) {
            let Presence { users, complete, .. } = self.presence(roster);
            return Some(PresenceChange::Roster { users, complete });
        }
        let (mut joined, mut left) = (Vec::new(), Vec::new());
        for id in changed {
            match self.people.get(&id) {
                Some(person) => joined.push(person.visitor.user.clone()),
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
        info_of(&self.record, self.count())
    }
}

/// A room that may not be in use, as the directory shows it.
pub(crate) fn info_of(record: &RoomRecord, members: u32) -> RoomInfo {
    let RoomRecord { name, head, active_at, .. } = record;
    RoomInfo { room: name.clone(), members, head: *head, active_at: *active_at }
}

#[cfg(test)]
mod tests;
