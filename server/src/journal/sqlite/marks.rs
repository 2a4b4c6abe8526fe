//! How far people have read, and who they are, in the file.

use maru_protocol::{Beginning, DisplayName, MAX_UNREAD, ReadState, RoomName, Seq, User, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{history::SAID, names, place, reader::ReadError};
use crate::journal::{
    Append, Change, JournalError, MOST_MARKS, MOST_READ_QUERIES, MOST_SCANNED, Mark, ReadQuery,
    RoomId,
    projections::marks::{MOST_BEGINNINGS, MarkEffect, above, distinct, member, mentioned},
    rows::entries::{self, Unreadable},
};

/// Does something inside of a transaction, whose other jobs are not to suffer for what is wrong here.
pub(super) fn apart<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ReadError>,
) -> rusqlite::Result<Result<T, JournalError>> {
    conn.execute_batch("SAVEPOINT apart")?;
    let done = work(conn);
    conn.execute_batch(if done.is_ok() {
        "RELEASE apart"
    } else {
        "ROLLBACK TO apart; RELEASE apart"
    })?;
    Ok(done.map_err(|error| JournalError::Store(error.to_string())))
}

/// Keeps marks, [`apart`].
pub(super) fn mark(
    conn: &Connection,
    marks: &[Mark],
) -> rusqlite::Result<Result<u64, JournalError>> {
    apart(conn, |conn| keep(conn, marks))
}

fn keep(conn: &Connection, marks: &[Mark]) -> Result<u64, ReadError> {
    let mut changed = 0;
    for mark in marks.iter().take(MOST_MARKS) {
        changed += u64::from(one(conn, mark)?);
    }
    Ok(changed)
}

