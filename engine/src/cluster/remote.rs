//! Who is where on the other nodes, as they told. Without a clock of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use maru_protocol::{SessionId, UserId};

use super::{
    NodeId, Throttle,
    gossip::{RemoteUser, RoomChange},
    visitor,
};
use crate::{
    Instant, Visitor,
    collections::{Map, Seed},
    defects::{Defect, on},
    log::RoomId,
};

/// A node that was silent for so long is taken for dead: four beats. With the beat and the look
/// after it a dead node's people are gone within 10 s.
const GONE: Duration = Duration::from_secs(8);
/// A node is asked for everything at most once in this time, as the answer takes some.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Somebody's being in a room on other nodes changed.
#[derive(Clone, Debug)]
pub(crate) struct RemoteChange {
    pub(crate) room: RoomId,
    pub(crate) user: UserId,
    /// How they are known there; none when they are on no other node any more.
    pub(crate) now: Option<Elsewhere>,
}

/// Somebody in a room on another node.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    pub(crate) visitor: Arc<Visitor>,
    pub(crate) named_by: SessionId,
}

/// What became of something that was heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) changes: Vec<RemoteChange>,
    /// The node is to be asked for everything.
    pub(crate) ask: bool,
}

/// What the other nodes told. Its size is that of the others' sessions, which their own bounds
/// limit (`http.max_connections`).
#[derive(Debug)]
pub(crate) struct RemotePresence {
    nodes: BTreeMap<NodeId, RemoteNode>,
    rooms: Map<RoomId, BTreeMap<UserId, BTreeMap<NodeId, Elsewhere>>>,
}

#[derive(Debug)]
struct RemoteNode {
    heard: Instant,
    /// How many changes of it are known; none before everything was told once.
    version: Option<u64>,
    asked: Throttle,
    gathering: Option<Gathering>,
    /// Where it has somebody.
    rooms: BTreeSet<(RoomId, UserId)>,
}

/// Parts of a node's everything, as far as they came.
#[derive(Debug)]
struct Gathering {
    version: u64,
    next: u32,
    people: Vec<(RoomId, RemoteUser)>,
}

