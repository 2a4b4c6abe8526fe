//! When to send, drop and come back; what was measured meanwhile.
//!
//! - [`pacing`]: when the next message goes, and who sends it
//! - [`absences`]: who drops and comes back
//! - [`findings`]: what a run found, and what the server cost

mod absences;
mod findings;
mod pacing;

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

pub use self::findings::{Findings, Server};
use self::{
    absences::Absences,
    findings::{Cost, Mark, missing},
    pacing::Pacing,
};
use crate::{
    args::{Pace, Plan},
    crowd::Crowd,
    proc,
};

/// Without progress for so long, a run is given up: longer than any fsync or storm takes.
const STALL: Duration = Duration::from_secs(15);
/// How long what is on its way may take to arrive after the last message.
const DRAIN: Duration = Duration::from_secs(10);
/// Most connections that are opened at the same time before the load begins.
const AT_FIRST: usize = 256;
/// The directory is told for a second after a join: then it is quiet.
const SETTLE: Duration = Duration::from_millis(1_300);
/// Presence is told for 200 ms after a join.
const BREATH: Duration = Duration::from_millis(400);
/// How often it is looked whether something stalls.
const LOOK: Duration = Duration::from_millis(100);

/// One run of a plan.
pub struct Drive<'a> {
    plan: &'a Plan,
    crowd: Crowd,
    absences: Absences<'a>,
    bar: ProgressBar,
}

impl<'a> Drive<'a> {
    /// A run about to begin.
    ///
    /// # Errors
    /// A sentence when it can't begin.
    pub fn new(plan: &'a Plan, seed: u64) -> Result<Self, String> {
        proc::raise_open_files(u64::try_from(plan.connections()).unwrap_or(u64::MAX))?;
        let crowd = Crowd::new(plan, seed)?;
        Ok(Self { plan, crowd, absences: Absences::new(plan, seed), bar: ProgressBar::new(0) })
    }

    /// Does it all: connects, warms up, measures, waits for what is on its way, judges.
    ///
    /// # Errors
    /// A sentence when the run could not be done.
    pub fn run(mut self) -> Result<Findings, String> {
        let (all, first) = (self.plan.connections(), self.plan.rooms);
        let before = self.cost()?;
        self.style("connecting  {bar:40} {pos}/{len} {eta}", all);
        self.enter(0..first)?;
        self.settle(if first == all { SETTLE } else { BREATH })?;
        let founded = self.cost()?;
        self.enter(first..all)?;
        self.settle(SETTLE)?;
        let inside = self.cost()?;
        let mut findings = self.load()?;
        if let Some(server) = &mut findings.server {
            // Who comes first makes the room, which is a commit: the others tell what joining costs.
            let (from, count) = if all > first { (founded, all - first) } else { (before, all) };
            server.connect = inside.cpu.saturating_sub(from.cpu) / count as u64;
            server.per_connection = inside.resident.saturating_sub(before.resident) / all as u64;
            server.resident_before = inside.resident;
        }
        self.bar.finish_and_clear();
        Ok(findings)
    }

    fn enter(&mut self, range: Range<usize>) -> Result<(), String> {
        let most = self.plan.opening().min(AT_FIRST);
        let (mut next, mut seen, mut moved) = (range.start, 0, Instant::now());
        let goal = range.end as u64;
        loop {
            while next < range.end && self.crowd.world.opening < most && !self.failed() {
                self.crowd.open(next);
                next += 1;
            }
            self.absences.join_again(Instant::now(), &mut self.crowd);
            self.check()?;
            let ready = self.crowd.world.counts.ready;
            if ready >= goal {
                return Ok(());
            }
            if ready > seen {
                (seen, moved) = (ready, Instant::now());
                self.bar.set_position(ready);
            } else if moved.elapsed() > STALL {
                return Err(format!(
                    "{ready} of {goal} connections got in, and then none for 15 s"
                ));
            }
            self.crowd.turn(Instant::now() + LOOK)?;
        }
    }

