//! `pinned`: what a room holds up. Only for who is in the room, as pinning is.

use maru_protocol::{Ref, RoomName, ServerFrame};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    name: RoomName,
) -> Result<(), Refusal> {
    let room = session.joined(&name)?;
    let messages = session.services().pinned(&session.actor(), room.id).await?;
    session.answer(&ServerFrame::Pinned { reference, room: name, messages });
    Ok(())
}
