//! `maru-server renew`: another epoch, for a file that was restored from a backup.
//!
//! People may have seen more than a backup holds. Its epoch tells them so whatever their position
//! is, also when the room has grown past it since.

use std::path::Path;

use maru_protocol::Epoch;
use uuid::Uuid;

use super::{SqliteOptions, check, connection, error::OpenError, files::Lock, schema, wal};

/// Gives the journal at `path` a new epoch: every client loads every room anew. Once it answers,
/// that is durable. Nothing else of the journal changes, but an older file is brought up to date.
/// Killed on its way it has done all of it or nothing. `lose_commits` goes on without what a damaged write-ahead
/// log has lost.
///
/// # Errors
/// [`OpenError`]: there is no journal, a server holds it, or it does not pass the check of the
/// start. It keeps its epoch then.
pub fn renew(path: &Path, lose_commits: bool) -> Result<(), OpenError> {
    connection::check_library()?;
    if !path.exists() {
        return Err(OpenError::Missing { path: path.to_path_buf() });
    }
    let _lock = Lock::take(path)?;
    let of = |error: rusqlite::Error| OpenError::of_sqlite(path, &error);
    if !lose_commits {
        wal::check(path)?;
    }
    let conn = connection::writer_of_journal(path)?;
    let root = schema::root(&conn).map_err(of)?;
    let most = SqliteOptions::default().check;
    if let Err(fault) = check::newest(&conn, root, most).map_err(of)? {
        return Err(OpenError::Damaged { path: path.to_path_buf(), fault: Box::new(fault) });
    }
    schema::set_epoch(&conn, Epoch(Uuid::now_v7())).map_err(of)?;
    // What could not be read lies behind that commit still. Killed before it went, all of this is due again.
    connection::empty_log(&conn).map_err(of).map(drop)
}
