//! Which rooms there are.

mod cursor;
mod search_cache;

pub(super) use search_cache::SearchCache;

use maru_engine::Actor;
use maru_protocol::{ErrorCode, RoomInfo, RoomName};

use super::{
    ServiceError, Services,
    access::{Action, Permit},
    rooms::session_of,
};
use crate::{
    journal::{Created, RoomList, RoomQuery, RoomRecord},
    limits::{Caller, Rate},
};

/// Most rooms in an answer.
pub(crate) const MAX_ROOMS: u32 = 100;

/// Which rooms somebody wants to see.
#[derive(Debug)]
pub(crate) struct DirectoryQuery {
    /// Those whose name contains this, case aside; all without it.
    pub(crate) query: Option<String>,
    /// Those behind an answer: its `more`.
    pub(crate) more: Option<String>,
    /// At most so many, and at most [`MAX_ROOMS`].
    pub(crate) limit: u32,
}

/// A part of the directory.
#[derive(Debug)]
pub(crate) struct DirectoryPage {
    /// The latest active first.
    pub(crate) rooms: Vec<RoomInfo>,
    /// There may be more rooms; what to ask for them with.
    pub(crate) more: Option<String>,
}

/// There is a room that has, or had, a name that looks like this one.
pub(super) fn looks_like(name: &RoomName, other: &RoomName) -> ServiceError {
    let (looks, other_looks) = (name.skeletons().keys(), other.skeletons().keys());
    let when = if looks.iter().any(|look| other_looks.contains(look)) { "" } else { "former " };
    let why = format!(
        "there is a room “{other}” whose {when}name looks like this one: choose another name"
    );
    ServiceError::Rejected(ErrorCode::NameTaken, why)
}

impl Services {
    /// Makes a room. It counts for the caller, if there is one, when it is a new one.
    pub(crate) async fn create(
        &self,
        actor: &Actor,
        name: RoomName,
        caller: Option<&Caller>,
    ) -> Result<(), ServiceError> {
        let permit = self.access.ask(actor, Action::CreateRoom)?;
        name.check_new().map_err(|why| {
            ServiceError::Rejected(ErrorCode::InvalidRoom, format!("the room: {why}"))
        })?;
        // Nothing for the writer of the log to do.
        match self.find(&name).await {
            Ok(record) => return Err(ServiceError::RoomExists(record.name)),
            Err(ServiceError::RoomNotFound(_)) => {}
            Err(other) => return Err(other),
        }
        self.has_space()?;
        if let Some(caller) = caller {
            caller.take(Rate::Rooms)?;
        }
        match self.guarded.create(&permit, name.clone(), self.clock.now_ms()).await? {
            Created::New(record) => {
                self.searches.clear();
                Ok(self.guarded.room_made(&permit, record).await?)
            }
            // Another node was first.
            Created::Existing(record) if record.name.key() == name.key() => {
                Err(ServiceError::RoomExists(record.name))
            }
            Created::Existing(RoomRecord { name: now, .. }) => {
                Err(ServiceError::RoomRenamed { asked: name, now })
            }
            Created::LooksLike(record) => Err(looks_like(&name, &record.name)),
        }
    }

    /// Rooms by their latest activity, newest first: those whose name contains `query`.
    pub(crate) async fn rooms(
        &self,
        actor: &Actor,
        ask: DirectoryQuery,
    ) -> Result<DirectoryPage, ServiceError> {
        let permit = self.may_list_rooms(actor, false)?;
        self.list_rooms(&permit, ask).await
    }

    /// Whether the actor may see which rooms there are, and what becomes of them where `watch`.
    pub(crate) fn may_list_rooms(
        &self,
        actor: &Actor,
        watch: bool,
    ) -> Result<Permit, ServiceError> {
        let action = if watch { Action::WatchRooms } else { Action::ListRooms };
        Ok(self.access.ask(actor, action)?)
    }

    /// As [`Services::rooms`], for who may.
    pub(crate) async fn list_rooms(
        &self,
        permit: &Permit,
        DirectoryQuery { query, more, limit }: DirectoryQuery,
    ) -> Result<DirectoryPage, ServiceError> {
        let after = more.as_deref().map(cursor::read).transpose()?;
        let query = RoomQuery { contains: query, after, limit: limit.min(MAX_ROOMS) };
        let RoomList { rooms, more } = self.look_up(permit, query).await?;
        let rooms = self.guarded.describe(permit, rooms).await?;
        Ok(DirectoryPage { rooms, more: more.map(cursor::write) })
    }

    /// A search is answered as it was a moment ago, where it was asked then.
    async fn look_up(&self, permit: &Permit, query: RoomQuery) -> Result<RoomList, ServiceError> {
        if query.contains.as_deref().is_none_or(|part| part.trim().is_empty()) {
            return Ok(self.guarded.rooms(permit, query).await?);
        }
        let now = self.clock.monotonic();
        match self.searches.get(&query, now) {
            Ok(list) => Ok(list),
            Err(age) => {
                let list = self.guarded.rooms(permit, query.clone()).await?;
                self.searches.put(age, query, now, &list);
                Ok(list)
            }
        }
    }

    /// Removes a room with all that is in it, on all nodes.
    ///
    /// # Errors
    /// [`ServiceError`]. The room may have gone all the same.
    pub(crate) async fn remove_room(
        &self,
        actor: &Actor,
        name: &RoomName,
    ) -> Result<RoomName, ServiceError> {
        let (permit, record) = self.room(actor, Action::RemoveRoom, name).await?;
        let name = record.name.clone();
        let gone = self.guarded.remove(&permit, record).await?;
        self.searches.clear();
        if !gone {
            return Err(ServiceError::RoomNotFound(name));
        }
        log::info!(room = name.as_str(); "a room was removed by an operator");
        Ok(name)
    }

    /// Starts (or stops) to tell a session what becomes of the rooms.
    pub(crate) async fn watch_rooms(
        &self,
        permit: &Permit,
        actor: &Actor,
        on: bool,
    ) -> Result<(), ServiceError> {
        let (session, _) = session_of(actor)?;
        Ok(self.guarded.watch(permit, session, on).await?)
    }
}
