//! What one seed's world is like: how large, how slow, and how much of it breaks.

use crate::rng::Rng;

/// Virtual time, in microseconds.
pub type Micros = u64;

pub const MS: Micros = 1_000;
pub const SECOND: Micros = 1_000 * MS;

/// The figures of one world.
#[derive(Clone, Debug)]
pub struct Plan {
    pub nodes: usize,
    pub workers: usize,
    pub rooms: usize,
    pub users: usize,
    pub clients: usize,
    /// How long things break. Then everything is repaired, and the world becomes quiet.
    pub chaos: Micros,
    /// Between two things that a client does.
    pub pause: Micros,
    pub commit_time: Micros,
    pub read_time: Micros,
    pub bus_time: Micros,
    /// How long a worker is busy with what it took.
    pub worker_time: Micros,
    pub worker_queue: usize,
    pub append_queue: usize,
    pub group_commit: usize,
    /// Per thousand.
    pub store_fails: u64,
    pub answer_lost: u64,
    pub read_fails: u64,
    pub bus_drops: u64,
    pub bus_doubles: u64,
    pub bus_reorders: u64,
    /// Between two faults; 0 for a world without.
    pub fault_every: Micros,
    pub max_roster: usize,
    pub max_replay: usize,
    pub changes: u64,
    /// How often somebody flips a reaction many times in a row.
    pub flipping: u64,
    /// How often they may at once.
    pub flips: u32,
    /// How often a client leaves a room or its connection ends, when it could say something.
    pub churn: u64,
    /// Nobody says anything once it is calm: what was lost before is found all the same.
    pub mute: bool,
}

impl Plan {
    /// How long a worker may take once it is calm: what waits for it ends, and stays away.
    pub fn calm_worker_time(&self) -> Micros {
        self.worker_time.min(self.worker_queue as u64 * MS).min(5 * MS)
    }

    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x504C_414E);
        let nodes = 1 + rng.index(5);
        // Few are enough for most; hundreds now and then.
        let clients = match rng.index(40) {
            0 => 100 + rng.index(200),
            1..6 => 30 + rng.index(40),
            _ => 4 + rng.index(20),
        };
        let calm = rng.chance(150);
        let often = |rng: &mut Rng, most: u64| if calm { 0 } else { rng.range(0, most) };
        let slow = |rng: &mut Rng, fast: Micros, slow: Micros| {
            if rng.chance(300) { rng.range(fast, slow) } else { rng.range(fast / 4, fast) }
        };
        // Where people come and go all the time, it matters most that a join takes a while.
        let restless = rng.chance(250);
        let workers = if restless { 2 + rng.index(3) } else { 1 + rng.index(3) };
        let worker_queue = if rng.chance(300) { 1 + rng.index(4) } else { 4 + rng.index(30) };
        let slow_read = if restless { 400 * MS } else { 200 * MS };
        Self {
            nodes,
            workers,
            rooms: 1 + rng.index(4).saturating_sub(rng.index(3)),
            users: (clients * 7 / 10).max(2),
            clients,
            chaos: rng.range(8, 22) * SECOND,
            pause: (clients as u64 * rng.range(20, 60) * MS).clamp(200 * MS, 4 * SECOND),
            commit_time: slow(&mut rng, 4 * MS, 80 * MS),
            read_time: slow(&mut rng, if restless { 200 * MS } else { 4 * MS }, slow_read),
            bus_time: slow(&mut rng, 3 * MS, 100 * MS),
            worker_time: slow(&mut rng, MS, 60 * MS),
            worker_queue,
            append_queue: 2 + rng.index(40),
            group_commit: 1 + rng.index(20),
            store_fails: often(&mut rng, 60),
            answer_lost: often(&mut rng, 60),
            read_fails: often(&mut rng, 80),
            bus_drops: often(&mut rng, 200),
            bus_doubles: often(&mut rng, 100),
            bus_reorders: often(&mut rng, 100),
            fault_every: if calm { 0 } else { rng.range(600, 6_000) * MS },
            max_roster: if rng.chance(150) { 2 + rng.index(6) } else { 200 },
            max_replay: if rng.chance(300) { 5 + rng.index(40) } else { 500 },
            changes: if rng.chance(200) { rng.range(400, 900) } else { rng.range(0, 350) },
            flipping: if rng.chance(300) { rng.range(10, 60) } else { 0 },
            flips: if rng.chance(200) { 2 + rng.range(0, 5) as u32 } else { 10_000 },
            churn: if restless { rng.range(200, 600) } else { rng.range(20, 180) },
            mute: rng.chance(300),
        }
    }
}
