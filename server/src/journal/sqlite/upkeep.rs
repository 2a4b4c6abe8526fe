//! What the writer does beside transactions: it empties the write-ahead log of what was erased, and looks
//! whether a disk that failed takes something again.

use std::time::{Duration, Instant};

use rusqlite::TransactionBehavior;

use super::{connection, health::TRY_AGAIN, schema, transaction::SqliteLog};

/// Between two attempts to empty the log while somebody reads.
const AGAIN: Duration = Duration::from_secs(1);

impl SqliteLog {
    /// Does what is due.
    pub(super) fn keep_up(&mut self) {
        let is_over = |at: Option<Instant>| at.is_some_and(|at| at <= Instant::now());
        if is_over(self.retry) {
            self.look_again();
        }
        if is_over(self.due) {
            self.empty_log();
        }
    }

    /// A write failed. True when the disk is to blame, which is told, and looked at again.
    pub(super) fn failed(&mut self, error: &rusqlite::Error) -> bool {
        let is_disk = self.health.failed(error);
        if is_disk {
            self.retry.get_or_insert(Instant::now() + TRY_AGAIN);
        }
        is_disk
    }

    /// A rollback failed earlier (the disk); nothing can begin before it succeeds.
    pub(super) fn end_failed(&self) -> rusqlite::Result<()> {
        if self.conn.is_autocommit() { Ok(()) } else { self.conn.execute_batch("ROLLBACK") }
    }

    /// Writes what is there already, to see whether the disk takes it.
    fn try_write(&mut self) -> rusqlite::Result<()> {
        self.end_failed()?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Setting it writes the file's first page, whatever it was before.
        tx.pragma_update(None, "user_version", schema::VERSION)?;
        tx.commit()
    }

    /// Looks whether the disk is well again.
    fn look_again(&mut self) {
        if self.health.has_enough() {
            match self.try_write() {
                Ok(()) => {
                    self.health.works();
                    self.retry = None;
                    return;
                }
                Err(error) => log::debug!(error:%; "the journal still can't be written"),
            }
        }
        self.retry = Some(Instant::now() + TRY_AGAIN);
    }

    /// Moves the log into the database and empties it; where that can't be now, it is due again.
    pub(super) fn empty_log(&mut self) {
        self.due = match connection::empty_log(&self.conn) {
            Ok(true) => None,
            Ok(false) => Some(Instant::now() + AGAIN),
            Err(error) => {
                let after = Instant::now() + self.erase_within.max(AGAIN);
                if !self.failed(&error) {
                    log::warn!(error:%; "the write-ahead log, which has deleted texts, is not emptied");
                }
                Some(after)
            }
        };
    }
}
