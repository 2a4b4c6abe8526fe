//! The questions that the readers answer.

use maru_protocol::{RoomKey, Seq};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    place,
    reader::ReadError,
    row::{self, ENTRY_COLUMNS, ROOM_COLUMNS},
};
use crate::journal::{
    MOST_HEADS, Page, PageRange, RoomId, RoomQuery, RoomRecord,
    entries::{self, Decoder},
    pages::{self, Bounds, needle},
};

/// A page of more than this many entries grows its memory as it reads.
const USUAL_PAGE: u32 = 256;

pub(super) fn probe(conn: &Connection) -> Result<(), ReadError> {
    Ok(conn.prepare_cached("SELECT only FROM meta")?.query_row([], |_| Ok(()))?)
}

pub(super) fn room(conn: &Connection, key: &RoomKey) -> Result<Option<RoomRecord>, ReadError> {
    let sql = format!("SELECT {ROOM_COLUMNS} FROM rooms WHERE key = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([key.as_str()], row::room).optional()?;
    Ok(found.transpose()?)
}

/// The room's head and the entries come from one snapshot: it lasts from the first step of the
/// first statement until the last statement is dropped.
pub(super) fn page(conn: &Connection, room: RoomId, range: PageRange) -> Result<Page, ReadError> {
    let sql = format!("SELECT {ROOM_COLUMNS} FROM rooms WHERE id = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut snapshot = statement.query([room.0])?;
    let Some(found) = snapshot.next()? else { return Err(ReadError::NoRoom(room.0)) };
    let found = row::room(found)??;
    let Bounds { from_end, above, below, limit } = pages::bounds(range);
    let order = if from_end { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM entries WHERE place > ?1 AND place < ?2 \
         ORDER BY place {order} LIMIT ?3"
    );
    let mut entries = Vec::with_capacity(limit.min(USUAL_PAGE) as usize);
    let mut decoder = Decoder::new(&found.name);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows =
        statement.query(params![place::bound(room, above), place::bound(room, below), limit])?;
    while let Some(row) = rows.next()? {
        entries.push(decoder.entry(&row::stored(row)??)?);
    }
    if from_end {
        entries.reverse();
    }
    Ok(pages::whole(room, range, Page { entries, head: found.head })?)
}

pub(super) fn heads(conn: &Connection, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>, ReadError> {
    let mut statement = conn.prepare_cached("SELECT head FROM rooms WHERE id = ?1")?;
    let mut found = Vec::with_capacity(rooms.len().min(MOST_HEADS));
    for room in rooms.iter().take(MOST_HEADS) {
        let head: Option<i64> = statement.query_row([room.0], |row| row.get(0)).optional()?;
        if let Some(head) = head {
            found.push((*room, entries::seq_of("head", head)?));
        }
    }
    Ok(found)
}

/// Without a filter a walk along the index, as long as the answer; with one, until enough match.
pub(super) fn rooms(conn: &Connection, query: &RoomQuery) -> Result<Vec<RoomRecord>, ReadError> {
    let Some(needle) = needle(query.contains.as_deref().unwrap_or_default()) else {
        return Ok(Vec::new());
    };
    let filter = if needle.is_empty() { "?1 = ''" } else { "instr(replace(key, 'ς', 'σ'), ?1)" };
    let sql = format!(
        "SELECT {ROOM_COLUMNS} FROM rooms WHERE {filter} \
         ORDER BY active_slot DESC, active_at DESC, id DESC LIMIT ?2"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![needle, query.limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(row::room(row)??);
    }
    Ok(found)
}
