//! Other names for rooms, in the file.

use maru_protocol::{RoomKey, RoomName};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::{
    marks::apart,
    names,
    reader::ReadError,
    row::{self, ROOM_COLUMNS},
    transaction::Transaction,
};
use crate::journal::{
    JournalError, MOST_FORMER, MOST_RENAMED, Renamed, RenamedRoom, RoomId, RoomRecord,
    rows::entries::Unreadable,
};

/// Which room has or had the key `?1`. No key is that of two rooms.
pub(super) const BY_NAME: &str =
    "key = ?1 OR id = (SELECT room FROM former_names WHERE former_names.key = ?1)";

/// See [`crate::journal::Renames::renamed`].
pub(super) fn renamed(conn: &Connection, after: u64) -> Result<Vec<RenamedRoom>, ReadError> {
    let sql = format!(
        "SELECT {ROOM_COLUMNS}, renamed FROM rooms
           WHERE renamed > ?1 AND active_slot IS NOT NULL ORDER BY renamed LIMIT ?2"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![after, MOST_RENAMED])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.get::<_, i64>(4)?.cast_unsigned();
        let room = row::room(row)??;
        let former = former(conn, room.id)?;
        found.push(RenamedRoom { number, room, former });
    }
    Ok(found)
}

/// The names that a room had.
fn former(conn: &Connection, room: RoomId) -> Result<Vec<RoomName>, ReadError> {
    let mut names = conn.prepare_cached("SELECT name FROM former_names WHERE room = ?1")?;
    let names = names.query_map([room.0], |row| row.get::<_, String>(0))?;
    let name = |name: rusqlite::Result<String>| {
        Ok(RoomName::parse(&name?).map_err(|why| Unreadable::of("former name", why))?)
    };
    names.map(name).collect()
}

impl Transaction<'_> {
    /// See [`crate::journal::Renames::rename`].
    pub(super) fn rename(
        &mut self,
        room: &RoomRecord,
        name: &RoomName,
    ) -> rusqlite::Result<Result<Renamed, JournalError>> {
        let renamed = apart(self.conn, |conn| rename(conn, room, name))?;
        Ok(renamed.map(|renamed| match renamed {
            Renamed::Done(room) => Renamed::Done(self.with_own_head(room)),
            other => other,
        }))
    }
}

fn rename(conn: &Connection, room: &RoomRecord, name: &RoomName) -> Result<Renamed, ReadError> {
    let here = "id = ?1 AND active_slot IS NOT NULL";
    let Some((now, first)) = find(conn, here, room.id.0)? else { return Ok(Renamed::Gone) };
    if now.name == *name {
        return Ok(Renamed::Done(now));
    }
    if now.name != room.name {
        return Ok(Renamed::Gone);
    }
    let (old, key) = (now.name.key(), name.key());
    if let Some((other, _)) = find(conn, BY_NAME, key.as_str())?.filter(|it| it.0.id != room.id) {
        return Ok(Renamed::Taken(other));
    }
    let looks = name.skeletons().keys();
    if let Some(alike) = names::other_that_looks_like(conn, &looks, room.id)?
        && let Some((other, _)) = find(conn, "id = ?1", alike.0)?
    {
        return Ok(Renamed::LooksLike(other));
    }
    if !leave(conn, &now, &old, &key)? {
        return Ok(Renamed::TooMany);
    }
    let first = first.unwrap_or_else(|| old.as_str().to_owned());
    let first = Some(first).filter(|first| *first != key.as_str());
    let count = "UPDATE meta SET renames = renames + 1 RETURNING renames";
    let number: i64 = conn.prepare_cached(count)?.query_row([], |row| row.get(0))?;
    conn.prepare_cached(
        "UPDATE rooms SET key = ?2, name = ?3, first_key = ?4, renamed = ?5 WHERE id = ?1",
    )?
    .execute(params![room.id.0, key.as_str(), name.as_str(), first, number])?;
    names::keep_look(conn, room.id, &looks)?;
    Ok(Renamed::Done(RoomRecord { name: name.clone(), ..now }))
}

/// The room's name becomes one that it had, and the new one is none of these. False, and nothing is to be
/// kept, where it has had too many.
fn leave(
    conn: &Connection,
    room: &RoomRecord,
    old: &RoomKey,
    new: &RoomKey,
) -> Result<bool, ReadError> {
    if old == new {
        return Ok(true);
    }
    let count = "SELECT count(*) FROM former_names WHERE room = ?1 AND key <> ?2";
    let mut count = conn.prepare_cached(count)?;
    let had: i64 = count.query_row(params![room.id.0, new.as_str()], |row| row.get(0))?;
    if usize::try_from(had).unwrap_or(usize::MAX) >= MOST_FORMER {
        return Ok(false);
    }
    conn.prepare_cached("DELETE FROM former_names WHERE key = ?1")?.execute([new.as_str()])?;
    conn.prepare_cached("INSERT INTO former_names (key, name, room) VALUES (?1, ?2, ?3)")?
        .execute(params![old.as_str(), room.name.as_str(), room.id.0])?;
    Ok(true)
}

/// A room, and the key that its chain starts from where that is not its own.
fn find(
    conn: &Connection,
    which: &str,
    value: impl ToSql,
) -> Result<Option<(RoomRecord, Option<String>)>, ReadError> {
    let sql = format!("SELECT {ROOM_COLUMNS}, first_key FROM rooms WHERE {which}");
    let read = |row: &Row<'_>| Ok((row::room(row)?, row.get(4)?));
    match conn.prepare_cached(&sql)?.query_row([value], read).optional()? {
        Some((room, first)) => Ok(Some((room?, first))),
        None => Ok(None),
    }
}
