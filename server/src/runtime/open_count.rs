//! A count that can be waited on to reach zero.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts what is open (connections), so that a stop can wait for the last one to close.
#[derive(Debug, Default)]
pub struct OpenCount {
    open: AtomicUsize,
    emptied: Notify,
}

impl OpenCount {
    /// One more.
    pub fn add(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    /// One less.
    pub fn remove(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.emptied.notify_waiters();
        }
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Waits until none is open.
    pub async fn empty(&self) {
        loop {
            // Registered before the look, so that a last one leaving in between is not missed.
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if self.open() == 0 {
                return;
            }
            emptied.await;
        }
    }
}
