//! The contract of a store: the log ([`Journal`]), read markers and members ([`Marks`]), files
//! ([`Files`]), rooms that go ([`Removals`]) or get another name ([`Renames`]), and who was signed out ([`SignOuts`]). The sentences speak of order, atomicity and loss; a store that cannot keep one of them
//! is not a store of this kind. `tests/journal` holds each store to them.

mod directory;
mod files;
mod marks;
mod names;
mod removals;
mod renames;
mod sign_outs;

use std::{future::Future, pin::Pin};

use maru_protocol::{Epoch, Message, MessageId, OwnReactions, RoomKey, RoomName, Seq, UserId};

use maru_engine::log::{Append, Created, Page, PageRange, RoomId, RoomRecord};

pub use self::{
    directory::{DirectoryPlace, RoomList, RoomQuery},
    files::{FileFacts, FileRecord, Files, MOST_FILES, NewFile},
    marks::{
        MOST_MARKS, MOST_MEMBERS, MOST_READ_QUERIES, MOST_SCANNED, Mark, Marked, Marks, ReadQuery,
    },
    names::{MOST_SWEPT, MemberPlace, NameHolder, NamePlace, Names, Swept},
    removals::{EmptyPlace, MOST_EMPTY, MOST_ERASED, Removals, RemoveWhen},
    renames::{MOST_RENAMED, Renames},
    sign_outs::{MOST_SIGN_OUTS, SIGN_OUT_HOLDS, SignOut, SignOuts},
};

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
/// commits nothing and comes out as [`maru_engine::log::Outcome::Known`] with the first one's seq.
///
/// **Changes.** What becomes of a message (see [`maru_engine::log::Change`]) is an entry of its own, decided in the
/// order of the commits and kept together with its effect: a page that has the entry has the
/// message as it is after it. A message's deletion erases its text, and those of its edits, in the
/// same commit.
///
/// **Loss.** [`maru_engine::log::Outcome::Committed`] comes out only after the store promised durability (for
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

    /// The room that has that name, or had it before ([`Renames`]), if there is one.
    fn room(&self, key: RoomKey) -> StoreFuture<Option<RoomRecord>>;

    /// Makes a room, durably, unless there is one that has or had that name (case aside), or one that
    /// looks like it ([`RoomName::skeletons`]).
    fn create(&self, name: RoomName, at: u64) -> StoreFuture<Created>;

    /// Entries of a room, ascending, each of them, its messages as they are now. Costs by what it
    /// returns, not by the room's length.
    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page>;

    /// A page that is measured in messages, as PROTOCOL.md says it (*Pages*). Costs by its limit, however
    /// many changes lie between the messages.
    fn history(&self, room: RoomId, range: PageRange) -> StoreFuture<Page>;

    /// All that lies above a position: each entry, or, of more than `limit`, the messages and which
    /// older ones changed. None where that is too much: more than `limit` messages, or changes of
    /// more than `limit` older ones. Costs by the limit in any case.
    fn missed(&self, room: RoomId, after: Seq, limit: u32) -> StoreFuture<Option<Page>>;

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

    /// How many rooms were ever made: their numbers run from 1 to this one. Some may have been removed.
    fn rooms_made(&self) -> StoreFuture<i64>;

    /// Rooms by their latest activity, newest first, bounded by the query's limit. Those without an
    /// entry come after all others. Some milliseconds at most, whatever is looked for and however many
    /// rooms there are, and no other question waits for it.
    fn rooms(&self, query: RoomQuery) -> StoreFuture<RoomList>;

    /// Whether the store answered, and could write, when it was last asked.
    fn available(&self) -> bool {
        true
    }

    /// Answers when the store can be read and, as far as is known, written, for `/readyz`.
    fn probe(&self) -> StoreFuture<()>;

    /// Takes no more appends, finishes those taken, ends the commit channel and closes the store.
    fn close(&self) -> StoreFuture<()>;
}

/// Most rooms in one [`Journal::heads`]: one statement of a few milliseconds.
pub const MOST_HEADS: usize = 1_000;

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
    /// There is no room of that number (any more).
    #[error("the journal has no room with the number {0}")]
    NoRoom(i64),
    /// The store can be read and not written. The sentence is for everybody.
    #[error("{0}")]
    Unwritable(&'static str),
    /// The store failed; the sentence is for the log.
    #[error("{0}")]
    Store(String),
}

/// All that is asked of a store.
pub trait Store: Journal + Marks + Names + Removals + Renames {}

impl<S: Journal + Marks + Names + Removals + Renames> Store for S {}
