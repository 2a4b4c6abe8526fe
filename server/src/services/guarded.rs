//! The stores and the engine behind permits. Nothing else in the services can reach them.
//!
//! Two lookups come before the question, as it needs to know the room: that of a room by its name, and
//! that of a file by its id. What they find is handed out with a permit only (`rooms`, `files`).

use std::{future::Future, ops::Range, sync::Arc};

use actix::{Addr, MailboxError};
use bytes::Bytes;
use futures_util::Stream;
use maru_engine::{Answer, NewName, Publish, rooms::recent::PageRead};
use maru_protocol::{
    Beginning, Epoch, FileId, FileInfo, FileName, Message, MessageId, OwnReactions, ReadState,
    RoomInfo, RoomKey, RoomName, Seq, SessionId, Skeletons, User, UserId,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Parts,
    access::{Permit, RoomPermit, RoomsPermit},
    read_markers::{MarkerUpdate, ReadMarkers},
    removals::RoomRemover,
    renames::RoomRenamer,
    sign_outs::SignOutSync,
};
use crate::{
    files::{BlobError, BlobStore, Content, UploadError, UploadPermit, UploadService},
    journal::{
        Created, FileRecord, Files, Full, Journal, JournalError, Mark, Marked, NameHolder, Names,
        Page, PageRange, ReadQuery, RemoveWhen, Renamed, RoomList, RoomQuery, RoomRecord,
    },
    limits::Caller,
    runtime::{
        ChatServer, CommandBatcher, Delivery,
        messages::{
            Call, Describe, Offer, Present, RegisterWorker, RoomMade, Speakers, Type, Watch,
        },
    },
    search::{Search, SearchError, SearchPage, SearchRequest},
};

type Read<T> = Result<T, JournalError>;

pub(super) struct Guarded {
    engine: Addr<ChatServer>,
    journal: Arc<dyn Journal>,
    markers: Arc<ReadMarkers>,
    names: Arc<dyn Names>,
    remover: Arc<RoomRemover>,
    renamer: Arc<RoomRenamer>,
    sign_outs: Arc<SignOutSync>,
    files: Arc<dyn Files>,
    search: Option<Arc<dyn Search>>,
    blobs: Option<BlobStore>,
    uploads: Option<Arc<UploadService>>,
}

/// What nobody asks for: lookups before the question, and what the server itself needs.
impl Guarded {
    pub(super) fn new(parts: &Parts) -> Self {
        Self {
            engine: parts.engine.clone(),
            journal: parts.journal.clone(),
            markers: parts.markers.clone(),
            names: parts.names.clone(),
            remover: parts.remover.clone(),
            renamer: parts.renamer.clone(),
            sign_outs: parts.sign_outs.clone(),
            files: parts.files.clone(),
            search: parts.search.clone(),
            blobs: parts.blobs.clone(),
            uploads: parts.uploads.clone(),
        }
    }

    pub(super) async fn look_up_room(&self, key: RoomKey) -> Read<Option<RoomRecord>> {
        self.journal.room(key).await
    }

    pub(super) async fn look_up_file(&self, id: FileId) -> Read<Option<FileRecord>> {
        Ok(self.files.files(vec![id]).await?.pop())
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.journal.epoch()
    }

    pub(super) fn has_search(&self) -> bool {
        self.search.is_some()
    }

    pub(super) fn takes_files(&self) -> bool {
        self.uploads.is_some()
    }

    pub(super) fn is_available(&self) -> bool {
        self.journal.available()
    }

    pub(super) async fn probe(&self) -> Read<()> {
        self.journal.probe().await
    }

    pub(super) fn batcher(&self) -> std::rc::Rc<CommandBatcher> {
        CommandBatcher::new(self.engine.clone().recipient())
    }

    pub(super) fn register_worker(
        &self,
        number: usize,
        queue: mpsc::Sender<Delivery>,
    ) -> impl Future<Output = Result<(), MailboxError>> + use<> {
        self.engine.send(RegisterWorker { number, queue })
    }
}

/// Rooms, and what was said there.
impl Guarded {
    pub(super) async fn create(&self, _: &Permit, name: RoomName, at: u64) -> Read<Created> {
        self.journal.create(name, at).await
    }

    pub(super) async fn rooms(&self, _: &Permit, query: RoomQuery) -> Read<RoomList> {
        self.journal.rooms(query).await
    }

