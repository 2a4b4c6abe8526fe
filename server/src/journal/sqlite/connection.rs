//! Connections to the file, each with the settings of its use.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{error::OpenError, schema};

/// 3.51.3. Older ones can corrupt a database in WAL mode when two connections write and reset the
/// log at the same moment (<https://sqlite.org/wal.html#walresetbug>).
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long SQLite waits for a lock before it says "busy". Nobody but this process writes; an
/// operator's `sqlite3` shell may hold the file for a moment.
const BUSY: Duration = Duration::from_secs(5);

/// How long emptying the write-ahead log waits for those who read: the writer stands still meanwhile.
const MOMENT: Duration = Duration::from_millis(20);

/// Prepared statements kept per connection: more than there are different ones.
const STATEMENTS: usize = 32;

/// The writer: durable at every commit.
///
/// * `synchronous=FULL`: one fsync of the log per commit, which is what "acknowledged" means.
/// * `wal_autocheckpoint`: 4,000 pages (16 MB). A checkpoint costs the commit that meets it a sync
///   of the database; the default of 1,000 pages meets it four times as often and writes the same
///   hot pages again each time.
/// * `journal_size_limit`: a log that grew behind a slow reader shrinks back to 64 MB.
/// * `secure_delete`: what is erased is overwritten with zeros. It costs appends nothing, as they
///   free nothing.
/// * `cache_size`: 32 MB, which holds the inner pages of the id index at 10 million entries.
const WRITER: &str = "PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA secure_delete = ON;
    PRAGMA cache_size = -32768;";

/// A reader: a small cache, as each commit of the writer empties it. 16 MB, which hold the inner
/// pages of a room of ten million, made no page faster than 4 MB.
///
/// No `mmap_size`: it makes a page 5 us faster while nobody writes and 30 us slower while somebody
/// does, and it would turn a failing disk into a signal that ends the server.
const READER: &str = "PRAGMA query_only = ON;
    PRAGMA cache_size = -4096;";

/// Refuses a SQLite that can damage files.
pub(super) fn check_library() -> Result<(), OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite(rusqlite::version()));
    }
    Ok(())
}

/// Opens the file for the writer, as it is: no table is looked at yet.
pub(super) fn writer(path: &Path) -> rusqlite::Result<Connection> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    conn.execute_batch(WRITER)?;
    Ok(conn)
}

/// Opens the file for reading; writing through it fails.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.execute_batch(READER)?;
    Ok(conn)
}

/// Moves the write-ahead log into the database and empties it. False when somebody who reads is in
/// the way.
pub(super) fn empty_log(conn: &Connection) -> rusqlite::Result<bool> {
    conn.busy_timeout(MOMENT)?;
    let busy = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    conn.busy_timeout(BUSY)?;
    Ok(busy? == 0)
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan once made stays. Without this the bundled SQLite (STAT4) compiles a prepared statement
    // again whenever a bound of a range changes, which cost a page a third of its time.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(conn)
}

/// Opens the file for writing and brings it up to this server's version; an empty one becomes a
/// journal.
pub(super) fn writer_up_to_date(path: &Path) -> Result<Connection, OpenError> {
    up_to_date(path, Some(0))
}

/// The same of a file that is a journal already.
pub(super) fn writer_of_journal(path: &Path) -> Result<Connection, OpenError> {
    up_to_date(path, None)
}

/// `empty` is the version that an empty file counts as.
fn up_to_date(path: &Path, empty: Option<i64>) -> Result<Connection, OpenError> {
    let of = |error: rusqlite::Error| OpenError::of_sqlite(path, &error);
    let mut conn = writer(path).map_err(of)?;
    let version = match schema::kind(&conn).map_err(of)? {
        schema::Kind::Empty => empty.ok_or_else(|| nothing(path))?,
        schema::Kind::Journal(version) => version,
        schema::Kind::Foreign => return Err(foreign(path)),
    };
    if version > schema::VERSION {
        return Err(newer(path, version));
    }
    write_ahead(&conn, path)?;
    schema::migrate(&mut conn, version).map_err(of)?;
    Ok(conn)
}

/// Opens a file of exactly this server's version for reading.
pub(super) fn reader_of_journal(path: &Path) -> Result<Connection, OpenError> {
    let of = |error: rusqlite::Error| OpenError::of_sqlite(path, &error);
    let conn = reader(path).map_err(of)?;
    let known = schema::VERSION;
    match schema::kind(&conn).map_err(of)? {
        schema::Kind::Journal(found) if found == known => Ok(conn),
        schema::Kind::Journal(found) if found > known => Err(newer(path, found)),
        schema::Kind::Journal(found) => {
            Err(OpenError::Older { path: path.to_path_buf(), found, known })
        }
        schema::Kind::Empty => Err(nothing(path)),
        schema::Kind::Foreign => Err(foreign(path)),
    }
}

fn newer(path: &Path, found: i64) -> OpenError {
    OpenError::Newer { path: path.to_path_buf(), found, known: schema::VERSION }
}

fn nothing(path: &Path) -> OpenError {
    OpenError::NotAJournal { path: path.to_path_buf(), what: "empty" }
}

fn foreign(path: &Path) -> OpenError {
    OpenError::NotAJournal { path: path.to_path_buf(), what: "a database of another program" }
}

/// Readers and the writer don't wait for each other only with a write-ahead log. The mode lies in
/// the file and stays.
fn write_ahead(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let mode: String = conn
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(|error| OpenError::of_sqlite(path, &error))?;
    if mode == "wal" { Ok(()) } else { Err(OpenError::NoWal { path: path.to_path_buf() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_new_enough() {
        assert!(check_library().is_ok());
    }

    #[test]
    fn a_commit_of_the_writer_is_synced() {
        let folder = tempfile::tempdir().unwrap();
        let conn = writer_up_to_date(&folder.path().join("j.db")).unwrap();
        let number = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("PRAGMA synchronous"), 2);
        assert_eq!(number("PRAGMA foreign_keys"), 1);
        assert_eq!(number("PRAGMA secure_delete"), 1);
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.db");
        let _writer = writer_up_to_date(&path).unwrap();
        assert!(reader(&path).unwrap().execute("DELETE FROM meta", []).is_err());
    }
}
