//! When to send, drop and come back; what was measured meanwhile.

use std::{
    collections::VecDeque,
    ops::Range,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    args::{Absence, Pace, Plan},
    connection::Stage,
    crowd::Crowd,
    proc,
    world::Counts,
};

/// Without progress for so long, a run is given up: longer than any fsync or storm takes.
const STALL: Duration = Duration::from_secs(15);
/// How long what is on its way may take to arrive after the last message.
const DRAIN: Duration = Duration::from_secs(10);
/// Most connections that are opened at the same time before the load begins.
const AT_FIRST: usize = 256;
/// How many drop or come back before what the others hear is looked at: who measures a storm must
/// not be deaf meanwhile.
const AT_ONCE: usize = 32;
/// Who did not get in tries again so much later.
const RETRY: Duration = Duration::from_millis(500);
/// The directory is told for a second after a join: then it is quiet.
const SETTLE: Duration = Duration::from_millis(1_300);
/// Presence is told for 200 ms after a join.
const BREATH: Duration = Duration::from_millis(400);
/// A sender behind its rate by more than this catches up no more: the rate was too high.
const LAG: Duration = Duration::from_millis(200);

/// CPU time and memory of the server at some moment.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    cpu: u64,
    resident: u64,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Findings {
    /// What was counted while measuring.
    pub counts: Counts,
    /// How long was measured.
    pub measured: Duration,
    /// Microseconds from the sending to a member.
    pub latency: Histogram<u64>,
    /// Microseconds from the sending to `sent`.
    pub answers: Histogram<u64>,
    /// Entries that never came, over all members.
    pub lost: u64,
    /// Entries that came again.
    pub duplicated: u64,
    /// Entries that came after a higher one.
    pub reordered: u64,
    /// Messages whose `sent` never came.
    pub unanswered: u64,
    /// Counted over the whole run.
    pub whole: Counts,
    /// Why the server ended connections, when it did.
    pub last_end: Option<String>,
    /// Nanoseconds of this tool's CPU while measuring.
    pub own_cpu: u64,
    /// From the drop of the storm to the last one back.
    pub storm: Option<Duration>,
    /// With a server's process.
    pub server: Option<Server>,
}

/// What the server's process cost.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// Nanoseconds of CPU while measuring.
    pub cpu: u64,
    /// Nanoseconds of CPU per connection: its handshake, hello and join, and what others were told.
    pub connect: u64,
    /// Bytes per connection above the server before the first.
    pub per_connection: u64,
    /// Bytes at the end.
    pub resident: u64,
    /// Bytes when everybody was in.
    pub resident_before: u64,
}

/// One run of a plan.
pub struct Drive<'a> {
    plan: &'a Plan,
    crowd: Crowd,
    bar: ProgressBar,
    leaving: Range<usize>,
    absent: VecDeque<(Instant, usize)>,
    put_off: VecDeque<(Instant, usize)>,
    storm: Option<(Instant, Option<Duration>)>,
    turn: Turn,
    random: u64,
}

/// Who sends next.
#[derive(Default)]
struct Turn {
    room: usize,
    round: usize,
    spoke: Vec<usize>,
}

impl<'a> Drive<'a> {
    /// A run about to begin.
    ///
    /// # Errors
    /// A sentence when it can't begin.
    pub fn new(plan: &'a Plan, seed: u64) -> Result<Self, String> {
        proc::raise_open_files(u64::try_from(plan.connections()).unwrap_or(u64::MAX))?;
        let crowd = Crowd::new(plan, seed)?;
        let (absent, put_off, turn) = (VecDeque::new(), VecDeque::new(), Turn::default());
        let bar = ProgressBar::new(0);
        Ok(Self {
            plan,
            crowd,
            bar,
            leaving: 0..0,
            absent,
            put_off,
            storm: None,
            turn,
            random: seed | 1,
        })
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
        if self.plan.options.server_pid.is_some() {
            // Who comes first makes the room, which is a commit: the others tell what joining costs.
            let (from, count) = if all > first { (founded, all - first) } else { (before, all) };
            let grown = inside.resident.saturating_sub(before.resident);
            let connect = inside.cpu.saturating_sub(from.cpu) / count as u64;
            let per_connection = grown / all as u64;
            let resident_before = inside.resident;
            findings.server = findings.server.map(|server| Server {
                connect,
                per_connection,
                resident_before,
                ..server
            });
        }
        self.bar.finish_and_clear();
        Ok(findings)
    }