impl RemotePresence {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { nodes: BTreeMap::new(), rooms: Map::with_hasher(seed) }
    }

    /// The lowest of the other nodes that have somebody in a room.
    pub(crate) fn lowest_node(&self, room: RoomId) -> Option<NodeId> {
        let people = self.rooms.get(&room)?;
        people.values().filter_map(|on| on.keys().next()).min().copied()
    }

    /// How many nodes live beside this one.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Everybody who is in a room on other nodes.
    pub(crate) fn people(&self, room: RoomId) -> impl Iterator<Item = (&UserId, &Elsewhere)> {
        let people = self.rooms.get(&room).into_iter().flatten();
        people.filter_map(|(user, on)| Some((user, latest(on)?)))
    }

    /// How many people are in a room on other nodes.
    pub(crate) fn count(&self, room: RoomId) -> u32 {
        self.rooms.get(&room).map_or(0, |people| u32::try_from(people.len()).unwrap_or(u32::MAX))
    }

    /// A node lives, and has told so many changes.
    pub(crate) fn alive(&mut self, from: NodeId, version: u64, now: Instant) -> Heard {
        let peer = self.peer(from, now);
        let ask = peer.version != Some(version) && peer.may_ask(now);
        Heard { changes: Vec::new(), ask }
    }

    /// A node tells changes. They count where none before them is missing.
    pub(crate) fn changes(
        &mut self,
        from: NodeId,
        version: u64,
        rooms: Vec<RoomChange>,
        now: Instant,
    ) -> Heard {
        let peer = self.peer(from, now);
        let follows = |known: u64| known.checked_add(1) == Some(version);
        let follows = |known| follows(known) || on(Defect::SkipGossipNumber);
        if !peer.version.is_some_and(follows) {
            // Known already, where everything was told meanwhile; otherwise one is missing.
            let ask = peer.version.is_none_or(|known| version > known) && peer.may_ask(now);
            return Heard { changes: Vec::new(), ask };
        }
        peer.version = Some(version);
        let mut changes = Vec::new();
        for RoomChange { room, joined, left } in rooms {
            let room = RoomId(room);
            changes.extend(left.into_iter().map(|user| self.set(from, room, user, None)));
            changes.extend(joined.into_iter().map(|person| self.seat(from, room, person)));
        }
        Heard { changes, ask: false }
    }

    /// A node tells a part of everything. With the last one, that is what is known of it.
    pub(crate) fn whole(
        &mut self,
        from: NodeId,
        version: u64,
        (part, parts): (u32, u32),
        rooms: Vec<RoomChange>,
        now: Instant,
    ) -> Heard {
        let peer = self.peer(from, now);
        if part == 0 {
            peer.gathering = Some(Gathering { version, next: 0, people: Vec::new() });
        }
        let fits = |gathering: &&mut Gathering| {
            gathering.version == version && gathering.next == part && part < parts
        };
        let Some(gathering) = peer.gathering.as_mut().filter(fits) else {
            // One got lost: the next sign of life does not fit, and it is asked again.
            peer.gathering = None;
            return Heard::default();
        };
        gathering.next += 1;
        let people = rooms.into_iter().flat_map(|RoomChange { room, joined, .. }| {
            joined.into_iter().map(move |person| (RoomId(room), person))
        });
        gathering.people.extend(people);
        if gathering.next < parts {
            return Heard::default();
        }
        let people = peer.gathering.take().map(|all| all.people).unwrap_or_default();
        peer.version = Some(version);
        Heard { changes: self.replace(from, people), ask: false }
    }

    /// A node stopped.
    pub(crate) fn bye(&mut self, from: NodeId) -> Vec<RemoteChange> {
        let changes = self.replace(from, Vec::new());
        self.nodes.remove(&from);
        changes
    }

    /// Nodes that were silent for too long take their people along.
    pub(crate) fn silent(&mut self, now: Instant) -> Vec<RemoteChange> {
        let silent = |peer: &RemoteNode| now.saturating_since(peer.heard) >= GONE;
        if on(Defect::DeadNodeStays) {
            return Vec::new();
        }
        let gone: Vec<NodeId> =
            self.nodes.iter().filter(|(_, peer)| silent(peer)).map(|(id, _)| *id).collect();
        gone.into_iter().flat_map(|node| self.bye(node)).collect()
    }

    /// Nobody could be heard for a while: nobody's silence counts until now.
    pub(crate) fn listen_anew(&mut self, now: Instant) {
        for peer in self.nodes.values_mut() {
            peer.heard = now;
        }
    }

    fn peer(&mut self, id: NodeId, now: Instant) -> &mut RemoteNode {
        let peer = self.nodes.entry(id).or_insert_with(|| RemoteNode {
            heard: now,
            version: None,
            asked: Throttle::default(),
            gathering: None,
            rooms: BTreeSet::new(),
        });
        peer.heard = now;
        peer
    }

    fn replace(&mut self, node: NodeId, people: Vec<(RoomId, RemoteUser)>) -> Vec<RemoteChange> {
        let mut gone = self.nodes.get(&node).map(|peer| peer.rooms.clone()).unwrap_or_default();
        if on(Defect::WholeKeepsGone) && !people.is_empty() {
            gone.clear();
        }
        let mut changes = Vec::new();
        for (room, person) in people {
            gone.remove(&(room, person.user.id.clone()));
            changes.push(self.seat(node, room, person));
        }
        changes.extend(gone.into_iter().map(|(room, user)| self.set(node, room, user, None)));
        changes
    }

    fn seat(&mut self, node: NodeId, room: RoomId, person: RemoteUser) -> RemoteChange {
        let RemoteUser { user, named_by } = person;
        let id = user.id.clone();
        self.set(node, room, id, Some(Elsewhere { visitor: visitor(user), named_by }))
    }

    fn set(
        &mut self,
        node: NodeId,
        room: RoomId,
        user: UserId,
        to: Option<Elsewhere>,
    ) -> RemoteChange {
        if let Some(peer) = self.nodes.get_mut(&node) {
            let place = (room, user.clone());
            if to.is_some() {
                peer.rooms.insert(place)
            } else {
                peer.rooms.remove(&place)
            };
        }
        let people = self.rooms.entry(room).or_default();
        let on = people.entry(user.clone()).or_default();
        match to {
            Some(elsewhere) => on.insert(node, elsewhere),
            None => on.remove(&node),
        };
        let now = latest(on).cloned();
        if on.is_empty() {
            people.remove(&user);
        }
        if people.is_empty() {
            self.rooms.remove(&room);
        }
        RemoteChange { room, user, now }
    }
}

impl RemoteNode {
    fn may_ask(&mut self, now: Instant) -> bool {
        self.asked.may(now, ASK_AGAIN) && !on(Defect::NeverAsk)
    }
}

/// By the name that was given last.
fn latest(on: &BTreeMap<NodeId, Elsewhere>) -> Option<&Elsewhere> {
    on.values().max_by_key(|elsewhere| elsewhere.named_by)
}

#[cfg(test)]
mod tests;
