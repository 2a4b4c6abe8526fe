//! What this node has to tell the others.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use maru_protocol::UserId;
use tokio::time::Instant;

use crate::{
    engine::cluster::{
        Seldom,
        gossip::{Active, Person, RoomChange, Signal},
    },
    journal::RoomId,
};

/// Most people in one signal: some 200 KiB, a fifth of what NATS takes at once.
const MOST_PEOPLE: usize = 1_000;
/// Most rooms in one [`Signal::Active`]; more wait for the next one.
const MOST_ROOMS: usize = 200;

/// Everything is told at most once in this time: less than who asks waits before asking again.
const WHOLE_AGAIN: Duration = Duration::from_millis(500);

/// Changes that are not told yet, and how many signals told some.
#[derive(Default)]
pub(crate) struct Own {
    /// Who is in a room now, or is not. No more than sessions have rooms.
    changes: BTreeMap<RoomId, BTreeMap<UserId, Option<Person>>>,
    version: u64,
    /// Rooms in which something happened since; no more than there are rooms in use, or made within
    /// an interval.
    active: HashMap<RoomId, Active>,
    /// A telling is on its way.
    pub(crate) timer: bool,
    /// When everything was told last.
    whole: Seldom,
}

impl Own {
    /// Somebody came to this node, goes by another name, or went.
    pub(crate) fn changed(&mut self, room: RoomId, user: UserId, now: Option<Person>) {
        self.changes.entry(room).or_default().insert(user, now);
    }

    /// Something happened in a room.
    pub(crate) fn active(&mut self, room: Active) {
        self.active.insert(room.id(), room);
    }

    /// How many signals told changes so far.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The changes since the last call, in as many signals as they take.
    pub(crate) fn take_changes(&mut self) -> Vec<Signal> {
        let changes = std::mem::take(&mut self.changes);
        let all = changes.into_iter().flat_map(|(room, people)| {
            people.into_iter().map(move |(user, now)| (room, user, now))
        });
        let tell = |rooms| {
            self.version += 1;
            Signal::Changes { version: self.version, rooms }
        };
        in_parts(all).into_iter().map(tell).collect()
    }

    /// Whether to tell everything, for who asks: an answer reaches all, and a hundred nodes that miss
    /// something ask at the same moment. Who missed this answer too asks again.
    pub(crate) fn may_tell_whole(&mut self, now: Instant) -> bool {
        self.whole.may(now, WHOLE_AGAIN)
    }

    /// Everybody on this node, once all changes are told.
    pub(crate) fn whole(&self, people: impl Iterator<Item = (RoomId, Person)>) -> Vec<Signal> {
        let all = people.map(|(room, person)| (room, person.user.id.clone(), Some(person)));
        let mut rooms = in_parts(all);
        if rooms.is_empty() {
            rooms.push(Vec::new());
        }
        let parts = u32::try_from(rooms.len()).unwrap_or(u32::MAX);
        let version = self.version;
        let tell = |(part, rooms)| Signal::Whole { version, part, parts, rooms };
        (0..).zip(rooms).map(tell).collect()
    }

    /// The rooms in which something happened, or some of them.
    pub(crate) fn take_active(&mut self) -> Option<Signal> {
        let ids: Vec<RoomId> = self.active.keys().take(MOST_ROOMS).copied().collect();
        let rooms: Vec<Active> = ids.iter().filter_map(|id| self.active.remove(id)).collect();
        (!rooms.is_empty()).then_some(Signal::Active { rooms })
    }

    pub(crate) fn has_active(&self) -> bool {
        !self.active.is_empty()
    }
}

/// Gathers by room, in parts that fit a signal.
fn in_parts(all: impl Iterator<Item = (RoomId, UserId, Option<Person>)>) -> Vec<Vec<RoomChange>> {
    let mut parts: Vec<Vec<RoomChange>> = Vec::new();
    let mut left = 0;
    for (RoomId(room), user, now) in all {
        if left == 0 {
            parts.push(Vec::new());
            left = MOST_PEOPLE;
        }
        left -= 1;
        let Some(part) = parts.last_mut() else { continue };
        if part.last().is_none_or(|change| change.room != room) {
            part.push(RoomChange { room, joined: Vec::new(), left: Vec::new() });
        }
        match (part.last_mut(), now) {
            (Some(change), Some(person)) => change.joined.push(person),
            (Some(change), None) => change.left.push(user),
            (None, _) => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests;
