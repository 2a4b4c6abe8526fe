//! A count that can be waited on to reach zero.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts what is open (connections, appends under way), so that a stop can wait for the last one.
#[derive(Debug, Default)]
pub struct OpenCount {
    open: AtomicUsize,
    emptied: Notify,
}

impl OpenCount {
    /// One more.
    pub fn add(&self) {
        self.add_many(1);
    }

    /// So many more.
    pub fn add_many(&self, number: usize) {
        self.open.fetch_add(number, Ordering::AcqRel);
    }

    /// One less.
    pub fn remove(&self) {
        self.remove_many(1);
    }

    /// So many less, of those that were added.
    pub fn remove_many(&self, number: usize) {
        if number > 0 && self.open.fetch_sub(number, Ordering::AcqRel) == number {
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
