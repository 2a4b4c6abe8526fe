//! Rooms that wait to be told of, first come first served.

use std::collections::VecDeque;

use crate::{
    collections::{Map, Seed},
    log::RoomId,
};

/// The newest value for each room that waits. A room that changes while it waits keeps its place, so
/// a busy one never holds up a quiet one. As many as there are rooms that changed since their turn.
#[derive(Debug)]
pub(crate) struct FairQueue<V> {
    values: Map<RoomId, V>,
    turns: VecDeque<RoomId>,
}

impl<V> FairQueue<V> {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { values: Map::with_hasher(seed), turns: VecDeque::new() }
    }

    /// The room's newest value.
    pub(crate) fn put(&mut self, room: RoomId, value: V) {
        if self.values.insert(room, value).is_none() {
            self.turns.push_back(room);
        }
    }

    /// The values of those who waited longest, at most so many.
    pub(crate) fn take(&mut self, most: usize) -> Vec<V> {
        let turns = self.turns.drain(..most.min(self.turns.len()));
        turns.filter_map(|room| self.values.remove(&room)).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Forgets all of them, and the memory that they took.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.values.shrink_to_fit();
        self.turns = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_room_has_its_turn_however_busy_the_others_are() {
        let mut queue = FairQueue::new(Seed::default());
        let mut told = Vec::new();
        queue.put(RoomId(1_000), 0);
        for round in 0..5 {
            // 300 rooms change all the time, 200 are told of at once.
            (0..300).for_each(|room| queue.put(RoomId(room), round));
            told.push(queue.take(200).len());
            if round == 0 {
                assert!(!queue.values.contains_key(&RoomId(1_000)), "it was there first");
            }
            let waits = queue.turns.iter().filter(|room| room.0 < 300).count();
            assert_eq!(waits, queue.values.len());
        }
        assert_eq!(told, [200; 5]);
        queue.put(RoomId(2_000), 7);
        let mut rounds = 0;
        loop {
            (0..300).for_each(|room| queue.put(RoomId(room), 9));
            rounds += 1;
            if queue.take(200).contains(&7) {
                break;
            }
        }
        assert!(rounds <= 2, "{rounds} rounds");
        queue.clear();
        assert!(queue.is_empty() && queue.take(9).is_empty());
    }
}
