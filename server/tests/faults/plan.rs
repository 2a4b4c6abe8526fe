//! What breaks when. The same seed gives the same plan.

use std::{fmt, time::Duration};

use crate::random::Random;

/// How many nodes there are.
pub const NODES: usize = 3;

/// What can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `kill -9`; it comes back.
    KillNode,
    /// Its people are sent to the others, then it is stopped; it comes back.
    DrainNode,
    /// Stopped; it comes back.
    StopNode,
    /// NATS takes what comes and does nothing.
    FreezeNats,
    /// A fast shutdown and a start.
    RestartPostgres,
    /// All of its processes at once, and a start.
    KillPostgres,
    /// A node does nothing for a while and then goes on, as on a machine that swaps.
    FreezeNode,
    /// `kill -9`; it comes back knowing nothing.
    KillNats,
    /// Postgres does nothing for longer than it is waited for, and then what it was told.
    FreezePostgres,
}

impl Kind {
    pub const ALL: &'static [Self] = &[
        Self::KillNode,
        Self::DrainNode,
        Self::FreezeNats,
        Self::RestartPostgres,
        Self::KillPostgres,
    ];

    /// More than is promised of a minute.
    pub const MORE: &'static [Self] = &[
        Self::KillNode,
        Self::DrainNode,
        Self::FreezeNats,
        Self::RestartPostgres,
        Self::KillPostgres,
        Self::StopNode,
        Self::FreezeNode,
        Self::KillNats,
        Self::FreezePostgres,
    ];

    /// What it breaks is a node.
    pub fn is_of_node(self) -> bool {
        matches!(self, Self::KillNode | Self::DrainNode | Self::StopNode | Self::FreezeNode)
    }

    /// What it breaks is Postgres: meanwhile nobody can be let in.
    pub fn is_of_postgres(self) -> bool {
        matches!(self, Self::RestartPostgres | Self::KillPostgres | Self::FreezePostgres)
    }
}

/// One thing that breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    pub kind: Kind,
    /// Since the beginning of the talk.
    pub at: Duration,
    /// Which node, where one is meant.
    pub node: usize,
    /// How long it stays broken; what ends by itself has none.
    pub lasts: Duration,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (node, lasts) = (self.node + 1, self.lasts.as_secs_f64());
        match self.kind {
            Kind::KillNode => write!(f, "node {node} killed, away for {lasts:.1} s"),
            Kind::DrainNode => write!(f, "node {node} drained and restarted"),
            Kind::StopNode => write!(f, "node {node} stopped and started"),
            Kind::FreezeNats => write!(f, "NATS frozen for {lasts:.1} s"),
            Kind::RestartPostgres => write!(f, "Postgres restarted"),
            Kind::KillPostgres => write!(f, "Postgres killed, away for {lasts:.1} s"),
            Kind::FreezeNode => write!(f, "node {node} frozen for {lasts:.1} s"),
            Kind::KillNats => write!(f, "NATS killed, away for {lasts:.1} s"),
            Kind::FreezePostgres => write!(f, "Postgres frozen for {lasts:.1} s"),
        }
    }
}

/// Each kind once, in an order of chance, spread over the time; in a longer time all of them again.
/// What takes long runs into what comes next.
pub fn make(seed: u64, length: Duration, kinds: &[Kind]) -> Vec<Fault> {
    /// From one fault to the next, more or less.
    const APART: f64 = 10.0;
    let mut random = Random::new(seed);
    let mut part = move || random.below(1_000) as f64 / 1_000.0;
    let length = length.as_secs_f64();
    // The first and the last moments belong to nobody's trouble.
    let usable = length * 0.85;
    let rounds = (usable / APART / kinds.len() as f64).floor().max(1.0) as usize;
    let slot = usable / (rounds * kinds.len()) as f64;
    let mut plan = Vec::new();
    // Which node is hit next: never the same twice in a row.
    let mut node = (part() * NODES as f64) as usize;
    for round in 0..rounds {
        let mut left = kinds.to_vec();
        for n in 0..kinds.len() {
            let kind = left.remove((part() * left.len() as f64) as usize);
            let start = slot * (round * kinds.len() + n) as f64 + length * 0.05;
            let lasts = match kind {
                Kind::KillNode => slot * (0.3 + 0.9 * part()),
                Kind::FreezeNats => 10.0,
                Kind::KillPostgres => 1.0 + part(),
                // Sometimes longer than the heartbeat's patience.
                Kind::FreezeNode => 2.0 + 10.0 * part(),
                Kind::KillNats => 4.0 * part(),
                Kind::FreezePostgres => 4.0 + 4.0 * part(),
                Kind::DrainNode | Kind::StopNode | Kind::RestartPostgres => 0.0,
            };
            if kind.is_of_node() {
                node = (node + 1 + (part() * (NODES - 1) as f64) as usize) % NODES;
            }
            let at = Duration::from_secs_f64(start + slot * 0.4 * part());
            plan.push(Fault { kind, at, node, lasts: Duration::from_secs_f64(lasts) });
        }
    }
    plan
}

#[test]
fn a_seed_is_a_plan() {
    let minute = Duration::from_secs(60);
    let plans: Vec<Vec<Fault>> = (0..50).map(|seed| make(seed, minute, Kind::ALL)).collect();
    for (seed, plan) in (0..).zip(&plans) {
        assert_eq!(*plan, make(seed, minute, Kind::ALL));
        assert!(Kind::ALL.iter().all(|kind| plan.iter().any(|fault| fault.kind == *kind)));
        assert!(plan.is_sorted_by_key(|fault| fault.at), "{plan:?}");
        assert!(plan.iter().all(|fault| fault.at < minute && fault.node < NODES));
        let hit: Vec<usize> =
            plan.iter().filter(|fault| fault.kind.is_of_node()).map(|fault| fault.node).collect();
        assert_ne!(hit[0], hit[1], "{plan:?}");
    }
    assert!(plans.windows(2).any(|two| two[0] != two[1]));
    assert_eq!(make(1, Duration::from_secs(180), Kind::ALL).len(), 15);
}
