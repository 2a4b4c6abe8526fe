//! `create`: making a room.

use maru_protocol::{Ref, RoomName, ServerFrame};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    name: RoomName,
) -> Result<(), Refusal> {
    session.services().create(&session.actor(), name, Some(session.caller())).await?;
    session.answer(&ServerFrame::Ok { reference });
    Ok(())
}
