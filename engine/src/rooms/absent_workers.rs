//! Workers whose last session left a room a moment ago.

use std::{collections::VecDeque, time::Duration};

use crate::{
    Instant,
    collections::{Map, Seed},
    log::RoomId,
};

/// How long a presence event can wait for a session that comes in: from the worker's queue until the
/// session has its answer. A session that takes longer is given up before.
const MOMENT: Duration = Duration::from_secs(30);

/// A session listens at its worker before it enters a room. What its worker is told meanwhile, for
/// others who are in the room, waits until the session has its answer. When those others leave, the
/// worker is not told of what comes next; so something older than the answer can come after it, and
/// nothing that corrects it. A worker that comes back to a room is told its whole roster.
#[derive(Debug)]
pub(crate) struct AbsentWorkers {
    /// As many as there are rooms that a worker left in a moment.
    left: Map<(RoomId, usize), Instant>,
    by_time: VecDeque<(Instant, RoomId, usize)>,
}

impl AbsentWorkers {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { left: Map::with_hasher(seed), by_time: VecDeque::new() }
    }

    /// A worker's last session leaves a room.
    pub(crate) fn left(&mut self, now: Instant, room: RoomId, worker: usize) {
        self.forget(now);
        // Each pair is in the line once, however often its sessions come and go.
        if self.left.insert((room, worker), now).is_none() {
            self.by_time.push_back((now, room, worker));
        }
    }

    /// Whether a worker's last session left the room a moment ago.
    pub(crate) fn contains(&mut self, now: Instant, room: RoomId, worker: usize) -> bool {
        self.forget(now);
        self.left.contains_key(&(room, worker))
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, room, worker)) = self.by_time.front().copied()
            && now.saturating_since(at) >= MOMENT
        {
            self.by_time.pop_front();
            match self.left.get(&(room, worker)).copied() {
                // It left again since: its time is another one.
                Some(newer) if newer > at => self.by_time.push_back((newer, room, worker)),
                _ => _ = self.left.remove(&(room, worker)),
            }
        }
        if self.by_time.is_empty() && self.by_time.capacity() > 0 {
            // A storm's worth of memory is not kept.
            (self.by_time, self.left) = (VecDeque::new(), Map::with_hasher(*self.left.hasher()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: RoomId = RoomId(1);

    #[test]
    fn a_worker_counts_for_a_moment_after_its_last_session_left() {
        let at = |seconds| Instant::from_start(Duration::from_secs(seconds));
        let mut absent = AbsentWorkers::new(Seed::default());
        absent.left(at(0), ROOM, 1);
        absent.left(at(20), ROOM, 1);
        assert!(absent.contains(at(49), ROOM, 1));
        assert!(!absent.contains(at(49), ROOM, 0) && !absent.contains(at(49), RoomId(2), 1));
        assert!(!absent.contains(at(50), ROOM, 1));
        assert!(absent.left.is_empty() && absent.by_time.is_empty());
    }
}
