//! `search`: messages that contain every word of a query.

use maru_protocol::{Query, Ref, RoomName, ServerFrame};

use crate::{
    search::SearchPage,
    services::SearchIn,
    session::{identified::Session, refusal::Refusal},
};

/// In one room, or in all that the session is in.
pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    query: Query,
    room: Option<&RoomName>,
    more: Option<String>,
) -> Result<(), Refusal> {
    let place = match room {
        Some(name) => SearchIn::Room(name),
        None => SearchIn::Rooms(session.rooms.iter().map(|joined| joined.id).collect()),
    };
    let found = session.services().search(&session.actor(), query, place, more).await?;
    let SearchPage { hits, more } = found;
    session.answer(&ServerFrame::Results { reference, hits, more });
    Ok(())
}
