//! The store in memory: for tests, simulations and benchmarks.
//!
//! It keeps every promise of [`Journal`], [`Marks`], [`Files`] and [`SignOuts`] but durability: what it holds ends
//! with its [`Storage`]. The log itself and its rules are [`maru_engine::log::MemoryLog`], a value
//! without threads.
//!
//! ```text
//! append ─▶ queue ─▶ writer: Storage, under its lock ─▶ outcomes, a batch per commit
//! page, room, rooms ─▶ Storage, under its lock ─▶ the answer, at once
//! ```
//!
//! `storage` holds what outlives an open store, `writer` commits to it, `marks`, `names` and `files` lie
//! beside its log.

mod files;
mod marks;
mod names;
mod storage;
mod writer;

use std::{future::ready, sync::Arc};

use maru_protocol::{
    Beginning, Epoch, FileId, Message, MessageId, OwnReactions, ReadState, RoomKey, RoomName, Seq,
    Skeletons, User, UserId,
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Append, Batch, Created, EmptyPlace, FileFacts, FileRecord, Files, Full, Journal, JournalError,
    MOST_RENAMED, Mark, Marks, MemberPlace, NameHolder, NamePlace, Names, NewFile, Page, PageRange,
    ReadQuery, Removals, RemoveWhen, Renamed, RenamedRoom, Renames, RoomId, RoomList, RoomQuery,
    RoomRecord, SignOut, SignOuts, StoreFuture, Swept, gone,
    projections::files::FileWork,
    writer::{jobs::Job, queue::Queue},
};

pub use self::storage::Storage;

/// Bounds of the store in memory. The defaults are those of the SQLite store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Most appends, creates, marks and changes of files that wait for the writer.
    pub queue: usize,
    /// Most of them in one commit.
    pub batch: usize,
    /// Most batches that nobody has taken yet. Beyond it the writer waits.
    pub outcomes: usize,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { queue: 1_024, batch: 100, outcomes: 4 }
    }
}

/// A journal in memory. Opened by [`Memory::open`]; see [`Journal`] for what it promises.
///
/// Dropping it without [`Journal::close`] does the same as closing it, without waiting.
pub struct Memory {
    storage: Storage,
    jobs: Arc<Queue<Job>>,
    /// Closed once the writer is gone.
    ended: Arc<watch::Sender<()>>,
}

impl Memory {
    /// Opens what lies in a storage and starts the writer's thread. The second half of the answer is
    /// the commit channel: one [`Batch`] per commit that holds appends, in order, until it ends.
    ///
    /// Several may be open over one storage, as the nodes of a cluster are over one database.
    ///
    /// # Errors
    /// When the operating system starts no thread.
    pub fn open(
        storage: &Storage,
        options: MemoryOptions,
    ) -> std::io::Result<(Arc<Self>, mpsc::Receiver<Batch>)> {
        let jobs = Arc::new(Queue::new(options.queue.max(1)));
        let (commits, outcomes) = mpsc::channel(options.outcomes.max(1));
        let (ended, alive) = watch::channel(());
        let journal = Arc::new(Self {
            storage: storage.clone(),
            jobs: Arc::clone(&jobs),
            ended: Arc::new(ended),
        });
        let log = writer::StorageLog(storage.clone());
        let most = options.batch.max(1);
        std::thread::Builder::new().name("journal-writer".to_owned()).spawn(move || {
            writer::run(log, &jobs, commits, most);
            drop(alive);
        })?;
        Ok((journal, outcomes))
    }

    /// Puts a job into the queue; the answer comes from the writer.
    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> Job,
    ) -> StoreFuture<T> {
        let (answer, answered) = oneshot::channel();
        if self.jobs.push(job(answer)).is_err() {
            let why = if self.jobs.is_closed() { gone() } else { JournalError::Busy };
            return Box::pin(ready(Err(why)));
        }
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(gone())) })
    }

    fn change_files(&self, work: FileWork) -> StoreFuture<u64> {
        self.ask(|answer| Job::File { work, answer })
    }

    /// Reads the storage at once, until the writer came to its end.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&storage::Tables) -> Result<T, JournalError>,
    ) -> StoreFuture<T> {
        let ended = self.ended.is_closed();
        Box::pin(ready(if ended { Err(gone()) } else { read(&self.storage.lock()) }))
    }
}

