//! What the routes share, across worker threads.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix::Addr;
use actix_web::{HttpRequest, http::header};
use tokio::sync::{Notify, Semaphore};

use super::ApiError;
use crate::{
    auth::Admit,
    files::{BlobStore, UploadService},
    journal::{Files, Journal},
    metrics::Metrics,
    runtime::{OpenCount, Options, chat_server::ChatServer},
    search::Search,
    settings::AllowedOrigins,
};

/// Most files that are fetched at once: each is an open file, or a request to S3.
pub const DOWNLOADS: usize = 512;

/// What the routes share.
pub struct State {
    /// The engine.
    pub server: Addr<ChatServer>,
    /// The log.
    pub journal: Arc<dyn Journal>,
    /// What is known of files.
    pub files: Arc<dyn Files>,
    /// Where their bytes are; none where there never were any.
    pub blobs: Option<BlobStore>,
    /// Where uploads arrive; none where the operator takes none.
    pub uploads: Option<Arc<UploadService>>,
    /// Files that are being fetched, each of which keeps one open.
    pub downloads: Arc<Semaphore>,
    /// Who is who.
    pub admit: Arc<dyn Admit>,
    /// What was said; none where that is switched off.
    pub search: Option<Arc<dyn Search>>,
    /// What the operator set.
    pub options: Arc<Options>,
    /// Which pages may open connections.
    pub origins: AllowedOrigins,
    /// Connections open now.
    pub connections: Arc<OpenCount>,
    /// Most connections of this process.
    pub max_connections: usize,
    /// What the operator sees.
    pub metrics: Arc<Metrics>,
    /// There are, or may be, other nodes.
    pub clustered: bool,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
}

/// Whether a server is welcoming, leaving or asked to leave.
#[derive(Debug, Default)]
pub struct Lifecycle {
    stopping: AtomicBool,
    drain: Notify,
}

impl State {
    /// Whether the page that asks, if it is a page, is one of those that may.
    ///
    /// # Errors
    /// [`ApiError::Origin`].
    pub fn check_origin(&self, request: &HttpRequest) -> Result<(), ApiError> {
        match request.headers().get(header::ORIGIN) {
            Some(origin) if !origin.to_str().is_ok_and(|it| self.origins.allows(it)) => {
                Err(ApiError::Origin)
            }
            _ => Ok(()),
        }
    }

    /// Whether a stop has begun.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.lifecycle.stopping.load(Ordering::Acquire)
    }

    /// Whether there is no room for another connection.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.connections.open() >= self.max_connections
    }
}

impl Lifecycle {
    /// Not ready from now on: gateways send nobody here any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Somebody wants everybody to go to other nodes.
    pub fn ask_to_drain(&self) {
        self.drain.notify_one();
    }

    /// Waits until somebody does.
    pub async fn asked_to_drain(&self) {
        self.drain.notified().await;
    }
}
