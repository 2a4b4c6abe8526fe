//! Whose comings and goings are told next, and how many sockets that may cost.
//!
//! Telling a room costs a write per member. In a storm of joins every room changes all the time:
//! telling each of them each time would cost members times joins. So each interval has a budget of
//! writes; rooms are told in turn, and one that waits gathers its changes into one telling.

use std::collections::VecDeque;

use crate::{
    Instant,
    collections::{Map, Seed},
    log::RoomId,
};

/// Writes an interval for each of the two lines: at 200 ms and some 6 us a write, 3 % of a core.
const WRITES: usize = 1_000;
/// Up to so many sessions a room is small. Small ones and large ones wait in lines of their own,
/// so that a crowd's coming does not hold up what a handful of people see of each other.
const SMALL: usize = 50;

/// Rooms whose people changed, with the most there were since that was last told.
#[derive(Debug)]
pub(crate) struct PresenceQueue {
    dirty: Map<RoomId, u32>,
    small: Line,
    large: Line,
    /// When rooms are told next.
    pub(crate) due: Option<Instant>,
}

#[derive(Debug, Default)]
struct Line {
    turn: VecDeque<RoomId>,
    /// Writes of the last telling beyond its budget: a room is told whole or not at all.
    owed: usize,
}

impl PresenceQueue {
    pub(crate) fn new(seed: Seed) -> Self {
        let (small, large) = (Line::default(), Line::default());
        Self { dirty: Map::with_hasher(seed), small, large, due: None }
    }

    /// `most` is the larger of what there was before the change and after it.
    pub(crate) fn changed(&mut self, id: RoomId, most: u32, sessions: usize) {
        if let Some(known) = self.dirty.get_mut(&id) {
            *known = most.max(*known);
            return;
        }
        self.dirty.insert(id, most);
        let line = if sessions <= SMALL { &mut self.small } else { &mut self.large };
        line.turn.push_back(id);
    }

    /// Nothing is to be told, and nothing owed.
    pub(crate) fn is_settled(&self) -> bool {
        self.dirty.is_empty() && self.small.owed == 0 && self.large.owed == 0
    }

    /// Those to tell in this interval; `sessions` says how many a room has, if it is there.
    pub(crate) fn take_due(
        &mut self,
        sessions: impl Fn(RoomId) -> Option<usize>,
    ) -> Vec<(RoomId, u32)> {
        let mut told = Vec::new();
        let mut grown = Vec::new();
        let mut small = |id| match sessions(id) {
            Some(size) if size > SMALL => {
                grown.push(id);
                None
            }
            size => Some(size),
        };
        self.small.serve(&mut self.dirty, &mut small, &mut told);
        self.large.turn.extend(grown);
        self.large.serve(&mut self.dirty, &mut |id| Some(sessions(id)), &mut told);
        told
    }
}

impl Line {
    /// Takes from the front until the budget is spent. `size` is none for who stands in the wrong
    /// line, none inside for a room that is gone.
    fn serve(
        &mut self,
        dirty: &mut Map<RoomId, u32>,
        size: &mut impl FnMut(RoomId) -> Option<Option<usize>>,
        told: &mut Vec<(RoomId, u32)>,
    ) {
        let paid = self.owed.min(WRITES);
        self.owed -= paid;
        let mut left = WRITES - paid;
        while left > 0 {
            let Some(id) = self.turn.pop_front() else { return };
            let Some(size) = size(id) else { continue };
            let most = dirty.remove(&id);
            if let (Some(size), Some(most)) = (size, most) {
                told.push((id, most));
                self.owed += size.saturating_sub(left);
                left = left.saturating_sub(size.max(1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const CROWD: RoomId = RoomId(0);

    /// Rooms above 0 have five sessions, the crowd has ten thousand.
    fn sessions(id: RoomId) -> Option<usize> {
        Some(if id == CROWD { 10_000 } else { 5 })
    }

    fn ids(told: &[(RoomId, u32)]) -> Vec<i64> {
        told.iter().map(|(id, _)| id.0).collect()
    }

    #[test]
    fn a_storm_costs_its_budget_and_everybody_has_a_turn() {
        let mut presences = PresenceQueue::new(Seed::default());
        let mut last = BTreeMap::new();
        for interval in 0..50 {
            (1..=1_000).for_each(|n| presences.changed(RoomId(n), 5, 5));
            let told = presences.take_due(sessions);
            assert!(told.len() * 5 <= WRITES, "{}", told.len());
            for (id, _) in told {
                let before = last.insert(id, interval).unwrap_or(-1);
                assert!(interval - before <= 5, "{id:?} waited from {before} to {interval}");
            }
        }
        assert_eq!(last.len(), 1_000);
    }

    #[test]
    fn a_quiet_room_hears_at_once_while_a_crowd_storms() {
        let mut presences = PresenceQueue::new(Seed::default());
        let mut crowd = 0;
        for interval in 1..=50 {
            presences.changed(CROWD, 10_000, 10_000);
            presences.changed(RoomId(interval), 5, 5);
            let told = ids(&presences.take_due(sessions));
            assert!(told.contains(&interval), "in its own interval");
            crowd += usize::from(told.contains(&CROWD.0));
        }
        assert!((4..=5).contains(&crowd), "50 intervals pay 5 tellings of a crowd: {crowd}");
    }

    #[test]
    fn a_room_that_grew_while_it_waited_does_not_hold_up_the_small_ones() {
        let mut presences = PresenceQueue::new(Seed::default());
        presences.changed(CROWD, 5, 5);
        presences.changed(RoomId(1), 5, 5);
        assert_eq!(ids(&presences.take_due(sessions)), [1, 0]);
        presences.changed(RoomId(2), 5, 5);
        assert_eq!(ids(&presences.take_due(sessions)), [2]);
    }

    #[test]
    fn what_gathers_is_told_once_with_the_most_there_were() {
        let mut presences = PresenceQueue::new(Seed::default());
        presences.changed(RoomId(1), 7, 5);
        presences.changed(RoomId(1), 3, 5);
        assert_eq!(presences.take_due(sessions), [(RoomId(1), 7)]);
        assert!(presences.take_due(sessions).is_empty() && presences.is_settled());
        // A room that is gone by its turn is told nothing.
        presences.changed(RoomId(1), 1, 5);
        assert!(presences.take_due(|_| None).is_empty() && presences.is_settled());
    }
}