fn no_room(room: RoomId) -> JournalError {
    JournalError::NoRoom(room.0)
}

impl Journal for Memory {
    fn epoch(&self) -> Epoch {
        self.storage.epoch()
    }

    fn append(&self, append: Append) -> Result<(), Full> {
        self.jobs.push(Job::Append(append))
    }

    fn append_all(&self, appends: Vec<Append>) -> Vec<Append> {
        self.jobs.append_all(appends)
    }

    fn room(&self, key: RoomKey) -> StoreFuture<Option<RoomRecord>> {
        self.read(|tables| Ok(tables.log.room(&key)))
    }

    fn create(&self, name: RoomName, at: u64) -> StoreFuture<Created> {
        self.ask(|answer| Job::Create { name, at, answer })
    }

    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        self.read(|tables| tables.log.page(room, range).ok_or_else(|| no_room(room)))
    }

    fn history(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        self.read(|tables| tables.log.history(room, range).ok_or_else(|| no_room(room)))
    }

    fn missed(&self, room: RoomId, after: Seq, limit: u32) -> StoreFuture<Option<Page>> {
        self.read(|tables| tables.log.missed(room, after, limit).ok_or_else(|| no_room(room)))
    }

    fn locate(&self, room: RoomId, id: MessageId) -> StoreFuture<Option<Seq>> {
        self.read(|tables| Ok(tables.log.locate(room, id)))
    }

    fn pinned(&self, room: RoomId) -> StoreFuture<Vec<Message>> {
        self.read(|tables| tables.log.pinned(room).ok_or_else(|| no_room(room)))
    }

    fn own_reactions(
        &self,
        room: RoomId,
        person: UserId,
        targets: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)> {
        self.read(|tables| {
            let own = tables.log.own_reactions(room, &person, &targets);
            tables.log.head(room).zip(own).ok_or_else(|| no_room(room))
        })
    }

    fn heads(&self, rooms: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>> {
        self.read(|tables| Ok(tables.heads(&rooms)))
    }

    fn rooms_made(&self) -> StoreFuture<i64> {
        self.read(|tables| Ok(tables.log.made()))
    }

    fn rooms(&self, query: RoomQuery) -> StoreFuture<RoomList> {
        self.read(|tables| Ok(tables.directory(&query)))
    }

    /// A journal whose writer is gone is not ready, although it could still be read.
    fn probe(&self) -> StoreFuture<()> {
        Box::pin(ready(if self.jobs.is_closed() { Err(gone()) } else { Ok(()) }))
    }

    /// The outcomes must be taken until their channel ends, or the writer never comes to its end.
    fn close(&self) -> StoreFuture<()> {
        self.jobs.close();
        let ended = Arc::clone(&self.ended);
        Box::pin(async move {
            ended.closed().await;
            Ok(())
        })
    }
}

impl Marks for Memory {
    fn mark(&self, marks: Vec<Mark>) -> StoreFuture<u64> {
        self.ask(|answer| Job::Mark { marks, answer })
    }

    fn unread(&self, asked: Vec<ReadQuery>) -> StoreFuture<Vec<Option<ReadState>>> {
        self.read(|tables| Ok(tables.marks.unread(&tables.log, &asked)))
    }

    fn members(&self, room: RoomId, beginning: Beginning) -> StoreFuture<Vec<User>> {
        self.read(|tables| Ok(tables.marks.members(room, &beginning)))
    }

    fn known(&self, room: RoomId, people: Vec<UserId>) -> StoreFuture<Vec<User>> {
        self.read(|tables| Ok(tables.marks.known(room, &people)))
    }
}

