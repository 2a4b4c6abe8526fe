//! `send`: saying something; and how whatever is to be kept is handed over.

use maru_engine::log::{ReplyTo, SessionRef};
use maru_protocol::{MessageId, Ref, RoomName};

use crate::{
    services::{Draft, MessageDraft, PublishRequest},
    session::{identified::Session, refusal::Refusal},
};

pub(in crate::session) async fn run(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    message: MessageDraft,
) -> Result<(), Refusal> {
    publish(session, reference, room, id, Draft::Message(message)).await
}

/// The answer comes after the commit, and the session goes on meanwhile. Until it is handed over the
/// session's next frame waits, so its messages keep their order.
pub(super) async fn publish(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    what: Draft,
) -> Result<(), Refusal> {
    let (room, holds_name) = session.joined_by_name(room)?;
    let worker = &session.connection.worker;
    let (number, request) = (worker.number, PublishRequest { id, what });
    let reply = ReplyTo::Session(SessionRef {
        session: session.connection.id,
        worker: number,
        room: room.id,
        reference,
    });
    let (services, commands) = (&worker.services, &worker.commands);
    let speaks = (room, holds_name);
    services.publish(commands, session.actor(), reply, speaks, request).await?;
    // On this thread nothing happened since: the answer comes later.
    worker.hub.asked(room.id);
    Ok(())
}
