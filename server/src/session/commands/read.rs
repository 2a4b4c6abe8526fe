//! `read`: somebody read up to here.

use maru_protocol::{RoomName, Seq};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) fn run(session: &Session, room: &RoomName, seq: Seq) -> Result<(), Refusal> {
    let room = session.joined_to(room, "join the room before you read in it")?;
    Ok(session.services().read(&session.actor(), room, seq)?)
}