/// Whether anything changed.
fn one(conn: &Connection, mark: &Mark) -> Result<bool, ReadError> {
    let (room, person, name) = (mark.room.0, &mark.user.id.0, mark.user.name.as_str());
    let Some(head) = head(conn, mark.room)? else { return Ok(false) };
    let found: Option<(i64, String)> = conn
        .prepare_cached("SELECT read, name FROM members WHERE room = ?1 AND person = ?2")?
        .query_row(params![room, person], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let kept = match &found {
        Some((read, name)) => Some((entries::seq_of("read", *read)?, name.as_str())),
        None => None,
    };
    let before = kept.map(|(_, name)| name);
    match mark.effect(kept, head) {
        MarkEffect::Unchanged => return Ok(false),
        MarkEffect::Removed => {
            remove(conn, mark.room, &mark.user.id)?;
            forget_name(conn, mark.room, &mark.user.id, before)?;
            names::release_unspoken(conn, mark.room, &mark.user.id)?;
        }
        MarkEffect::Moved(seq) => {
            let at = i64::try_from(mark.at).map_err(|why| Unreadable::of("at", why))?;
            conn.prepare_cached(
                "INSERT INTO members (room, person, name, read, at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (room, person) DO UPDATE
                 SET name = excluded.name, read = excluded.read, at = excluded.at",
            )?
            .execute(params![room, person, name, entries::number(seq), at])?;
            if before != Some(name) {
                forget_name(conn, mark.room, &mark.user.id, before)?;
                let mut add =
                    conn.prepare_cached("INSERT INTO member_names VALUES (?1, ?2, ?3)")?;
                for beginning in mark.user.name.beginnings() {
                    add.execute(params![room, beginning, person])?;
                }
                names::claim(conn, mark.room, &mark.user, false)?;
            }
        }
    }
    Ok(true)
}

/// Keeps who is mentioned where, with the entry that says so: each message, as it is now, by those
/// whom it mentions beside its sender.
pub(super) fn mention(conn: &Connection, append: &Append, seq: Seq) -> rusqlite::Result<()> {
    let Some((message, mentions)) = mentioned(append, seq) else { return Ok(()) };
    let (room, message) = (append.room.0, entries::number(message));
    if !matches!(append.what, Change::Message(_)) {
        conn.prepare_cached("DELETE FROM mentions WHERE room = ?1 AND seq = ?2")?
            .execute(params![room, message])?;
    }
    let mut add =
        conn.prepare_cached("INSERT INTO mentions (person, room, seq) VALUES (?1, ?2, ?3)")?;
    for person in mentions {
        add.execute(params![person.0, room, message])?;
    }
    Ok(())
}

fn head(conn: &Connection, room: RoomId) -> Result<Option<Seq>, ReadError> {
    let head: Option<i64> = conn
        .prepare_cached("SELECT head FROM rooms WHERE id = ?1 AND active_slot IS NOT NULL")?
        .query_row([room.0], |row| row.get(0))
        .optional()?;
    Ok(head.map(|head| entries::seq_of("head", head)).transpose()?)
}

fn remove(conn: &Connection, room: RoomId, person: &UserId) -> Result<(), ReadError> {
    conn.prepare_cached("DELETE FROM members WHERE room = ?1 AND person = ?2")?
        .execute(params![room.0, person.0])?;
    Ok(())
}

/// Somebody is no member any more, and found by no name.
pub(super) fn forget(conn: &Connection, room: RoomId, user: &User) -> Result<(), ReadError> {
    remove(conn, room, &user.id)?;
    forget_name(conn, room, &user.id, Some(user.name.as_str()))
}

/// Nobody is found by that name any more.
fn forget_name(
    conn: &Connection,
    room: RoomId,
    person: &UserId,
    name: Option<&str>,
) -> Result<(), ReadError> {
    let Some(Ok(name)) = name.map(DisplayName::parse) else { return Ok(()) };
    let mut forget = conn.prepare_cached(
        "DELETE FROM member_names WHERE room = ?1 AND beginning = ?2 AND person = ?3",
    )?;
    for beginning in name.beginnings() {
        forget.execute(params![room.0, beginning, person.0])?;
    }
    Ok(())
}

/// All of one snapshot.
pub(super) fn unread(
    conn: &Connection,
    asked: &[ReadQuery],
) -> Result<Vec<Option<ReadState>>, ReadError> {
    let conn = conn.unchecked_transaction()?;
    asked.iter().take(MOST_READ_QUERIES).map(|asked| state(&conn, asked)).collect()
}

fn state(conn: &Connection, asked: &ReadQuery) -> Result<Option<ReadState>, ReadError> {
    let person = &asked.person.0;
    let found: Option<(i64, String, i64, Option<i64>)> = conn
        .prepare_cached(
            "SELECT r.id, r.name, r.head, m.read FROM rooms AS r
             LEFT JOIN members AS m ON m.room = r.id AND m.person = ?2 WHERE r.key = ?1",
        )?
        .query_row(params![asked.room.as_str(), person], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((room, name, head, kept)) = found else { return Ok(None) };
    let (room, head) = (RoomId(room), entries::seq_of("head", head)?);
    let kept = kept.map(|read| entries::seq_of("read", read)).transpose()?;
    let Some(read) = asked.read(kept, head) else { return Ok(None) };
    let name = RoomName::parse(&name).map_err(|why| Unreadable::of("name", why))?;
    let unread = messages_above(conn, room, read, person)?;
    let mentions = mentions_above(conn, room, read, person)?;
    Ok(Some(ReadState { room: name, read, unread, mentions }))
}

/// Messages of others, of the newest ones.
fn messages_above(
    conn: &Connection,
    room: RoomId,
    read: Seq,
    person: &str,
) -> Result<u32, ReadError> {
    let sql = format!(
        "SELECT sender FROM entries INDEXED BY entries_said
         WHERE {SAID} AND place > ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3"
    );
    let mut newest = conn.prepare_cached(&sql)?;
    let bounds = (place::bound(room, read), place::bound(room, Seq::MAX));
    let mut rows = newest.query(params![bounds.0, bounds.1, MOST_SCANNED])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let own = row.get_ref(0)?.as_bytes().is_ok_and(|sender| sender == person.as_bytes());
        count += u32::from(!own);
        if count == MAX_UNREAD {
            break;
        }
    }
    Ok(count)
}

fn mentions_above(
    conn: &Connection,
    room: RoomId,
    read: Seq,
    person: &str,
) -> Result<u32, ReadError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM mentions
                 WHERE person = ?1 AND room = ?2 AND seq > ?3 LIMIT ?4)";
    let found = params![person, room.0, entries::number(read), MAX_UNREAD];
    Ok(conn.prepare_cached(sql)?.query_row(found, |row| row.get(0))?)
}

pub(super) fn members(
    conn: &Connection,
    room: RoomId,
    beginning: &Beginning,
) -> Result<Vec<User>, ReadError> {
    if head(conn, room)?.is_none() {
        return Ok(Vec::new());
    }
    let mut found = conn.prepare_cached(
        "SELECT m.person, m.name FROM member_names AS n
           JOIN members AS m ON m.room = n.room AND m.person = n.person
           WHERE n.room = ?1 AND n.beginning >= ?2 AND n.beginning < ?3
           ORDER BY n.beginning, n.person LIMIT ?4",
    )?;
    let bounds = params![room.0, beginning.as_str(), above(beginning), MOST_BEGINNINGS];
    let rows = found.query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut users = Vec::new();
    for row in rows {
        let (id, name) = row?;
        users.push(member(id, name)?);
    }
    Ok(distinct(users, beginning))
}

pub(super) fn known(
    conn: &Connection,
    room: RoomId,
    people: &[UserId],
) -> Result<Vec<User>, ReadError> {
    if head(conn, room)?.is_none() {
        return Ok(Vec::new());
    }
    let mut of = conn.prepare_cached("SELECT name FROM members WHERE room = ?1 AND person = ?2")?;
    let mut known = Vec::new();
    for person in people.iter().take(MOST_READ_QUERIES) {
        let name: Option<String> =
            of.query_row(params![room.0, person.0], |row| row.get(0)).optional()?;
        if let Some(name) = name {
            known.push(member(person.0.clone(), name)?);
        }
    }
    Ok(known)
}
