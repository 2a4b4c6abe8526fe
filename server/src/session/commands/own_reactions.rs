//! `own_reactions`: which emoji one put on messages oneself.

use maru_protocol::{Ref, RoomName, Seq, ServerFrame};

use crate::{
    services::Reactions,
    session::{identified::Session, refusal::Refusal},
};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    targets: Vec<Seq>,
) -> Result<(), Refusal> {
    let found = session.services().own_reactions(&session.actor(), room, targets).await?;
    let Reactions { room, head, messages } = found;
    session.answer(&ServerFrame::OwnReactions { reference, room, head, messages });
    Ok(())
}
