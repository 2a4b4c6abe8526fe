//! A node's writer to the journal: group commits that take time, fail, or lose their answer.

use maru_engine::{
    Command, Effects,
    log::{Append, Outcome, Refused},
};

use crate::{
    node::BATCHES,
    plan::MS,
    world::{NodeEvent, Place, World},
};

impl World {
    /// Appends for the store; those that the queue has no room for go back.
    pub fn append(&mut self, place: Place, appends: Vec<Append>) {
        if appends.is_empty() {
            return;
        }
        let (most, now) = (self.plan.append_queue, self.instant());
        let node = self.node(place);
        let free = most.saturating_sub(node.appends.waiting.len());
        let mut appends = appends;
        let left = appends.split_off(free.min(appends.len()));
        node.appends.waiting.extend(appends);
        if !left.is_empty() {
            let mut effects = Effects::default();
            node.engine.handle(now, Command::NotTaken(left), &mut effects);
            self.carry_out(place, effects, false);
        }
        self.wake_writer(place);
    }

    pub fn wake_writer(&mut self, place: Place) {
        let appends = &mut self.node(place).appends;
        if !appends.committing && !appends.waiting.is_empty() {
            appends.committing = true;
            let later = self.about(self.plan.commit_time);
            self.node_after(place, later, NodeEvent::Commit);
        }
    }

    pub fn commit(&mut self, place: Place) {
        let most = self.plan.group_commit;
        let appends = &mut self.node(place).appends.waiting;
        let batch: Vec<Append> = appends.drain(..most.min(appends.len())).collect();
        let fails = !self.store.up || (!self.calm && self.rng.chance(self.plan.store_fails));
        let lost = self.plan.nodes > 1 && !self.calm && self.rng.chance(self.plan.answer_lost);
        let refuse = |append: &Append| Outcome::Refused {
            why: Refused::Store("the store is away".into()),
            reply: append.reply,
        };
        let mut later = self.about(self.plan.commit_time / 2);
        let outcomes = if fails {
            batch.iter().map(refuse).collect()
        } else if lost {
            // It is committed, and the connection ends before the answer: asked again, or given up.
            let again = batch.clone();
            self.stats.committed += batch.len() as u64;
            self.store.commit(batch);
            later += self.about(200 * MS);
            if self.rng.chance(500) {
                self.store.commit(again)
            } else {
                again.iter().map(refuse).collect()
            }
        } else {
            self.stats.committed += batch.len() as u64;
            self.store.commit(batch)
        };
        self.note(|| {
            let what: Vec<String> = outcomes.iter().map(brief).collect();
            format!(
                "node {place}: commits {what:?}{}",
                if lost { ", the answer is lost" } else { "" }
            )
        });
        self.node_after(place, later, NodeEvent::Committed(outcomes));
    }

    /// Outcomes go into the commit channel when it has room.
    pub fn hand_over_commit(&mut self, place: Place) {
        let node = self.node(place);
        let alone = node.follower.is_none();
        let channel = if alone { &mut node.relay.queue } else { &mut node.commits };
        if channel.len() >= BATCHES {
            return;
        }
        let Some(outcomes) = node.appends.done.take() else { return };
        channel.push_back(outcomes);
        node.appends.committing = false;
        self.wake_writer(place);
        if alone { self.relay(place) } else { self.wake_follower(place) }
    }

    /// In a turn of its own: who calls may be in the middle of the follower's.
    pub fn wake_follower(&mut self, place: Place) {
        self.node_after(place, 1, NodeEvent::Follower);
    }
}

fn brief(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Committed { room, entry, .. } => format!("{}#{}", room.0, entry.seq()),
        Outcome::Known { seq, .. } => format!("known #{seq}"),
        Outcome::Refused { why, .. } => format!("refused: {why}"),
    }
}
