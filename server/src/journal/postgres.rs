//! The cluster's store: Postgres, written to by several nodes at once.
//!
//! Each node has a writer thread that takes what is waiting and commits it in one transaction, so
//! one round of locks and one fsync serve many appends. A room's row holds its head; whoever has
//! locked it numbers. A second thread drives a few connections that read.
//!
//! ```text
//! append ─▶ queue ─▶ writer: lock the rooms, number, insert, COMMIT ─▶ outcomes, a batch per commit
//! page, room, heads ─▶ queue ─▶ readers: one statement each ─▶ the answer's future
//! rooms ─▶ queue ─▶ the directory's reader: the same
//! ```
//!
//! What may wait is bounded everywhere ([`PostgresOptions`]), and so is every wait: while Postgres is
//! away, appends come out refused and reads err within the time-out, and everything goes on by
//! itself when it is back.
//!
//! The text of a statement is a constant, or made of constants with numbers and UUIDs in our own
//! spelling; what people write goes beside it, as a parameter. That is what `AssertSqlSafe` asserts.
//!
//! Where to find what: `writer`, `commit`, `append`, `change` and `create` the way in, `reader` and
//! `query` the way out, `marks` how far people have read, `names` who goes by which name, `schema` and `row` what lies in the
//! database, `connection` and `link` the way to it, `verify` and `kept` whether it is whole, `import` how
//! `migrate` fills it, `renew` what comes after a restore.

mod change;
mod commit;
mod connection;
mod connector;
mod create;
mod directory;
mod error;
mod files_table;
mod history;
mod import;
mod insert;
mod link;
mod marks;
mod names;
mod open;
mod options;
mod projections;
mod query;
mod reader;
mod removals;
mod renames;
mod renew;
mod row;
mod schema;
mod sign_outs;
mod transaction;
mod verify;
mod writer;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use maru_protocol::{
    Beginning, Epoch, FileId, Message, MessageId, OwnReactions, ReadState, RoomKey, RoomName, Seq,
    Skeletons, User, UserId,
};
use tokio::sync::{oneshot, watch};

use self::{
    directory::Directory,
    files_table::{Change, Doomed, Find, UploadedSince},
    history::{HistoryQuery, MissedQuery},
    query::{
        HeadsQuery, Locate, OwnReactionsQuery, PageQuery, Pinned, Probe, RoomByKey, RoomsMade,
    },
    reader::Reads,
};
use super::{
    Append, Created, EmptyPlace, FileFacts, FileRecord, Files, Full, Journal, JournalError, Mark,
    Marks, MemberPlace, NameHolder, NamePlace, Names, NewFile, Page, PageRange, ReadQuery,
    Removals, RemoveWhen, Renamed, RenamedRoom, Renames, RoomId, RoomList, RoomQuery, RoomRecord,
    SignOut, SignOuts, StoreFuture, Swept, gone,
    projections::files::FileWork,
    rows::name_table::NameTable,
    writer::{jobs::Job, queue::Queue},
};

pub(super) use self::import::{ImportTarget, Importer};
pub use self::{
    connection::place, error::OpenError, options::PostgresOptions, renew::renew, verify::verify,
};
pub(crate) use self::{connector::Connector, error::said};

/// A journal in Postgres. Opened by [`Postgres::open`]; see [`Journal`] for what it promises.
///
/// Dropping it without [`Journal::close`] does the same as closing it, without waiting.
pub struct Postgres {
    epoch: Epoch,
    jobs: Arc<Queue<Job>>,
    reads: Reads,
    /// The directory has a connection and a thread of its own: no other read waits for whoever searches
    /// rooms.
    directory: Reads,
    names: Arc<Mutex<NameTable>>,
    available: Arc<AtomicBool>,
    /// Closed once the writer, which ends last, is gone.
    ended: Arc<watch::Sender<()>>,
}

impl Postgres {
    fn full<T: Send + 'static>(&self) -> StoreFuture<T> {
        let why = if self.jobs.is_closed() { gone() } else { JournalError::Busy };
        Box::pin(std::future::ready(Err(why)))
    }
}

impl Journal for Postgres {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn append(&self, append: Append) -> Result<(), Full> {
        self.jobs.push(Job::Append(append))
    }

    fn append_all(&self, appends: Vec<Append>) -> Vec<Append> {
        self.jobs.append_all(appends)
    }

    fn room(&self, key: RoomKey) -> StoreFuture<Option<RoomRecord>> {
        self.reads.ask(RoomByKey(key))
    }

