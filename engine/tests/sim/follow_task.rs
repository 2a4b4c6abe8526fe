//! The follower's turns: what a server's task does around it.

use maru_engine::{
    Command, FollowChange,
    cluster::Topic,
    follow::{self, Follower, HeadsRequest, Input, PageRequest, ReadFailed, Request},
    log::{Batch, PageRange, RoomId},
};

use crate::{
    bus::Message,
    node::{BATCHES, Mail},
    world::{NodeEvent, Place, World},
};

/// Outcomes in one batch of the follower's.
const MAX_OUTCOMES: usize = 256;
/// What other nodes said and the engine did not take yet; more is dropped.
const MAX_GOSSIP: usize = 4_096;

impl World {
    pub fn request_follow(&mut self, place: Place, change: FollowChange) {
        let requests = &mut self.node(place).follow_requests;
        match change {
            FollowChange::Follow { room, head } => {
                // From where it was asked for first: nothing between may be missing.
                if !matches!(requests.get(&room), Some(Some(_))) {
                    requests.insert(room, Some(head));
                }
            }
            FollowChange::Unfollow { room } => {
                requests.insert(room, None);
            }
        }
        self.wake_follower(place);
    }

    /// The follower's task: one thing after the other, as long as the relay takes what comes out.
    pub fn follower(&mut self, place: Place) {
        if self.node(place).follower.is_none() {
            return;
        }
        loop {
            self.hand_over_outcomes(place);
            if !self.node(place).held_up.is_empty() {
                break;
            }
            let worked = self.follow_once(place);
            self.take_decisions(place);
            if !worked {
                break;
            }
        }
        self.set_follower_timer(place);
    }

    /// Handles the next input. Whether there was one.
    pub fn follow_once(&mut self, place: Place) -> bool {
        let (now, draw) = (self.instant(), self.rng.next());
        let node = self.node(place);
        let Some(follower) = &mut node.follower else { return false };
        let out = &mut node.follower_out;
        let mut worked = !node.follow_requests.is_empty();
        for (room, head) in std::mem::take(&mut node.follow_requests) {
            let input = match head {
                Some(head) => Input::Follow { room, head },
                None => Input::Unfollow(room),
            };
            follower.handle(now, input, out);
        }
        let ready = [!node.commits.is_empty(), !node.heard.is_empty(), !node.answers.is_empty()];
        let ready: Vec<usize> = (0..3).filter(|which| ready[*which]).collect();
        worked |= !ready.is_empty();
        if let Some(which) = ready.get(usize::try_from(draw % 3).unwrap() % ready.len().max(1)) {
            match which {
                0 => {
                    let batch = node.commits.pop_front().unwrap();
                    self.follow_commits(place, batch);
                }
                1 => {
                    let heard = node.heard.pop_front().unwrap();
                    self.follow_bus(place, heard);
                }
                _ => {
                    let input = node.answers.pop_front().unwrap();
                    follower.handle(now, input, out);
                }
            }
        }
        let node = self.node(place);
        if let Some(follower) = &mut node.follower
            && follower.poll_timeout().is_some_and(|due| due <= now)
        {
            follower.handle_timeout(now, &mut node.follower_out);
            worked = true;
        }
        worked
    }

    pub fn follow_commits(&mut self, place: Place, batch: Batch) {
        let mut hints: Vec<(RoomId, Vec<maru_protocol::Entry>)> = Vec::new();
        for (room, entry) in follow::hints(&batch) {
            match hints.iter_mut().find(|(of, _)| *of == room) {
                Some((_, entries)) => entries.push(entry.clone()),
                None => hints.push((room, vec![entry.clone()])),
            }
        }
        self.follow_input(place, Input::Commits(batch));
        for (room, entries) in hints {
            self.send(place, Topic::Room(room), &Message::Hint(room, entries.into()));
        }
        self.hand_over_commit(place);
    }

    pub fn follow_input(&mut self, place: Place, input: Input) {
        let now = self.instant();
        let node = self.node(place);
        if let Some(follower) = &mut node.follower {
            follower.handle(now, input, &mut node.follower_out);
        }
    }

