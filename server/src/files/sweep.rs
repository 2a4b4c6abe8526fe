//! Removes what nobody is to have any more: what was not sent in time, what a crash left of an
//! upload, what a message carried that is deleted.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::blob_store::BlobStore;
use crate::{
    clock::Clock,
    journal::{Files, JournalError},
    metrics::Metrics,
};

/// How much is looked at in one step: a statement of a few milliseconds, a hundred objects.
const STEP: u32 = 100;

/// Steps after which the rest waits for the next look.
const STEPS: u32 = 20;

/// How often it looks, and how long it keeps what was not sent.
#[derive(Clone, Copy, Debug)]
pub struct SweeperOptions {
    /// Between two looks.
    pub pace: Duration,
    /// How long what was not sent is kept.
    pub unsent_ttl: Duration,
}

impl SweeperOptions {
    /// A deleted message's files are gone within five seconds; the look is one step along an index.
    #[must_use]
    pub fn keeping(unsent_ttl: Duration) -> Self {
        Self { pace: Duration::from_secs(5), unsent_ttl }
    }
}

/// Removes files in the background. Every node has one: two that meet do the same twice.
pub struct Sweeper {
    /// Where the bytes lie.
    pub blobs: BlobStore,
    /// What is known of files.
    pub files: Arc<dyn Files>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What the operator sees.
    pub metrics: Arc<Metrics>,
    /// How often and what.
    pub options: SweeperOptions,
}

impl Sweeper {
    /// Looks at once and then again and again, for ever.
    pub async fn run(self) {
        loop {
            match self.sweep().await {
                Ok(0) => {}
                Ok(removed) => log::debug!(removed; "files were removed"),
                // The store says itself, once, that it is away.
                Err(error) => log::debug!(error:%; "files could not be swept"),
            }
            sleep(self.options.pace).await;
        }
    }

    /// One look; returns how many files went.
    ///
    /// # Errors
    /// When the journal does not answer; what was begun is gone on with at the next look.
    pub async fn sweep(&self) -> Result<u64, JournalError> {
        let ttl = u64::try_from(self.options.unsent_ttl.as_millis()).unwrap_or(u64::MAX);
        let before = self.clock.now_ms().saturating_sub(ttl);
        let mut removed = 0;
        for _ in 0..STEPS {
            let doomed = self.files.doom_unsent(before, STEP).await?;
            let found = self.files.doomed(STEP).await?;
            let mut gone = Vec::with_capacity(found.len());
            for id in &found {
                match self.blobs.remove(*id).await {
                    Ok(()) => {
                        self.metrics.files_removed.with_label_values(&["removed"]).inc();
                        gone.push(*id);
                    }
                    Err(error) => {
                        self.metrics.files_removed.with_label_values(&["failed"]).inc();
                        log::error!(error:%, file:% = id; "a file could not be removed: it is tried again");
                    }
                }
            }
            let (most, left) = (STEP as usize, found.len() - gone.len());
            removed += gone.len() as u64;
            if !gone.is_empty() {
                self.files.forget(gone).await?;
            }
            let more = doomed >= u64::from(STEP) || found.len() >= most;
            if left > 0 || !more {
                break;
            }
        }
        Ok(removed)
    }
}
