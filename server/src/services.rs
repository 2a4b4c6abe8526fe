//! What can be asked of the server, through whichever door.
//!
//! Every service takes an [`Actor`](maru_engine::Actor) and asks [`access`] once, before it reads or
//! writes. The doors (WebSocket, HTTP) read a request, call a service and say its answer.

pub mod access;
mod commands;
mod directory;
mod empty_rooms;
mod ended_names;
mod error;
mod expiry;
mod files;
mod guarded;
mod history;
mod membership;
mod mentions;
mod names;
mod pages;
mod publish;
mod read_markers;
mod read_position;
mod removals;
mod renames;
mod room_names;
mod rooms;
mod search;
mod sign_outs;
mod silent_guests;

use std::{future::Future, sync::Arc};

use actix::{Addr, MailboxError};
use maru_protocol::Epoch;
use tokio::sync::{Semaphore, mpsc};

use self::{
    access::{Access, Policy},
    directory::SearchCache,
    guarded::Guarded,
};
pub use self::{
    commands::Commands,
    empty_rooms::EmptyRooms,
    ended_names::EndedNames,
    error::ServiceError,
    publish::{Draft, MessageDraft, PublishRequest},
    read_markers::ReadMarkers,
    removals::RoomRemover,
    renames::RoomRenamer,
    room_names::RoomNames,
    sign_outs::SignOutSync,
    silent_guests::SilentGuests,
};
pub(crate) use self::{
    directory::{DirectoryPage, DirectoryQuery, MAX_ROOMS},
    files::UploadBegun,
    history::{History, Reactions},
    membership::RoomEntered,
    pages::PageQuery,
    rooms::RoomRef,
    search::SearchIn,
};
use crate::{
    auth::Admit,
    clock::Clock,
    files::{BlobStore, UploadService},
    journal::{Files, FreeSpace, Journal, JournalError, Names},
    metrics::Metrics,
    runtime::{ChatServer, Delivery, Options},
    search::Search,
};

/// What the services are made of.
pub struct Parts {
    /// The engine.
    pub engine: Addr<ChatServer>,
    /// The log.
    pub journal: Arc<dyn Journal>,
    /// Whether the log's disk has room; none where the disk is another machine's.
    pub space: Option<FreeSpace>,
    /// How far people have read.
    pub markers: Arc<ReadMarkers>,
    /// Who goes by which name.
    pub names: Arc<dyn Names>,
    /// How rooms are removed.
    pub remover: Arc<RoomRemover>,
    /// How rooms get other names.
    pub renamer: Arc<RoomRenamer>,
    /// Who was signed out.
    pub sign_outs: Arc<SignOutSync>,
    /// What is known of files.
    pub files: Arc<dyn Files>,
    /// Where their bytes are; none where there never were any.
    pub blobs: Option<BlobStore>,
    /// Where uploads arrive; none where the operator takes none.
    pub uploads: Option<Arc<UploadService>>,
    /// Where the log is searched; none where that is switched off.
    pub search: Option<Arc<dyn Search>>,
    /// Who may do what.
    pub policy: Arc<dyn Policy>,
    /// Who is who.
    pub admit: Arc<dyn Admit>,
    /// What the operator set.
    pub options: Arc<Options>,
    /// What the operator sees.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// The services, made once and shared by all threads and wires.
pub struct Services {
    access: Access,
    guarded: Guarded,
    space: Option<FreeSpace>,
    /// The latest searches of the directory.
    searches: SearchCache,
    /// Files that are being fetched: each is an open file, or a request to S3.
    downloads: Arc<Semaphore>,
    /// Who is who.
    pub admit: Arc<dyn Admit>,
    /// What the operator set.
    pub options: Arc<Options>,
    /// What the operator sees.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Services {
    /// Services over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let guarded = Guarded::new(&parts);
        let Parts { space, policy, admit, options, metrics, clock, .. } = parts;
        let downloads = Arc::new(Semaphore::new(options.downloads));
        let access = Access::new(policy);
        let searches = SearchCache::default();
        Arc::new(Self {
            access,
            guarded,
            space,
            searches,
            downloads,
            admit,
            options,
            metrics,
            clock,
        })
    }

    /// Introduces a worker thread to the engine: where what it is to deliver goes.
    pub(crate) fn register_worker(
        &self,
        number: usize,
        queue: mpsc::Sender<Delivery>,
    ) -> impl Future<Output = Result<(), MailboxError>> + use<> {
        self.guarded.register_worker(number, queue)
    }

    /// Whether the log may grow.
    fn has_space(&self) -> Result<(), ServiceError> {
        if !self.is_out_of_space() {
            return Ok(());
        }
        self.metrics.limited.with_label_values(&["journal_keep_free"]).inc();
        Err(ServiceError::StorageFull)
    }

    /// Says in the figures what is asked for when somebody looks at them: whether the store can be
    /// used, and the disk that it lies on, if that is this machine's.
    pub(crate) fn show_store(&self) {
        self.metrics.journal_available.set(self.is_available().into());
        if let Some(space) = &self.space {
            let shown = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            self.metrics.journal_keep_free_bytes.set(shown(space.keep_free()));
            self.metrics.journal_free_bytes.set(space.free().map_or(i64::MAX, shown));
        }
    }

    /// Whether what is sent is refused as the disk has too little free.
    pub(crate) fn is_out_of_space(&self) -> bool {
        self.space.as_ref().is_some_and(|space| !space.is_there())
    }

    /// Which log it is.
    pub(crate) fn epoch(&self) -> Epoch {
        self.guarded.epoch()
    }

    /// Whether the store answered when it was last asked.
    pub(crate) fn is_available(&self) -> bool {
        self.guarded.is_available()
    }

    /// Answers when the store can be read.
    pub(crate) async fn probe(&self) -> Result<(), JournalError> {
        self.guarded.probe().await
    }
}
