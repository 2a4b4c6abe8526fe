//! Rooms that changed, as the relay marks them and the indexer takes them.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::journal::{Batch, Outcome, RoomId};

/// Most rooms that are marked one by one, 16 bytes each; beyond, every room is looked at.
const MOST: usize = 10_000;

/// Rooms whose log grew. Marking takes a lock that is held for no longer than that.
#[derive(Debug, Default)]
pub struct DirtyRooms {
    rooms: Mutex<Rooms>,
    wake: Notify,
}

/// The marked rooms.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    pub(super) rooms: HashSet<RoomId>,
    /// More than could be marked: any room may have changed.
    pub(super) all: bool,
}

impl DirtyRooms {
    /// Marks the rooms of what was committed.
    pub fn mark(&self, batch: &Batch) {
        let committed = |outcome: &Outcome| match outcome {
            Outcome::Committed { room, .. } => Some(*room),
            Outcome::Known { .. } | Outcome::Refused { .. } => None,
        };
        let mut dirty = self.lock();
        let mut last = None;
        for room in batch.iter().filter_map(committed) {
            if last != Some(room) {
                last = Some(room);
                dirty.add(room);
            }
        }
        drop(dirty);
        if last.is_some() {
            self.wake.notify_one();
        }
    }

    /// Wakes who waits, although nothing changed.
    /// Notes a room in which something else changed.
    pub fn mark_room(&self, room: RoomId) {
        self.lock().add(room);
        self.wake.notify_one();
    }

    pub(super) fn nudge(&self) {
        self.wake.notify_one();
    }

    /// Takes all that was marked.
    pub(super) fn take(&self) -> Rooms {
        std::mem::take(&mut *self.lock())
    }

    /// Waits until a room is marked; at once when one was since the last time.
    pub(super) async fn marked(&self) {
        self.wake.notified().await;
    }

    /// A set is whole whoever panics around it.
    fn lock(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rooms {
    fn add(&mut self, room: RoomId) {
        if self.rooms.len() < MOST {
            self.rooms.insert(room);
        } else if !self.rooms.contains(&room) {
            self.all = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_bound_it_is_every_room() {
        let mut rooms = Rooms::default();
        let most = i64::try_from(MOST).unwrap();
        (0..most).chain(0..most).for_each(|id| rooms.add(RoomId(id)));
        assert_eq!((rooms.rooms.len(), rooms.all), (MOST, false));
        rooms.add(RoomId(most));
        assert_eq!((rooms.rooms.len(), rooms.all), (MOST, true));
    }
}