    fn create(&self, name: RoomName, at: u64) -> StoreFuture<Created> {
        let (answer, made) = oneshot::channel();
        if self.jobs.push(Job::Create { name, at, answer }).is_err() {
            return self.full();
        }
        Box::pin(async move { made.await.unwrap_or_else(|_| Err(gone())) })
    }

    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        self.reads.ask(PageQuery(room, range))
    }

    fn history(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        self.reads.ask(HistoryQuery(room, range))
    }

    fn missed(&self, room: RoomId, after: Seq, limit: u32) -> StoreFuture<Option<Page>> {
        self.reads.ask(MissedQuery { room, after, limit })
    }

    fn locate(&self, room: RoomId, id: MessageId) -> StoreFuture<Option<Seq>> {
        self.reads.ask(Locate(room, id))
    }

    fn pinned(&self, room: RoomId) -> StoreFuture<Vec<Message>> {
        self.reads.ask(Pinned(room))
    }

    fn own_reactions(
        &self,
        room: RoomId,
        person: UserId,
        targets: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)> {
        self.reads.ask(OwnReactionsQuery { room, person, targets })
    }

    fn heads(&self, rooms: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>> {
        self.reads.ask(HeadsQuery(rooms))
    }

    fn rooms_made(&self) -> StoreFuture<i64> {
        self.reads.ask(RoomsMade)
    }

    fn rooms(&self, query: RoomQuery) -> StoreFuture<RoomList> {
        self.directory.ask(Directory(query, Arc::clone(&self.names)))
    }

    /// It is asked every few seconds at least.
    fn available(&self) -> bool {
        self.available.load(Ordering::Relaxed)
    }

    /// A journal whose writer is gone is not ready, although it could still be read.
    fn probe(&self) -> StoreFuture<()> {
        if self.jobs.is_closed() { self.full() } else { self.reads.ask(Probe) }
    }

    /// The outcomes must be taken until their channel ends, or the writer never comes to its end.
    /// Reads are answered until then.
    fn close(&self) -> StoreFuture<()> {
        self.jobs.close();
        let ended = Arc::clone(&self.ended);
        Box::pin(async move {
            ended.closed().await;
            Ok(())
        })
    }
}

/// By the readers' connections: messages don't wait for markers.
impl Marks for Postgres {
    fn mark(&self, marks: Vec<Mark>) -> StoreFuture<u64> {
        self.reads.ask(marks::Keep(marks))
    }

    fn unread(&self, asked: Vec<ReadQuery>) -> StoreFuture<Vec<Option<ReadState>>> {
        self.reads.ask(marks::Unread(asked))
    }

    fn members(&self, room: RoomId, beginning: Beginning) -> StoreFuture<Vec<User>> {
        self.reads.ask(marks::Members(room, beginning))
    }

    fn known(&self, room: RoomId, people: Vec<UserId>) -> StoreFuture<Vec<User>> {
        self.reads.ask(marks::Known(room, people))
    }
}

impl Names for Postgres {
    fn holders(&self, room: RoomId, looks: Skeletons) -> StoreFuture<Vec<NameHolder>> {
        self.reads.ask(names::Holders(room, looks))
    }

    fn hold(&self, room: RoomId, user: User) -> StoreFuture<bool> {
        self.reads.ask(names::Hold(room, user))
    }

    fn sweep(&self, from: MemberPlace, before: u64) -> StoreFuture<Swept> {
        self.reads.ask(names::Sweep(from, before))
    }

    fn release_ended(&self, from: NamePlace, before: u64) -> StoreFuture<Swept<NamePlace>> {
        self.reads.ask(names::ReleaseEnded(from, before))
    }
}

/// By the readers' connections, as [`Names`].
impl Removals for Postgres {
    fn empty_rooms(&self, from: EmptyPlace, before: u64) -> StoreFuture<Vec<RoomRecord>> {
        self.reads.ask(removals::EmptyRooms(from, before))
    }

    fn remove(&self, room: RoomRecord, when: RemoveWhen) -> StoreFuture<bool> {
        self.reads.ask(removals::Remove(room, when))
    }

    fn erase(&self) -> StoreFuture<bool> {
        self.reads.ask(removals::Erase)
    }
}

/// By the readers' connections, as [`Names`].
impl Renames for Postgres {
    fn rename(&self, room: RoomRecord, name: RoomName) -> StoreFuture<Renamed> {
        self.reads.ask(renames::Rename(room, name))
    }

    fn renamed(&self, after: u64) -> StoreFuture<Vec<RenamedRoom>> {
        self.reads.ask(renames::RenamedSince(after))
    }
}

impl Files for Postgres {
    fn begin(&self, file: NewFile) -> StoreFuture<()> {
        let begun = self.reads.ask(Change(FileWork::Begin(file)));
        Box::pin(async move { begun.await.map(drop) })
    }

    fn finish(&self, id: FileId, facts: FileFacts) -> StoreFuture<bool> {
        let finished = self.reads.ask(Change(FileWork::Finish(id, facts)));
        Box::pin(async move { finished.await.map(|count| count > 0) })
    }

    fn files(&self, ids: Vec<FileId>) -> StoreFuture<Vec<FileRecord>> {
        self.reads.ask(Find(ids))
    }

    fn uploaded_since(&self, owner: UserId, at: u64) -> StoreFuture<u64> {
        self.reads.ask(UploadedSince(owner, at))
    }

    fn doom_unsent(&self, before: u64, most: u32) -> StoreFuture<u64> {
        self.reads.ask(Change(FileWork::DoomUnsent { before, most }))
    }

    fn doomed(&self, most: u32) -> StoreFuture<Vec<FileId>> {
        self.reads.ask(Doomed(most))
    }

    fn forget(&self, ids: Vec<FileId>) -> StoreFuture<()> {
        let forgotten = self.reads.ask(Change(FileWork::Forget(ids)));
        Box::pin(async move { forgotten.await.map(drop) })
    }
}

/// By the readers' connections, as [`Files`].
impl SignOuts for Postgres {
    fn sign_out(&self, person: UserId, at: u64) -> StoreFuture<()> {
        self.reads.ask(sign_outs::Keep(SignOut { person, at }))
    }

    fn sign_outs(&self) -> StoreFuture<Vec<SignOut>> {
        self.reads.ask(sign_outs::All)
    }

    fn sign_outs_mark(&self) -> StoreFuture<u64> {
        self.reads.ask(sign_outs::Mark)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.jobs.close();
    }
}
