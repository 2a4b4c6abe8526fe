//! Takes uploads in: admits them, writes their bytes, reads type and size off them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use maru_protocol::{FileId, FileInfo, FileName, UserId};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{
    blob_store::{BlobError, BlobStore, BlobWriter},
    media_type::Sniffer,
    picture,
};
use crate::{
    clock::Clock,
    journal::{FileFacts, Files, JournalError, NewFile, RoomId},
    limits::{Caller, Held, Limited, Pace, Place, Rate, ShownAddress, TooSlow},
    metrics::Metrics,
    seldom::Seldom,
};

/// What somebody's share is counted over.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// The bounds of uploads.
#[derive(Clone)]
pub struct UploadOptions {
    /// Most bytes of a file.
    pub max_size: u64,
    /// Which media types may come in.
    pub allows: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// Most bytes of one person within a day.
    pub per_day: u64,
    /// Most uploads at once.
    pub at_once: usize,
    /// Silence after which one is given up.
    pub idle: Duration,
    /// Bytes a second that one has to bring, counted over `idle`.
    pub least_rate: u64,
    /// How long one may take.
    pub patience: Duration,
}

/// Why an upload can't begin now. Each passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    /// The person or the address has too many under way, or had too many lately.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The person uploaded too much within a day.
    #[error("you uploaded as much as one person can within 24 hours: try again later")]
    TooMuch,
    /// The server has as many under way as it takes.
    #[error("the server takes as many uploads at once as it can: try again in a moment")]
    Full,
}

/// Why an upload was not kept.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// A limit of the person or of the server is reached; it passes.
    #[error(transparent)]
    Refused(#[from] UploadRefused),
    /// More bytes than a file may have.
    #[error("a file has at most {0} bytes")]
    TooLarge(u64),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// A type that the operator takes none of.
    #[error("files of the type {0} are not taken here")]
    Type(String),
    /// Nothing came for too long, or all of it took too long.
    #[error("the upload was too slow: try again on a better connection")]
    Slow,
    /// It ended before its end.
    #[error("the upload broke off: send the whole file")]
    Broken,
    /// The disk has no room for it.
    #[error("the server's disk is full: tell its operator")]
    Full,
    /// The bytes could not be kept.
    #[error("the server could not keep the file: try again later")]
    Blob(BlobError),
    /// What is known of it could not be kept.
    #[error("the server's store does not answer: try again later")]
    Journal(JournalError),
}

impl UploadError {
    /// As the figures name it.
    fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::TooLarge(_) | Self::Empty | Self::Type(_) => "refused",
            Self::Slow | Self::Broken => "broken",
            Self::Full | Self::Blob(_) | Self::Journal(_) => "failed",
        }
    }
}

impl From<BlobError> for UploadError {
    fn from(error: BlobError) -> Self {
        if matches!(error, BlobError::Full) { Self::Full } else { Self::Blob(error) }
    }
}

impl From<JournalError> for UploadError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// Takes files in. Shared by all workers.
pub struct UploadService {
    blobs: BlobStore,
    files: Arc<dyn Files>,
    options: UploadOptions,
    places: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    /// While the place for files fails, each upload would say so.
    failures: Seldom,
}

/// Somebody who may upload one file now.
pub struct UploadPermit {
    place: (OwnedSemaphorePermit, Held),
    owner: UserId,
    length: Option<u64>,
    from: ShownAddress,
}

