//! Messages that contain what somebody looks for.

use maru_engine::Actor;
use maru_protocol::{Query, RoomName};

use super::{
    ServiceError, Services,
    access::{Action, RoomsPermit},
};
use crate::{
    journal::RoomId,
    search::{SearchPage, SearchRequest},
};

/// Where to look.
#[derive(Debug)]
pub(crate) enum SearchIn<'a> {
    /// In the room of that name, which need not be joined, as its history can be read as well.
    Room(&'a RoomName),
    /// In these rooms, as far as one may.
    Rooms(Vec<RoomId>),
}

impl Services {
    /// The best that is there, a page of it. `more` is what the answer before gave.
    pub(crate) async fn search(
        &self,
        actor: &Actor,
        query: Query,
        place: SearchIn<'_>,
        more: Option<String>,
    ) -> Result<SearchPage, ServiceError> {
        if !self.guarded.has_search() {
            return Err(ServiceError::SearchOff);
        }
        let permit = match place {
            SearchIn::Room(name) => self.room(actor, Action::Search, name).await?.0.into(),
            SearchIn::Rooms(rooms) => self.access.ask_in_each(actor, Action::Search, rooms)?,
        };
        let bytes = self.options.page_bytes;
        let ask =
            |permit: RoomsPermit| SearchRequest { query, rooms: permit.into_rooms(), more, bytes };
        let found = self.guarded.search(permit, ask).await.ok_or(ServiceError::SearchOff)?;
        Ok(found?)
    }
}
