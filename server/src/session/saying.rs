//! What is to be kept: messages, and what becomes of them.

use maru_protocol::{ClientFrame, ErrorCode, MessageId, Ref, RoomName};

use maru_engine::{Actor, Publish};

use super::{Session, refusal::Refusal};
use crate::{
    journal::{Change, NewMessage, ReplyTo, RoomId, SessionRef},
    runtime::messages::SessionCommand,
};

impl Session {
    /// Hands a draft to the engine. Its answer comes after the commit, and the session goes on
    /// meanwhile. Any other frame is no draft, and passed over.
    pub(crate) async fn say(&mut self, frame: ClientFrame) -> Result<(), Refusal> {
        match frame {
            ClientFrame::Send { reference, room, id, body, reply_to, mentions, files } => {
                let joined = self.joined(&room)?;
                if body.is_none() && files.is_empty() {
                    let message = "a message needs a text or a file";
                    return Err(Refusal::new(ErrorCode::InvalidBody, message));
                }
                let mentions = self.mentioned(joined, &room, body.as_ref(), mentions).await?;
                let files = self.carried(joined, &files).await?;
                let said = NewMessage { body, reply_to, mentions, files };
                self.publish(reference, joined, id, Change::Message(said)).await
            }
            ClientFrame::Edit { reference, room, id, target, body, mentions } => {
                let joined = self.joined(&room)?;
                let mentions = self.mentioned(joined, &room, Some(&body), mentions).await?;
                self.publish(reference, joined, id, Change::Edit { target, body, mentions }).await
            }
            ClientFrame::Delete { reference, room, id, target } => {
                self.change(reference, &room, id, Change::Delete { target }).await
            }
            ClientFrame::React { reference, room, id, target, emoji, on } => {
                self.change(reference, &room, id, Change::React { target, emoji, on }).await
            }
            ClientFrame::Pin { reference, room, id, target, on } => {
                self.change(reference, &room, id, Change::Pin { target, on }).await
            }
            ClientFrame::Topic { reference, room, id, topic, description } => {
                self.change(reference, &room, id, Change::Topic { topic, description }).await
            }
            _ => Ok(()),
        }
    }

    async fn change(
        &self,
        reference: Ref,
        room: &RoomName,
        id: MessageId,
        what: Change,
    ) -> Result<(), Refusal> {
        self.publish(reference, self.joined(room)?, id, what).await
    }

    async fn publish(
        &self,
        reference: Ref,
        room: RoomId,
        id: MessageId,
        what: Change,
    ) -> Result<(), Refusal> {
        let visitor = self.visitor.clone().ok_or(ErrorCode::HelloRequired)?;
        let (session, worker) = (self.id, self.worker.number);
        let at = self.worker.clock.now_ms();
        self.worker.hub.asked(room);
        let publish = Publish {
            actor: Actor::Session { session, visitor },
            reply: ReplyTo::Session(SessionRef { session, worker, room, reference }),
            room,
            room_name: None,
            id,
            what,
            at,
        };
        Ok(self.worker.batcher.post(SessionCommand::Publish(publish)).await?)
    }
}
