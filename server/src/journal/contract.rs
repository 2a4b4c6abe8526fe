//! What the engine asks of a store.

use std::{future::Future, pin::Pin};

use maru_protocol::{
    About, Entry, Epoch, Message, MessageId, OwnReactions, Ref, RoomKey, RoomName, Seq, SessionId,
    User, UserId,
};

use super::Draft;

/// A store's answer, awaited on any thread.
pub type StoreFuture<T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send>>;

/// The durable, numbered log of all rooms.
///
/// **Order.** Per room, seqs run from 1 without holes, in the order in which [`Journal::append`]
/// took the appends. Outcomes come out of the commit channel in the order of the commits, so each
/// room's entries come out by seq. Where several nodes write to one store, each node's channel has
/// what that node appended: the seqs between are the others'.
///
/// **Atomicity.** An append is either committed as one entry with one seq or leaves nothing.
/// `(room, message id)` is unique for ever: a second append of the same id by the same sender
/// commits nothing and comes out as [`Outcome::Known`] with the first one's seq.
///
/// **Changes.** What becomes of a message (see [`Draft`]) is an entry of its own, decided in the
/// order of the commits and kept together with its effect: a page that has the entry has the
/// message as it is after it. A message's deletion erases its text, and those of its edits, in the
/// same commit.
///
/// **Loss.** [`Outcome::Committed`] comes out only after the store promised durability (for
/// SQLite: after `COMMIT` with `synchronous=FULL`). Whatever ends the process after that, the entry
/// is there at the next start. Every append that was taken has exactly one outcome, unless the
/// process dies.
///
/// **Bounds.** `append` never blocks: a full queue answers [`Full`]. A consumer that stops taking
/// outcomes stops the writer, and so fills the queue. Reads queue behind a bound as well and
/// answer [`JournalError::Busy`] beyond it.
pub trait Journal: Send + Sync + 'static {
    /// Made with the journal; another one means that history was lost.
    fn epoch(&self) -> Epoch;

    /// Hands one draft to the writer. Its outcome comes out of the commit channel.
    ///
    /// # Errors
    /// [`Full`] when the queue is at its bound or the journal is closed; nothing was taken.
    fn append(&self, append: Append) -> Result<(), Full>;

    /// Hands several drafts to the writer, in their order, and wakes it once. Returns those that
    /// were not taken: all from the first one on that found the queue [`Full`].
    fn append_all(&self, appends: Vec<Append>) -> Vec<Append> {
        let full = appends.iter().position(|append| self.append(append.clone()).is_err());
        full.map_or_else(Vec::new, |first| appends[first..].to_vec())
    }

    /// The room of that name, if there is one.
    fn room(&self, key: RoomKey) -> StoreFuture<Option<RoomRecord>>;

    /// Makes a room, durably, unless there is one of that name (case aside).
    fn create(&self, name: RoomName, at: u64) -> StoreFuture<Created>;

    /// Entries of a room, ascending, its messages as they are now. Costs by what it returns, not by
    /// the room's length.
    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page>;

    /// The seq of the message of that id, deleted or not; of the id of an entry that changed one, the
    /// seq of that. None where the room has neither.
    fn locate(&self, room: RoomId, id: MessageId) -> StoreFuture<Option<Seq>>;

    /// The messages that the room holds up, as they are now, the latest pinned first; at most
    /// [`maru_protocol::MAX_PINS`].
    fn pinned(&self, room: RoomId) -> StoreFuture<Vec<Message>>;

    /// Of these messages those that have reactions of this person, with which, as of the room's head
    /// that comes with them or of a later one. Whom a message doesn't list is found as well.
    fn own_reactions(
        &self,
        room: RoomId,
        person: UserId,
        targets: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)>;

    /// The newest committed seq of each of these rooms that exists, in any order. At most
    /// [`MOST_HEADS`] at once; what is asked beyond is not answered.
    fn heads(&self, rooms: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>>;

    /// Rooms by their latest activity, newest first, bounded by the query's limit.
    fn rooms(&self, query: RoomQuery) -> StoreFuture<Vec<RoomRecord>>;

    /// Whether the store answered when it was last asked.
    fn available(&self) -> bool {
        true
    }

    /// Answers when the store can be read, for `/readyz`.
    fn probe(&self) -> StoreFuture<()>;

    /// Takes no more appends, finishes those taken, ends the commit channel and closes the store.
    fn close(&self) -> StoreFuture<()>;
}

/// Most rooms in one [`Journal::heads`]: one statement of a few milliseconds.
pub const MOST_HEADS: usize = 1_000;

/// The store's own number of a room. Never on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub i64);

