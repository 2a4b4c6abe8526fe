//! What a run found, and what the server cost meanwhile.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::{connection::Connection, crowd::Crowd, proc, track::Track, world::Counts};

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

/// CPU time and memory of the server at some moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) cpu: u64,
    pub(super) resident: u64,
}

impl Cost {
    /// The cost so far of all of them; nothing without a process to look at.
    pub(super) fn of(processes: &[u32]) -> Result<Self, String> {
        let mut cost = Self::default();
        for pid in processes {
            let sentence = |error| format!("process {pid} can't be looked at: {error}");
            cost.cpu += proc::cpu_nanos(*pid).map_err(sentence)?;
            cost.resident += proc::resident_bytes(*pid).map_err(sentence)?;
        }
        Ok(cost)
    }
}

/// Where everything stood at some moment.
pub(super) struct Mark {
    at: Instant,
    counts: Counts,
    cost: Cost,
    own_cpu: u64,
}

impl Mark {
    /// The counts and the server's cost are given; this tool's own cost is looked up.
    pub(super) fn new(at: Instant, counts: Counts, cost: Cost) -> Self {
        let own_cpu = proc::cpu_nanos(std::process::id()).unwrap_or(0);
        Self { at, counts, cost, own_cpu }
    }
}

impl Findings {
    /// What happened between two moments of a run that is over; with the server's cost where it was
    /// `measured`.
    pub(super) fn between(
        began: &Mark,
        ended: &Mark,
        crowd: &Crowd,
        storm: Option<Duration>,
        measured: bool,
    ) -> Self {
        let tracks = || crowd.connections().iter().filter_map(Connection::track);
        let world = &crowd.world;
        let server = Server {
            cpu: ended.cost.cpu.saturating_sub(began.cost.cpu),
            connect: 0,
            per_connection: 0,
            resident: ended.cost.resident,
            resident_before: 0,
        };
        Self {
            counts: since(ended.counts, began.counts),
            measured: ended.at - began.at,
            latency: world.latency.clone(),
            answers: world.answers.clone(),
            lost: missing(crowd),
            duplicated: tracks().map(Track::duplicated).sum(),
            reordered: tracks().map(Track::reordered).sum(),
            unanswered: world.waiting.len() as u64,
            whole: world.counts,
            last_end: world.last_end.clone(),
            own_cpu: ended.own_cpu.saturating_sub(began.own_cpu),
            storm,
            server: measured.then_some(server),
        }
    }
}

/// Entries that have not come, over all members.
pub(super) fn missing(crowd: &Crowd) -> u64 {
    let rooms = &crowd.world.rooms;
    let of = |connection: &Connection| {
        let head = rooms.get(connection.room()).map_or(0, |room| room.head);
        connection.track().map_or(0, |track| track.missing(head))
    };
    crowd.connections().iter().map(of).sum()
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