    fn settle(&mut self, time: Duration) -> Result<(), String> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.crowd.turn(until)?;
        }
        self.check()
    }

    fn load(&mut self) -> Result<Findings, String> {
        self.crowd.world.retrying = true;
        let start = Instant::now();
        let measure = start + self.plan.options.warm_up;
        let last_drop = measure + self.plan.duration;
        let (mut end, mut drop_at) = (last_drop, measure);
        self.style("{msg:11} {bar:40} {pos}/{len} s", seconds(end - start));
        let mut pacing = Pacing::new(self.plan, self.crowd.world.counts, start);
        let mut moved = (start, self.progress());
        let mut began: Option<Mark> = None;
        loop {
            let now = Instant::now();
            if began.is_none() && now >= measure {
                self.crowd.world.recording = true;
                self.bar.set_message("measuring");
                began = Some(self.mark(now)?);
            }
            if now >= end {
                // A storm is over when the last one is back.
                if self.absences.everybody_in(&self.crowd) {
                    break;
                }
                end = now + Duration::from_millis(200);
            }
            let next = pacing.speak(now, &mut self.crowd);
            if now >= drop_at && now < last_drop {
                drop_at = self.absences.drop_some(now, &mut self.crowd);
            }
            self.absences.let_go(now, &mut self.crowd);
            self.absences.bring_back(now, &mut self.crowd);
            self.absences.join_again(now, &mut self.crowd);
            self.check()?;
            self.notice(now, &mut moved)?;
            self.bar.set_position(start.elapsed().as_secs());
            let wait = if self.absences.is_busy(now, &self.crowd) { Duration::ZERO } else { LOOK };
            self.crowd.turn(next.min(end).min(now + wait))?;
        }
        let began = began.ok_or("nothing was measured")?;
        let ended = self.mark(Instant::now())?;
        self.crowd.world.recording = false;
        self.drain()?;
        let measures = !self.plan.options.server_pid.is_empty();
        Ok(Findings::between(&began, &ended, &self.crowd, self.absences.storm(), measures))
    }

    /// Gives up where nothing moves that should.
    fn notice(&self, now: Instant, moved: &mut (Instant, u64)) -> Result<(), String> {
        let progress = self.progress();
        if progress > moved.1 || matches!(self.plan.pace, Pace::Silent | Pace::Rate(_)) {
            *moved = (now, progress);
        } else if moved.0.elapsed() > STALL {
            return Err(self.stalled());
        }
        Ok(())
    }

    /// Waits for what is on its way.
    fn drain(&mut self) -> Result<(), String> {
        let until = Instant::now() + DRAIN;
        while Instant::now() < until {
            self.crowd.turn(Instant::now() + LOOK)?;
            self.check()?;
            if self.crowd.world.waiting.is_empty() && missing(&self.crowd) == 0 {
                break;
            }
        }
        // What comes once too often comes now.
        let until = Instant::now() + Duration::from_millis(200);
        while Instant::now() < until {
            self.crowd.turn(until)?;
        }
        Ok(())
    }

    fn progress(&self) -> u64 {
        let counts = &self.crowd.world.counts;
        counts.deliveries + counts.acknowledged
    }

    fn cost(&self) -> Result<Cost, String> {
        Cost::of(&self.plan.options.server_pid)
    }

    fn mark(&self, now: Instant) -> Result<Mark, String> {
        Ok(Mark::new(now, self.crowd.world.counts, self.cost()?))
    }

    fn failed(&self) -> bool {
        self.crowd.world.fault.is_some()
    }

    fn check(&self) -> Result<(), String> {
        self.crowd.world.fault.clone().map_or(Ok(()), Err)
    }

    fn stalled(&self) -> String {
        let counts = self.crowd.world.counts;
        let (waiting, ended) = (self.crowd.world.waiting.len(), counts.ended);
        format!(
            "nothing came for 15 s: {waiting} messages wait for their answer, {} deliveries are \
             missing, {ended} connections were ended",
            missing(&self.crowd)
        )
    }

    fn style(&mut self, template: &str, length: usize) {
        self.bar.set_length(length as u64);
        self.bar.set_position(0);
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message("warming up");
    }
}

fn seconds(time: Duration) -> usize {
    usize::try_from(time.as_secs()).unwrap_or(usize::MAX)
}