    /// Removes the permit's room. What was in it is erased after that.
    pub(super) async fn remove(&self, permit: &RoomPermit, room: RoomRecord) -> Read<bool> {
        if permit.room() != room.id {
            return Ok(false);
        }
        let gone = self.remover.remove(room, RemoveWhen::Always).await?;
        let remover = self.remover.clone();
        actix_rt::spawn(async move {
            // What is left is erased with the next walk for empty rooms.
            if let Err(error) = remover.erase().await {
                log::warn!(error:%; "a removed room is not erased yet");
            }
        });
        Ok(gone)
    }

    /// Gives the permit's room another name. What was begun comes to its end, although who asked for it
    /// goes away: the store and the engine are to say the same.
    pub(super) async fn rename(
        &self,
        permit: &RoomPermit,
        room: RoomRecord,
        name: RoomName,
    ) -> Read<Renamed> {
        if permit.room() != room.id {
            return Ok(Renamed::Gone);
        }
        let renamer = self.renamer.clone();
        let renamed = actix_rt::spawn(async move { renamer.rename(room, name).await });
        renamed.await.unwrap_or_else(|error| Err(JournalError::Store(error.to_string())))
    }

    /// The engine knows the permit's room by a name that it had: it is told the one of the store.
    pub(super) async fn name_is(&self, permit: &RoomPermit, room: RoomRecord, known: RoomName) {
        if permit.room() == room.id {
            self.renamer.tell(NewName { room, former: vec![known], tell: false }).await;
        }
    }

    pub(super) async fn history(&self, permit: &RoomPermit, range: PageRange) -> Read<Page> {
        self.journal.history(permit.room(), range).await
    }

    pub(super) async fn missed(
        &self,
        permit: &RoomPermit,
        after: Seq,
        limit: u32,
    ) -> Read<Option<Page>> {
        self.journal.missed(permit.room(), after, limit).await
    }

    pub(super) async fn locate(&self, permit: &RoomPermit, id: MessageId) -> Read<Option<Seq>> {
        self.journal.locate(permit.room(), id).await
    }

    pub(super) async fn pinned(&self, permit: &RoomPermit) -> Read<Vec<Message>> {
        self.journal.pinned(permit.room()).await
    }

    pub(super) async fn own_reactions(
        &self,
        permit: &RoomPermit,
        person: UserId,
        targets: Vec<Seq>,
    ) -> Read<(Seq, Vec<OwnReactions>)> {
        self.journal.own_reactions(permit.room(), person, targets).await
    }

    /// None where the search is switched off. `ask` names the rooms of the permit.
    pub(super) async fn search(
        &self,
        permit: RoomsPermit,
        ask: impl FnOnce(RoomsPermit) -> SearchRequest,
    ) -> Option<Result<SearchPage, SearchError>> {
        match &self.search {
            Some(search) => Some(search.find(ask(permit)).await),
            None => None,
        }
    }
}

/// Members and read positions.
impl Guarded {
    pub(super) fn mark(
        &self,
        permit: &RoomPermit,
        room: RoomKey,
        (user, by): (User, SessionId),
        what: Marked,
        at: u64,
    ) -> Result<(), Full> {
        let mark = Mark { room: permit.room(), user, what, at };
        self.markers.put(room, MarkerUpdate { mark, by })
    }

    /// What is still to be kept of somebody in a room.
    pub(super) fn waiting(
        &self,
        _: &RoomPermit,
        person: &UserId,
        room: &RoomKey,
    ) -> Option<(Marked, User)> {
        self.markers.waiting(person, room)
    }

    /// How far somebody has read in these rooms.
    pub(super) async fn unread(
        &self,
        _: &Permit,
        person: &UserId,
        rooms: &[RoomKey],
    ) -> Read<Vec<ReadState>> {
        let asked = rooms.iter().map(|room| ReadQuery {
            person: person.clone(),
            room: room.clone(),
            waiting: self.markers.waiting(person, room).map(|(what, _)| what),
        });
        let states = self.markers.store().unread(asked.collect()).await?;
        Ok(states.into_iter().flatten().collect())
    }

    pub(super) async fn members(
        &self,
        permit: &RoomPermit,
        beginning: Beginning,
    ) -> Read<Vec<User>> {
        self.markers.store().members(permit.room(), beginning).await
    }

