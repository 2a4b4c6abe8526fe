//! The file, and how it is opened, made and thrown away.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use maru_protocol::Epoch;
use rusqlite::{Connection, OpenFlags};

use crate::search::DirtyRooms;

/// "MaSe" in the file's header (`PRAGMA application_id`).
const APPLICATION: i64 = 0x4D61_5365;

/// What lies in the file, and how texts are folded: another version is made anew.
const VERSION: i64 = 2;

/// How long SQLite waits for a lock: an operator's `sqlite3` shell may hold the file for a moment.
const BUSY: Duration = Duration::from_secs(2);

const TABLES: &str = "
    CREATE TABLE meta (epoch BLOB NOT NULL);
    CREATE TABLE rooms (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
    CREATE VIRTUAL TABLE texts USING fts5(
      text, at UNINDEXED, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
    );
    INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);";

/// What the two ends know of the file together.
#[derive(Debug)]
pub(super) struct IndexFile {
    pub(super) path: PathBuf,
    /// Counts the files that were at the path: a reader of an earlier one opens it again. 0 until
    /// there is one.
    made: AtomicU64,
    /// The reader found the file damaged.
    damaged: AtomicBool,
    dirty: Arc<DirtyRooms>,
}

impl IndexFile {
    pub(super) fn new(path: PathBuf, dirty: Arc<DirtyRooms>) -> Self {
        Self { path, made: AtomicU64::new(0), damaged: AtomicBool::new(false), dirty }
    }

    /// The reader met damage: the writer is to look after it.
    pub(super) fn report(&self) {
        self.damaged.store(true, Ordering::Relaxed);
        self.dirty.nudge();
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    pub(super) fn made(&self) -> u64 {
        self.made.load(Ordering::Acquire)
    }

    /// The writer has opened the file.
    pub(super) fn opened(&self) {
        self.damaged.store(false, Ordering::Relaxed);
        self.made.fetch_add(1, Ordering::Release);
    }

    /// Opens the file if it is an index of that journal.
    pub(super) fn open(&self, epoch: Epoch) -> rusqlite::Result<Option<Connection>> {
        if !self.path.exists() {
            return Ok(None);
        }
        let conn = connect(&self.path)?;
        let number = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        let ours = number("PRAGMA application_id")? == APPLICATION
            && number("PRAGMA user_version")? == VERSION;
        if !ours {
            return Ok(None);
        }
        let of: [u8; 16] = conn.query_row("SELECT epoch FROM meta", [], |row| row.get(0))?;
        Ok((of == *epoch.0.as_bytes()).then_some(conn))
    }

    /// Makes an empty index in place of whatever is there.
    pub(super) fn make(&self, epoch: Epoch) -> Result<Connection, CreateError> {
        self.remove()?;
        private(&self.path)?;
        let conn = connect(&self.path)?;
        conn.execute_batch(&format!(
            "BEGIN; {TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
        ))?;
        conn.execute("INSERT INTO meta (epoch) VALUES (?1)", [epoch.0.as_bytes()])?;
        conn.execute_batch("COMMIT")?;
        Ok(conn)
    }

    pub(super) fn remove(&self) -> io::Result<()> {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = self.path.as_os_str().to_owned();
            name.push(suffix);
            match fs::remove_file(Path::new(&name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// A connection that only reads; writing through it fails.
    pub(super) fn reader(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(BUSY)?;
        conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
        Ok(conn)
    }
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub(super) enum CreateError {
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// * `synchronous = NORMAL`: a commit waits for no disk, and what a power cut takes is read again.
/// * `secure_delete`: what is removed is overwritten.
/// * `journal_size_limit`: the log of a catch-up shrinks again.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA secure_delete = ON;
         PRAGMA wal_autocheckpoint = 2000;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA cache_size = -16384;",
    )?;
    Ok(conn)
}

/// Makes the file for this user alone, and its folder: it holds what people said.
fn private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
