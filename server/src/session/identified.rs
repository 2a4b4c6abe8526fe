//! A connection after its `hello`: a session of a user.

use std::{cell::Cell, rc::Rc, sync::Arc};

use maru_engine::{Actor, Visitor};
use maru_protocol::{ClientFrame, ErrorCode, RoomKey, RoomName, ServerFrame, User};

use super::{
    charge::charge,
    commands::{
        changes, create, hello, history, join, leave, members, own_reactions, ping, pinned, read,
        rooms, search, send, typing, unread,
    },
    connection::Connection,
    refusal::Refusal,
};
use crate::{
    fanout::{RoomEnd, Subscription},
    journal::RoomId,
    limits::Caller,
    services::{DirectoryQuery, MAX_ROOMS, MessageDraft, PageQuery, RoomRef, Services},
};

/// A user's session.
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) visitor: Arc<Visitor>,
    /// They may go by another name than before: the rooms that know them are to learn it.
    pub(super) renamed: bool,
    /// The ChatServer was told of this session: it must be told of its end.
    pub(super) known: bool,
    pub(super) rooms: Vec<JoinedRoom>,
}

/// A room that the session is in.
pub(super) struct JoinedRoom {
    pub(super) key: RoomKey,
    pub(super) id: RoomId,
    pub(super) subscription: Rc<Subscription>,
    /// The person holds their name there: see `services::names`.
    pub(super) holds_name: Cell<bool>,
}

impl Session {
    /// One that is in no room yet.
    pub(super) fn begin(connection: Connection, visitor: Visitor, renamed: bool) -> Self {
        connection.services().metrics.sessions.inc();
        let visitor = Arc::new(visitor);
        Self { connection, visitor, renamed, known: false, rooms: Vec::new() }
    }

    /// Acts on a frame.
    pub(super) async fn act(&mut self, frame: ClientFrame) -> Result<(), Refusal> {
        charge(self.caller(), &frame)?;
        match frame {
            ClientFrame::Hello { version, .. } => hello::again(version),
            ClientFrame::Ping => {
                ping::run(&self.connection);
                Ok(())
            }
            ClientFrame::Join { reference, room, after } => {
                join::run(self, reference, &room, after).await
            }
            ClientFrame::Leave { reference, room } => leave::run(self, reference, &room).await,
            ClientFrame::Create { reference, room } => create::run(self, reference, room).await,
            ClientFrame::Send { reference, room, id, body, reply_to, mentions, files } => {
                let draft = MessageDraft { body, reply_to, mentions, files };
                send::run(self, reference, &room, id, draft).await
            }
            ClientFrame::Edit { reference, room, id, target, body, mentions } => {
                changes::edit(self, reference, &room, id, target, body, mentions).await
            }
            ClientFrame::Delete { reference, room, id, target } => {
                changes::delete(self, reference, &room, id, target).await
            }
            ClientFrame::React { reference, room, id, target, emoji, on } => {
                changes::react(self, reference, &room, id, target, emoji, on).await
            }
            ClientFrame::Pin { reference, room, id, target, on } => {
                changes::pin(self, reference, &room, id, target, on).await
            }
            ClientFrame::Topic { reference, room, id, topic, description } => {
                changes::topic(self, reference, &room, id, topic, description).await
            }
            ClientFrame::Pinned { reference, room } => pinned::run(self, reference, room).await,
            ClientFrame::OwnReactions { reference, room, targets } => {
                own_reactions::run(self, reference, &room, targets).await
            }
            ClientFrame::History { reference, room, before, after, around, limit } => {
                let query = PageQuery { before, after, around, limit };
                history::run(self, reference, &room, query).await
            }
            ClientFrame::Search { reference, query, room, more } => {
                search::run(self, reference, query, room.as_ref(), more).await
            }
            ClientFrame::Rooms { reference, query, watch, more } => {
                rooms::run(self, reference, DirectoryQuery { query, more, limit: MAX_ROOMS }, watch)
                    .await
            }
            ClientFrame::Read { room, seq } => read::run(self, &room, seq),
            ClientFrame::Unread { reference, rooms } => unread::run(self, reference, &rooms).await,
            ClientFrame::Members { reference, room, query } => {
                members::run(self, reference, room, query.as_deref()).await
            }
            ClientFrame::Typing { room, on } => typing::run(self, &room, on),
        }
    }

    pub(super) fn user(&self) -> &User {
        &self.visitor.user
    }

    /// Who asks, for the services.
    pub(super) fn actor(&self) -> Actor {
        Actor::Session { session: self.connection.id, visitor: self.visitor.clone() }
    }

    /// Whose limits count.
    pub(super) fn caller(&self) -> &Caller {
        &self.connection.caller
    }

    pub(super) fn services(&self) -> &Services {
        self.connection.services()
    }

    pub(super) fn answer(&self, frame: &ServerFrame) {
        self.connection.answer(frame);
    }

    /// The room of that name, which the session is in.
    pub(super) fn joined(&self, name: &RoomName) -> Result<RoomRef<'_>, Refusal> {
        self.joined_by_name(name).map(|(room, _)| room)
    }

    /// As [`Session::joined`], with whether its person holds their name there.
    pub(super) fn joined_by_name(
        &self,
        name: &RoomName,
    ) -> Result<(RoomRef<'_>, &Cell<bool>), Refusal> {
        let key = name.key();
        let joined = self.rooms.iter().find(|joined| joined.key == key);
        let joined = joined.ok_or(ErrorCode::NotJoined)?;
        match joined.subscription.ended() {
            None => Ok((RoomRef { id: joined.id, key: &joined.key }, &joined.holds_name)),
            Some(RoomEnd { renamed_to: Some(now) }) => Err(Refusal::renamed(name, (**now).clone())),
            Some(RoomEnd { renamed_to: None }) => Err(ErrorCode::NotJoined.into()),
        }
    }

    /// As [`Session::joined`], with a sentence of its own for who is not in it.
    pub(super) fn joined_to(
        &self,
        name: &RoomName,
        sentence: &'static str,
    ) -> Result<RoomRef<'_>, Refusal> {
        self.joined(name).map_err(|refusal| match refusal.code {
            ErrorCode::NotJoined => Refusal::new(refusal.code, sentence),
            _ => refusal,
        })
    }

    /// The session is in no room that was removed or renamed: its client has been told.
    pub(super) fn forget_removed(&mut self) {
        self.rooms.retain(|joined| joined.subscription.ended().is_none());
    }

    /// Nothing of the room reaches the session any more.
    pub(super) fn drop_room(&mut self, key: &RoomKey) {
        if let Some(place) = self.rooms.iter().position(|joined| joined.key == *key) {
            let joined = self.rooms.swap_remove(place);
            self.connection.worker.hub.unsubscribe(joined.id, &joined.subscription);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Connection { worker, id, .. } = &self.connection;
        for joined in self.rooms.drain(..) {
            worker.hub.unsubscribe(joined.id, &joined.subscription);
        }
        worker.services.metrics.sessions.dec();
        if self.known {
            worker.commands.disconnect(*id);
        }
    }
}
