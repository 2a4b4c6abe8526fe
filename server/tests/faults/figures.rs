//! The table at the end, and what in it is wrong.

use std::{collections::HashMap, fmt, time::Duration};

use maru_protocol::MessageId;

use crate::{
    history::{Fault as Flaw, Found},
    plan::{Fault, Kind},
    rehearsal::Bars,
    world::{Absence, Notes, Span},
};

/// How long after a fault what is slow still counts as its: heads are looked at every 5 s.
const AFTER: u64 = 5_000_000;

/// When something was broken, in microseconds since the start.
pub struct Window {
    pub fault: Fault,
    pub from: u64,
    pub until: u64,
}

/// All that is told.
pub struct Figures {
    pub seed: u64,
    pub people: Vec<Notes>,
    pub windows: Vec<Window>,
    pub found: Found,
    /// Entries in all logs.
    pub kept: usize,
    /// When the talk began.
    pub start: u64,
    pub traffic: Duration,
    /// From the last acknowledgement until everybody had seen everything.
    pub converged: Duration,
}

impl Figures {
    /// What was asked for and is not so.
    pub fn wrong(&self, bars: Bars) -> Vec<String> {
        let mut wrong: Vec<String> =
            self.people.iter().flat_map(|one| one.troubles.clone()).collect();
        wrong.truncate(10);
        for (flaw, places) in &self.found {
            let some: Vec<&String> = places.iter().take(3).collect();
            wrong.push(format!("{} × {flaw:?}, such as {some:?}", places.len()));
        }
        let lost = self.people.iter().filter(|one| !one.converged).count();
        if lost > 0 {
            wrong.push(format!("{lost} people have not seen everything after {:?}", bars.converge));
        }
        for (window, absences) in self.killed() {
            let Some(longest) = absences.last() else {
                wrong.push(format!("{} hit nobody", window.fault));
                continue;
            };
            let away = longest.span.1 - window.from;
            if u128::from(away) > bars.away.as_micros() && !self.no_way_in(window, bars) {
                let since = |(at, what): &(u64, String)| {
                    format!("{what} at {} s", seconds(at.saturating_sub(window.from)))
                };
                let story: Vec<String> = longest.story.iter().map(since).collect();
                let (fault, away, story) = (window.fault, seconds(away), story.join(", "));
                wrong.push(format!("after {fault}: {away} s away ({story})"));
            }
        }
        if u128::from(self.latest()) > bars.late.as_micros() {
            wrong.push(format!(
                "an acknowledged message came to another node only {} s later",
                seconds(self.latest())
            ));
        }
        let acked: usize = self.people.iter().map(|one| one.acks.len()).sum();
        if acked != self.kept {
            wrong.push(format!("{acked} messages were acknowledged and {} are kept", self.kept));
        }
        wrong
    }

    /// For each node that was killed, how long its people were away, the longest last.
    fn killed(&self) -> impl Iterator<Item = (&Window, Vec<&Absence>)> {
        let killed = self.windows.iter().filter(|window| window.fault.kind == Kind::KillNode);
        killed.map(|window| {
            let absences = self.people.iter().flat_map(|one| &one.absences);
            let hit = absences.filter(|Absence { node, span: (from, _), .. }| {
                *node == window.fault.node && *from >= window.from && *from < window.until
            });
            let mut absences: Vec<&Absence> = hit.collect();
            absences.sort_unstable_by_key(|absence| absence.span.1);
            (window, absences)
        })
    }

    /// Whether nobody could be let in anywhere at some time while its people came back.
    fn no_way_in(&self, killed: &Window, bars: Bars) -> bool {
        let (from, until) = (killed.from, killed.from + bars.away.as_micros() as u64);
        let mut others = self
            .windows
            .iter()
            .filter(|it| it.fault.kind.is_of_postgres() || it.fault.kind == Kind::FreezeNode);
        others.any(|it| from < it.until + 1_000_000 && until > it.from)
    }

    fn troubled(&self, (from, until): Span) -> bool {
        self.windows.iter().any(|window| from < window.until + AFTER && until > window.from)
    }

