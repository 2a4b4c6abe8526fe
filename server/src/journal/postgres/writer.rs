//! The writer thread, which ends last.

use std::{sync::Arc, thread::JoinHandle};

use tokio::sync::{mpsc, watch};

use super::commit::PostgresLog;
use crate::journal::{
    Batch,
    writer::{self, jobs::Job, queue::Queue},
};

/// Everything that ends when the journal does, in the order in which it ends.
pub(super) struct WriterThread {
    pub(super) log: PostgresLog,
    pub(super) jobs: Arc<Queue<Job>>,
    pub(super) commits: mpsc::Sender<Batch>,
    /// Most jobs in a transaction.
    pub(super) most: usize,
    /// Dropped, it ends the readers.
    pub(super) reading: watch::Sender<()>,
    pub(super) readers: Vec<JoinHandle<()>>,
    /// Dropped as the last act: the sign that all is over.
    pub(super) alive: watch::Receiver<()>,
}

impl WriterThread {
    /// Runs until the queue is closed and empty.
    pub(super) fn run(self) {
        let Self { mut log, jobs, commits, most, reading, readers, alive } = self;
        // Whatever ends this thread, nobody is left waiting for it.
        let _queue = Abandon(Arc::clone(&jobs));
        writer::serve(&mut log, &jobs, &commits, most);
        drop(commits);
        log.close();
        drop(reading);
        for reader in readers {
            if reader.join().is_err() {
                log::error!("a bug: the journal's readers panicked");
            }
        }
        drop(alive);
    }
}

/// Closes the queue when the thread unwinds: `append` then answers `Full`, and the outcomes' channel
/// ends, which tells the engine that the journal is gone.
struct Abandon(Arc<Queue<Job>>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
