//! When what is due, by room.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Instant, log::RoomId};

/// One time per room at most. As many entries as there are rooms followed.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    by_time: BTreeSet<(Instant, RoomId)>,
    by_room: BTreeMap<RoomId, Instant>,
}

impl Schedule {
    /// The room's turn is then, and not when it was.
    pub(super) fn set(&mut self, room: RoomId, at: Instant) {
        if let Some(before) = self.by_room.insert(room, at) {
            self.by_time.remove(&(before, room));
        }
        self.by_time.insert((at, room));
    }

    /// The room's turn is then, unless it is earlier.
    pub(super) fn hurry(&mut self, room: RoomId, at: Instant) {
        if self.by_room.get(&room).is_none_or(|set| at < *set) {
            self.set(room, at);
        }
    }

    /// The room has no turn.
    pub(super) fn remove(&mut self, room: RoomId) {
        if let Some(at) = self.by_room.remove(&room) {
            self.by_time.remove(&(at, room));
        }
    }

    /// The rooms that have a turn, the earliest first.
    pub(super) fn rooms(&self) -> impl Iterator<Item = RoomId> {
        self.by_time.iter().map(|(_, room)| *room)
    }

    /// The earliest turn.
    pub(super) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// The room whose turn is the earliest, if it comes by then. It has none any more.
    pub(super) fn take(&mut self, by: Instant) -> Option<RoomId> {
        let (at, room) = *self.by_time.first()?;
        if at > by {
            return None;
        }
        self.remove(room);
        Some(room)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn turns_come_by_time_and_once() {
        let at = |ms| Instant::from_start(Duration::from_millis(ms));
        let mut turns = Schedule::default();
        for (room, ms) in [(1, 30), (2, 10), (3, 20)] {
            turns.set(RoomId(room), at(ms));
        }
        turns.hurry(RoomId(1), at(5));
        turns.hurry(RoomId(2), at(40));
        turns.remove(RoomId(3));
        assert_eq!(turns.next(), Some(at(5)));
        assert_eq!(turns.take(at(4)), None);
        assert_eq!(turns.take(at(10)), Some(RoomId(1)));
        assert_eq!(turns.take(at(10)), Some(RoomId(2)));
        assert_eq!((turns.take(at(99)), turns.next()), (None, None));
        assert!(turns.by_room.is_empty());
    }
}