    pub fn follow_bus(&mut self, place: Place, heard: NodeEvent) {
        match heard {
            NodeEvent::Bus { message: Message::Hint(room, entries), .. } => {
                let follower = self.node(place).follower.as_ref();
                let wants = |seq| follower.is_some_and(|follower| follower.wants(room, seq));
                let entries: Vec<_> =
                    entries.iter().filter(|entry| wants(entry.seq())).cloned().collect();
                self.follow_input(place, Input::Hint { room, entries });
            }
            NodeEvent::Bus { from, topic, message: Message::Gossip(gossip) } => {
                if self.node(place).gossip_waiting < MAX_GOSSIP {
                    self.node(place).gossip_waiting += 1;
                    self.post(place, Mail::Command(Command::Heard { from, topic, gossip }));
                }
            }
            NodeEvent::BusFollowing(room) => self.follow_input(place, Input::BusFollowing(room)),
            NodeEvent::BusConnected => {
                self.follow_input(place, Input::BusConnected);
                self.post(place, Mail::Command(Command::BusConnected));
            }
            _ => {
                self.follow_input(place, Input::BusDisconnected);
                self.post(place, Mail::Command(Command::BusDisconnected));
            }
        }
    }

    pub fn hand_over_outcomes(&mut self, place: Place) {
        let node = self.node(place);
        while node.relay.queue.len() < BATCHES
            && let Some(batch) = node.held_up.pop_front()
        {
            node.relay.queue.push_back(batch);
        }
        if !node.relay.deciding && node.relay.delivering.is_empty() && !node.relay.queue.is_empty()
        {
            node.relay.deciding = true;
            let batch = node.relay.queue.pop_front().unwrap();
            self.post(place, Mail::Committed(batch));
        }
    }

    /// Does what the follower wants, but for its timer.
    pub fn take_decisions(&mut self, place: Place) {
        let node = self.node(place);
        let out = std::mem::take(&mut node.follower_out);
        let mut outcomes = out.outcomes;
        while !outcomes.is_empty() {
            let rest = outcomes.split_off(outcomes.len().min(MAX_OUTCOMES));
            node.held_up.push_back(outcomes);
            outcomes = rest;
        }
        for subscription in out.subscriptions {
            match subscription {
                follow::Subscription::Follow(room) => {
                    self.node(place).wanted_on_bus.insert(room);
                    if self.node(place).bus_connected {
                        self.subscribe(place, room);
                    }
                }
                follow::Subscription::Unfollow(room) => {
                    let node = self.node(place);
                    node.wanted_on_bus.remove(&room);
                    node.subscribed.remove(&room);
                }
            }
        }
        for request in out.requests {
            let asked = &mut self.node(place).asked;
            match request {
                Request::Page(_) => asked.0 += 1,
                Request::Heads(_) => asked.1 += 1,
            }
            let later = self.about(self.plan.read_time / 2);
            self.node_after(place, later, NodeEvent::Read(request));
        }
        self.hand_over_outcomes(place);
    }

    pub fn set_follower_timer(&mut self, place: Place) {
        let now = self.now;
        let node = self.node(place);
        if !node.held_up.is_empty() {
            return;
        }
        let Some(due) = node.follower.as_ref().and_then(Follower::poll_timeout) else { return };
        let due = u64::try_from(due.since_start().as_micros()).unwrap().max(now);
        if node.follower_due.is_none_or(|set| due < set || set <= now) {
            node.follower_due = Some(due);
            // Never at once: what is due now was done.
            self.node_after(place, (due - now).max(1), NodeEvent::Follower);
        }
    }

    /// The store reads for the follower.
    pub fn read(&mut self, place: Place, request: Request) {
        let fails = !self.store.up || (!self.calm && self.rng.chance(self.plan.read_fails));
        let answer = match request {
            Request::Page(request) => {
                let PageRequest { room, after, limit, .. } = request;
                let page = || self.store.page(room, PageRange::After { after, limit });
                let result = if fails { Err(ReadFailed) } else { Ok(page()) };
                Input::Page { request, result }
            }
            Request::Heads(HeadsRequest { rooms }) => {
                let head = |(room, _): &(RoomId, _)| (*room, self.store.room(*room).head());
                let result =
                    if fails { Err(ReadFailed) } else { Ok(rooms.iter().map(head).collect()) };
                Input::Heads { request: HeadsRequest { rooms }, result }
            }
        };
        let later = self.about(self.plan.read_time / 2);
        self.node_after(place, later, NodeEvent::Answer(answer));
    }
}
