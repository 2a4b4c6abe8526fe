//! Removing a room: from the store, from the search, and for everybody who is in it.

use std::{sync::Arc, time::Duration};

use actix::Addr;
use tokio::time::sleep;

use crate::{
    journal::{JournalError, Removals, RemoveWhen, RoomRecord},
    runtime::{
        ChatServer,
        messages::{RoomRemoved, Unused},
    },
    search::DirtyRooms,
};

/// Between two parts of what is erased: what others ask the store has its turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Removes rooms.
pub struct RoomRemover {
    store: Arc<dyn Removals>,
    engine: Addr<ChatServer>,
    /// Where the search learns of it; none where it is switched off.
    dirty: Option<Arc<DirtyRooms>>,
}

impl RoomRemover {
    /// Over this store and this engine.
    #[must_use]
    pub fn new(
        store: Arc<dyn Removals>,
        engine: Addr<ChatServer>,
        dirty: Option<Arc<DirtyRooms>>,
    ) -> Arc<Self> {
        Arc::new(Self { store, engine, dirty })
    }

    /// The store, for who looks for rooms that are to go.
    pub(super) fn store(&self) -> &dyn Removals {
        self.store.as_ref()
    }

    /// Of these rooms those in which nobody is, on whichever node.
    pub(super) async fn unused(&self, rooms: Vec<RoomRecord>) -> Vec<RoomRecord> {
        // Without the engine the server stops.
        self.engine.send(Unused(rooms)).await.unwrap_or_default()
    }

    /// Removes a room. Those who are in it are told, on all nodes; who comes in at this moment is told
    /// that there is no such room. False where it is not there any more, or `when` says no.
    ///
    /// # Errors
    /// When the store does not answer: the room may have gone all the same.
    pub(super) async fn remove(
        &self,
        room: RoomRecord,
        when: RemoveWhen,
    ) -> Result<bool, JournalError> {
        if !self.store.remove(room.clone(), when).await? {
            return Ok(false);
        }
        if let Some(dirty) = &self.dirty {
            dirty.mark_room(room.id);
        }
        let _ = self.engine.send(RoomRemoved { id: room.id, room: room.name }).await;
        Ok(true)
    }

    /// Erases what removed rooms have left.
    ///
    /// # Errors
    /// When the store does not answer; the next one goes on.
    pub(super) async fn erase(&self) -> Result<(), JournalError> {
        while self.store.erase().await? {
            sleep(PAUSE).await;
        }
        Ok(())
    }
}
