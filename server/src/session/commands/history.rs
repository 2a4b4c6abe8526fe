//! `history`: entries of a room.

use maru_protocol::{Ref, RoomName, ServerFrame};

use crate::{
    journal::Page,
    services::{History, PageQuery},
    session::{identified::Session, refusal::Refusal},
};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    query: PageQuery,
) -> Result<(), Refusal> {
    let found = session.services().history(&session.actor(), room, query).await?;
    let History { room, epoch, page: Page { entries, covers, updated, head, .. } } = found;
    let page = ServerFrame::Page { reference, room, epoch, head, entries, covers, updated };
    session.answer(&page);
    Ok(())
}