impl Names for Memory {
    fn holders(&self, room: RoomId, looks: Skeletons) -> StoreFuture<Vec<NameHolder>> {
        self.read(|tables| Ok(tables.marks.holders(room, &looks)))
    }

    fn hold(&self, room: RoomId, user: User) -> StoreFuture<bool> {
        self.ask(|answer| Job::Hold { room, user, answer })
    }

    fn sweep(&self, from: MemberPlace, before: u64) -> StoreFuture<Swept> {
        self.ask(|answer| Job::Sweep { from, before, answer })
    }

    fn release_ended(&self, from: NamePlace, before: u64) -> StoreFuture<Swept<NamePlace>> {
        self.ask(|answer| Job::ReleaseEnded { from, before, answer })
    }
}

impl Removals for Memory {
    fn empty_rooms(&self, from: EmptyPlace, before: u64) -> StoreFuture<Vec<RoomRecord>> {
        self.read(|tables| Ok(tables.empty_rooms(from, before)))
    }

    fn remove(&self, room: RoomRecord, when: RemoveWhen) -> StoreFuture<bool> {
        self.ask(|answer| Job::Remove { room, when, answer })
    }

    fn erase(&self) -> StoreFuture<bool> {
        self.ask(|answer| Job::Erase { answer })
    }
}

impl Renames for Memory {
    fn rename(&self, room: RoomRecord, name: RoomName) -> StoreFuture<Renamed> {
        self.ask(|answer| Job::Rename { room, name, answer })
    }

    fn renamed(&self, after: u64) -> StoreFuture<Vec<RenamedRoom>> {
        self.read(|tables| Ok(tables.log.renamed(after, MOST_RENAMED as usize)))
    }
}

impl Files for Memory {
    fn begin(&self, file: NewFile) -> StoreFuture<()> {
        let begun = self.change_files(FileWork::Begin(file));
        Box::pin(async move { begun.await.map(drop) })
    }

    fn finish(&self, id: FileId, facts: FileFacts) -> StoreFuture<bool> {
        let finished = self.change_files(FileWork::Finish(id, facts));
        Box::pin(async move { finished.await.map(|count| count > 0) })
    }

    fn files(&self, ids: Vec<FileId>) -> StoreFuture<Vec<FileRecord>> {
        self.read(|tables| Ok(tables.files.find(&ids)))
    }

    fn uploaded_since(&self, owner: UserId, at: u64) -> StoreFuture<u64> {
        self.read(|tables| Ok(tables.files.uploaded_since(&owner, at)))
    }

    fn doom_unsent(&self, before: u64, most: u32) -> StoreFuture<u64> {
        self.change_files(FileWork::DoomUnsent { before, most })
    }

    fn doomed(&self, most: u32) -> StoreFuture<Vec<FileId>> {
        self.read(|tables| Ok(tables.files.doomed(most)))
    }

    fn forget(&self, ids: Vec<FileId>) -> StoreFuture<()> {
        let forgotten = self.change_files(FileWork::Forget(ids));
        Box::pin(async move { forgotten.await.map(drop) })
    }
}

impl SignOuts for Memory {
    fn sign_out(&self, person: UserId, at: u64) -> StoreFuture<()> {
        self.ask(|answer| Job::SignOut { sign_out: SignOut { person, at }, answer })
    }

    fn sign_outs(&self) -> StoreFuture<Vec<SignOut>> {
        self.read(|tables| {
            let all = tables.sign_outs.iter();
            Ok(all.map(|(person, at)| SignOut { person: person.clone(), at: *at }).collect())
        })
    }

    fn sign_outs_mark(&self) -> StoreFuture<u64> {
        self.read(|tables| {
            let all = &tables.sign_outs;
            Ok(all.values().fold(all.len() as u64, |sum, at| sum.wrapping_add(*at)))
        })
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.jobs.close();
    }
}