    pub(super) async fn known(&self, permit: &RoomPermit, people: Vec<UserId>) -> Read<Vec<User>> {
        self.markers.store().known(permit.room(), people).await
    }
}

/// Who goes by which name.
impl Guarded {
    pub(super) async fn holders(
        &self,
        permit: &RoomPermit,
        looks: Skeletons,
    ) -> Read<Vec<NameHolder>> {
        self.names.holders(permit.room(), looks).await
    }

    pub(super) async fn hold(&self, permit: &RoomPermit, user: User) -> Read<bool> {
        self.names.hold(permit.room(), user).await
    }
}

/// Identities.
impl Guarded {
    pub(super) async fn sign_out(&self, _: &Permit, person: UserId) -> Read<()> {
        self.sign_outs.sign_out(person).await
    }
}

/// What the engine knows.
impl Guarded {
    pub(super) async fn room_made(&self, _: &Permit, made: RoomRecord) -> Result<(), MailboxError> {
        self.engine.send(RoomMade(made)).await
    }

    pub(super) async fn watch(
        &self,
        _: &Permit,
        session: SessionId,
        on: bool,
    ) -> Result<(), MailboxError> {
        self.engine.send(Watch { session, on }).await
    }

    pub(super) async fn describe(
        &self,
        _: &Permit,
        rooms: Vec<RoomRecord>,
    ) -> Result<Vec<RoomInfo>, MailboxError> {
        self.engine.send(Describe(rooms)).await
    }

    pub(super) async fn present(
        &self,
        permit: &RoomPermit,
        of: Option<Vec<UserId>>,
    ) -> Result<Vec<User>, MailboxError> {
        self.engine.send(Present { room: permit.room(), of }).await
    }

    pub(super) async fn speakers(&self, permit: &RoomPermit) -> Result<Vec<User>, MailboxError> {
        self.engine.send(Speakers(permit.room())).await
    }

    /// Has something kept; the answer comes after the commit. The command is for the permit's room.
    pub(super) async fn call(
        &self,
        _: &RoomPermit,
        publish: Publish,
    ) -> Result<oneshot::Receiver<Answer>, MailboxError> {
        self.engine.send(Call { publish }).await
    }

    /// A mailbox that is full does without.
    pub(super) fn offer(&self, permit: &RoomPermit, session: SessionId, read: PageRead) {
        let _ = self.engine.try_send(Offer { session, room: permit.room(), read });
    }

    /// Ephemeral: a mailbox that is full does without.
    pub(super) fn typing(&self, permit: &RoomPermit, session: SessionId, on: bool) {
        let _ = self.engine.try_send(Type { session, room: permit.room(), on });
    }
}

/// Files.
impl Guarded {
    /// Those of these files that are whole and for the permit's room.
    pub(super) async fn files(
        &self,
        permit: &RoomPermit,
        ids: Vec<FileId>,
    ) -> Read<Vec<FileRecord>> {
        let mut found = self.files.files(ids).await?;
        found.retain(|file| file.room == permit.room());
        Ok(found)
    }

    /// None where no files are taken.
    pub(super) async fn begin_upload(
        &self,
        _: &RoomPermit,
        caller: &Caller,
        owner: UserId,
        length: Option<u64>,
    ) -> Option<Result<UploadPermit, UploadError>> {
        match &self.uploads {
            Some(uploads) => Some(uploads.enter(caller, owner, length).await),
            None => None,
        }
    }

    /// None where no files are taken.
    pub(super) async fn receive<E>(
        &self,
        permit: &RoomPermit,
        entrance: UploadPermit,
        name: FileName,
        bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Option<Result<FileInfo, UploadError>> {
        match &self.uploads {
            Some(uploads) => Some(uploads.receive(entrance, permit.room(), name, bytes).await),
            None => None,
        }
    }

    pub(super) fn has_vault(&self) -> bool {
        self.blobs.is_some()
    }

    /// Bytes of a file of the permit's room. None where there never were any files.
    pub(super) async fn content(
        &self,
        permit: &RoomPermit,
        file: &FileRecord,
        part: Range<u64>,
    ) -> Option<Result<Content, BlobError>> {
        match &self.blobs {
            Some(blobs) if file.room == permit.room() => Some(blobs.read(file.info.id, part).await),
            _ => None,
        }
    }
}
