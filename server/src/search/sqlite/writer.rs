//! The writing end.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use maru_protocol::{Epoch, Seq};
use rusqlite::{Connection, TransactionBehavior, params};

use super::index_file::{CreateError, IndexFile};
use crate::{
    journal::{RoomId, sqlite::place},
    search::{IndexBatch, IndexChange, IndexError, IndexWriter, Positions},
};

/// Writes the index. Its futures are done when they are made: the thread that has it may be blocked.
pub struct SqliteWriter {
    shared: Arc<IndexFile>,
    conn: Option<Connection>,
    /// Something was removed that the write-ahead log still has.
    removed: bool,
}

impl SqliteWriter {
    pub(super) fn new(shared: Arc<IndexFile>) -> Self {
        Self { shared, conn: None, removed: false }
    }

    fn open_file(&mut self, epoch: Epoch) -> Result<Positions, IndexError> {
        self.conn = None;
        let found = match self.shared.open(epoch) {
            Ok(Some(conn)) => positions(&conn).map(|positions| (conn, positions)).map_err(Some),
            Ok(None) => Err(None),
            Err(error) => Err(Some(error)),
        };
        let (conn, positions) = match found {
            Ok(found) => found,
            Err(Some(error)) if !is_damage(&error) => return Err(fault(&error)),
            Err(why) => {
                let why = why.map_or_else(|| "there is none yet".to_owned(), |e| e.to_string());
                log::info!(path:% = self.shared.path.display(), why; "making a search index");
                (self.shared.make(epoch).map_err(|error| unmade(&error))?, Positions::new())
            }
        };
        self.conn = Some(conn);
        // What an earlier process removed may lie in the log that it left.
        self.removed = true;
        self.shared.opened();
        Ok(positions)
    }

    fn take(&mut self, step: &IndexBatch) -> Result<(), IndexError> {
        self.sound()?;
        let Some(conn) = &mut self.conn else { return Err(closed()) };
        self.removed |= write(conn, step).map_err(|error| fault(&error))?;
        Ok(())
    }

    /// Empties the write-ahead log of what was removed. A search that is under way keeps it: the
    /// next moment is as good.
    fn tidy(&mut self) -> Result<(), IndexError> {
        self.sound()?;
        if self.removed
            && let Some(conn) = &self.conn
        {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            let busy = conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            self.removed = busy.map_err(|error| fault(&error))? != 0;
        }
        Ok(())
    }

    fn sound(&self) -> Result<(), IndexError> {
        if self.shared.is_damaged() {
            return Err(IndexError::Damaged("a search met damage".to_owned()));
        }
        Ok(())
    }
}

impl IndexWriter for SqliteWriter {
    fn open(&mut self, epoch: Epoch) -> BoxFuture<'_, Result<Option<Positions>, IndexError>> {
        let opened = self.open_file(epoch).map(Some);
        Box::pin(std::future::ready(opened))
    }

    fn apply(&mut self, step: IndexBatch) -> BoxFuture<'_, Result<(), IndexError>> {
        let taken = self.take(&step);
        Box::pin(std::future::ready(taken))
    }

    fn rest(&mut self) -> BoxFuture<'_, Result<(), IndexError>> {
        let tidied = self.tidy();
        Box::pin(std::future::ready(tidied))
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), IndexError>> {
        self.conn = None;
        let removed = self.shared.remove().map_err(|error| unmade(&error.into()));
        Box::pin(std::future::ready(removed))
    }
}

pub(super) fn positions(conn: &Connection) -> rusqlite::Result<Positions> {
    let mut statement = conn.prepare("SELECT room, seq FROM rooms")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    rows.map(|row| row.map(|(room, seq)| (RoomId(room), seq_of(seq)))).collect()
}

/// One transaction; whether something was removed.
fn write(conn: &mut Connection, step: &IndexBatch) -> rusqlite::Result<bool> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut removed = false;
    {
        let mut insert =
            tx.prepare_cached("INSERT INTO texts (rowid, text, at) VALUES (?1, ?2, ?3)")?;
        let mut update = tx.prepare_cached("UPDATE texts SET text = ?2 WHERE rowid = ?1")?;
        let mut delete = tx.prepare_cached("DELETE FROM texts WHERE rowid = ?1")?;
        let mut known = tx.prepare_cached("SELECT 1 FROM texts WHERE rowid = ?1")?;
        for change in &step.changes {
            match change {
                IndexChange::Put { room, seq, at, text } => {
                    let Some(place) = place::of(*room, *seq) else { continue };
                    if known.exists([place])? {
                        removed |= update.execute(params![place, text])? > 0;
                    } else {
                        insert.execute(params![place, text, at.cast_signed()])?;
                    }
                }
                IndexChange::Remove { room, seq } => {
                    let Some(place) = place::of(*room, *seq) else { continue };
                    removed |= delete.execute([place])? > 0;
                }
            }
        }
        for room in &step.removed {
            let of = (place::bound(*room, Seq::ZERO), place::bound(*room, Seq::MAX));
            let texts = "DELETE FROM texts WHERE rowid > ?1 AND rowid < ?2";
            removed |= tx.prepare_cached(texts)?.execute([of.0, of.1])? > 0;
            tx.prepare_cached("DELETE FROM rooms WHERE room = ?1")?.execute([room.0])?;
        }
        let mut position = tx.prepare_cached(
            "INSERT INTO rooms (room, seq) VALUES (?1, ?2)
             ON CONFLICT (room) DO UPDATE SET seq = excluded.seq",
        )?;
        for (room, seq) in &step.positions {
            position.execute(params![room.0, seq.get().cast_signed()])?;
        }
    }
    tx.commit()?;
    Ok(removed)
}

/// Beyond the bounds it is as good as anything: the index is found ahead, and made anew.
fn seq_of(number: i64) -> Seq {
    Seq::new(number.cast_unsigned()).unwrap_or(Seq::MAX)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, DatabaseCorrupt, NotADatabase, TypeMismatch};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase | ConstraintViolation | TypeMismatch) => true,
        // A table or a row that is not there, or not what it was.
        Some(rusqlite::ErrorCode::Unknown) | None => true,
        Some(_) => false,
    }
}

fn fault(error: &rusqlite::Error) -> IndexError {
    let why = error.to_string();
    if is_damage(error) { IndexError::Damaged(why) } else { IndexError::Away(why) }
}

fn unmade(error: &CreateError) -> IndexError {
    IndexError::Away(error.to_string())
}

fn closed() -> IndexError {
    IndexError::Away("a bug: the index is not open".to_owned())
}
