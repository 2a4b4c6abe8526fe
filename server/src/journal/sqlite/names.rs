//! Who goes by which name in a room, in the file.

use std::collections::BTreeSet;

use maru_protocol::{DisplayName, RoomName, Skeletons, User, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{marks, reader::ReadError};
use crate::journal::{
    JournalError, MOST_SWEPT, MemberPlace, NameHolder, NamePlace, RoomId, Swept,
    projections::marks::{guests_made, is_guest, member},
};

pub(super) fn holders(
    conn: &Connection,
    room: RoomId,
    looks: &Skeletons,
) -> Result<Vec<NameHolder>, ReadError> {
    let [written, folded] = looks.keys();
    let sql = "SELECT DISTINCT person, spoke FROM held_names WHERE room = ?1 AND look IN (?2, ?3)";
    let holder = |row: &Row<'_>| Ok(NameHolder { person: UserId(row.get(0)?), spoke: row.get(1)? });
    let mut found = conn.prepare_cached(sql)?;
    let holders = found.query_map(params![room.0, written, folded], holder)?;
    Ok(holders.collect::<rusqlite::Result<_>>()?)
}

/// Gives a person the name, in place of another one, unless somebody else has it.
pub(super) fn claim(
    conn: &Connection,
    room: RoomId,
    user: &User,
    spoke: bool,
) -> Result<bool, ReadError> {
    // In a room that is there no more there is nothing to hold: whoever speaks there is told so.
    if !is_there(conn, room)? {
        return Ok(true);
    }
    let looks = user.name.skeletons();
    let held = holders(conn, room, &looks)?;
    if held.iter().any(|holder| holder.person != user.id) {
        return Ok(false);
    }
    let spoke = spoke || has_spoken(conn, room, &user.id)?;
    release(conn, room, &user.id)?;
    let mut hold = conn.prepare_cached("INSERT INTO held_names VALUES (?1, ?2, ?3, ?4)")?;
    for look in looks.keys() {
        hold.execute(params![room.0, look, user.id.0, spoke])?;
    }
    Ok(true)
}

/// Inside of a transaction, whose other jobs are not to suffer for what is wrong here.
pub(super) fn hold(
    conn: &Connection,
    room: RoomId,
    user: &User,
) -> rusqlite::Result<Result<bool, JournalError>> {
    marks::apart(conn, |conn| claim(conn, room, user, true))
}

fn is_there(conn: &Connection, room: RoomId) -> Result<bool, ReadError> {
    let sql = "SELECT 1 FROM rooms WHERE id = ?1 AND active_slot IS NOT NULL";
    Ok(conn.prepare_cached(sql)?.exists([room.0])?)
}

fn has_spoken(conn: &Connection, room: RoomId, person: &UserId) -> Result<bool, ReadError> {
    let sql = "SELECT spoke FROM held_names WHERE room = ?1 AND person = ?2 LIMIT 1";
    let spoke = conn.prepare_cached(sql)?.query_row(params![room.0, person.0], |row| row.get(0));
    Ok(spoke.optional()?.unwrap_or(false))
}

/// Says how many rows went.
fn release(conn: &Connection, room: RoomId, person: &UserId) -> Result<u64, ReadError> {
    let sql = "DELETE FROM held_names WHERE room = ?1 AND person = ?2";
    Ok(conn.prepare_cached(sql)?.execute(params![room.0, person.0])? as u64)
}

/// Who only read gives the name back.
pub(super) fn release_unspoken(
    conn: &Connection,
    room: RoomId,
    person: &UserId,
) -> Result<(), ReadError> {
    let sql = "DELETE FROM held_names WHERE room = ?1 AND person = ?2 AND NOT spoke";
    conn.prepare_cached(sql)?.execute(params![room.0, person.0])?;
    Ok(())
}

/// See [`crate::journal::Names::sweep`].
pub(super) fn sweep(
    conn: &Connection,
    from: &MemberPlace,
    before: u64,
) -> rusqlite::Result<Result<Swept, JournalError>> {
    marks::apart(conn, |conn| forget_silent(conn, from, before))
}

fn forget_silent(conn: &Connection, from: &MemberPlace, before: u64) -> Result<Swept, ReadError> {
    let sql = "SELECT room, person, name, at FROM members WHERE (room, person) > (?1, ?2)
               ORDER BY room, person LIMIT ?3";
    let mut found = conn.prepare_cached(sql)?;
    let mut rows = found.query(params![from.room, from.person, MOST_SWEPT])?;
    let (mut seen, mut silent, mut last) = (0, Vec::new(), None);
    while let Some(row) = rows.next()? {
        let (room, user) = (RoomId(row.get(0)?), member(row.get(1)?, row.get(2)?)?);
        let at = u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0);
        seen += 1;
        last = Some(MemberPlace { room: room.0, person: user.id.0.clone() });
        if at < before && is_guest(&user.id) && !has_spoken(conn, room, &user.id)? {
            silent.push((room, user));
        }
    }
    drop(rows);
    for (room, user) in &silent {
        release(conn, *room, &user.id)?;
        marks::forget(conn, *room, user)?;
    }
    let next = last.filter(|_| seen == MOST_SWEPT);
    Ok(Swept { forgotten: silent.len() as u64, next })
}

