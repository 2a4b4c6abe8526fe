//! What the engine wants done: values that whoever runs it carries out.

use maru_protocol::{ErrorCode, MessageId, RoomName, Seq, ServerFrame, SessionId};

use crate::{
    cluster::{Gossip, Topic},
    event::SharedEvent,
    log::{Append, CallId, ReplyTo, RoomId, SessionRef},
    membership::Entered,
    refusal::Refusal,
};

/// Work for one worker's sessions, in order.
pub type Delivery = Vec<Item>;

/// One thing for a worker's sessions.
#[derive(Clone, Debug)]
pub enum Item {
    /// A durable entry for everybody in a room.
    Entry {
        /// The room.
        room: RoomId,
        /// The entry's number in the room.
        seq: Seq,
        /// The entry, shared by all workers.
        event: SharedEvent,
    },
    /// Something ephemeral for everybody in a room.
    Event {
        /// The room.
        room: RoomId,
        /// What happened, shared by all workers.
        event: SharedEvent,
        /// The session that caused it and needs no telling.
        except: Option<SessionId>,
    },
    /// The answer to what a session asked to be kept.
    Answer {
        /// The request.
        to: SessionRef,
        /// What became of it.
        answer: Answer,
    },
    /// Something ephemeral for one session.
    Own {
        /// The session.
        session: SessionId,
        /// What happened.
        event: SharedEvent,
    },
    /// Something for the sessions that watch the directory.
    Directory {
        /// The rows that changed.
        event: SharedEvent,
    },
    /// A room is there no more, or not by this name: nobody of the worker's is in it from now on.
    Removed {
        /// The room.
        room: RoomId,
        /// What those who were in it are told.
        event: SharedEvent,
    },
    /// A room that nobody is in by another name has a new one: what the worker knows of its names is old.
    Renamed {
        /// The room.
        room: RoomId,
    },
    /// A step of the clean stop.
    Drain(Drain),
}

/// The steps of the clean stop, as a worker takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// Tell every client to come back, spread over this many milliseconds.
    Announce {
        /// The spread in milliseconds.
        spread: u32,
    },
    /// Close every connection, what waits for it first.
    Close,
}

/// What became of something that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is durable.
    Sent {
        /// The room.
        room: RoomName,
        /// The id of the request.
        id: MessageId,
        /// The number of the entry that it became.
        seq: Seq,
        /// When the server took it, milliseconds since 1970-01-01T00:00Z.
        at: u64,
    },
    /// Nothing of it was kept.
    Refused(Refusal),
}

impl Answer {
    /// The error code of a refusal.
    #[must_use]
    pub fn refusal(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            Self::Sent { .. } => None,
        }
    }

    /// As a frame for the client whose request it answers.
    #[must_use]
    pub fn frame(self, reference: maru_protocol::Ref) -> ServerFrame {
        match self {
            Self::Sent { room, id, seq, at } => ServerFrame::Sent { reference, room, id, seq, at },
            Self::Refused(refusal) => refusal.answer(Some(reference)),
        }
    }
}

/// Which rooms' entries are to come from other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowChange {
    /// Every entry of the room above `head`, from now on.
    Follow {
        /// The room.
        room: RoomId,
        /// The newest seq that is known.
        head: Seq,
    },
    /// None any more.
    Unfollow {
        /// The room.
        room: RoomId,
    },
}

/// What the engine wants done, in the order in which its fields are listed: follow before append, so
/// that no entry of this node goes by before it is listened for.
#[derive(Debug, Default)]
pub struct Effects {
    /// For the follower, in order.
    pub follow: Vec<FollowChange>,
    /// For the journal, in order. Those that its queue has no room for come back by
    /// [`crate::Command::NotTaken`].
    pub appends: Vec<Append>,
    /// Owed to the workers, by their number, each in order: entries and answers.
    pub deliveries: Vec<Delivery>,
    /// Ephemeral, for the workers, in order. A worker that is too busy does without.
    pub ephemeral: Vec<Ephemeral>,
    /// For those who wait for a call's answer.
    pub calls: Vec<(CallId, Answer)>,
    /// For other nodes, in order.
    pub gossip: Vec<(Topic, Gossip)>,
    /// The answer to [`crate::Command::Enter`].
    pub entered: Option<Result<Entered, ErrorCode>>,
    /// The codes of the refusals among the answers, for the figures.
    pub refusals: Vec<ErrorCode>,
    /// Messages that the store failed to keep and the log is to be told of: how many, and why.
    pub store_failure: Option<(u64, String)>,
}

/// Something ephemeral for one worker.
#[derive(Clone, Debug)]
pub struct Ephemeral {
    /// The worker's number.
    pub worker: usize,
    /// What it is to tell.
    pub items: Delivery,
    /// The room whose presence it tells: where a worker did without it, the engine is told by
    /// [`crate::Command::Undelivered`].
    pub presence: Option<RoomId>,
}

impl Effects {
    /// Owes a worker something.
    pub(crate) fn owe(&mut self, worker: usize, item: Item) {
        if self.deliveries.len() <= worker {
            self.deliveries.resize_with(worker + 1, Vec::new);
        }
        if let Some(delivery) = self.deliveries.get_mut(worker) {
            delivery.push(item);
        }
    }

    /// Answers whoever asked.
    pub(crate) fn answer(&mut self, to: ReplyTo, answer: Answer) {
        self.refusals.extend(answer.refusal());
        match to {
            ReplyTo::Session(to) => self.owe(to.worker, Item::Answer { to, answer }),
            ReplyTo::Call(call) => self.calls.push((call, answer)),
            ReplyTo::Nobody => {}
        }
    }

    /// Tells a worker something ephemeral.
    pub(crate) fn tell(&mut self, worker: usize, item: Item) {
        self.ephemeral.push(Ephemeral { worker, items: vec![item], presence: None });
    }

    /// Tells other nodes.
    pub(crate) fn gossip(&mut self, to: Topic, gossip: Gossip) {
        self.gossip.push((to, gossip));
    }

    /// Nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.follow.is_empty()
            && self.appends.is_empty()
            && self.deliveries.iter().all(Vec::is_empty)
            && self.ephemeral.is_empty()
            && self.calls.is_empty()
            && self.gossip.is_empty()
            && self.entered.is_none()
            && self.store_failure.is_none()
    }
}
