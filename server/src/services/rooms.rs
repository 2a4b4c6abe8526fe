//! From a room's name to the room and to what may be done there.

use std::sync::Arc;

use maru_engine::{Actor, Visitor};
use maru_protocol::{ErrorCode, RoomKey, RoomName, SessionId};

use super::{
    RoomNames, ServiceError, Services,
    access::{Action, RoomPermit},
};
use crate::journal::{RoomId, RoomRecord};

/// A room that was found before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomRef<'a> {
    pub(crate) id: RoomId,
    pub(crate) key: &'a RoomKey,
}

impl Services {
    /// The room of that name, to do this there. A room in which the actor may not do it is not there
    /// for them.
    pub(super) async fn room(
        &self,
        actor: &Actor,
        action: Action,
        name: &RoomName,
    ) -> Result<(RoomPermit, RoomRecord), ServiceError> {
        let record = self.find(name).await?;
        let permit = self.ask_of_named(actor, action, record.id, name)?;
        Ok((permit, record))
    }

    /// As [`Services::room`], with the record only where it had to be read.
    pub(super) async fn room_by(
        &self,
        names: &RoomNames,
        actor: &Actor,
        action: Action,
        name: &RoomName,
    ) -> Result<(RoomPermit, Option<RoomRecord>), ServiceError> {
        let key = name.key();
        if let Some(id) = names.id(&key) {
            return Ok((self.ask_of_named(actor, action, id, name)?, None));
        }
        let (permit, record) = self.room(actor, action, name).await?;
        names.learn(key, record.id);
        Ok((permit, Some(record)))
    }

    /// The record of the room of that name. One that had that name is not there by it: who asks for it
    /// is told the name that it has.
    pub(super) async fn find(&self, name: &RoomName) -> Result<RoomRecord, ServiceError> {
        let key = name.key();
        match self.guarded.look_up_room(key.clone()).await? {
            None => Err(ServiceError::RoomNotFound(name.clone())),
            Some(found) if found.name.key() != key => {
                Err(ServiceError::RoomRenamed { asked: name.clone(), now: found.name })
            }
            Some(found) => Ok(found),
        }
    }

    fn ask_of_named(
        &self,
        actor: &Actor,
        action: Action,
        room: RoomId,
        name: &RoomName,
    ) -> Result<RoomPermit, ServiceError> {
        let permit = self.access.ask_in(actor, action, room);
        permit.map_err(|_| ServiceError::RoomNotFound(name.clone()))
    }
}

/// The session that it is, for what only sessions do.
pub(super) fn session_of(actor: &Actor) -> Result<(SessionId, &Arc<Visitor>), ServiceError> {
    match actor {
        Actor::Session { session, visitor } => Ok((*session, visitor)),
        _ => Err(ErrorCode::HelloRequired.into()),
    }
}
