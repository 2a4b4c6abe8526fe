//! `members`: who is in a room and who belongs to it, by the beginning of their names.

use maru_protocol::{Ref, RoomName, ServerFrame};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    name: RoomName,
    query: Option<&str>,
) -> Result<(), Refusal> {
    let room = session.joined_to(&name, "join the room before you look for its members")?;
    let users = session.services().members(&session.actor(), room, query).await?;
    session.answer(&ServerFrame::Members { reference, room: name, users });
    Ok(())
}
