//! The writer thread.

use std::{sync::Arc, thread::JoinHandle};

use tokio::sync::{mpsc, watch};

use super::{files::Lock, reader::ReadJob, transaction::SqliteLog};
use crate::journal::{
    Batch,
    writer::{self, jobs::Job, queue::Queue},
};

/// Everything that ends when the journal does, in the order in which it ends.
pub(super) struct WriterThread {
    pub(super) log: SqliteLog,
    pub(super) jobs: Arc<Queue<Job>>,
    pub(super) commits: mpsc::Sender<Batch>,
    /// Most jobs in a transaction.
    pub(super) most: usize,
    /// What is asked of the readers.
    pub(super) reads: Vec<Arc<Queue<ReadJob>>>,
    pub(super) readers: Vec<JoinHandle<()>>,
    pub(super) alive: Alive,
}

/// Dropped as the writer's last act: the lock first, then the sign that all is over.
pub(super) struct Alive {
    pub(super) _lock: Lock,
    pub(super) _ended: watch::Receiver<()>,
}

impl WriterThread {
    /// Runs until the queue is closed and empty.
    pub(super) fn run(self) {
        let Self { mut log, jobs, commits, most, reads, readers, alive } = self;
        // Whatever ends this thread, nobody is left waiting for it.
        let _queues = Abandon(Arc::clone(&jobs), reads.clone());
        writer::serve(&mut log, &jobs, &commits, most);
        drop(commits);
        finish(log, &reads, readers);
        drop(alive);
    }
}

/// Ends the readers, so that nothing holds the write-ahead log, and empties it.
fn finish(log: SqliteLog, reads: &[Arc<Queue<ReadJob>>], readers: Vec<JoinHandle<()>>) {
    reads.iter().for_each(|reads| reads.close());
    for reader in readers {
        if reader.join().is_err() {
            log::error!("a bug: a reader of the journal panicked");
        }
    }
    if let Err(error) = log.checkpoint() {
        // Nothing is lost: the next start reads the log.
        log::warn!(error:%; "the journal's write-ahead log could not be emptied");
    }
}

/// Closes the queues when the thread unwinds: `append` then answers `Full`, reads err, and the
/// outcomes' channel ends, which tells the engine that the journal is gone.
pub(super) struct Abandon(pub(super) Arc<Queue<Job>>, pub(super) Vec<Arc<Queue<ReadJob>>>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
        self.1.iter().for_each(|reads| reads.abandon());
    }
}
