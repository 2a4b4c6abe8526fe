//! What breaks, and how it is repaired.

use maru_engine::Command;

use crate::{
    node::Mail,
    plan::{MS, Micros, SECOND},
    world::{Event, NodeEvent, Place, World},
};

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A node dies at once.
    Kill(Place),
    Start(Place),
    /// A node stands still, and goes on.
    Freeze(Place, Micros),
    /// A node stops in good order.
    Drain(Place),
    StoreDown,
    StoreUp,
    Cut(Place, Place),
    Join(Place, Place),
    BusDown(Place),
    BusUp(Place),
    Slow(Place, usize, Micros),
    /// All members of one node lose their connections at once.
    Scatter(Place),
}

impl World {
    /// All faults of the time until it is calm.
    pub fn plan_faults(&mut self) {
        if self.plan.fault_every == 0 {
            return;
        }
        let mut at = self.about(self.plan.fault_every);
        while at + SECOND < self.plan.chaos {
            self.plan_fault(at);
            at += self.about(self.plan.fault_every);
        }
    }

    fn plan_fault(&mut self, at: Micros) {
        let (place, other) = (self.rng.index(self.plan.nodes), self.rng.index(self.plan.nodes));
        let lasts = self.rng.range(100 * MS, 5 * SECOND);
        let long = self.rng.range(SECOND, 14 * SECOND);
        let (fault, end) = match self.rng.index(8) {
            0 => (Fault::Kill(place), Some((lasts, Fault::Start(place)))),
            1 if self.rng.chance(300) => (Fault::Freeze(place, long), None),
            1 => (Fault::Freeze(place, lasts), None),
            2 => (Fault::Drain(place), Some((long, Fault::Start(place)))),
            3 => (Fault::StoreDown, Some((lasts.min(2 * SECOND), Fault::StoreUp))),
            4 => (Fault::Cut(place, other), Some((long, Fault::Join(place, other)))),
            5 => (Fault::BusDown(place), Some((lasts, Fault::BusUp(place)))),
            6 => {
                let worker = self.rng.index(self.plan.workers);
                (Fault::Slow(place, worker, self.rng.range(5 * MS, 400 * MS)), None)
            }
            _ => (Fault::Scatter(place), None),
        };
        self.after(at, Event::Fault(fault));
        if let Some((later, end)) = end {
            self.after(at + later, Event::Fault(end));
        }
    }

    pub fn fault(&mut self, fault: Fault) {
        if self.calm {
            return;
        }
        self.stats.faults += 1;
        self.note(|| format!("{fault:?}"));
        match fault {
            Fault::Kill(place) => self.kill_node(place),
            Fault::Start(place) => {
                if self.nodes[place].is_none() {
                    self.start_node(place);
                }
            }
            Fault::Freeze(place, time) => {
                let until = self.now + time.min(self.plan.chaos.saturating_sub(self.now));
                if let Some(node) = &mut self.nodes[place] {
                    node.frozen_until = until;
                }
            }
            Fault::Drain(place) => self.drain_node(place),
            Fault::StoreDown => self.store.up = false,
            Fault::StoreUp => self.store.up = true,
            Fault::Cut(from, to) => {
                self.bus.cut.insert((from, to));
                if self.rng.chance(500) {
                    self.bus.cut.insert((to, from));
                }
            }
            Fault::Join(from, to) => {
                self.bus.cut.remove(&(from, to));
                self.bus.cut.remove(&(to, from));
            }
            Fault::BusDown(place) => self.bus_down(place),
            Fault::BusUp(place) => self.bus_up(place),
            Fault::Slow(place, worker, time) => {
                if let Some(node) = &mut self.nodes[place] {
                    node.workers[worker].time = time;
                }
            }
            Fault::Scatter(place) => {
                for client in 0..self.clients.len() {
                    let there = self.clients[client].connection.as_ref();
                    if there.is_some_and(|one| one.place == place) && self.rng.chance(800) {
                        self.disconnect(client);
                    }
                }
            }
        }
    }

    /// A node is gone: nobody hears of what it was about to do.
    pub fn kill_node(&mut self, place: Place) {
        if self.nodes[place].take().is_some() {
            self.note(|| format!("node {place}: is dead"));
            self.truth.node_gone(place);
            self.cut_off(place);
        }
    }

    fn drain_node(&mut self, place: Place) {
        if let Some(node) = &mut self.nodes[place]
            && !node.draining
        {
            node.draining = true;
            self.post(place, Mail::Command(Command::StopTaking));
            self.node_after(place, 10 * MS, NodeEvent::Drained);
        }
    }

    /// A stop goes on when all that was taken has its answer.
    pub fn look_whether_drained(&mut self, place: Place) {
        let node = self.node(place);
        let empty = node.mailbox.is_empty()
            && node.stalled.is_empty()
            && node.appends.waiting.is_empty()
            && !node.appends.committing
            && node.commits.is_empty()
            && node.held_up.is_empty()
            && node.relay.queue.is_empty()
            && !node.relay.deciding
            && node.relay.delivering.is_empty()
            && node.workers.iter().all(|worker| worker.queue.is_empty());
        if !empty {
            return self.node_after(place, 10 * MS, NodeEvent::Drained);
        }
        let asks = |client: &crate::client::Client| {
            let there = client.connection.as_ref().filter(|one| one.place == place);
            there.is_some_and(|one| !one.requests.is_empty())
        };
        let unanswered = self.clients.iter().filter(|client| asks(client)).count();
        self.ensure(unanswered == 0, || {
            format!("node {place} stops, and {unanswered} clients have no answer")
        });
        self.post(place, Mail::Command(Command::Farewell));
    }

    /// The end of a stop.
    pub fn stop_node(&mut self, place: Place) {
        self.kill_node(place);
    }

    /// Everything is repaired; now and then a node dies at this very moment.
    pub fn become_calm(&mut self) {
        self.note(|| "everything is repaired".to_owned());
        self.calm = true;
        self.store.up = true;
        self.bus.cut.clear();
        let dies = self.rng.index(self.plan.nodes);
        if self.plan.nodes > 1 && self.plan.fault_every > 0 && self.rng.chance(500) {
            self.kill_node(dies);
        }
        for place in 0..self.nodes.len() {
            match &mut self.nodes[place] {
                Some(node) => {
                    node.frozen_until = 0;
                    let time = self.plan.calm_worker_time();
                    node.workers.iter_mut().for_each(|worker| worker.time = time);
                    self.bus_up(place);
                }
                // Not where one just died: its people are to be missed.
                None if place != dies => self.start_node(place),
                None => {}
            }
        }
        if self.nodes.iter().flatten().all(|node| node.draining) {
            let place = self.nodes.iter().position(Option::is_none).unwrap_or(0);
            self.kill_node(place);
            self.start_node(place);
        }
        self.hurry_clients();
    }
}
