//! The embedded store: one SQLite file.
//!
//! One thread writes. It takes what is waiting, commits it in one transaction and only then tells
//! what became of it, so one fsync serves many appends. A few other threads read, each with a
//! connection of its own. The write-ahead log lets neither wait for the other.
//!
//! ```text
//! append ─▶ queue ─▶ writer: transaction, COMMIT (fsync) ─▶ outcomes, a batch per commit
//! page, room ─▶ queue ─▶ readers: one snapshot each ─▶ the answer's future
//! rooms ─▶ queue ─▶ the directory's reader: the same
//! ```
//!
//! What may wait is bounded everywhere ([`SqliteOptions`]). Rows are chained by checksums
//! (`journal::chain`), which the start checks at the end of the log and [`verify`] everywhere.
//!
//! Where to find what: `writer`, `commit` and `change` the way in, `reader` and `query` the way out,
//! `marks` how far people have read, `names` who goes by which name, `schema`, `row` and `place` what lies in the file, `connection`
//! and `files` how it is opened, `check`, `walk`, `kept` and `verify` whether it is whole, `export` how
//! `migrate` reads it, `renew` what comes after a restore.

mod change;
mod check;
mod connection;
mod create;
mod directory;
mod error;
mod export;
mod files;
mod files_table;
mod health;
mod history;
mod marks;
mod names;
mod open;
mod options;
pub(crate) mod place;
mod projections;
mod query;
mod reader;
mod removals;
mod renames;
mod renew;
mod row;
mod schema;
mod sign_outs;
#[cfg(test)]
mod tests;
mod transaction;
mod upkeep;
mod verify;
mod wal;
mod walk;
mod writer;

use std::{
    future::ready,
    sync::{Arc, Mutex},
};

use maru_protocol::{
    Beginning, Epoch, FileId, Message, MessageId, OwnReactions, ReadState, RoomKey, RoomName, Seq,
    Skeletons, User, UserId,
};
use tokio::sync::{oneshot, watch};

use self::{health::Health, reader::ReadJob};
use super::{
    Append, Created, EmptyPlace, FileFacts, FileRecord, Files, Full, Journal, JournalError, Mark,
    Marks, MemberPlace, NameHolder, NamePlace, Names, NewFile, Page, PageRange, ReadQuery,
    Removals, RemoveWhen, Renamed, RenamedRoom, Renames, RoomId, RoomList, RoomQuery, RoomRecord,
    SignOut, SignOuts, StoreFuture, Swept, gone,
    projections::files::FileWork,
    rows::name_table::NameTable,
    writer::{jobs::Job, queue::Queue},
};

pub(super) use self::export::{
    ExportedEntry, ExportedMember, ExportedName, ExportedRoom, Exporter,
};
pub use self::{error::OpenError, options::SqliteOptions, renew::renew, verify::verify};

/// A journal in one SQLite file. Opened by [`Sqlite::open`]; see [`Journal`] for what it promises.
///
/// Dropping it without [`Journal::close`] does the same as closing it, without waiting.
pub struct Sqlite {
    epoch: Epoch,
    jobs: Arc<Queue<Job>>,
    reads: Arc<Queue<ReadJob>>,
    /// The directory has a reader of its own: no other read waits for whoever searches rooms.
    directory: Arc<Queue<ReadJob>>,
    names: Arc<Mutex<NameTable>>,
    health: Arc<Health>,
    /// Closed once the writer, which ends last, is gone and the lock is given back.
    ended: Arc<watch::Sender<()>>,
}

