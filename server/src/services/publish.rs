//! What is to be kept in a room: messages, and what becomes of them. And what is not: typing.

use maru_engine::{
    Actor,
    log::{ReplyTo, SessionRef},
};
use maru_protocol::{Body, Description, Emoji, ErrorCode, FileId, MessageId, Seq, Topic, UserId};

use super::{
    Commands, RoomRef, ServiceError, Services,
    access::{Action, PublishKind, RoomPermit},
    rooms::session_of,
};
use crate::{
    journal::{Change, NewMessage, RoomId},
    runtime::messages::Publish,
};

/// A request to keep something, as it was made.
#[derive(Debug)]
pub(crate) struct PublishRequest {
    /// Made by who asks; a retry repeats it.
    pub(crate) id: MessageId,
    pub(crate) what: Draft,
}

/// What is to be kept, before it was looked up who is mentioned and what it carries.
#[derive(Debug)]
pub(crate) enum Draft {
    Message(MessageDraft),
    Edit { target: Seq, body: Body, mentions: Vec<UserId> },
    Delete { target: Seq },
    React { target: Seq, emoji: Emoji, on: bool },
    Pin { target: Seq, on: bool },
    Topic { topic: Topic, description: Description },
}

/// A message to be said: a text, files, or both.
#[derive(Debug)]
pub(crate) struct MessageDraft {
    pub(crate) body: Option<Body>,
    pub(crate) reply_to: Option<Seq>,
    pub(crate) mentions: Vec<UserId>,
    pub(crate) files: Vec<FileId>,
}

impl Draft {
    fn kind(&self) -> PublishKind {
        match self {
            Self::Message(_) => PublishKind::Message,
            Self::Edit { .. } => PublishKind::Edit,
            Self::Delete { .. } => PublishKind::Delete,
            Self::React { .. } => PublishKind::React,
            Self::Pin { .. } => PublishKind::Pin,
            Self::Topic { .. } => PublishKind::Topic,
        }
    }
}

impl Services {
    /// Hands a draft to the engine. The answer goes to `reply` after the commit.
    pub(crate) async fn publish(
        &self,
        commands: &Commands,
        actor: &Actor,
        reply: ReplyTo,
        room: RoomRef<'_>,
        request: PublishRequest,
    ) -> Result<(), ServiceError> {
        let PublishRequest { id, what } = request;
        let permit = self.access.ask_in(actor, Action::Publish(what.kind()), room.id)?;
        let what = self.change(&permit, room, what).await?;
        let command = command(actor, reply, room.id, id, what, self.clock.now_ms())?;
        Ok(commands.publish(&permit, command).await?)
    }

    /// A session types in a room, or stopped.
    pub(crate) fn typing(&self, actor: &Actor, room: RoomId, on: bool) -> Result<(), ServiceError> {
        let (session, _) = session_of(actor)?;
        let permit = self.access.ask_in(actor, Action::Type, room)?;
        self.guarded.typing(&permit, session, on);
        Ok(())
    }

    /// The draft with everything looked up.
    async fn change(
        &self,
        permit: &RoomPermit,
        room: RoomRef<'_>,
        what: Draft,
    ) -> Result<Change, ServiceError> {
        Ok(match what {
            Draft::Message(MessageDraft { body, reply_to, mentions, files }) => {
                if body.is_none() && files.is_empty() {
                    let why = "a message needs a text or a file".to_owned();
                    return Err(ServiceError::Rejected(ErrorCode::InvalidBody, why));
                }
                let mentions = self.mentioned(permit, room.key, body.as_ref(), mentions).await?;
                let files = self.carried(permit, &files).await?;
                Change::Message(NewMessage { body, reply_to, mentions, files })
            }
            Draft::Edit { target, body, mentions } => {
                let mentions = self.mentioned(permit, room.key, Some(&body), mentions).await?;
                Change::Edit { target, body, mentions }
            }
            Draft::Delete { target } => Change::Delete { target },
            Draft::React { target, emoji, on } => Change::React { target, emoji, on },
            Draft::Pin { target, on } => Change::Pin { target, on },
            Draft::Topic { topic, description } => Change::Topic { topic, description },
        })
    }
}

/// As the engine takes it: of sessions, which it answers itself.
fn command(
    actor: &Actor,
    reply: ReplyTo,
    room: RoomId,
    id: MessageId,
    what: Change,
    at: u64,
) -> Result<Publish, ServiceError> {
    match (actor, reply) {
        (
            Actor::Session { .. },
            ReplyTo::Session(SessionRef { session, worker, reference, .. }),
        ) => Ok(Publish { session, worker, room, id, what, reference, at }),
        _ => Err(ErrorCode::Internal.into()),
    }
}
