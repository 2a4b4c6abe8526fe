//! Files: what a message carries, what is brought, what is fetched.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use maru_engine::Actor;
use maru_protocol::{ErrorCode, FileId, FileInfo, FileName, MAX_FILES, RoomName, UserId};

use super::{
    ServiceError, Services,
    access::{Action, RoomPermit},
};
use crate::{
    files::{BlobError, UploadPermit},
    journal::FileRecord,
    limits::{Caller, Place},
    seldom::Seldom,
};

/// Whoever asks for a file that is missing or damaged may ask again and again.
static UNREADABLE: Seldom = Seldom::new();

/// Somebody who may bring a file into a room.
pub(crate) struct Upload {
    permit: RoomPermit,
    owner: UserId,
}

/// An upload of which the bytes may come.
pub(crate) struct UploadBegun {
    permit: RoomPermit,
    entrance: UploadPermit,
}

/// A file that somebody may fetch.
pub(crate) struct FileToRead {
    permit: RoomPermit,
    record: FileRecord,
}

impl FileToRead {
    /// The file, as messages carry it.
    pub(crate) fn info(&self) -> &FileInfo {
        &self.record.info
    }
}

/// Bringing.
impl Services {
    /// Whether any files are taken here.
    pub(crate) fn takes_files(&self) -> Result<(), ServiceError> {
        self.guarded.takes_files().then_some(()).ok_or(ServiceError::FilesOff)
    }

    /// Whether the actor may bring a file into that room.
    pub(crate) async fn may_upload(
        &self,
        actor: &Actor,
        name: &RoomName,
    ) -> Result<Upload, ServiceError> {
        let owner = actor.user_id().ok_or(ErrorCode::HelloRequired)?.clone();
        let record = self.find(name).await?;
        let permit = self.access.ask_in(actor, Action::UploadFile, record.id)?;
        Ok(Upload { permit, owner })
    }

    /// Lets a file of that length in, where it is known before: nothing of it is read yet.
    pub(crate) async fn begin_upload(
        &self,
        Upload { permit, owner }: Upload,
        caller: &Caller,
        length: Option<u64>,
    ) -> Result<UploadBegun, ServiceError> {
        let begun = self.guarded.begin_upload(&permit, caller, owner, length).await;
        let entrance = begun.ok_or(ServiceError::FilesOff)??;
        Ok(UploadBegun { permit, entrance })
    }

    /// Takes the file in and answers once it is durable. Runs to its end whatever becomes of who
    /// waits for it, if it is spawned.
    pub(crate) async fn receive<E>(
        &self,
        UploadBegun { permit, entrance }: UploadBegun,
        name: FileName,
        bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<FileInfo, ServiceError> {
        let received = self.guarded.receive(&permit, entrance, name, bytes).await;
        Ok(received.ok_or(ServiceError::FilesOff)??)
    }
}

/// Fetching.
impl Services {
    /// The file, if the actor may have it: one that is sent is for who may read the room, one that is
    /// not is for who uploaded it. What they may not have is not there for them.
    pub(crate) async fn file(&self, actor: &Actor, id: FileId) -> Result<FileToRead, ServiceError> {
        let found = self.guarded.look_up_file(id).await?.ok_or(ServiceError::FileNotFound)?;
        let permit = self.access.ask_in(actor, Action::DownloadFile, found.room);
        let permit = permit.map_err(|_| ServiceError::FileNotFound)?;
        let owned = actor.user_id() == Some(&found.owner);
        if !self.guarded.has_vault() || (found.sent.is_none() && !owned) {
            return Err(ServiceError::FileNotFound);
        }
        Ok(FileToRead { permit, record: found })
    }

    /// Its bytes, as fast as they are taken.
    pub(crate) async fn read_file(
        self: &Arc<Self>,
        file: &FileToRead,
        caller: &Caller,
        part: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, BlobError>> + use<>, ServiceError> {
        let held = caller.enter(Place::Downloads)?;
        let place = self.downloads.clone().try_acquire_owned();
        let place = (place.map_err(|_| ServiceError::TooManyDownloads)?, held);
        let content = self.guarded.content(&file.permit, &file.record, part).await;
        let content = content.ok_or(ServiceError::FileNotFound)?.map_err(|error| {
            if let Some(untold) = UNREADABLE.may_say() {
                let file = file.info().id;
                log::error!(error:%, file:%, untold; "a file could not be read");
            }
            match error {
                BlobError::Missing => ServiceError::FileNotFound,
                _ => ServiceError::FileUnavailable,
            }
        })?;
        let metrics = self.metrics.clone();
        Ok(content.inspect(move |chunk| {
            // Given back with the last of the bytes.
            let _place = &place;
            match chunk {
                Ok(bytes) => metrics.download_bytes.inc_by(bytes.len() as u64),
                Err(error) => {
                    if let Some(untold) = UNREADABLE.may_say() {
                        log::error!(error:%, untold; "a file could not be read to its end");
                    }
                }
            }
        }))
    }
}

/// Carrying.
impl Services {
    /// The files of these ids, as a message is to carry them.
    ///
    /// Whether the person may send them here is decided by the store, which alone knows whether this
    /// is a retry: the first attempt has sent them, or sent them and been deleted since. So what is
    /// not found goes on as well, as a file of which nothing is known; no message is ever kept with it.
    pub(super) async fn carried(
        &self,
        permit: &RoomPermit,
        files: &[FileId],
    ) -> Result<Vec<FileInfo>, ServiceError> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        if files.len() > MAX_FILES {
            return Err(ServiceError::malformed(format!(
                "a message carries at most {MAX_FILES} files"
            )));
        }
        if (1..files.len()).any(|at| files[..at].contains(&files[at])) {
            return Err(ServiceError::malformed("the message names a file twice"));
        }
        let found = self.guarded.files(permit, files.to_vec()).await?;
        let info = |id: &FileId| {
            let known = found.iter().find(|file| file.info.id == *id);
            known.map_or_else(|| unknown(*id), |file| file.info.clone())
        };
        Ok(files.iter().map(info).collect())
    }
}

fn unknown(id: FileId) -> FileInfo {
    FileInfo {
        id,
        name: FileName::of(""),
        media_type: String::new(),
        size: 0,
        width: None,
        height: None,
    }
}
