//! Other names for rooms: in the store, and for everybody who is in one, on every node.

use std::{sync::Arc, time::Duration};

use actix::Addr;
use maru_engine::{Actor, NewName};
use maru_protocol::{ErrorCode, RoomName};

use super::{Services, access::Action, directory::looks_like, error::ServiceError};
use crate::{
    journal::{JournalError, MOST_RENAMED, Renamed, RenamedRoom, Renames, RoomRecord},
    runtime::{ChatServer, messages::RoomRenamed},
};

/// How often a node looks for what others renamed. What they tell by the bus comes at once; so long
/// nobody knows of it to whom the bus did not come.
const LOOK: Duration = Duration::from_secs(5);

/// Renames rooms, and hears of those that others renamed.
pub struct RoomRenamer {
    store: Arc<dyn Renames>,
    engine: Addr<ChatServer>,
}

impl RoomRenamer {
    /// Over this store and this engine.
    #[must_use]
    pub fn new(store: Arc<dyn Renames>, engine: Addr<ChatServer>) -> Arc<Self> {
        Arc::new(Self { store, engine })
    }

    /// Tells the engine what other nodes renamed, until it is gone. Each name is told twice: who read the
    /// room's record just before may come to the engine with it after the first time.
    pub async fn run(self: Arc<Self>) {
        let (mut seen, mut before) = (0, 0);
        while self.engine.connected() {
            match self.look(before).await {
                Ok(last) => (before, seen) = (seen, last),
                // The store says itself, once, that it is away.
                Err(error) => log::debug!(error:%; "renamed rooms could not be looked for"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Tells of the renamings after that number; says the last one's.
    async fn look(&self, mut after: u64) -> Result<u64, JournalError> {
        loop {
            let found = self.store.renamed(after).await?;
            let full = found.len() == MOST_RENAMED as usize;
            for RenamedRoom { number, room, former } in found {
                after = number;
                self.tell(NewName { room, former, tell: false }).await;
            }
            if !full {
                return Ok(after);
            }
        }
    }

    /// Gives a room another name. Those who are in it are told, on all nodes.
    pub(super) async fn rename(
        &self,
        room: RoomRecord,
        name: RoomName,
    ) -> Result<Renamed, JournalError> {
        let former = room.name.clone();
        let renamed = self.store.rename(room, name).await?;
        if let Renamed::Done(room) = &renamed
            && room.name != former
        {
            self.tell(NewName { room: room.clone(), former: vec![former], tell: true }).await;
        }
        Ok(renamed)
    }

    /// The store has that name, whatever the engine knows.
    pub(super) async fn tell(&self, name: NewName) {
        // Without the engine the server stops.
        let _ = self.engine.send(RoomRenamed(name)).await;
    }
}

impl Services {
    /// Gives a room another name, on all nodes.
    ///
    /// # Errors
    /// [`ServiceError`]. The room may have the name all the same.
    pub(crate) async fn rename_room(
        &self,
        actor: &Actor,
        room: &RoomName,
        name: RoomName,
    ) -> Result<(RoomName, RoomName), ServiceError> {
        let (permit, record) = self.room(actor, Action::RenameRoom, room).await?;
        name.check_new().map_err(|why| {
            ServiceError::Rejected(ErrorCode::InvalidRoom, format!("the new name: {why}"))
        })?;
        self.has_space()?;
        let former = record.name.clone();
        let renamed = self.guarded.rename(&permit, record, name.clone()).await?;
        self.searches.clear();
        let taken = |why| Err(ServiceError::Rejected(ErrorCode::NameTaken, why));
        match renamed {
            Renamed::Done(room) => {
                log::info!(room = former.as_str(), name = room.name.as_str(); "a room was renamed");
                Ok((former, room.name))
            }
            Renamed::Taken(other) if other.name.key() == name.key() => {
                taken(format!("there is a room “{}” already: choose another name", other.name))
            }
            Renamed::Taken(other) => taken(format!(
                "“{name}” was the name of the room “{}” and still leads there: choose another name",
                other.name
            )),
            Renamed::LooksLike(other) => Err(looks_like(&name, &other.name)),
            Renamed::TooMany => taken(format!(
                "the room “{former}” has had as many names as a room can have: give it one of these"
            )),
            Renamed::Gone => Err(ServiceError::RoomNotFound(former)),
        }
    }
}
