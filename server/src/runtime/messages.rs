//! What the parts of the engine say to one another.

use std::sync::Arc;

use actix::Message;
use bytes::Bytes;
pub(crate) use maru_engine::Visitor;
use maru_protocol::{
    DisplayName, Epoch, ErrorCode, MessageId, Position, Presence, ReadState, Ref, RoomInfo,
    RoomKey, RoomName, Seq, SessionId, User, UserId,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    engine::rooms::recent::{Offered, Replay},
    follow::Soft,
    journal::{Batch, Change, RoomId, RoomRecord},
};

/// Work of the ChatServer for one worker, in order.
pub type Delivery = Vec<Item>;

/// One thing for a worker's sessions. Texts are encoded once and shared.
#[derive(Clone, Debug)]
pub enum Item {
    /// A durable entry for everybody in a room.
    Entry {
        /// Where.
        room: RoomId,
        /// Its number.
        seq: Seq,
        /// The `entry` frame.
        text: Bytes,
    },
    /// Something ephemeral for everybody in a room.
    Event {
        /// Where.
        room: RoomId,
        /// The frame.
        text: Bytes,
        /// Who needs no telling.
        except: Option<SessionId>,
    },
    /// The answer to what a session asked to be kept.
    Answer {
        /// Whose.
        session: SessionId,
        /// Where it sent it.
        room: RoomId,
        /// The frame.
        text: Bytes,
    },
    /// Something ephemeral for one session.
    Own {
        /// Whose.
        session: SessionId,
        /// The frame.
        text: Bytes,
    },
    /// A `directory` frame for the sessions that watch it.
    Directory {
        /// The frame.
        text: Bytes,
    },
    /// A step of the clean stop.
    Drain(Drain),
}

/// The steps of the clean stop, as a worker takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// Tell every client to come back, spread over this many milliseconds.
    Announce {
        /// The spread.
        spread: u32,
    },
    /// Close every connection, what waits for it first.
    Close,
}

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
    /// Who waits for what became of it.
    pub(crate) answer: oneshot::Sender<Result<Entered, ErrorCode>>,
}

/// What became of an [`Enter`].
#[derive(Debug)]
pub(crate) enum Entered {
    /// The session is in.
    In {
        /// The room's name, as its maker spelled it.
        name: RoomName,
        /// Who is there.
        members: Presence,
        /// What the client missed.
        replay: Replay,
    },
    /// Nobody is in this room: ask again, with its record.
    RecordNeeded,
}

/// What a session read of a room after it entered it, for those who come next.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Offer {
    pub(crate) session: SessionId,
    pub(crate) room: RoomId,
    pub(crate) read: Offered,
}

/// A session watches the directory, or does no more.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Watch {
    pub(crate) session: SessionId,
    pub(crate) on: bool,
}

/// A session says something, or changes what was said. The answer comes as an [`Item::Answer`],
/// after the commit or with the refusal: the session reads on meanwhile.
#[derive(Debug)]
pub(crate) struct Publish {
    pub(crate) session: SessionId,
    pub(crate) worker: usize,
    pub(crate) room: RoomId,
    pub(crate) id: MessageId,
    pub(crate) what: Change,
    pub(crate) reference: Ref,
    pub(crate) at: u64,
}

/// What changes who is where, or is said there: in the order in which a session does it.
#[derive(Debug)]
pub(crate) enum SessionCommand {
    /// A session enters a room.
    Enter(Enter),
    /// A session goes out of a room. Idempotent.
    Exit { session: SessionId, room: RoomId, done: Option<oneshot::Sender<()>> },
    /// A session says something.
    Publish(Publish),
    /// A session ended, however it did.
    Disconnect(SessionId),
}

/// What the sessions of a worker did in one round.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct CommandBatch(pub(crate) Vec<SessionCommand>);

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

/// These people read on in a room, each by a session; answered with what the room knows of those
/// who are in it.
#[derive(Message)]
#[rtype(result = "Vec<Option<Seen>>")]
pub(crate) struct Reading(pub(crate) Vec<(RoomId, UserId, SessionId)>);

/// A reader, as their room knows them.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) room: RoomKey,
    pub(crate) name: DisplayName,
    /// They have other sessions there, on whichever node.
    pub(crate) others: bool,
}

/// People's markers, for their other sessions.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Tell(pub(crate) Vec<ReadsOn>);

/// How far somebody has read now.
#[derive(Debug)]
pub(crate) struct ReadsOn {
    pub(crate) room: RoomId,
    pub(crate) user: UserId,
    /// Which session did it, where it was one of this node: it knows.
    pub(crate) by: Option<SessionId>,
    pub(crate) state: ReadState,
}

/// There is a new room.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RoomMade(pub(crate) RoomRecord);

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
pub(crate) struct Overheard(pub(crate) Soft);

/// The relay has handed a batch over: this many appends have their outcome.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Relayed(pub(crate) usize);

/// Take no more messages; answers when every one taken has its outcome handed over.
#[derive(Message)]
#[rtype(result = "oneshot::Receiver<()>")]
pub struct StopTaking;

/// Tell the other nodes that nobody is on this one any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Farewell;

/// Every worker's queue, for the steps of the stop.
#[derive(Message)]
#[rtype(result = "Vec<mpsc::Sender<Delivery>>")]
pub struct Workers;
