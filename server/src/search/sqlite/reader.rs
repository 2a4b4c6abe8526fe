//! The reading end.

use std::{sync::Arc, time::Instant};

use futures_util::future::BoxFuture;
use maru_protocol::Seq;
use rusqlite::{Connection, Rows, params};

use super::index_file::IndexFile;
use crate::{
    journal::{RoomId, sqlite::place},
    search::{Candidate, CandidateQuery, IndexReader, SearchError},
};

/// Texts that were looked at between two looks at the clock.
const STEPS: u32 = 64;

/// Reads the index. Its futures are done when they are made: the thread that has it may be blocked.
pub struct SqliteReader {
    shared: Arc<IndexFile>,
    /// The connection, and to which of the files.
    conn: Option<(u64, Connection)>,
}

impl SqliteReader {
    pub(super) fn new(shared: Arc<IndexFile>) -> Self {
        Self { shared, conn: None }
    }

    fn search(
        &mut self,
        wanted: &CandidateQuery,
        until: Instant,
    ) -> Result<Vec<Candidate>, SearchError> {
        let looked = self.conn().and_then(|conn| look(conn, wanted, until));
        looked.unwrap_or_else(|error| {
            self.conn = None;
            if matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
            ) {
                self.shared.report();
            }
            Err(SearchError::Away(error.to_string()))
        })
    }

    fn conn(&mut self) -> rusqlite::Result<&Connection> {
        let made = self.shared.made();
        if self.conn.as_ref().is_none_or(|(of, _)| *of != made) {
            self.conn = None;
            self.conn = Some((made, self.shared.reader()?));
        }
        match &self.conn {
            Some((_, conn)) => Ok(conn),
            None => Err(rusqlite::Error::InvalidQuery),
        }
    }
}

impl IndexReader for SqliteReader {
    fn candidates<'a>(
        &'a mut self,
        wanted: &'a CandidateQuery,
        until: Instant,
    ) -> BoxFuture<'a, Result<Vec<Candidate>, SearchError>> {
        let found = self.search(wanted, until);
        Box::pin(std::future::ready(found))
    }
}

type Looked = Result<Vec<Candidate>, SearchError>;

/// Room by room, the newest texts first.
fn look(conn: &Connection, wanted: &CandidateQuery, until: Instant) -> rusqlite::Result<Looked> {
    let expression = expression(wanted);
    let sql = match &expression {
        Some(_) => {
            "SELECT rowid, text, at FROM texts WHERE texts MATCH ?1 AND rowid > ?2 AND rowid < ?3
             ORDER BY rowid DESC LIMIT ?4"
        }
        None => {
            "SELECT id, c0, c1 FROM texts_content WHERE ?1 IS NULL AND id > ?2 AND id < ?3
             ORDER BY id DESC LIMIT ?4"
        }
    };
    let most = if expression.is_some() { -1 } else { i64::try_from(wanted.scan).unwrap_or(-1) };
    let mut statement = conn.prepare_cached(sql)?;
    let mut found = Vec::new();
    for room in &wanted.rooms {
        let (low, high) = (place::bound(*room, Seq::ZERO), place::bound(*room, Seq::MAX));
        let rows = statement.query(params![expression, low, high, most])?;
        if !collect(rows, wanted, *room, until, &mut found)? {
            return Ok(Err(SearchError::TooLong));
        }
    }
    Ok(Ok(found))
}

/// False when the time was over.
fn collect(
    mut rows: Rows<'_>,
    wanted: &CandidateQuery,
    room: RoomId,
    until: Instant,
    found: &mut Vec<Candidate>,
) -> rusqlite::Result<bool> {
    let (mut count, mut steps) = (0, 0);
    while count < wanted.most
        && let Some(row) = rows.next()?
    {
        let text = row.get_ref(1)?.as_str()?;
        if wanted.needles.occur_in(text) {
            count += 1;
            found.push(Candidate {
                room,
                seq: place::seq(row.get(0)?),
                at: row.get::<_, i64>(2)?.cast_unsigned(),
                text: text.to_owned(),
            });
        }
        steps += 1;
        if steps % STEPS == 0 && Instant::now() >= until {
            return Ok(false);
        }
    }
    Ok(Instant::now() < until)
}

/// What FTS5 is asked: grams as strings, all of them. None where no needle has one.
fn expression(wanted: &CandidateQuery) -> Option<String> {
    let grams = wanted.needles.probes();
    let quoted = grams.iter().map(|gram| format!("\"{}\"", gram.replace('"', "\"\"")));
    (!grams.is_empty()).then(|| quoted.collect::<Vec<_>>().join(" AND "))
}
