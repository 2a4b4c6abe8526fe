//! What sessions, services and the relay say to the ChatServer.

use std::sync::Arc;

use actix::Message;
use maru_engine::{
    Answer, Entered, NewName, Publish, ReadMarker, Reader, Visitor,
    log::{Batch, RoomId, RoomRecord},
    rooms::recent::PageRead,
};
use maru_protocol::{Epoch, ErrorCode, Position, RoomInfo, RoomName, SessionId, User, UserId};
use tokio::sync::{mpsc, oneshot};

use super::open_count::OpenCount;
use crate::follow::ClusterEvent;

pub use maru_engine::{Delivery, Drain, Item};

/// A worker thread introduces itself.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RegisterWorker {
    /// Its place in the list of workers, from 0.
    pub(crate) number: usize,
    /// Where its deliveries go.
    pub(crate) queue: mpsc::Sender<Delivery>,
}

/// A session enters a room that exists. Idempotent. The first one introduces the session: a hello
/// alone concerns nobody else, and so costs the ChatServer nothing.
#[derive(Debug)]
pub(crate) struct Enter {
    pub(crate) session: SessionId,
    pub(crate) visitor: Arc<Visitor>,
    pub(crate) room: RoomId,
    /// For a room that nobody is in; whoever has it at hand saves itself a second asking.
    pub(crate) record: Option<RoomRecord>,
    /// What the client has.
    pub(crate) after: Option<Position>,
    /// The journal's epoch.
    pub(crate) epoch: Epoch,
    /// The store says that the name is theirs in this room.
    pub(crate) holds_name: bool,
    /// Who waits for what became of it.
    pub(crate) answer: oneshot::Sender<Result<Entered, ErrorCode>>,
}

/// What a session read of a room after it entered it, for those who come next.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Offer {
    pub(crate) session: SessionId,
    pub(crate) room: RoomId,
    pub(crate) read: PageRead,
}

/// A session watches the directory, or does no more.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Watch {
    pub(crate) session: SessionId,
    pub(crate) on: bool,
}

/// What changes who is where, or is said there: in the order in which a session does it.
#[derive(Debug)]
pub(crate) enum SessionCommand {
    /// A session enters a room.
    Enter(Enter),
    /// A session goes out of a room. Idempotent.
    Exit { session: SessionId, room: RoomId, done: Option<oneshot::Sender<()>> },
    /// A session says something, or changes what was said. The answer comes as an
    /// [`Item::Answer`], after the commit or with the refusal: the session reads on meanwhile.
    Publish(Publish),
    /// A session ended, however it did.
    Disconnect(SessionId),
}

/// What the sessions of a worker did in one round.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct CommandBatch(pub(crate) Vec<SessionCommand>);

/// Somebody without a session says something, and waits for its answer. The reply address of
/// `publish` is replaced by the call's own.
#[derive(Message)]
#[rtype(result = "oneshot::Receiver<Answer>")]
pub struct Call {
    /// What is to be kept.
    pub publish: Publish,
}

/// A session types, or stopped.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Type {
    pub(crate) session: SessionId,
    pub(crate) room: RoomId,
    pub(crate) on: bool,
}

/// Who is in a room: those of these ids, or, unless it is a crowd, everybody.
#[derive(Message)]
#[rtype(result = "Vec<User>")]
pub(crate) struct Present {
    pub(crate) room: RoomId,
    pub(crate) of: Option<Vec<UserId>>,
}

/// Who spoke in a room lately, the latest first.
#[derive(Message)]
#[rtype(result = "Vec<User>")]
pub(crate) struct Speakers(pub(crate) RoomId);

/// These people read on in a room, each by a session; answered with what the room knows of those
/// who are in it.
#[derive(Message)]
#[rtype(result = "Vec<Option<Reader>>")]
pub(crate) struct Reading(pub(crate) Vec<(RoomId, UserId, SessionId)>);

/// People's markers, for their other sessions.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Tell(pub(crate) Vec<ReadMarker>);

/// There is a new room.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RoomMade(pub(crate) RoomRecord);

/// A room was removed from the store.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RoomRemoved {
    pub(crate) id: RoomId,
    pub(crate) room: RoomName,
}

/// A room has another name in the store.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RoomRenamed(pub(crate) NewName);

/// Of these rooms those in which nobody is, on whichever node.
#[derive(Message)]
#[rtype(result = "Vec<RoomRecord>")]
pub(crate) struct Unused(pub(crate) Vec<RoomRecord>);

/// The rooms with the figures that only the engine has.
#[derive(Message)]
#[rtype(result = "Vec<RoomInfo>")]
pub(crate) struct Describe(pub(crate) Vec<RoomRecord>);

/// A batch of outcomes from the journal; answered with what each worker is to be told.
#[derive(Message)]
#[rtype(result = "Vec<(mpsc::Sender<Delivery>, Delivery)>")]
pub(crate) struct Committed(pub(crate) Batch);

/// What another node says, or how the bus is.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Overheard(pub(crate) ClusterEvent);

/// Take no more messages; answered with the count of those that were taken and whose outcome is not
/// handed over yet.
#[derive(Message)]
#[rtype(result = "Arc<OpenCount>")]
pub struct StopTaking;

/// Tell the other nodes that nobody is on this one any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Farewell;

/// Every worker's queue, for the steps of the stop.
#[derive(Message)]
#[rtype(result = "Vec<mpsc::Sender<Delivery>>")]
pub struct Workers;