impl Journal for Sqlite {
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
        reader::ask(&self.reads, move |conn| query::room(conn, &key))
    }

    fn create(&self, name: RoomName, at: u64) -> StoreFuture<Created> {
        self.ask_writer(|answer| Job::Create { name, at, answer })
    }

    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        reader::ask(&self.reads, move |conn| query::page(conn, room, range))
    }

    fn history(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        reader::ask(&self.reads, move |conn| history::history(conn, room, range))
    }

    fn missed(&self, room: RoomId, after: Seq, limit: u32) -> StoreFuture<Option<Page>> {
        reader::ask(&self.reads, move |conn| history::missed(conn, room, after, limit))
    }

    fn locate(&self, room: RoomId, id: MessageId) -> StoreFuture<Option<Seq>> {
        reader::ask(&self.reads, move |conn| query::locate(conn, room, id))
    }

    fn pinned(&self, room: RoomId) -> StoreFuture<Vec<Message>> {
        reader::ask(&self.reads, move |conn| query::pinned(conn, room))
    }

    fn own_reactions(
        &self,
        room: RoomId,
        person: UserId,
        targets: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)> {
        reader::ask(&self.reads, move |conn| query::own_reactions(conn, room, &person, &targets))
    }

    fn heads(&self, rooms: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>> {
        reader::ask(&self.reads, move |conn| query::heads(conn, &rooms))
    }

    fn rooms_made(&self) -> StoreFuture<i64> {
        reader::ask(&self.reads, query::rooms_made)
    }

    fn rooms(&self, query: RoomQuery) -> StoreFuture<RoomList> {
        let names = Arc::clone(&self.names);
        reader::ask(&self.directory, move |conn| directory::rooms(conn, &names, &query))
    }

    fn available(&self) -> bool {
        self.health.is_well()
    }

    /// A journal whose writer is gone, or can't write, is not ready, although it could still be read.
    fn probe(&self) -> StoreFuture<()> {
        if self.jobs.is_closed() {
            return reader::refused(&self.jobs);
        }
        if !self.health.is_well() {
            return Box::pin(ready(Err(JournalError::Unwritable(health::WHY))));
        }
        reader::ask(&self.reads, query::probe)
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

impl Marks for Sqlite {
    fn mark(&self, marks: Vec<Mark>) -> StoreFuture<u64> {
        self.ask_writer(|answer| Job::Mark { marks, answer })
    }

    fn unread(&self, asked: Vec<ReadQuery>) -> StoreFuture<Vec<Option<ReadState>>> {
        reader::ask(&self.reads, move |conn| marks::unread(conn, &asked))
    }

    fn members(&self, room: RoomId, beginning: Beginning) -> StoreFuture<Vec<User>> {
        reader::ask(&self.reads, move |conn| marks::members(conn, room, &beginning))
    }

    fn known(&self, room: RoomId, people: Vec<UserId>) -> StoreFuture<Vec<User>> {
        reader::ask(&self.reads, move |conn| marks::known(conn, room, &people))
    }
}

impl Names for Sqlite {
    fn holders(&self, room: RoomId, looks: Skeletons) -> StoreFuture<Vec<NameHolder>> {
        reader::ask(&self.reads, move |conn| names::holders(conn, room, &looks))
    }

    fn hold(&self, room: RoomId, user: User) -> StoreFuture<bool> {
        self.ask_writer(|answer| Job::Hold { room, user, answer })
    }

    fn sweep(&self, from: MemberPlace, before: u64) -> StoreFuture<Swept> {
        self.ask_writer(|answer| Job::Sweep { from, before, answer })
    }

    fn release_ended(&self, from: NamePlace, before: u64) -> StoreFuture<Swept<NamePlace>> {
        self.ask_writer(|answer| Job::ReleaseEnded { from, before, answer })
    }
}

impl Removals for Sqlite {
    fn empty_rooms(&self, from: EmptyPlace, before: u64) -> StoreFuture<Vec<RoomRecord>> {
        reader::ask(&self.reads, move |conn| removals::empty_rooms(conn, from, before))
    }

    fn remove(&self, room: RoomRecord, when: RemoveWhen) -> StoreFuture<bool> {
        self.ask_writer(|answer| Job::Remove { room, when, answer })
    }

    fn erase(&self) -> StoreFuture<bool> {
        self.ask_writer(|answer| Job::Erase { answer })
    }
}

impl Renames for Sqlite {
    fn rename(&self, room: RoomRecord, name: RoomName) -> StoreFuture<Renamed> {
        self.ask_writer(|answer| Job::Rename { room, name, answer })
    }

    fn renamed(&self, after: u64) -> StoreFuture<Vec<RenamedRoom>> {
        reader::ask(&self.reads, move |conn| renames::renamed(conn, after))
    }
}

impl Sqlite {
    /// Puts a job into the queue; the answer comes after the commit.
    fn ask_writer<T: Send + 'static>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> Job,
    ) -> StoreFuture<T> {
        let (answer, answered) = oneshot::channel();
        if self.jobs.push(job(answer)).is_err() {
            return reader::refused(&self.jobs);
        }
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(gone())) })
    }

    fn change_files(&self, work: FileWork) -> StoreFuture<u64> {
        self.ask_writer(|answer| Job::File { work, answer })
    }
}

impl Files for Sqlite {
    fn begin(&self, file: NewFile) -> StoreFuture<()> {
        let begun = self.change_files(FileWork::Begin(file));
        Box::pin(async move { begun.await.map(drop) })
    }

    fn finish(&self, id: FileId, facts: FileFacts) -> StoreFuture<bool> {
        let finished = self.change_files(FileWork::Finish(id, facts));
        Box::pin(async move { finished.await.map(|count| count > 0) })
    }

    fn files(&self, ids: Vec<FileId>) -> StoreFuture<Vec<FileRecord>> {
        reader::ask(&self.reads, move |conn| files_table::find(conn, &ids))
    }

    fn uploaded_since(&self, owner: UserId, at: u64) -> StoreFuture<u64> {
        reader::ask(&self.reads, move |conn| files_table::uploaded_since(conn, &owner, at))
    }

    fn doom_unsent(&self, before: u64, most: u32) -> StoreFuture<u64> {
        self.change_files(FileWork::DoomUnsent { before, most })
    }

    fn doomed(&self, most: u32) -> StoreFuture<Vec<FileId>> {
        reader::ask(&self.reads, move |conn| files_table::doomed(conn, most))
    }

    fn forget(&self, ids: Vec<FileId>) -> StoreFuture<()> {
        let forgotten = self.change_files(FileWork::Forget(ids));
        Box::pin(async move { forgotten.await.map(drop) })
    }
}

impl SignOuts for Sqlite {
    fn sign_out(&self, person: UserId, at: u64) -> StoreFuture<()> {
        let (answer, kept) = oneshot::channel();
        let sign_out = SignOut { person, at };
        if self.jobs.push(Job::SignOut { sign_out, answer }).is_err() {
            return reader::refused(&self.jobs);
        }
        Box::pin(async move { kept.await.unwrap_or_else(|_| Err(gone())) })
    }

    fn sign_outs(&self) -> StoreFuture<Vec<SignOut>> {
        reader::ask(&self.reads, |conn| Ok(sign_outs::all(conn)?))
    }

    fn sign_outs_mark(&self) -> StoreFuture<u64> {
        reader::ask(&self.reads, sign_outs::mark)
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.jobs.close();
        self.reads.close();
        self.directory.close();
    }
}
