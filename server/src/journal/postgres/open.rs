//! Opening a journal: the order of the checks, then the threads.

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use sqlx::{Error, Executor as _, PgConnection, Row as _};
use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot, watch},
};

use super::{
    Postgres, PostgresOptions,
    commit::PostgresLog,
    connection::Target,
    error::OpenError,
    link::{Health, Link},
    reader::{self, Reads},
    schema::{self, Birth, Kind, Meta},
    writer::WriterThread,
};
use crate::{
    journal::{Batch, writer::queue::Queue},
    priority::Priority,
};

/// Looks at the directory that wait for its connection: those of an office that comes in at once, twice over, at a
/// millisecond each as a rule.
const DIRECTORY_READS: usize = 1_024;

/// Between two attempts while Postgres starts or another node prepares the database.
const AGAIN: Duration = Duration::from_millis(200);

type Opened = (Arc<Postgres>, mpsc::Receiver<Batch>);

impl Postgres {
    /// Opens the journal at an address like `postgres://user:password@host/database`, making its
    /// tables when they are missing, and starts its threads. A Postgres that does not answer is
    /// waited for, for as long as the time-out of the options.
    ///
    /// The second half of the answer is the commit channel: one [`Batch`] per commit that holds
    /// appends, in order. Whoever takes from it must go on doing so until it ends (`None`), which
    /// it does after [`close`](crate::journal::Journal::close), or when the journal broke.
    ///
    /// # Errors
    /// [`OpenError`], whose sentences are for the operator. Nothing keeps running.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Opened, OpenError> {
        let target = Target::parse(url, options.timeout)?;
        let shown = target.shown.clone();
        let (tell, opened) = oneshot::channel();
        // The writer's thread opens: the connection is used where it was made.
        spawn(Priority::Delivery, "journal-writer", &shown, move || {
            match prepare(target, &options) {
                Ok((opened, writer)) => {
                    // Whoever gave up meanwhile has dropped the journal, which ends the writer.
                    let _ = tell.send(Ok(opened));
                    writer.run();
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            }
        })?;
        let died = || OpenError::Store { at: shown, why: "its thread died".to_owned() };
        opened.await.unwrap_or_else(|_| Err(died()))
    }
}

/// Connects, brings the schema up, starts the readers.
fn prepare(target: Target, options: &PostgresOptions) -> Result<(Opened, WriterThread), OpenError> {
    let runtime = runtime(&target.shown)?;
    let (conn, Meta { epoch, root, .. }) = runtime.block_on(until_there(&target))?;
    let health = Health::new(target.shown.clone());
    let link = || Link::new(target.clone(), epoch, health.clone());
    let jobs = Arc::new(Queue::new(options.queue.max(1)));
    let (commits, outcomes) = mpsc::channel(options.outcomes.max(1));
    let (ended, alive) = watch::channel(());
    let (reads, queue) = Reads::new(options.reads, target.limit);
    let (reading, reading_ends) = watch::channel(());
    let readers = options.pool.saturating_sub(1).max(1);
    // What other nodes said comes by these as well.
    let readers = start_readers(
        (Priority::Delivery, "journal-reader"),
        &target.shown,
        (0..readers).map(|_| link()).collect(),
        (reads.clone(), queue),
        reading_ends,
    )?;
    let (directory, looks) = Reads::new(DIRECTORY_READS, target.limit);
    let looked = start_readers(
        (Priority::Reads, "journal-directory"),
        &target.shown,
        vec![link()],
        (directory.clone(), looks),
        reading.subscribe(),
    )?;
    let log = PostgresLog::new(runtime, link().over(conn), root);
    let journal = Arc::new(Postgres {
        epoch,
        jobs: Arc::clone(&jobs),
        reads,
        directory,
        names: Arc::default(),
        available: health.available(),
        ended: Arc::new(ended),
    });
    let most = options.batch.max(1);
    let readers = vec![readers, looked];
    let writer = WriterThread { log, jobs, commits, most, reading, readers, alive };
    Ok(((journal, outcomes), writer))
}

fn start_readers(
    (priority, name): (Priority, &str),
    shown: &str,
    links: Vec<Link>,
    (reads, queue): (Reads, mpsc::Receiver<Box<dyn reader::PendingRead>>),
    ends: watch::Receiver<()>,
) -> Result<JoinHandle<()>, OpenError> {
    let runtime = runtime(shown)?;
    spawn(priority, name, shown, move || runtime.block_on(reader::run(links, reads, queue, ends)))
}

/// sqlx's connections live on the runtime that made them. Each of the journal's threads has one of
/// its own: those of actix come and go with their workers, and wait for nobody's SQL.
fn runtime(shown: &str) -> Result<Runtime, OpenError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        OpenError::Store { at: shown.to_owned(), why: format!("no runtime: {error}") }
    })
}

fn spawn(
    priority: Priority,
    name: &str,
    shown: &str,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, OpenError> {
    priority.spawn(name.to_owned(), run).map_err(|error| OpenError::Store {
        at: shown.to_owned(),
        why: format!("no thread could be started: {error}"),
    })
}

async fn until_there(target: &Target) -> Result<(PgConnection, Meta), OpenError> {
    let until = Instant::now() + target.limit;
    loop {
        match look(target).await {
            Err(error) if error.passes() && Instant::now() < until => {
                tokio::time::sleep(AGAIN).await;
            }
            done => return done,
        }
    }
}

/// One attempt: is it a Postgres that can hold a journal, and does it?
async fn look(target: &Target) -> Result<(PgConnection, Meta), OpenError> {
    let at = target.shown.as_str();
    let of = |error: Error| OpenError::of(at, &error);
    let mut conn = target.connect_as_server().await.map_err(of)?;
    check_server(&mut conn, at).await?;
    let kind = schema::bring_up(&mut conn, Birth::fresh()).await.map_err(of)?;
    Ok((conn, journal_of(kind, at)?))
}

pub(super) async fn check_server(conn: &mut PgConnection, at: &str) -> Result<(), OpenError> {
    let sql = "SELECT current_setting('server_encoding'), pg_is_in_recovery(),
                      current_setting('fsync')";
    let found = conn.fetch_one(sqlx::query(sql).persistent(false)).await;
    let found = found.and_then(|row| {
        Ok((row.try_get::<String, _>(0)?, row.try_get::<bool, _>(1)?, row.try_get::<String, _>(2)?))
    });
    let (encoding, standby, fsync) = found.map_err(|error| OpenError::of(at, &error))?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { at: at.to_owned(), found: encoding });
    }
    if standby {
        return Err(OpenError::Standby { at: at.to_owned() });
    }
    if fsync != "on" {
        log::warn!(at; "Postgres runs with fsync = off: a power cut can lose what was acknowledged");
    }
    Ok(())
}

/// What a journal that this server can work with says of itself.
pub(super) fn journal_of(kind: Kind, at: &str) -> Result<Meta, OpenError> {
    let (at, known) = (at.to_owned(), schema::VERSION);
    match kind {
        Kind::Empty => Err(OpenError::Missing { at }),
        Kind::Foreign => Err(OpenError::Foreign { at }),
        Kind::Journal(meta) if meta.version > known => {
            Err(OpenError::Newer { at, found: meta.version, known })
        }
        Kind::Journal(meta) if meta.version < known => {
            Err(OpenError::Older { at, found: meta.version, known })
        }
        Kind::Journal(meta) if meta.copying => Err(OpenError::Unfinished { at }),
        Kind::Journal(meta) => Ok(meta),
    }
}