/// A room as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRecord {
    /// The store's number for it.
    pub id: RoomId,
    /// Its name, as its maker spelled it.
    pub name: RoomName,
    /// The newest committed seq; 0 without entries.
    pub head: Seq,
    /// When its newest message or topic was taken, or when it was made; milliseconds since 1970,
    /// UTC. What becomes of older messages does not count.
    pub active_at: u64,
}

/// What [`Journal::create`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// There is a new room.
    New(RoomRecord),
    /// There was one already; nothing changed.
    Existing(RoomRecord),
}

/// What is to be numbered and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Where.
    pub room: RoomId,
    /// The room's name, for the entry.
    pub room_name: RoomName,
    /// The client's id for it.
    pub id: MessageId,
    /// Who asks for it.
    pub sender: User,
    /// When it was taken; milliseconds since 1970, UTC.
    pub at: u64,
    /// What.
    pub what: Draft,
    /// Comes back with the outcome.
    pub ticket: Ticket,
}

/// Whom to answer. The journal only carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The session that asked.
    pub session: SessionId,
    /// The worker thread that the session lives on.
    pub worker: usize,
    /// The room that it concerns.
    pub room: RoomId,
    /// The request's `ref`.
    pub reference: Ref,
}

/// The outcomes of one commit, in order. Never empty.
pub type Batch = Vec<Outcome>;

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // nearly all are the large one
pub enum Outcome {
    /// It is durable.
    Committed {
        /// Where.
        room: RoomId,
        /// The numbered entry.
        entry: Entry,
        /// Whom to answer; nobody here where it was appended at another node. A store's own
        /// outcomes always have one.
        ticket: Option<Ticket>,
    },
    /// It was so before: a retry, or a reaction or pin that makes no difference.
    Known {
        /// The first one's number; where it made no difference, that of the message's newest change.
        seq: Seq,
        /// That one's time.
        at: u64,
        /// The room's name.
        room: RoomName,
        /// The id of the append.
        id: MessageId,
        /// Whom to answer.
        ticket: Ticket,
    },
    /// Nothing of it was kept.
    Refused {
        /// Why.
        why: Refused,
        /// Whom to answer.
        ticket: Ticket,
    },
}

impl Outcome {
    /// Whom to answer here, if anybody.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Committed { ticket, .. } => *ticket,
            Self::Known { ticket, .. } | Self::Refused { ticket, .. } => Some(*ticket),
        }
    }
}

/// Why nothing was kept of an append.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Somebody else's message has that id in that room.
    #[error("another person's message has this id")]
    IdTaken,
    /// There is no such room (any more).
    #[error("there is no such room")]
    NoRoom,
    /// There is no message with that seq in the room, or it was deleted.
    #[error("there is no such message, or it was deleted")]
    NoMessage,
    /// Somebody else's message.
    #[error("only who sent a message changes it")]
    NotYours,
    /// The message has [`maru_protocol::MAX_REACTIONS`] others.
    #[error("the message has as many different reactions as it can have")]
    TooManyReactions,
    /// The room has [`maru_protocol::MAX_PINS`] others.
    #[error("the room has as many pinned messages as it can have")]
    TooManyPins,
    /// A file that it carries is not there, not the sender's, for another room, or sent already.
    #[error("there is no such file of the sender's for this room that is not sent yet")]
    NoFile,
    /// The store failed; the same append, later, can succeed. Its sentence is for the log.
    #[error("{0}")]
    Store(String),
}

/// Which entries of a room. All bounds are exclusive, every answer ascends by seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageRange {
    /// The newest, at most `limit`.
    Newest {
        /// Most entries.
        limit: u32,
    },
    /// The nearest below `before`, at most `limit`.
    Before {
        /// Above the newest one wanted.
        before: Seq,
        /// Most entries.
        limit: u32,
    },
    /// The nearest above `after`, at most `limit`.
    After {
        /// Below the oldest one wanted.
        after: Seq,
        /// Most entries.
        limit: u32,
    },
}

/// A part of a room's log and the head it was read at, in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Ascending, without holes.
    pub entries: Vec<Entry>,
    /// The newest committed seq of the room.
    pub head: Seq,
    /// What the room is about, as of `head`.
    pub about: About,
}

/// Which rooms of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomQuery {
    /// Only names whose folded form contains this one's folded form.
    pub contains: Option<String>,
    /// Most rooms.
    pub limit: u32,
}

/// The append queue is at its bound, or the journal is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal's queue is full")]
pub struct Full;

/// Why a read or a `create` has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// More is waiting than the bound allows.
    #[error("the journal is busy")]
    Busy,
    /// The store failed; the sentence is for the log.
    #[error("{0}")]
    Store(String),
}
