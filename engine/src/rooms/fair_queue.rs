//! Rooms that wait to be told of, first come first served; those in which nothing was ever said after
//! all others.

use std::collections::BTreeMap;

use maru_protocol::Seq;

use crate::{
    collections::{Map, Seed},
    log::RoomId,
};

/// Rooms that wait, some 2 MB of them, told of within a minute. Everybody can make as many rooms as
/// they are let: beyond it those without an entry are left out, the newest first. Whoever looks at the
/// directory finds them. Rooms with an entry are never left out.
pub(crate) const MOST_WAITING: usize = 10_000;

/// Which rooms are told of first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// There is an entry.
    Spoken,
    /// There is none.
    Empty,
}

impl Lane {
    /// Of a room whose newest entry is this.
    pub(crate) fn of(head: Seq) -> Self {
        if head > Seq::ZERO { Self::Spoken } else { Self::Empty }
    }
}

/// The newest value for each room that waits. A room that changes while it waits keeps its place, so
/// a busy one never holds up a quiet one; its first entry gives it a place among those that have one.
#[derive(Debug)]
pub(crate) struct FairQueue<V> {
    values: Map<RoomId, Waiting<V>>,
    turns: BTreeMap<Turn, RoomId>,
    /// The number of the next turn.
    next: u64,
}

type Turn = (Lane, u64);

#[derive(Debug)]
struct Waiting<V> {
    turn: Turn,
    value: V,
}

impl<V> FairQueue<V> {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { values: Map::with_hasher(seed), turns: BTreeMap::new(), next: 0 }
    }

    /// The room's newest value, and whether there is an entry in it.
    pub(crate) fn put(&mut self, room: RoomId, lane: Lane, value: V) {
        let turn = (lane, self.next);
        if let Some(waiting) = self.values.get_mut(&room) {
            waiting.value = value;
            if lane < waiting.turn.0 {
                self.turns.remove(&waiting.turn);
                waiting.turn = turn;
                self.turns.insert(turn, room);
                self.next += 1;
            }
            return;
        }
        if self.values.len() >= MOST_WAITING && !self.has_room_for(lane) {
            return;
        }
        self.values.insert(room, Waiting { turn, value });
        self.turns.insert(turn, room);
        self.next += 1;
    }

    /// A full queue leaves out a room without an entry: this one, or the last of those that wait.
    fn has_room_for(&mut self, lane: Lane) -> bool {
        if lane == Lane::Empty {
            return false;
        }
        if let Some(last) = self.turns.last_entry()
            && last.key().0 == Lane::Empty
        {
            self.values.remove(&last.remove());
        }
        true
    }

    /// The values of those whose turn it is, at most so many.
    pub(crate) fn take(&mut self, most: usize) -> Vec<V> {
        let mut taken = Vec::with_capacity(most.min(self.turns.len()));
        while taken.len() < most
            && let Some((_, room)) = self.turns.pop_first()
        {
            taken.extend(self.values.remove(&room).map(|waiting| waiting.value));
        }
        taken
    }

    /// There is nothing to tell of a room any more.
    pub(crate) fn remove(&mut self, room: RoomId) {
        if let Some(waiting) = self.values.remove(&room) {
            self.turns.remove(&waiting.turn);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Forgets all of them, and the memory that they took.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.values.shrink_to_fit();
        self.turns.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> FairQueue<i64> {
        FairQueue::new(Seed::default())
    }

    #[test]
    fn every_room_has_its_turn_however_busy_the_others_are() {
        let mut queue = queue();
        let mut told = Vec::new();
        queue.put(RoomId(1_000), Lane::Spoken, 0);
        for round in 0..5 {
            // 300 rooms change all the time, 200 are told of at once.
            (0..300).for_each(|room| queue.put(RoomId(room), Lane::Spoken, round));
            told.push(queue.take(200).len());
            if round == 0 {
                assert!(!queue.values.contains_key(&RoomId(1_000)), "it was there first");
            }
            let waits = queue.turns.values().filter(|room| room.0 < 300).count();
            assert_eq!(waits, queue.values.len());
        }
        assert_eq!(told, [200; 5]);
        queue.put(RoomId(2_000), Lane::Spoken, 7);
        let mut rounds = 0;
        loop {
            (0..300).for_each(|room| queue.put(RoomId(room), Lane::Spoken, 9));
            rounds += 1;
            if queue.take(200).contains(&7) {
                break;
            }
        }
        assert!(rounds <= 2, "{rounds} rounds");
        queue.clear();
        assert!(queue.is_empty() && queue.take(9).is_empty());
    }

    #[test]
    fn rooms_that_are_made_hold_up_none_in_which_something_is_said() {
        let mut queue = queue();
        let made = i64::try_from(MOST_WAITING).unwrap() + 5_000;
        for room in 0..made {
            queue.put(RoomId(room), Lane::Empty, room);
        }
        assert_eq!((queue.values.len(), queue.turns.len()), (MOST_WAITING, MOST_WAITING));
        queue.put(RoomId(made), Lane::Spoken, -1);
        // One that waits, and one that was left out.
        queue.put(RoomId(7), Lane::Spoken, -2);
        queue.put(RoomId(made - 1), Lane::Spoken, -3);
        // An older value does not send it back.
        queue.put(RoomId(7), Lane::Empty, -4);
        assert_eq!((queue.values.len(), queue.turns.len()), (MOST_WAITING, MOST_WAITING));
        assert_eq!(queue.take(5), [-1, -4, -3, 0, 1]);
        queue.remove(RoomId(2));
        queue.remove(RoomId(made));
        assert_eq!(queue.take(usize::MAX).len(), MOST_WAITING - 6);
        assert!(queue.is_empty() && queue.values.is_empty());
    }

    #[test]
    fn no_room_in_which_something_was_said_is_left_out() {
        let mut queue = queue();
        let spoken = i64::try_from(MOST_WAITING).unwrap() + 100;
        (0..spoken).for_each(|room| queue.put(RoomId(room), Lane::Spoken, room));
        queue.put(RoomId(spoken), Lane::Empty, spoken);
        let told = queue.take(usize::MAX);
        assert_eq!(told, (0..spoken).collect::<Vec<_>>());
    }
}
