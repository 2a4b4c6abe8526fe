//! `edit`, `delete`, `react`, `pin` and `topic`: what becomes of what was said.

use maru_protocol::{Body, Description, Emoji, MessageId, Ref, RoomName, Seq, Topic, UserId};

use super::send::publish;
use crate::{
    services::Draft,
    session::{identified::Session, refusal::Refusal},
};

pub(in crate::session) async fn edit(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    target: Seq,
    body: Body,
    mentions: Vec<UserId>,
) -> Result<(), Refusal> {
    publish(session, reference, room, id, Draft::Edit { target, body, mentions }).await
}

pub(in crate::session) async fn delete(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    target: Seq,
) -> Result<(), Refusal> {
    publish(session, reference, room, id, Draft::Delete { target }).await
}

pub(in crate::session) async fn react(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    target: Seq,
    emoji: Emoji,
    on: bool,
) -> Result<(), Refusal> {
    publish(session, reference, room, id, Draft::React { target, emoji, on }).await
}

pub(in crate::session) async fn pin(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    target: Seq,
    on: bool,
) -> Result<(), Refusal> {
    publish(session, reference, room, id, Draft::Pin { target, on }).await
}

pub(in crate::session) async fn topic(
    session: &Session,
    reference: Ref,
    room: &RoomName,
    id: MessageId,
    topic: Topic,
    description: Description,
) -> Result<(), Refusal> {
    publish(session, reference, room, id, Draft::Topic { topic, description }).await
}
