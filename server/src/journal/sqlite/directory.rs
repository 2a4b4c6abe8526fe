//! The directory: rooms in their order, and those of a name.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    reader::ReadError,
    row::{self, ROOM_COLUMNS},
};
use crate::journal::{
    RoomList, RoomQuery, RoomRecord,
    rows::{
        directory::{PlaceBounds, place},
        name_table::{Found, MOST_WALKED, NameTable, STRIDE, has},
        pages::needle,
    },
};

/// Without a filter a walk along the index, as long as the answer. With one, those few that have the
/// part in their name; where many have it a walk again, which ends somewhere.
pub(super) fn rooms(
    conn: &Connection,
    names: &Mutex<NameTable>,
    query: &RoomQuery,
) -> Result<RoomList, ReadError> {
    let Some(needle) = needle(query.contains.as_deref().unwrap_or_default()) else {
        return Ok(RoomList::default());
    };
    if needle.is_empty() {
        return walk(conn, query, &needle);
    }
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    bring_up(conn, &mut names)?;
    match names.find(&needle) {
        Found::These(found) => these(conn, query, &found, &needle),
        Found::Many => walk(conn, query, &needle),
    }
}

/// The names of rooms that were made or renamed since.
fn bring_up(conn: &Connection, names: &mut NameTable) -> Result<(), ReadError> {
    bring_up_made(conn, names)?;
    let sql = "SELECT renamed, id, key FROM rooms WHERE renamed > ?1 AND active_slot IS NOT NULL
                 ORDER BY renamed";
    let mut next = conn.prepare_cached(sql)?;
    // All of them at the first time, and few then: only operators rename rooms.
    let mut rows = next.query([names.renamed()])?;
    while let Some(row) = rows.next()? {
        let key = row.get_ref(2)?.as_str().unwrap_or_default();
        names.add_renamed(row.get(0)?, row.get(1)?, key);
    }
    Ok(())
}

fn bring_up_made(conn: &Connection, names: &mut NameTable) -> Result<(), ReadError> {
    let sql = "SELECT id, key FROM rooms WHERE id > ?1 AND active_slot IS NOT NULL
                 ORDER BY id LIMIT ?2";
    let mut next = conn.prepare_cached(sql)?;
    loop {
        let mut rows = next.query(params![names.last(), STRIDE])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            names.add(row.get(0)?, row.get_ref(1)?.as_str().unwrap_or_default());
            read += 1;
        }
        if read < STRIDE {
            return Ok(());
        }
    }
}

fn these(
    conn: &Connection,
    query: &RoomQuery,
    rooms: &[i64],
    needle: &str,
) -> Result<RoomList, ReadError> {
    let sql = format!("SELECT {ROOM_COLUMNS} FROM rooms WHERE id = ?1 AND active_slot IS NOT NULL");
    let mut by_id = conn.prepare_cached(&sql)?;
    let mut found = Vec::with_capacity(rooms.len());
    for room in rooms {
        if let Some(record) = by_id.query_row([room], row::room).optional()? {
            let record = record?;
            // It may have had the name that was found.
            if has(&record, needle) {
                found.push(record);
            }
        }
    }
    Ok(RoomList::of(found, query))
}

/// Those that fit of the next [`MOST_WALKED`] rooms.
fn walk(conn: &Connection, query: &RoomQuery, needle: &str) -> Result<RoomList, ReadError> {
    let fits =
        if needle.is_empty() { "?1 = ''" } else { "instr(replace(key, 'ς', 'σ'), ?1) > 0" };
    let sql = format!(
        "SELECT {ROOM_COLUMNS}, {fits} FROM rooms
           WHERE active_slot <= ?2 AND (active_slot, active_at, id) < (?2, ?3, ?4)
           ORDER BY active_slot DESC, active_at DESC, id DESC LIMIT ?5"
    );
    let PlaceBounds { slot, at, room } = PlaceBounds::of(query.after);
    let mut next = conn.prepare_cached(&sql)?;
    let mut rows = next.query(params![needle, slot, at, room, MOST_WALKED])?;
    let (mut found, mut walked, mut last): (Vec<RoomRecord>, u32, _) = (Vec::new(), 0, None);
    while let Some(row) = rows.next()? {
        if row.get(4)? {
            found.push(row::room(row)??);
            if found.len() > query.limit as usize {
                return Ok(RoomList::cut(found, query.limit));
            }
        }
        walked += 1;
        if walked == MOST_WALKED {
            last = Some(place(row.get(2)?, row.get(3)?, row.get(0)?));
        }
    }
    Ok(RoomList { rooms: found, more: last })
}
