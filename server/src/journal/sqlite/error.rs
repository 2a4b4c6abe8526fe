//! Why a journal file could not be opened, in sentences for the person who runs the server.

use std::{io, path::PathBuf};

use crate::journal::integrity::fault::Fault;

/// Why the store did not open. No entry was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder can't be made, or nothing can be written into it.
    #[error("the journal's folder {} can't be used: {why}", folder.display())]
    Folder {
        /// The folder that could not be prepared.
        folder: PathBuf,
        /// The system's reason.
        why: io::Error,
    },
    /// The file exists and can't be read or written.
    #[error("the journal {} can't be opened for reading and writing: {why}", path.display())]
    Unwritable {
        /// The journal's file.
        path: PathBuf,
        /// The reason, as SQLite or the system gives it.
        why: String,
    },
    /// `verify`, `renew` or `migrate` was asked for a file that is not there.
    #[error("there is no journal at {}", path.display())]
    Missing {
        /// The journal's file.
        path: PathBuf,
    },
    /// Another process holds the lock.
    #[error(
        "another server holds the journal {}: stop that one, or give this one a file of its own",
        path.display()
    )]
    Held {
        /// The journal's file.
        path: PathBuf,
    },
    /// Not SQLite, or a database of some other program.
    #[error("{} is not a journal of Maru: it is {what}", path.display())]
    NotAJournal {
        /// The journal's file.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// Written by a newer Maru.
    #[error(
        "the journal {} has version {found}, and this server knows versions up to {known}: \
         run the newer server that wrote it",
        path.display()
    )]
    Newer {
        /// The journal's file.
        path: PathBuf,
        /// The version of the journal that was found.
        found: i64,
        /// The newest version this server knows.
        known: i64,
    },
    /// `verify` was asked for a file that an older Maru wrote and no server has brought up to date.
    #[error(
        "the journal {} has version {found} and this server reads version {known}: \
         start the server once, it brings the file up to date",
        path.display()
    )]
    Older {
        /// The journal's file.
        path: PathBuf,
        /// The version of the journal that was found.
        found: i64,
        /// The version this server reads.
        known: i64,
    },
    /// The linked SQLite is older than 3.51.3.
    #[error("SQLite {0} can damage journals (a WAL bug fixed in 3.51.3): link a newer one")]
    OldSqlite(&'static str),
    /// The newest entries don't hold together.
    #[error(
        "the journal {} is damaged: {fault}; `maru-server verify` lists all damage; \
         restore a backup, or move the file away to start with an empty journal",
        path.display()
    )]
    Damaged {
        /// The journal's file.
        path: PathBuf,
        /// The first damage that was found.
        fault: Box<Fault>,
    },
    /// Commits are in the write-ahead log that SQLite would forget.
    #[error(
        "the write-ahead log {} is damaged: {}; restore a backup, or go on without them by \
         `maru-server renew --lose-commits`, after which everybody loads every room anew",
        log.display(),
        lost(*frame, *commits)
    )]
    DamagedLog {
        /// The log's file.
        log: PathBuf,
        /// The first frame that can't be read, from 1; 0 is the header.
        frame: u64,
        /// Acknowledged commits from there on.
        commits: u64,
    },
    /// The file system can't hold a write-ahead log (some network file systems).
    #[error("the journal {} needs a local disk: SQLite's WAL does not work there", path.display())]
    NoWal {
        /// The journal's file.
        path: PathBuf,
    },
    /// Anything else that SQLite or the system said.
    #[error("the journal {} can't be opened: {why}", path.display())]
    Store {
        /// The journal's file.
        path: PathBuf,
        /// The reason, as SQLite or the system gives it.
        why: String,
    },
}

fn lost(frame: u64, commits: u64) -> String {
    match frame {
        0 => "its header can't be read, and what was committed lies behind it".to_owned(),
        _ => format!(
            "frame {frame} can't be read, and {commits} commits from there on were acknowledged"
        ),
    }
}

impl OpenError {
    /// Sorts what SQLite says about a file.
    pub(super) fn of_sqlite(path: &std::path::Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let path = path.to_path_buf();
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::NotADatabase) => Self::NotAJournal { path, what: "no SQLite database" },
            Some(Code::DatabaseCorrupt) => {
                Self::Damaged { path, fault: Box::new(Fault::of_file(why)) }
            }
            Some(Code::CannotOpen | Code::ReadOnly | Code::PermissionDenied) => {
                Self::Unwritable { path, why }
            }
            _ => Self::Store { path, why },
        }
    }
}
