//! `unread`: how far one has read in rooms.

use maru_protocol::{Ref, RoomName, ServerFrame};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    rooms: &[RoomName],
) -> Result<(), Refusal> {
    let rooms = session.services().read_positions(&session.actor(), rooms).await?;
    session.answer(&ServerFrame::Unread { reference, rooms });
    Ok(())
}