    fn enter(&mut self, range: std::ops::Range<usize>) -> Result<(), String> {
        let most = usize::try_from(self.plan.options.opening).unwrap_or(64).min(AT_FIRST);
        let (mut next, mut seen, mut moved) = (range.start, 0, Instant::now());
        let goal = range.end as u64;
        loop {
            while next < range.end && self.crowd.world.opening < most && !self.failed() {
                self.crowd.open(next);
                next += 1;
            }
            self.join_again(Instant::now());
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
            self.crowd.turn(Instant::now() + Duration::from_millis(100))?;
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
        let mut end = measure + self.plan.duration;
        let last_drop = end;
        self.style("{msg:11} {bar:40} {pos}/{len} s", seconds(end - start));
        let base = self.crowd.world.counts;
        let (mut due, mut moved) = (start, (start, base.deliveries + base.acknowledged));
        let mut from: Option<(Instant, Counts, Cost, u64)> = None;
        let mut drop_at = measure;
        loop {
            let now = Instant::now();
            if from.is_none() && now >= measure {
                self.crowd.world.recording = true;
                self.bar.set_message("measuring");
                from = Some((now, self.crowd.world.counts, self.cost()?, own_cpu()));
            }
            if now >= end {
                // A storm is over when the last one is back.
                if self.everybody_in() {
                    break;
                }
                end = now + Duration::from_millis(200);
            }
            let next = self.speak(now, &mut due, base);
            if now >= drop_at && now < last_drop {
                drop_at = self.drop_some(now);
            }
            self.let_go(now);
            self.bring_back(now);
            self.join_again(now);
            self.check()?;
            let counts = self.crowd.world.counts;
            let progress = counts.deliveries + counts.acknowledged;
            if progress > moved.1 || matches!(self.plan.pace, Pace::Silent | Pace::Rate(_)) {
                moved = (now, progress);
            } else if moved.0.elapsed() > STALL {
                return Err(self.stalled());
            }
            self.bar.set_position(start.elapsed().as_secs());
            let wait = if self.is_busy(now) { 0 } else { 100 };
            self.crowd.turn(next.min(end).min(now + Duration::from_millis(wait)))?;
        }
        let Some((began, counts, cost, own)) = from else {
            return Err("nothing was measured".to_owned());
        };
        let measured = began.elapsed();
        let (after, own_after) = (self.cost()?, own_cpu());
        self.crowd.world.recording = false;
        let counted = since(self.crowd.world.counts, counts);
        self.drain()?;
        let server = self.plan.options.server_pid.map(|_| Server {
            cpu: after.cpu.saturating_sub(cost.cpu),
            connect: 0,
            per_connection: 0,
            resident: after.resident,
            resident_before: 0,
        });
        Ok(self.judge(counted, measured, own_after.saturating_sub(own), server))
    }

    /// Sends what is due; says when to look again.
    fn speak(&mut self, now: Instant, due: &mut Instant, base: Counts) -> Instant {
        let idle = now + Duration::from_secs(1);
        let counts = self.crowd.world.counts;
        let sent = counts.sent - base.sent;
        let members = self.plan.members as u64;
        let (number, next) = match self.plan.pace {
            Pace::Silent => return idle,
            Pace::Rate(rate) => {
                let step = Duration::from_secs_f64(1.0 / rate);
                if *due + LAG < now {
                    *due = now;
                }
                let mut number = 0;
                while *due <= now {
                    *due += step;
                    number += 1;
                }
                (number, *due)
            }
            Pace::Delivered(most) => {
                let done = (counts.deliveries - base.deliveries) / members + counts.refused;
                ((done + most).saturating_sub(sent), idle)
            }
            Pace::Acknowledged(most) => {
                let done = counts.acknowledged - base.acknowledged + counts.refused;
                ((done + most).saturating_sub(sent), idle)
            }
        };
        for _ in 0..number {
            let index = self.next_sender();
            self.crowd.say(index);
            self.turn.spoke.push(index);
        }
        for index in std::mem::take(&mut self.turn.spoke) {
            self.crowd.flush(index);
        }
        next
    }

    /// Room by room, and in each room sender by sender.
    fn next_sender(&mut self) -> usize {
        let (rooms, members) = (self.plan.rooms, self.plan.members);
        let senders = usize::try_from(self.plan.options.senders).unwrap_or(1).min(members).max(1);
        let index = (self.turn.round % senders) * rooms + self.turn.room;
        self.turn.room += 1;
        if self.turn.room == rooms {
            self.turn.room = 0;
            self.turn.round += 1;
        }
        index
    }

    /// Who drops now; says when the next ones do.
    fn drop_some(&mut self, now: Instant) -> Instant {
        let back = now + self.plan.options.away;
        let all = self.plan.connections();
        let staying = self.plan.bystanders();
        match self.plan.absence {
            Absence::Never => now + Duration::from_secs(86_400),
            Absence::Storm => {
                self.leaving = staying..all;
                self.storm = Some((now, None));
                now + Duration::from_secs(86_400)
            }
            Absence::Steady(rate) => {
                if all > staying {
                    let index = staying + self.random(all - staying);
                    if self.crowd.connections()[index].stage() == Stage::Ready {
                        self.crowd.drop_one(index);
                        self.absent.push_back((back, index));
                    }
                }
                now + Duration::from_secs_f64(1.0 / rate)
            }
        }
    }

    /// Drops the next ones of a storm.
    fn let_go(&mut self, now: Instant) {
        for index in self.leaving.by_ref().take(AT_ONCE) {
            self.crowd.drop_one(index);
            self.absent.push_back((now + self.plan.options.away, index));
        }
    }

    /// When there is more to do at once, there is nothing to wait for.
    fn is_busy(&self, now: Instant) -> bool {
        let most = usize::try_from(self.plan.options.opening).unwrap_or(64);
        let due = self.absent.front().is_some_and(|(due, _)| *due <= now);
        !self.leaving.is_empty() || (due && self.crowd.world.opening < most)
    }

    fn bring_back(&mut self, now: Instant) {
        for index in std::mem::take(&mut self.crowd.world.again) {
            self.absent.push_back((now + RETRY, index));
        }
        let most = usize::try_from(self.plan.options.opening).unwrap_or(64);
        for _ in 0..AT_ONCE {
            if self.crowd.world.opening >= most || self.failed() {
                break;
            }
            match self.absent.front() {
                Some((due, index)) if *due <= now => {
                    self.crowd.open(*index);
                    self.absent.pop_front();
                }
                _ => break,
            }
        }
        if let Some((began, over @ None)) = &mut self.storm
            && self.leaving.is_empty()
            && self.absent.is_empty()
            && self.crowd.world.again.is_empty()
            && self.crowd.world.opening == 0
        {
            *over = Some(began.elapsed());
        }
    }

    /// A `join` that was refused for now is repeated, as `retry_after` asks of every client.
    fn join_again(&mut self, now: Instant) {
        for index in std::mem::take(&mut self.crowd.world.put_off) {
            self.put_off.push_back((now + RETRY, index));
        }
        while let Some((due, index)) = self.put_off.front()
            && *due <= now
        {
            self.crowd.join_again(*index);
            self.put_off.pop_front();
        }
    }

    fn everybody_in(&self) -> bool {
        let world = &self.crowd.world;
        self.leaving.is_empty()
            && self.absent.is_empty()
            && world.again.is_empty()
            && world.opening == 0
    }

    /// xorshift64: which member drops needs no better one.
    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).unwrap_or(0)
    }

    /// Waits for what is on its way.
    fn drain(&mut self) -> Result<(), String> {
        let until = Instant::now() + DRAIN;
        while Instant::now() < until {
            self.crowd.turn(Instant::now() + Duration::from_millis(100))?;
            self.check()?;
            if self.crowd.world.waiting.is_empty() && self.missing() == 0 {
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

    fn missing(&self) -> u64 {
        let rooms = &self.crowd.world.rooms;
        let of = |connection: &crate::connection::Connection| {
            let head = rooms.get(connection.room()).map_or(0, |room| room.head);
            connection.track().map_or(0, |track| track.missing(head))
        };
        self.crowd.connections().iter().map(of).sum()
    }

    fn judge(
        &mut self,
        counts: Counts,
        took: Duration,
        own: u64,
        server: Option<Server>,
    ) -> Findings {
        let tracks = || self.crowd.connections().iter().filter_map(|c| c.track());
        let world = &self.crowd.world;
        Findings {
            counts,
            measured: took,
            latency: world.latency.clone(),
            answers: world.answers.clone(),
            lost: self.missing(),
            duplicated: tracks().map(|track| track.duplicated()).sum(),
            reordered: tracks().map(|track| track.reordered()).sum(),
            unanswered: world.waiting.len() as u64,
            whole: world.counts,
            last_end: world.last_end.clone(),
            own_cpu: own,
            storm: self.storm.and_then(|(_, took)| took),
            server,
        }
    }

    fn cost(&self) -> Result<Cost, String> {
        let Some(pid) = self.plan.options.server_pid else { return Ok(Cost::default()) };
        let sentence = |error| format!("process {pid} can't be looked at: {error}");
        Ok(Cost {
            cpu: proc::cpu_nanos(pid).map_err(sentence)?,
            resident: proc::resident_bytes(pid).map_err(sentence)?,
        })
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
            self.missing()
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

fn own_cpu() -> u64 {
    proc::cpu_nanos(std::process::id()).unwrap_or(0)
}

fn since(now: Counts, then: Counts) -> Counts {
    Counts {
        sent: now.sent - then.sent,
        acknowledged: now.acknowledged - then.acknowledged,
        refused: now.refused - then.refused,
        deliveries: now.deliveries - then.deliveries,
        replayed: now.replayed - then.replayed,
        resets: now.resets - then.resets,
        strays: now.strays - then.strays,
        ended: now.ended - then.ended,
        ready: now.ready - then.ready,
        retried: now.retried - then.retried,
    }
}
