//! What is to be kept in a room: messages, and what becomes of them. And what is not: typing.

use std::cell::Cell;

use maru_engine::{Actor, Answer, Publish, log::ReplyTo};
use maru_protocol::{
    Body, Description, Emoji, ErrorCode, FileId, MessageId, RoomName, Seq, Topic, UserId,
};

use super::{
    Commands, RoomRef, ServiceError, Services,
    access::{Action, PublishKind, RoomPermit},
    rooms::session_of,
};
use crate::journal::{Change, NewMessage, RoomId};

/// A request to keep something, as it was made.
#[derive(Debug)]
pub struct PublishRequest {
    /// Made by who asks; a retry repeats it.
    pub id: MessageId,
    /// What is to be kept.
    pub what: Draft,
}

/// What is to be kept, before it was looked up who is mentioned and what it carries.
#[derive(Debug)]
pub enum Draft {
    /// A message to be said.
    Message(MessageDraft),
    /// Another text for a message of one's own.
    Edit {
        /// The message.
        target: Seq,
        /// What it says from now on.
        body: Body,
        /// Who is mentioned in it from now on.
        mentions: Vec<UserId>,
    },
    /// A message of one's own goes.
    Delete {
        /// The message.
        target: Seq,
    },
    /// An emoji on a message.
    React {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
        /// Put there, or taken back.
        on: bool,
    },
    /// A message is held up, or no more.
    Pin {
        /// The message.
        target: Seq,
        /// Pinned, or no more.
        on: bool,
    },
    /// What the room is about.
    Topic {
        /// One line; empty for none.
        topic: Topic,
        /// Some lines; empty for none.
        description: Description,
    },
}

/// A message to be said: a text, files, or both.
#[derive(Debug, Default)]
pub struct MessageDraft {
    /// What it says.
    pub body: Option<Body>,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
    /// Who is mentioned in it.
    pub mentions: Vec<UserId>,
    /// What it carries.
    pub files: Vec<FileId>,
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
    /// Hands a draft of somebody in the room to the engine. The answer goes to `reply` after the
    /// commit. `holds_name` is the session's memory of whether it holds its name there.
    pub(crate) async fn publish(
        &self,
        commands: &Commands,
        actor: Actor,
        reply: ReplyTo,
        (room, holds_name): (RoomRef<'_>, &Cell<bool>),
        request: PublishRequest,
    ) -> Result<(), ServiceError> {
        let PublishRequest { id, what } = request;
        let kind = what.kind();
        let permit = self.access.ask_in(&actor, Action::Publish(kind), room.id)?;
        let what = self.change(&permit, room, what).await?;
        // Last, as it is a write: what is refused for something else takes no name.
        self.speak_by_name(&permit, &actor, holds_name, kind).await?;
        let (room, at) = (room.id, self.clock.now_ms());
        let publish = Publish { actor, reply, room, room_name: None, id, what, at };
        Ok(commands.publish(&permit, publish).await?)
    }

    /// As `publish`, for an actor without a session, in the room of that name: waits for the answer.
    ///
    /// # Errors
    /// [`ServiceError`] when it was not handed over. What the engine or the store refuse is an answer.
    pub async fn publish_and_wait(
        &self,
        actor: Actor,
        name: &RoomName,
        request: PublishRequest,
    ) -> Result<Answer, ServiceError> {
        let PublishRequest { id, what } = request;
        let (permit, record) = self.room(&actor, Action::Publish(what.kind()), name).await?;
        let room = RoomRef { id: record.id, key: &name.key() };
        let what = self.change(&permit, room, what).await?;
        // The engine puts the call's own address there.
        let (reply, at) = (ReplyTo::Nobody, self.clock.now_ms());
        let (room, room_name) = (record.id, Some(record.name));
        let publish = Publish { actor, reply, room, room_name, id, what, at };
        let answer = self.guarded.call(&permit, publish).await?;
        answer.await.map_err(|_| ServiceError::Stopping)
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
        // A deletion frees more than it takes.
        if !matches!(what, Draft::Delete { .. }) {
            self.has_space()?;
        }
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