    /// How long after its acknowledgement a message came to somebody on another node at the latest,
    /// while Postgres was there to be asked.
    fn latest(&self) -> u64 {
        let acks = self.people.iter().flat_map(|one| &one.acks);
        let acked: HashMap<_, u64> = acks.map(|(id, (_, acked))| (*id, *acked)).collect();
        // A node that does nothing tells nobody anything either.
        let spared = |kind: Kind| kind.is_of_postgres() || kind == Kind::FreezeNode;
        let away: Vec<&Window> = self.windows.iter().filter(|it| spared(it.fault.kind)).collect();
        let crossings = self.people.iter().flat_map(|one| &one.crossings);
        let late = crossings.filter_map(|(id, (_, came))| {
            let acked = *acked.get(id)?;
            // The longest pause of who asked in vain is 2 s.
            let spared = away.iter().any(|it| acked < it.until + 2_000_000 && *came > it.from);
            (!spared).then(|| came.saturating_sub(acked))
        });
        late.max().unwrap_or(0)
    }

    fn latency(&self, of: impl Fn(&Notes) -> &Vec<(MessageId, Span)>, troubled: bool) -> Latency {
        let spans = self.people.iter().flat_map(&of).map(|(_, span)| span);
        let spans = spans.filter(|span| self.troubled(**span) == troubled);
        let mut micros: Vec<u64> = spans.map(|(from, until)| until - from).collect();
        micros.sort_unstable();
        Latency(micros)
    }

    fn flaws(&self, of: &[Flaw]) -> usize {
        of.iter().filter_map(|flaw| self.found.get(flaw)).map(Vec::len).sum()
    }
}

/// Sorted microseconds.
struct Latency(Vec<u64>);

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(longest) = self.0.last() else { return write!(f, "none") };
        let at = |part: usize| self.0[(self.0.len() * part / 1_000).min(self.0.len() - 1)];
        let ms = |micros: u64| micros as f64 / 1_000.0;
        write!(f, "p50 {:7.1} ms  p99 {:7.1} ms  ", ms(at(500)), ms(at(990)))?;
        write!(f, "longest {:7.1} ms  of {}", ms(*longest), self.0.len())
    }
}

fn seconds(micros: u64) -> String {
    format!("{:.2}", micros as f64 / 1e6)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |of: fn(&Notes) -> u64| self.people.iter().map(of).sum::<u64>();
        let since = |micros: u64| micros.saturating_sub(self.start) as f64 / 1e6;
        writeln!(f, "\n  seed {}, {:.1} s of traffic", self.seed, self.traffic.as_secs_f64())?;
        for Window { fault, from, until } in &self.windows {
            writeln!(f, "  {:5.1} s to {:5.1} s  {fault}", since(*from), since(*until))?;
        }
        let acked = sum(|one| one.acks.len() as u64);
        let (delivered, replayed) = (sum(|one| one.delivered), sum(|one| one.replayed));
        let rate = delivered as f64 / self.traffic.as_secs_f64();
        writeln!(
            f,
            "  messages     sent {}  acknowledged {acked}  kept {}  sent again {}",
            sum(|one| one.said),
            self.kept,
            sum(|one| one.retries)
        )?;
        writeln!(
            f,
            "  deliveries   {delivered} ({rate:.0} a second)  and {replayed} by catching up"
        )?;
        writeln!(
            f,
            "  connections  lost and back {}  rooms resumed {}",
            sum(|one| one.reconnects),
            sum(|one| one.resumes)
        )?;
        for (name, troubled) in [("in peace  ", false), ("in trouble", true)] {
            writeln!(
                f,
                "  {name}   acknowledged       {}",
                self.latency(|one| &one.acks, troubled)
            )?;
            writeln!(
                f,
                "               across nodes       {}",
                self.latency(|one| &one.crossings, troubled)
            )?;
        }
        let latest = seconds(self.latest());
        writeln!(
            f,
            "  late         an acknowledged message came to the other nodes at most {latest} s later"
        )?;
        for (window, absences) in self.killed() {
            let longest =
                absences.last().map_or(0, |absence| absence.span.1.saturating_sub(window.from));
            let longest = seconds(longest);
            writeln!(
                f,
                "  away         after the kill of node {}: at most {longest} s, of {} people",
                window.fault.node + 1,
                absences.len()
            )?;
        }
        writeln!(
            f,
            "  converged    {:.2} s after the last acknowledgement",
            self.converged.as_secs_f64()
        )?;
        use Flaw::*;
        for (name, flaws) in [
            ("lost", &[LostAcked, MissingEnd, Fork][..]),
            ("doubled", &[KeptTwice]),
            ("again or reordered", &[AgainOrLate, RealTimeOrder, SenderOrder]),
            ("holes", &[LogHole, ReceivedHole]),
            (
                "other",
                &[AckSeqDiffers, RefusedButKept, Phantom, Altered, Uninvited, Reset, OtherEpoch],
            ),
        ] {
            writeln!(f, "  {name:18} {}", self.flaws(flaws))?;
        }
        Ok(())
    }
}
