//! What this node has to tell the others.

use std::{collections::BTreeMap, time::Duration};

use maru_protocol::UserId;

use super::{
    Throttle,
    gossip::{Active, Gossip, RemoteUser, RoomChange},
};
use crate::{
    Instant,
    collections::Seed,
    log::RoomId,
    rooms::fair_queue::{FairQueue, Lane},
};

/// Most people in one gossip: some 200 KiB, a fifth of what NATS takes at once.
const MAX_PEOPLE: usize = 1_000;
/// Most rooms in one [`Gossip::Active`]; more wait for the next one.
const MAX_ROOMS: usize = 200;

/// Everything is told at most once in this time: less than who asks waits before asking again.
const WHOLE_AGAIN: Duration = Duration::from_millis(500);

/// Changes that are not told yet, and how many gossips told some.
#[derive(Debug)]
pub(crate) struct LocalPresence {
    /// Who is in a room now, or is not. No more than sessions have rooms.
    changes: BTreeMap<RoomId, BTreeMap<UserId, Option<RemoteUser>>>,
    version: u64,
    /// Rooms in which something happened since.
    active: FairQueue<Active>,
    /// When changes are told next, and when activity is.
    pub(crate) changes_due: Option<Instant>,
    pub(crate) active_due: Option<Instant>,
    /// When everything was told last.
    whole: Throttle,
}

impl LocalPresence {
    pub(crate) fn new(seed: Seed) -> Self {
        Self {
            changes: BTreeMap::new(),
            version: 0,
            active: FairQueue::new(seed),
            changes_due: None,
            active_due: None,
            whole: Throttle::default(),
        }
    }

    /// Somebody came to this node, goes by another name, or went.
    pub(crate) fn changed(&mut self, room: RoomId, user: UserId, now: Option<RemoteUser>) {
        self.changes.entry(room).or_default().insert(user, now);
    }

    /// Something happened in a room.
    pub(crate) fn active(&mut self, room: Active) {
        self.active.put(room.id(), Lane::of(room.head), room);
    }

    /// A room is there no more.
    pub(crate) fn removed(&mut self, room: RoomId) {
        self.active.remove(room);
    }

    /// How many gossips told changes so far.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The changes since the last call, in as many gossips as they take.
    pub(crate) fn take_changes(&mut self) -> Vec<Gossip> {
        let changes = std::mem::take(&mut self.changes);
        let all = changes.into_iter().flat_map(|(room, people)| {
            people.into_iter().map(move |(user, now)| (room, user, now))
        });
        let tell = |rooms| {
            self.version += 1;
            Gossip::Changes { version: self.version, rooms }
        };
        in_parts(all).into_iter().map(tell).collect()
    }

    /// Whether to tell everything, for who asks: an answer reaches all, and a hundred nodes that miss
    /// something ask at the same moment. Who missed this answer too asks again.
    pub(crate) fn may_tell_whole(&mut self, now: Instant) -> bool {
        self.whole.may(now, WHOLE_AGAIN)
    }

    /// Everybody on this node, once all changes are told.
    pub(crate) fn whole(&self, people: impl Iterator<Item = (RoomId, RemoteUser)>) -> Vec<Gossip> {
        let all = people.map(|(room, person)| (room, person.user.id.clone(), Some(person)));
        let mut rooms = in_parts(all);
        if rooms.is_empty() {
            rooms.push(Vec::new());
        }
        let parts = u32::try_from(rooms.len()).unwrap_or(u32::MAX);
        let version = self.version;
        let tell = |(part, rooms)| Gossip::Whole { version, part, parts, rooms };
        (0..).zip(rooms).map(tell).collect()
    }

    /// The rooms in which something happened, or some of them.
    pub(crate) fn take_active(&mut self) -> Option<Gossip> {
        let rooms = self.active.take(MAX_ROOMS);
        (!rooms.is_empty()).then_some(Gossip::Active { rooms })
    }

    pub(crate) fn has_active(&self) -> bool {
        !self.active.is_empty()
    }
}

/// Gathers by room, in parts that fit a gossip.
fn in_parts(
    all: impl Iterator<Item = (RoomId, UserId, Option<RemoteUser>)>,
) -> Vec<Vec<RoomChange>> {
    let mut parts: Vec<Vec<RoomChange>> = Vec::new();
    let mut left = 0;
    for (RoomId(room), user, now) in all {
        if left == 0 {
            parts.push(Vec::new());
            left = MAX_PEOPLE;
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
