//! `typing`: started or stopped.

use maru_protocol::RoomName;

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) fn run(session: &Session, room: &RoomName, on: bool) -> Result<(), Refusal> {
    let room = session.joined(room)?;
    Ok(session.services().typing(&session.actor(), room.id, on)?)
}
