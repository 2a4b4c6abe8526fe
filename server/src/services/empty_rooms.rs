//! Removes rooms in which nothing was ever said: everybody can make as many as they like.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use maru_protocol::RoomKey;

use super::{
    RoomRemover,
    expiry::{expired_before, step_by_step, walk_for_ever},
};
use crate::{
    clock::Clock,
    journal::{EmptyPlace, JournalError, MOST_EMPTY, RemoveWhen, RoomRecord, Swept},
};

/// Between two steps of a walk: what others ask the store has its turn. 100,000 rooms go within four
/// minutes.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks through all rooms without an entry again and again. Every node has one: what one removed the
/// others don't find.
pub struct EmptyRooms {
    remover: Arc<RoomRemover>,
    clock: Arc<dyn Clock>,
    /// How long an empty room is kept after it was made.
    ttl: Duration,
    /// Rooms that the operator wants to be there.
    kept: Vec<RoomKey>,
}

impl EmptyRooms {
    /// Of rooms that this one removes.
    #[must_use]
    pub fn new(
        remover: Arc<RoomRemover>,
        clock: Arc<dyn Clock>,
        ttl: Duration,
        kept: Vec<RoomKey>,
    ) -> Self {
        Self { remover, clock, ttl, kept }
    }

    /// Walks at once, and then again and again, for ever.
    pub async fn run(self) {
        let tell = |removed| log::info!(removed; "rooms in which nothing was said were removed");
        walk_for_ever(self.ttl, "empty rooms", async || self.walk(PAUSE).await, tell).await;
    }

    /// Looks at every room without an entry once; says how many were removed. Erases what removed rooms
    /// left, also those that another process removed.
    ///
    /// # Errors
    /// When the store does not answer; the next walk begins anew.
    pub async fn walk(&self, pause: Duration) -> Result<u64, JournalError> {
        let before = expired_before(self.clock.as_ref(), self.ttl);
        let removed = step_by_step(pause, async |from: EmptyPlace| {
            let found = self.remover.store().empty_rooms(from, before).await?;
            let last = found.last().map(EmptyPlace::of);
            let full = found.len() == MOST_EMPTY as usize;
            let forgotten = self.remove(found, before).await?;
            Ok(Swept { forgotten, next: last.filter(|_| full) })
        })
        .await?;
        self.remover.erase().await?;
        Ok(removed)
    }

    /// Removes those in which nobody is.
    async fn remove(&self, mut rooms: Vec<RoomRecord>, before: u64) -> Result<u64, JournalError> {
        rooms.retain(|room| !self.kept.contains(&room.name.key()));
        if rooms.is_empty() {
            return Ok(0);
        }
        let unused = self.remover.unused(rooms).await;
        let when = RemoveWhen::Empty { before };
        // Together, so that the store commits them together.
        let removals = unused.into_iter().map(|room| self.remover.remove(room, when));
        let mut removed = 0;
        for gone in join_all(removals).await {
            removed += u64::from(gone?);
        }
        Ok(removed)
    }
}
