//! What is read by messages: indexes skip what lies between.

use maru_engine::log::history::{self, Beyond, Source, Touched};
use maru_protocol::{Entry, Seq};
use rusqlite::{Connection, Params, params};

use super::{
    place,
    query::{self, Reading},
    reader::ReadError,
    row::{self, ENTRY_COLUMNS},
};
use crate::journal::{
    Page, PageRange, RoomId, RoomRecord,
    rows::entries::{self, Unreadable},
};

/// What the index `entries_said` has: word by word, or it is not used.
pub(super) const SAID: &str = "kind = 1 AND (body <> '' OR more IS NOT NULL)";
/// What the index `entries_noted` has.
const NOTED: &str = "(kind IN (2, 3, 5, 6) OR (kind = 1 AND body = '' AND more IS NULL))";

pub(super) fn history(
    conn: &Connection,
    room: RoomId,
    range: PageRange,
) -> Result<Page, ReadError> {
    query::in_room(conn, room, |found| {
        let first = query::page_of(conn, found, range)?;
        complete(conn, found, Beyond::of(range, &first), first)
    })
}

pub(super) fn missed(
    conn: &Connection,
    room: RoomId,
    after: Seq,
    limit: u32,
) -> Result<Option<Page>, ReadError> {
    query::in_room(conn, room, |found| {
        if !history::is_far(after, found.head, limit) {
            return query::page_of(conn, found, PageRange::After { after, limit }).map(Some);
        }
        let nothing = query::page_of(conn, found, PageRange::After { after, limit: 0 })?;
        let beyond = Beyond::missed(after, found.head, limit);
        let page = complete(conn, found, Some(beyond), nothing)?;
        Ok(history::unless_too_much(page, limit))
    })
}

fn complete(
    conn: &Connection,
    found: &RoomRecord,
    beyond: Option<Beyond>,
    first: Page,
) -> Result<Page, ReadError> {
    let Some(beyond) = beyond else { return Ok(first) };
    let reading = Reading::anywhere(conn, found);
    let part = beyond.read(&mut Log { conn, room: found.id, reading })?;
    Ok(beyond.complete(first, part))
}

/// Messages between two places that are not deleted, in that order.
fn said(order: &str) -> String {
    format!(
        "SELECT {ENTRY_COLUMNS} FROM entries INDEXED BY entries_said
         WHERE {SAID} AND place > ?1 AND place < ?2 ORDER BY place {order} LIMIT ?3"
    )
}

/// The newest other entries but reactions between two places.
fn noted() -> String {
    format!(
        "SELECT {ENTRY_COLUMNS} FROM entries INDEXED BY entries_noted
         WHERE {NOTED} AND place > ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3"
    )
}

/// Messages of a room by their newest change above a seq.
const TOUCHED: &str = "SELECT place, changed FROM states INDEXED BY states_changed
    WHERE place >> 36 = ?1 AND changed > ?2 ORDER BY changed LIMIT ?3";

struct Log<'a> {
    conn: &'a Connection,
    room: RoomId,
    reading: Reading<'a>,
}

impl Log<'_> {
    fn entries(&mut self, sql: &str, params: impl Params) -> Result<Vec<Entry>, ReadError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(self.reading.entry(&row::stored(row)??)?);
        }
        Ok(entries)
    }

    fn message(&mut self, seq: Seq) -> Result<Entry, ReadError> {
        let sql = format!("SELECT {ENTRY_COLUMNS} FROM entries WHERE place = ?1");
        let found = self.entries(&sql, [place::bound(self.room, seq)])?.pop();
        let missing = || Unreadable(format!("entry {seq}: it changed, and is missing"));
        Ok(found.ok_or_else(missing)?)
    }
}

impl Source for Log<'_> {
    type Error = ReadError;

    fn said_below(&mut self, below: Seq, limit: u32) -> Result<Vec<Entry>, ReadError> {
        let (above, below) = (place::bound(self.room, Seq::ZERO), place::bound(self.room, below));
        let mut said = self.entries(&said("DESC"), params![above, below, limit])?;
        said.reverse();
        Ok(said)
    }

    fn said_above(&mut self, above: Seq, limit: u32) -> Result<Vec<Entry>, ReadError> {
        let (above, below) = (place::bound(self.room, above), place::bound(self.room, Seq::MAX));
        self.entries(&said("ASC"), params![above, below, limit])
    }

    fn noted(&mut self, above: Seq, below: Seq, limit: u32) -> Result<Vec<Entry>, ReadError> {
        let (above, below) = (place::bound(self.room, above), place::bound(self.room, below));
        self.entries(&noted(), params![above, below, limit])
    }

    fn touched(&mut self, above: Seq, limit: u32) -> Result<Vec<Touched>, ReadError> {
        let mut statement = self.conn.prepare_cached(TOUCHED)?;
        let mut rows = statement.query(params![self.room.0, entries::number(above), limit])?;
        let mut touched = Vec::new();
        while let Some(row) = rows.next()? {
            let (seq, changed) =
                (place::seq(row.get(0)?), entries::seq_of("changed", row.get(1)?)?);
            let message = if seq <= above { Some(self.message(seq)?) } else { None };
            touched.push(Touched { changed, message });
        }
        Ok(touched)
    }
}

#[cfg(test)]
mod tests;