impl UploadService {
    /// A service that writes into a blob store.
    #[must_use]
    pub fn new(
        blobs: BlobStore,
        files: Arc<dyn Files>,
        options: UploadOptions,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(options.at_once));
        Self { blobs, files, options, places, metrics, clock, failures: Seldom::new() }
    }

    /// Lets somebody in with a file of that length, where it is known before: nothing of it is read
    /// yet.
    ///
    /// # Errors
    /// [`UploadError`], and nothing is kept.
    pub async fn enter(
        &self,
        caller: &Caller,
        owner: UserId,
        length: Option<u64>,
    ) -> Result<UploadPermit, UploadError> {
        self.counted(self.admit(caller, owner, length).await)
    }

    async fn admit(
        &self,
        caller: &Caller,
        owner: UserId,
        length: Option<u64>,
    ) -> Result<UploadPermit, UploadError> {
        let most = self.options.max_size;
        match length {
            Some(0) => return Err(UploadError::Empty),
            Some(length) if length > most => return Err(UploadError::TooLarge(most)),
            _ => {}
        }
        let place = self.place(caller)?;
        let size = length.unwrap_or(most);
        if !self.blobs.has_room_for(size) {
            return Err(UploadError::Full);
        }
        let since = self.clock.now_ms().saturating_sub(DAY);
        let before = self.files.uploaded_since(owner.clone(), since).await?;
        if before.saturating_add(length.unwrap_or(1)) > self.options.per_day {
            return Err(UploadRefused::TooMuch.into());
        }
        Ok(UploadPermit { place, owner, length, from: caller.shown() })
    }

    /// A place for one upload, until it is dropped.
    fn place(&self, caller: &Caller) -> Result<(OwnedSemaphorePermit, Held), UploadRefused> {
        let held = caller.enter(Place::Uploads)?;
        let places = self.places.clone();
        let permit = places.try_acquire_owned().map_err(|_| UploadRefused::Full)?;
        caller.take(Rate::Uploads)?;
        Ok((permit, held))
    }

    /// Takes a file in and answers once it is durable. Runs to its end whatever becomes of who
    /// waits for it, if it is spawned: what is broken off is removed here.
    ///
    /// # Errors
    /// [`UploadError`], and nothing is kept.
    pub async fn receive<E>(
        &self,
        entrance: UploadPermit,
        room: RoomId,
        name: FileName,
        bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<FileInfo, UploadError> {
        let UploadPermit { place, owner, length, from } = entrance;
        let id = FileId(Uuid::new_v4());
        let size = length.unwrap_or(self.options.max_size);
        let (at, named, user) = (self.clock.now_ms(), name.clone(), owner.clone());
        let new = NewFile { id, room, owner, name, at, size };
        let kept = self.keep(new, bytes).await;
        drop(place);
        let facts = self.counted(kept)?;
        self.metrics.upload_bytes.inc_by(facts.size);
        self.metrics.uploads.with_label_values(&["stored"]).inc();
        let size = facts.size;
        log::info!(file:% = id, user:%, size, address:% = from; "uploaded");
        let (width, height) = facts.picture.unzip();
        let FileFacts { media_type, size, .. } = facts;
        Ok(FileInfo { id, name: named, media_type, size, width, height })
    }

    fn counted<T>(&self, result: Result<T, UploadError>) -> Result<T, UploadError> {
        if let Err(error) = &result {
            self.metrics.uploads.with_label_values(&[error.outcome()]).inc();
            match error {
                UploadError::Blob(why) => self.failed(why),
                UploadError::Full => {
                    self.failed(&"the disk is full, or has less free than files.keep_free");
                }
                // The journal says itself, once, that it does not answer.
                why => log::debug!(error:% = why; "an upload was not kept"),
            }
        }
        result
    }

    /// The place for files fails.
    fn failed(&self, error: &dyn std::fmt::Display) {
        if let Some(untold) = self.failures.may_say() {
            log::error!(error:%, untold; "a file could not be kept");
        }
    }

    async fn keep<E>(
        &self,
        new: NewFile,
        bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<FileFacts, UploadError> {
        let id = new.id;
        self.files.begin(new).await?;
        let done = async {
            let facts = self.store(id, bytes).await?;
            if self.files.finish(id, facts.clone()).await? {
                return Ok(facts);
            }
            // It took so long that it was given up meanwhile.
            Err(UploadError::Slow)
        };
        match done.await {
            // What the journal did not answer may be kept: the sweep sees to it later.
            Err(error @ UploadError::Journal(_)) => Err(error),
            Err(error) => {
                let removed = self.blobs.remove(id).await;
                if removed.is_ok() {
                    // If it can't be forgotten now, the sweep finds it.
                    let _ = self.files.forget(vec![id]).await;
                }
                Err(error)
            }
            done => done,
        }
    }

    async fn store<E>(
        &self,
        id: FileId,
        bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<FileFacts, UploadError> {
        let mut writer = self.blobs.writer(id);
        match self.pour(&mut writer, bytes).await {
            Ok(facts) => {
                writer.finish().await?;
                Ok(facts)
            }
            Err(error) => {
                if let Err(why) = writer.abort().await {
                    self.failed(&format!("what came of it could not be taken back: {why}"));
                }
                Err(error)
            }
        }
    }

    async fn pour<E>(
        &self,
        writer: &mut BlobWriter,
        mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<FileFacts, UploadError> {
        let end = Instant::now() + self.options.patience;
        let mut sniffer = Sniffer::default();
        let (mut size, mut looked) = (0_u64, false);
        let mut pace = Pace::new(self.options.least_rate, self.options.idle);
        let mut silent = Instant::now() + self.options.idle;
        loop {
            let before = Instant::now();
            let until = end.min(silent).min(before + pace.left());
            let next = timeout_at(until, bytes.next()).await;
            pace.waited(before.elapsed()).map_err(|TooSlow| UploadError::Slow)?;
            let Ok(next) = next else {
                if until == end || until == silent {
                    return Err(UploadError::Slow);
                }
                continue;
            };
            let Some(chunk) = next else { break };
            let chunk = chunk.map_err(|_| UploadError::Broken)?;
            size = size.saturating_add(chunk.len() as u64);
            if size > self.options.max_size {
                return Err(UploadError::TooLarge(self.options.max_size));
            }
            sniffer.feed(&chunk);
            if !looked && sniffer.knows_its_kind() {
                looked = true;
                let [known, _] = sniffer.candidates();
                if !sniffer.candidates().iter().any(|media_type| (self.options.allows)(media_type))
                {
                    return Err(UploadError::Type(known.to_owned()));
                }
            }
            pace.moved(chunk.len());
            writer.put(chunk).await?;
            silent = Instant::now() + self.options.idle;
        }
        if size == 0 {
            return Err(UploadError::Empty);
        }
        let media_type = sniffer.media_type();
        if !(self.options.allows)(media_type) {
            return Err(UploadError::Type(media_type.to_owned()));
        }
        let picture = picture::size(media_type, sniffer.head());
        Ok(FileFacts { media_type: media_type.to_owned(), size, picture })
    }
}
