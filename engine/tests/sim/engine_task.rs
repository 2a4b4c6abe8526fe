//! The engine's turns: one thing after the other, and what it wants done.

use maru_engine::{Command, Effects, Entered, Ephemeral, Item};

use crate::{
    bus::Message,
    node::Mail,
    plan::MS,
    world::{NodeEvent, Place, SessionEvent, World},
};

impl World {
    /// Something for the engine, after what waits already.
    pub fn post(&mut self, place: Place, mail: Mail) {
        self.node(place).mailbox.push_back(mail);
        self.wake_engine(place);
    }

    pub fn wake_engine(&mut self, place: Place) {
        // It may just have stopped.
        let Some(node) = &mut self.nodes[place] else { return };
        if !node.mailbox_busy && !node.mailbox.is_empty() && node.stalled.is_empty() {
            node.mailbox_busy = true;
            let later = self.rng.range(10, 400);
            self.node_after(place, later, NodeEvent::Mailbox);
        }
    }

    pub fn take_mail(&mut self, place: Place) {
        self.node(place).mailbox_busy = false;
        if self.node(place).stalled.is_empty() {
            if let Some(mail) = self.node(place).mailbox.pop_front() {
                self.read_mail(place, mail);
            }
            self.wake_engine(place);
        }
    }

    pub fn read_mail(&mut self, place: Place, mail: Mail) {
        let now = self.instant();
        let mut effects = Effects::default();
        match mail {
            Mail::Command(command) => {
                if matches!(command, Command::Heard { .. }) {
                    self.node(place).gossip_waiting -= 1;
                }
                if let Command::Disconnect(session) = command {
                    self.truth.disconnect(session);
                }
                let farewell = matches!(command, Command::Farewell);
                self.node(place).engine.handle(now, command, &mut effects);
                self.carry_out(place, effects, false);
                if farewell {
                    self.stop_node(place);
                    return;
                }
            }
            Mail::Enter(command, client, life) => {
                let Command::Enter(enter) = &command else { return };
                let (room, session) = (enter.room, enter.session);
                let user = enter.visitor.user.id.clone();
                self.node(place).engine.handle(now, command, &mut effects);
                let entered = effects.entered.take().unwrap();
                if matches!(entered, Ok(Entered::In { .. })) {
                    self.truth.enter(room, session, user, place);
                }
                self.carry_out(place, effects, false);
                if self.clients[client].life == life {
                    let later = self.rng.range(10, MS);
                    self.session_after(client, later, SessionEvent::Entered(room, entered));
                }
            }
            Mail::Exit(command, client, life) => {
                let Command::Exit { session, room } = command else { return };
                self.truth.exit(room, session);
                self.node(place).engine.handle(now, command, &mut effects);
                self.carry_out(place, effects, false);
                if self.clients[client].life == life {
                    self.session_after(client, 10, SessionEvent::Left(room));
                }
            }
            Mail::Committed(batch) => {
                self.node(place).engine.handle(now, Command::Committed(batch), &mut effects);
                self.carry_out(place, effects, true);
            }
        }
        self.set_engine_timer(place);
    }

    pub fn engine_timer(&mut self, place: Place) {
        let now = self.instant();
        let node = self.node(place);
        node.engine_due = None;
        // An engine that waits takes nothing else; it looks again when it goes on.
        if node.stalled.is_empty() && node.engine.poll_timeout().is_some_and(|due| due <= now) {
            let mut effects = Effects::default();
            node.engine.handle_timeout(now, &mut effects);
            self.carry_out(place, effects, false);
        }
        self.set_engine_timer(place);
    }

    pub fn set_engine_timer(&mut self, place: Place) {
        let now = self.now;
        let Some(node) = self.nodes[place].as_mut().filter(|node| node.stalled.is_empty()) else {
            return;
        };
        let Some(due) = node.engine.poll_timeout() else { return };
        let due = u64::try_from(due.since_start().as_micros()).unwrap().max(now);
        if node.engine_due.is_none_or(|set| due < set) {
            node.engine_due = Some(due);
            self.node_after(place, due - now, NodeEvent::EngineTimer);
        }
    }

    /// Does what the engine wants, in the order that it is listed in.
    pub fn carry_out(&mut self, place: Place, effects: Effects, relayed: bool) {
        let Effects { follow, appends, deliveries, ephemeral, gossip, .. } = effects;
        for change in follow {
            self.request_follow(place, change);
        }
        self.append(place, appends);
        for (worker, delivery) in deliveries.into_iter().enumerate() {
            if !delivery.is_empty() {
                let node = self.node(place);
                let owed = if relayed { &mut node.relay.delivering } else { &mut node.stalled };
                owed.push_back((worker, delivery));
            }
        }
        for Ephemeral { worker, items, presence } in ephemeral {
            let directory = matches!(items.first(), Some(Item::Directory { .. }));
            if self.deliver(place, worker, items).is_some() {
                if let Some(room) = presence {
                    self.post(place, Mail::Command(Command::Undelivered(room)));
                }
                if directory {
                    self.forget_directory(place, worker);
                }
            }
        }
        for (topic, gossip) in gossip {
            self.note(|| format!("node {place}: says {gossip:?}"));
            self.send(place, topic, &Message::Gossip(gossip));
        }
        if relayed {
            self.node(place).relay.deciding = false;
            self.relay(place);
        } else {
            self.unstall(place);
        }
    }
}
