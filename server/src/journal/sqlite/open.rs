//! Opening a journal: the order of the checks, then the threads.

use std::{path::Path, sync::Arc, thread::JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, watch};

use super::{
    Sqlite, SqliteOptions, check, connection,
    error::OpenError,
    files::{self, Lock},
    health::Health,
    reader::{self, ReadJob},
    schema,
    transaction::SqliteLog,
    wal,
    writer::{Alive, WriterThread},
};
use crate::{
    journal::{Batch, writer::queue::Queue},
    priority::Priority,
};

impl Sqlite {
    /// Opens the journal at `path`, making it and its folder when missing, and starts its threads.
    ///
    /// The second half of the answer is the commit channel: one [`Batch`] per commit that holds
    /// appends, in order. Whoever takes from it must go on doing so until it ends (`None`), which
    /// it does after [`close`](crate::journal::Journal::close), or when the journal broke.
    ///
    /// Blocks on the disk, a few milliseconds as a rule: call it before anything is served.
    ///
    /// # Errors
    /// [`OpenError`], whose sentences are for the operator. Nothing keeps running.
    pub fn open(
        path: &Path,
        options: SqliteOptions,
    ) -> Result<(Arc<Self>, mpsc::Receiver<Batch>), OpenError> {
        connection::check_library()?;
        files::prepare(path)?;
        let lock = Lock::take(path)?;
        wal::check(path)?;
        let conn = connection::writer_up_to_date(path)?;
        let of = |error: rusqlite::Error| OpenError::of_sqlite(path, &error);
        let (epoch, root) = (schema::epoch(&conn).map_err(of)?, schema::root(&conn).map_err(of)?);
        if let Err(fault) = check::newest(&conn, root, options.check).map_err(of)? {
            log::error!(path:% = path.display(), fault:%; "the journal is damaged");
            return Err(OpenError::Damaged { path: path.to_path_buf(), fault: Box::new(fault) });
        }
        let threads = Threads { path, options: &options };
        let health = Arc::new(Health::new(files::folder(path).to_owned()));
        let mut log = SqliteLog::new(conn, root, options.erase_within, health.clone());
        // A server that was killed left there what it had erased, and perhaps a torn end, which is not to lie
        // behind new frames.
        log.empty_log();
        threads.start(log, epoch, lock, health)
    }
}

struct Threads<'a> {
    path: &'a Path,
    options: &'a SqliteOptions,
}

impl Threads<'_> {
    fn start(
        &self,
        log: SqliteLog,
        epoch: maru_protocol::Epoch,
        lock: Lock,
        health: Arc<Health>,
    ) -> Result<(Arc<Sqlite>, mpsc::Receiver<Batch>), OpenError> {
        let jobs = Arc::new(Queue::new(self.options.queue.max(1)));
        let reads = Arc::new(Queue::new(self.options.reads.max(1)));
        let directory = Arc::new(Queue::new(self.options.directory_reads.max(1)));
        let (commits, outcomes) = mpsc::channel(self.options.outcomes.max(1));
        let (ended, alive) = watch::channel(());
        // From here on, whatever fails drops this, and with it everything that was started.
        let journal = Arc::new(Sqlite {
            epoch,
            jobs: Arc::clone(&jobs),
            reads: Arc::clone(&reads),
            directory: Arc::clone(&directory),
            names: Arc::default(),
            health,
            ended: Arc::new(ended),
        });
        let mut readers = self.readers(&reads)?;
        readers.push(self.reader(Priority::Reads, "journal-directory".to_owned(), &directory)?);
        let reads = vec![reads, directory];
        let alive = Alive { _lock: lock, _ended: alive };
        let most = self.options.batch.max(1);
        let writer = WriterThread { log, jobs, commits, most, reads, readers, alive };
        self.spawn(Priority::Delivery, "journal-writer".to_owned(), move || writer.run())?;
        Ok((journal, outcomes))
    }

    fn readers(&self, reads: &Arc<Queue<ReadJob>>) -> Result<Vec<JoinHandle<()>>, OpenError> {
        (0..self.options.readers.max(1))
            .map(|number| self.reader(Priority::Reads, format!("journal-reader-{number}"), reads))
            .collect()
    }

    fn reader(
        &self,
        priority: Priority,
        name: String,
        reads: &Arc<Queue<ReadJob>>,
    ) -> Result<JoinHandle<()>, OpenError> {
        let conn: Connection = connection::reader_of_journal(self.path)?;
        let reads = Arc::clone(reads);
        self.spawn(priority, name, move || reader::run(&conn, &reads))
    }

    fn spawn(
        &self,
        priority: Priority,
        name: String,
        run: impl FnOnce() + Send + 'static,
    ) -> Result<JoinHandle<()>, OpenError> {
        priority.spawn(name, run).map_err(|error| OpenError::Store {
            path: self.path.to_path_buf(),
            why: format!("no thread could be started: {error}"),
        })
    }
}
