//! The bus: between any two nodes at once, and as unreliable as a seed makes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use maru_engine::{
    cluster::{Gossip, Topic},
    log::RoomId,
};
use maru_protocol::Entry;

use crate::{
    plan::{MS, Micros},
    world::{NodeEvent, Place, World},
};

/// What nodes say.
#[derive(Clone, Debug)]
pub enum Message {
    Hint(RoomId, Arc<Vec<Entry>>),
    Gossip(Gossip),
}

#[derive(Default)]
pub struct Bus {
    /// Nothing comes through from the first to the second.
    pub cut: BTreeSet<(Place, Place)>,
    /// When the last message between the two comes: none overtakes, unless it is to.
    last: BTreeMap<(Place, Place), Micros>,
}

impl World {
    /// Sends to every other node that hears the topic.
    pub fn send(&mut self, from: Place, topic: Topic, message: &Message) {
        if self.nodes[from].as_ref().is_none_or(|node| !node.bus_connected) {
            return;
        }
        for to in 0..self.nodes.len() {
            if to != from && self.hears(to, topic) {
                self.send_one(from, to, topic, message);
            }
        }
    }

    fn hears(&self, place: Place, topic: Topic) -> bool {
        self.nodes[place].as_ref().is_some_and(|node| {
            node.bus_connected
                && match topic {
                    Topic::Nodes => true,
                    Topic::Room(room) => node.subscribed.contains(&room),
                }
        })
    }

    fn send_one(&mut self, from: Place, to: Place, topic: Topic, message: &Message) {
        let frozen = self.node(to).frozen_until > self.now;
        // A node that takes nothing loses what the bus has no room for.
        if self.bus.cut.contains(&(from, to)) || (frozen && self.rng.chance(500)) {
            return;
        }
        let (drops, doubles, reorders) = match self.calm {
            true => (0, 0, 0),
            false => (self.plan.bus_drops, self.plan.bus_doubles, self.plan.bus_reorders),
        };
        if self.rng.chance(drops) {
            return;
        }
        let id = self.node(from).id;
        let copies = if self.rng.chance(doubles) { 2 } else { 1 };
        for _ in 0..copies {
            let mut at = self.now + self.about(self.plan.bus_time).max(1);
            if self.rng.chance(reorders) {
                at += self.rng.range(0, 300 * MS);
            } else {
                let last = self.bus.last.entry((from, to)).or_default();
                at = at.max(*last + 1);
                *last = at;
            }
            let event = NodeEvent::Bus { from: id, topic, message: message.clone() };
            let later = at - self.now;
            self.node_after(to, later, event);
        }
    }

    /// The bus of a node goes away: it hears nothing, and nobody hears it.
    pub fn bus_down(&mut self, place: Place) {
        if let Some(node) = &mut self.nodes[place] {
            node.bus_connected = false;
            node.subscribed.clear();
            self.node_after(place, 0, NodeEvent::BusDisconnected);
        }
    }

    pub fn bus_up(&mut self, place: Place) {
        if self.nodes[place].as_ref().is_some_and(|node| !node.bus_connected) {
            self.node(place).bus_connected = true;
            self.node_after(place, 0, NodeEvent::BusConnected);
            let rooms: Vec<RoomId> = self.node(place).wanted_on_bus.iter().copied().collect();
            for room in rooms {
                self.subscribe(place, room);
            }
        }
    }

    /// From soon on the room is heard.
    pub fn subscribe(&mut self, place: Place, room: RoomId) {
        let later = self.about(self.plan.bus_time);
        self.node_after(place, later, NodeEvent::BusFollowing(room));
    }
}
