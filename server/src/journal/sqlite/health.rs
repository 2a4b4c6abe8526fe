//! Whether the file can be written: a disk that is full or fails refuses commit after commit, and is told
//! of once.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rusqlite::ErrorCode;

use crate::journal::free_bytes;

/// While the file can't be written, so often that is tried, also when nobody sends anything: a gateway
/// sends nobody to a server that is not ready.
pub(super) const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What has to be free before the disk counts as well again: more than a transaction takes, or the next
/// one would fail as the last one did, and each would be told of.
const ENOUGH: u64 = 4 << 20;

/// What is said to whoever asks whether the server is ready.
pub(super) const WHY: &str =
    "the journal's disk is full or fails: nothing can be sent until it can be written again";

/// Shared by the writer and by whoever asks.
pub(super) struct Health {
    folder: PathBuf,
    failing: AtomicBool,
}

impl Health {
    /// Of a file in this folder, which was written a moment ago.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, failing: AtomicBool::new(false) }
    }

    /// Whether the last commit, or the last try since it failed, was written.
    pub(super) fn is_well(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// A transaction failed. True when that was the disk, which is told here, once.
    pub(super) fn failed(&self, error: &rusqlite::Error) -> bool {
        let disk = is_of_disk(error);
        if disk && !self.failing.swap(true, Ordering::Relaxed) {
            log::error!(error:%; "the journal's disk is full or fails: nothing can be sent");
        }
        disk
    }

    /// Whether it is worth to try.
    pub(super) fn has_enough(&self) -> bool {
        // A disk that does not say is tried.
        free_bytes(&self.folder).is_none_or(|free| free >= ENOUGH)
    }

    /// Something was written.
    pub(super) fn works(&self) {
        if self.failing.swap(false, Ordering::Relaxed) {
            log::info!("the journal can be written again");
        }
    }
}

/// Whether the disk is to blame, and not what was to be written.
fn is_of_disk(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        // A disk that fails is often mounted anew by the system, for reading only.
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
        )
    )
}
