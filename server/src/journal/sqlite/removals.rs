//! Removing rooms, and erasing what was in them.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    marks::apart,
    place,
    reader::ReadError,
    row::{self, ROOM_COLUMNS},
    transaction::Transaction,
};
use crate::journal::{
    EmptyPlace, JournalError, MOST_EMPTY, MOST_ERASED, RemoveWhen, RoomId, RoomRecord,
    projections::files::{DOOMED, signed},
    rows::{directory::empty_slot, removed},
};
use maru_protocol::Seq;

/// See [`crate::journal::Removals::empty_rooms`].
pub(super) fn empty_rooms(
    conn: &Connection,
    from: EmptyPlace,
    before: u64,
) -> Result<Vec<RoomRecord>, ReadError> {
    let sql = format!(
        "SELECT {ROOM_COLUMNS} FROM rooms
           WHERE active_slot >= ?1 AND active_slot < ?2 AND (active_slot, id) > (?1, ?3)
           ORDER BY active_slot, id LIMIT ?4"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![
        empty_slot(signed(from.made)),
        empty_slot(signed(before)),
        from.room,
        MOST_EMPTY
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(row::room(row)??);
    }
    Ok(found)
}

impl Transaction<'_> {
    /// See [`crate::journal::Removals::remove`].
    pub(super) fn remove(
        &mut self,
        room: &RoomRecord,
        when: RemoveWhen,
    ) -> rusqlite::Result<Result<bool, JournalError>> {
        // An earlier append of this transaction is not in the room's row yet.
        let spoken = self.heads.get(&room.id).is_some_and(|head| head.seq > Seq::ZERO);
        let (empty, before) = removed::condition(when);
        if empty && spoken {
            return Ok(Ok(false));
        }
        let gone = apart(self.conn, |conn| take_out(conn, room, empty, before))?;
        if gone == Ok(true) {
            self.heads.remove(&room.id);
            *self.erased = true;
        }
        Ok(gone)
    }

    /// See [`crate::journal::Removals::erase`].
    pub(super) fn erase(&mut self) -> rusqlite::Result<Result<bool, JournalError>> {
        let erased = apart(self.conn, erase)?;
        *self.erased |= erased == Ok(true);
        Ok(erased)
    }
}

fn take_out(
    conn: &Connection,
    room: &RoomRecord,
    empty: bool,
    before: i64,
) -> Result<bool, ReadError> {
    let gone = conn
        .prepare_cached(
            "UPDATE rooms SET key = ?2, name = '', head = 0, active_slot = NULL,
                 first_key = NULL, renamed = NULL
               WHERE id = ?1 AND active_slot IS NOT NULL
                 AND (NOT ?3 OR (head = 0 AND active_at < ?4))",
        )?
        .execute(params![room.id.0, removed::key(room.id), empty, before])?;
    if gone == 0 {
        return Ok(false);
    }
    // Of all the names that it had: at most `MOST_FORMER`.
    conn.prepare_cached("DELETE FROM room_looks WHERE room = ?1")?.execute([room.id.0])?;
    conn.prepare_cached("DELETE FROM former_names WHERE room = ?1")?.execute([room.id.0])?;
    conn.prepare_cached("INSERT INTO removals (room) VALUES (?1)")?.execute([room.id.0])?;
    Ok(true)
}

/// What lies in the order of places: its table and its key.
const BY_PLACE: &[(&str, &str)] =
    &[("entries", "place"), ("states", "place"), ("unlisted", "place, who")];

/// What lies by room.
const BY_ROOM: &[(&str, &str)] = &[
    ("abouts", "room"),
    ("members", "room, person"),
    ("member_names", "room, beginning, person"),
    ("held_names", "room, look"),
    ("mentions", "person, room, seq"),
];

fn erase(conn: &Connection) -> Result<bool, ReadError> {
    let first = "SELECT room FROM removals ORDER BY room LIMIT 1";
    let room = conn.prepare_cached(first)?.query_row([], |row| row.get(0)).optional()?;
    let Some(room) = room.map(RoomId) else { return Ok(false) };
    // What its messages carried is for nobody any more.
    let sql = format!(
        "UPDATE files SET state = {DOOMED}, seq = NULL, name = '' WHERE id IN (
           SELECT id FROM files WHERE room = ?1 AND seq IS NOT NULL LIMIT ?2)"
    );
    let mut erased = conn.prepare_cached(&sql)?.execute(params![room.0, MOST_ERASED])?;
    let (from, to) = (place::bound(room, Seq::ZERO), place::bound(room, Seq::MAX));
    for (table, key) in BY_PLACE {
        let sql = delete(table, key, "place > ?2 AND place < ?3");
        erased += conn.prepare_cached(&sql)?.execute(params![MOST_ERASED, from, to])?;
    }
    for (table, key) in BY_ROOM {
        let sql = delete(table, key, "room = ?2");
        erased += conn.prepare_cached(&sql)?.execute(params![MOST_ERASED, room.0])?;
    }
    if erased == 0 {
        conn.prepare_cached("DELETE FROM removals WHERE room = ?1")?.execute([room.0])?;
    }
    Ok(true)
}

fn delete(table: &str, key: &str, rows: &str) -> String {
    format!(
        "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {rows} LIMIT ?1)"
    )
}
