//! What the engine is asked to do, and what it is told.

use std::sync::Arc;

use maru_protocol::{
    DisplayName, Epoch, MessageId, Position, ReadState, RoomKey, RoomName, SessionId, UserId,
};

use crate::{
    Actor, Visitor,
    cluster::{Gossip, NodeId, Topic},
    log::{Append, Batch, Change, ReplyTo, RoomId, RoomRecord},
    rooms::recent::PageRead,
};

/// What the engine is asked to do, and what it is told.
#[derive(Debug)]
pub enum Command {
    /// There is one more worker; its number is below this.
    Workers(usize),
    /// A session enters a room that exists. Idempotent. Answered by [`crate::Effects::entered`].
    Enter(Enter),
    /// A session goes out of a room. Idempotent.
    Exit {
        /// The session.
        session: SessionId,
        /// The room.
        room: RoomId,
    },
    /// A session ended, however it did.
    Disconnect(SessionId),
    /// Somebody says something, or changes what was said. The answer comes after the commit, or
    /// with the refusal.
    Publish(Publish),
    /// The journal's queue had no room for these.
    NotTaken(Vec<Append>),
    /// Outcomes of the journal, in the order of the commits; each room's entries by seq.
    Committed(Batch),
    /// What a session read of a room after it entered it, for those who come next.
    Offer {
        /// The session.
        session: SessionId,
        /// The room.
        room: RoomId,
        /// The newest page.
        read: PageRead,
    },
    /// A session types, or stopped.
    Typing {
        /// The session.
        session: SessionId,
        /// The room.
        room: RoomId,
        /// Started or stopped.
        on: bool,
    },
    /// A session watches the directory, or does no more.
    Watch {
        /// The session.
        session: SessionId,
        /// Starts or stops.
        on: bool,
    },
    /// There is a new room.
    RoomMade(RoomRecord),
    /// A room was removed from the store.
    RoomRemoved {
        /// The room.
        id: RoomId,
        /// Its name.
        room: RoomName,
    },
    /// A room has another name in the store. Told again, it changes nothing.
    RoomRenamed(NewName),
    /// How far people have read now, for their other sessions.
    ReadMarkers(Vec<ReadMarker>),
    /// A worker that was too busy did without the presence of this room.
    Undelivered(RoomId),
    /// Another node says something.
    Heard {
        /// The node.
        from: NodeId,
        /// Whom it concerns.
        topic: Topic,
        /// What it says.
        gossip: Gossip,
    },
    /// The bus is there, again: what was told meanwhile is lost.
    BusConnected,
    /// The bus is away.
    BusDisconnected,
    /// Take no more messages.
    StopTaking,
    /// Tell the other nodes that nobody is on this one any more.
    Farewell,
}

/// A room has another name in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName {
    /// The room as it is called now.
    pub room: RoomRecord,
    /// Names that it had, for those who watch the directory.
    pub former: Vec<RoomName>,
    /// Other nodes are to be told, too.
    pub tell: bool,
}

/// A session enters a room. The first one introduces the session: a hello alone concerns nobody
/// else, and so costs the engine nothing.
#[derive(Debug)]
pub struct Enter {
    /// The session.
    pub session: SessionId,
    /// Who is in it.
    pub visitor: Arc<Visitor>,
    /// The room.
    pub room: RoomId,
    /// For a room that nobody is in; whoever has it at hand saves itself a second asking.
    pub record: Option<RoomRecord>,
    /// What the client has.
    pub after: Option<Position>,
    /// The journal's epoch.
    pub epoch: Epoch,
    /// The store says that the name is theirs in this room: who is there with one that looks like it
    /// does not stand in the way.
    pub holds_name: bool,
}

/// Something to be kept.
#[derive(Debug)]
pub struct Publish {
    /// Who asks for it.
    pub actor: Actor,
    /// Where the answer goes.
    pub reply: ReplyTo,
    /// The room.
    pub room: RoomId,
    /// The room's name as its maker spelled it, for an actor that is in no room.
    pub room_name: Option<RoomName>,
    /// The client's id for it.
    pub id: MessageId,
    /// What is to be kept.
    pub what: Change,
    /// When it was asked for; milliseconds since 1970, UTC.
    pub at: u64,
}

/// How far somebody has read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadMarker {
    /// The room.
    pub room: RoomId,
    /// Who has read.
    pub user: UserId,
    /// Which session did it, where it was one of this node: it knows.
    pub by: Option<SessionId>,
    /// How far, and what is left.
    pub state: ReadState,
}

/// A reader, as their room knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The room.
    pub room: RoomKey,
    /// The name that they have now.
    pub name: DisplayName,
    /// They have other sessions there, on whichever node.
    pub others: bool,
}
