//! When the next message goes, and who sends it.

use std::time::{Duration, Instant};

use crate::{
    args::{Pace, Plan},
    crowd::Crowd,
    world::Counts,
};

/// A sender behind its rate by more than this catches up no more: the rate was too high.
const LAG: Duration = Duration::from_millis(200);

/// Sends at a plan's pace: room by room, and in each room sender by sender.
pub(super) struct Pacing<'a> {
    plan: &'a Plan,
    /// What was counted before the first message.
    base: Counts,
    /// When the next message of a rate goes.
    due: Instant,
    room: usize,
    round: usize,
    spoke: Vec<usize>,
}

impl<'a> Pacing<'a> {
    /// Nothing is sent yet.
    pub(super) fn new(plan: &'a Plan, base: Counts, start: Instant) -> Self {
        Self { plan, base, due: start, room: 0, round: 0, spoke: Vec::new() }
    }

    /// Sends what is due; says when to look again.
    pub(super) fn speak(&mut self, now: Instant, crowd: &mut Crowd) -> Instant {
        let (number, next) = self.number(now, crowd.world.counts);
        for _ in 0..number {
            let index = self.next_sender();
            crowd.say(index);
            self.spoke.push(index);
        }
        self.spoke.drain(..).for_each(|index| crowd.flush(index));
        next
    }

    /// How many messages are due, and when to look again.
    fn number(&mut self, now: Instant, counts: Counts) -> (u64, Instant) {
        let idle = now + Duration::from_secs(1);
        let sent = counts.sent - self.base.sent;
        let members = self.plan.members as u64;
        match self.plan.pace {
            Pace::Silent => (0, idle),
            Pace::Rate(rate) => {
                let step = Duration::from_secs_f64(1.0 / rate);
                if self.due + LAG < now {
                    self.due = now;
                }
                let mut number = 0;
                while self.due <= now {
                    self.due += step;
                    number += 1;
                }
                (number, self.due)
            }
            Pace::Delivered(most) => {
                let done = (counts.deliveries - self.base.deliveries) / members + counts.refused;
                ((done + most).saturating_sub(sent), idle)
            }
            Pace::Acknowledged(most) => {
                let done = counts.acknowledged - self.base.acknowledged + counts.refused;
                ((done + most).saturating_sub(sent), idle)
            }
        }
    }

    fn next_sender(&mut self) -> usize {
        let (rooms, members) = (self.plan.rooms, self.plan.members);
        let senders = usize::try_from(self.plan.options.senders).unwrap_or(1).min(members).max(1);
        let index = (self.round % senders) * rooms + self.room;
        self.room += 1;
        if self.room == rooms {
            self.room = 0;
            self.round += 1;
        }
        index
    }
}
