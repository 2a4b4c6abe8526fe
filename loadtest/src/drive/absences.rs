//! Who drops and comes back, and who has to ask again.

use std::{
    collections::VecDeque,
    ops::Range,
    time::{Duration, Instant},
};

use crate::{
    args::{Absence, Plan},
    connection::Stage,
    crowd::Crowd,
};

/// Who did not get in tries again so much later.
const RETRY: Duration = Duration::from_millis(500);
/// How many drop or come back before what the others hear is looked at: who measures a storm must
/// not be deaf meanwhile.
const AT_ONCE: usize = 32;
/// No run lasts as long.
const NEVER: Duration = Duration::from_secs(86_400);

/// Those who are not in their room, and when they try to be.
pub(super) struct Absences<'a> {
    plan: &'a Plan,
    /// Who drops in the storm and has not yet.
    leaving: Range<usize>,
    /// Who dropped, and when they come back.
    absent: VecDeque<(Instant, usize)>,
    /// Whose `join` was refused for now, and when they ask again.
    put_off: VecDeque<(Instant, usize)>,
    /// When the storm began, and how long it took.
    storm: Option<(Instant, Option<Duration>)>,
    random: u64,
}

impl<'a> Absences<'a> {
    /// Nobody has dropped yet.
    pub(super) fn new(plan: &'a Plan, seed: u64) -> Self {
        let (absent, put_off) = (VecDeque::new(), VecDeque::new());
        Self { plan, leaving: 0..0, absent, put_off, storm: None, random: seed | 1 }
    }

    /// From the drop of the storm to the last one back.
    pub(super) fn storm(&self) -> Option<Duration> {
        self.storm.and_then(|(_, took)| took)
    }

    /// Whether nobody is away or on the way in.
    pub(super) fn everybody_in(&self, crowd: &Crowd) -> bool {
        let world = &crowd.world;
        self.leaving.is_empty()
            && self.absent.is_empty()
            && world.again.is_empty()
            && world.opening == 0
    }

    /// Whether there is more to do at once, and so nothing to wait for.
    pub(super) fn is_busy(&self, now: Instant, crowd: &Crowd) -> bool {
        let due = self.absent.front().is_some_and(|(due, _)| *due <= now);
        !self.leaving.is_empty() || (due && crowd.world.opening < self.plan.opening())
    }

    /// Who drops now; says when the next ones do.
    pub(super) fn drop_some(&mut self, now: Instant, crowd: &mut Crowd) -> Instant {
        let back = now + self.plan.options.away;
        let all = self.plan.connections();
        let staying = self.plan.bystanders();
        match self.plan.absence {
            Absence::Never => now + NEVER,
            Absence::Storm => {
                self.leaving = staying..all;
                self.storm = Some((now, None));
                now + NEVER
            }
            Absence::Steady(rate) => {
                if all > staying {
                    let index = staying + self.random(all - staying);
                    if crowd.connections()[index].stage() == Stage::Ready {
                        crowd.drop_one(index);
                        self.absent.push_back((back, index));
                    }
                }
                now + Duration::from_secs_f64(1.0 / rate)
            }
        }
    }

    /// Drops the next ones of a storm.
    pub(super) fn let_go(&mut self, now: Instant, crowd: &mut Crowd) {
        for index in self.leaving.by_ref().take(AT_ONCE) {
            crowd.drop_one(index);
            self.absent.push_back((now + self.plan.options.away, index));
        }
    }

    /// Opens those whose time has come, so many at once as the plan says.
    pub(super) fn bring_back(&mut self, now: Instant, crowd: &mut Crowd) {
        for index in std::mem::take(&mut crowd.world.again) {
            self.absent.push_back((now + RETRY, index));
        }
        for _ in 0..AT_ONCE {
            if crowd.world.opening >= self.plan.opening() || crowd.world.fault.is_some() {
                break;
            }
            match self.absent.front() {
                Some((due, index)) if *due <= now => {
                    crowd.open(*index);
                    self.absent.pop_front();
                }
                _ => break,
            }
        }
        if let Some((began, over @ None)) = &mut self.storm
            && self.leaving.is_empty()
            && self.absent.is_empty()
            && crowd.world.again.is_empty()
            && crowd.world.opening == 0
        {
            *over = Some(began.elapsed());
        }
    }

    /// A `join` that was refused for now is repeated, as `retry_after` asks of every client.
    pub(super) fn join_again(&mut self, now: Instant, crowd: &mut Crowd) {
        for index in std::mem::take(&mut crowd.world.put_off) {
            self.put_off.push_back((now + RETRY, index));
        }
        while let Some((due, index)) = self.put_off.front()
            && *due <= now
        {
            crowd.join_again(*index);
            self.put_off.pop_front();
        }
    }

    /// xorshift64: which member drops needs no better one.
    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).unwrap_or(0)
    }
}