/// See [`crate::journal::Names::release_ended`].
pub(super) fn release_ended(
    conn: &Connection,
    from: &NamePlace,
    before: u64,
) -> rusqlite::Result<Result<Swept<NamePlace>, JournalError>> {
    marks::apart(conn, |conn| release_of_ended(conn, from, before))
}

fn release_of_ended(
    conn: &Connection,
    from: &NamePlace,
    before: u64,
) -> Result<Swept<NamePlace>, ReadError> {
    let sql = "SELECT room, look, person,
                      (person >= ?3 AND person < ?4)
                        OR EXISTS (SELECT 1 FROM sign_outs WHERE sign_outs.person = held.person)
                 FROM held_names AS held WHERE (room, look) > (?1, ?2)
                 ORDER BY room, look LIMIT ?5";
    let mut found = conn.prepare_cached(sql)?;
    let (first, end) = (UserId::GUEST, guests_made(before));
    let mut rows = found.query(params![from.room, from.look, first, end, MOST_SWEPT])?;
    let (mut seen, mut ended, mut last) = (0, BTreeSet::new(), None);
    while let Some(row) = rows.next()? {
        let room = row.get(0)?;
        seen += 1;
        last = Some(NamePlace { room, look: row.get(1)? });
        if row.get(3)? {
            ended.insert((room, UserId(row.get(2)?)));
        }
    }
    drop(rows);
    let mut forgotten = 0;
    for (room, person) in &ended {
        forgotten += release(conn, RoomId(*room), person)?;
    }
    Ok(Swept { forgotten, next: last.filter(|_| seen == MOST_SWEPT) })
}

/// A room of that look that is there already.
pub(super) fn room_that_looks_like(
    conn: &Connection,
    looks: &[String; 2],
) -> rusqlite::Result<Option<RoomId>> {
    let sql = "SELECT room FROM room_looks WHERE look IN (?1, ?2) LIMIT 1";
    let room = conn.prepare_cached(sql)?.query_row(params![looks[0], looks[1]], |row| row.get(0));
    Ok(room.optional()?.map(RoomId))
}

/// Another room of that look.
pub(super) fn other_that_looks_like(
    conn: &Connection,
    looks: &[String; 2],
    than: RoomId,
) -> rusqlite::Result<Option<RoomId>> {
    let sql = "SELECT room FROM room_looks WHERE look IN (?1, ?2) AND room <> ?3 LIMIT 1";
    let mut other = conn.prepare_cached(sql)?;
    let room = other.query_row(params![looks[0], looks[1], than.0], |row| row.get(0));
    Ok(room.optional()?.map(RoomId))
}

pub(super) fn keep_look(
    conn: &Connection,
    room: RoomId,
    looks: &[String; 2],
) -> rusqlite::Result<()> {
    // Of rooms of before that look alike, the first one has the look.
    let mut keep = conn.prepare_cached("INSERT OR IGNORE INTO room_looks VALUES (?1, ?2)")?;
    looks.iter().try_for_each(|look| keep.execute(params![look, room.0]).map(drop))
}

/// Makes the tables from what is there. Of members whose names look alike the one who came first
/// keeps it: ids of guests are ordered by time. They count as having spoken, as nobody knows.
pub(super) fn backfill(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut rooms = tx.prepare("SELECT id, name FROM rooms ORDER BY id")?;
    let mut rows = rooms.query([])?;
    while let Some(row) = rows.next()? {
        // What can't be read is `verify`'s to say.
        if let Ok(name) = RoomName::parse(&row.get::<_, String>(1)?) {
            keep_look(tx, RoomId(row.get(0)?), &name.skeletons().keys())?;
        }
    }
    let taken = "SELECT EXISTS (SELECT 1 FROM held_names WHERE room = ?1 AND look IN (?2, ?3))";
    let mut taken = tx.prepare(taken)?;
    let mut hold = tx.prepare("INSERT INTO held_names VALUES (?1, ?2, ?3, 1)")?;
    let mut members = tx.prepare("SELECT room, person, name FROM members ORDER BY room, person")?;
    let mut rows = members.query([])?;
    while let Some(row) = rows.next()? {
        let (room, person): (i64, String) = (row.get(0)?, row.get(1)?);
        let Ok(name) = DisplayName::parse(&row.get::<_, String>(2)?) else { continue };
        let looks = name.skeletons().keys();
        if taken.query_row(params![room, looks[0], looks[1]], |row| row.get::<_, bool>(0))? {
            continue;
        }
        for look in looks {
            hold.execute(params![room, look, person])?;
        }
    }
    Ok(())
}
