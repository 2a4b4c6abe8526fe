//! Rooms that changed, as the relay notes them and the indexer takes them.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::journal::{Batch, Outcome, RoomId};

/// Most rooms that are noted one by one, 16 bytes each; beyond, every room is looked at.
const MOST: usize = 10_000;

/// Rooms whose log grew. Noting takes a lock that is never held for longer than it takes to note.
#[derive(Debug, Default)]
pub struct Noted {
    rooms: Mutex<Rooms>,
    wake: Notify,
}

/// What was noted.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    pub(super) rooms: HashSet<RoomId>,
    /// More than could be noted: any room may have changed.
    pub(super) all: bool,
}

impl Noted {
    /// Notes the rooms of what was committed.
    pub fn note(&self, batch: &Batch) {
        let committed = |outcome: &Outcome| match outcome {
            Outcome::Committed { room, .. } => Some(*room),
            Outcome::Known { .. } | Outcome::Refused { .. } => None,
        };
        let mut noted = self.lock();
        let mut last = None;
        for room in batch.iter().filter_map(committed) {
            if last != Some(room) {
                last = Some(room);
                noted.add(room);
            }
        }
        drop(noted);
        if last.is_some() {
            self.wake.notify_one();
        }
    }

    /// Wakes who waits, although nothing changed.
    pub(super) fn nudge(&self) {
        self.wake.notify_one();
    }

    /// Takes all that was noted.
    pub(super) fn take(&self) -> Rooms {
        std::mem::take(&mut *self.lock())
    }

    /// Waits until something is noted; at once when it was since the last time.
    pub(super) async fn noted(&self) {
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
