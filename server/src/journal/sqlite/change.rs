//! What lies beside the entries: what became of messages, and what a room is about.

use std::collections::HashMap;

use maru_engine::log::fold::{self, Effect, TargetMessage};
use maru_protocol::{About, Quote, Seq};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    files_table, place,
    row::{self, ENTRY_COLUMNS},
};
use crate::journal::{
    Append, Change, RoomId,
    projections::state::{self, MessageState, Text},
    rows::entries::{self, EDIT, MESSAGE, Unreadable},
};

/// Reads what may be damaged.
type Readable<T> = rusqlite::Result<Result<T, Unreadable>>;

/// Takes the value out of a [`Readable`], or hands its reason on.
macro_rules! read {
    ($read:expr) => {
        match $read {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        }
    };
}

/// The message of that number as a draft meets it, if there is one.
pub(super) fn subject(
    conn: &Connection,
    room: RoomId,
    seq: Seq,
) -> Readable<Option<TargetMessage>> {
    let sql = format!("SELECT {ENTRY_COLUMNS} FROM entries WHERE place = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([place::bound(room, seq)])?;
    let Some(found) = rows.next()? else { return Ok(Ok(None)) };
    let row = read!(row::stored(found)?);
    // A bound that is none of the room's is that of another one.
    if row.kind != MESSAGE || (row.room, row.seq) != (room, seq) {
        return Ok(Ok(None));
    }
    let state = read!(state(conn, room, seq)?);
    let edit = read!(match state.as_ref().and_then(|state| state.edited) {
        Some(edited) => edit(conn, room, edited.seq)?.map(Some),
        None => Ok(None),
    });
    let own = || entries::text_of(row.body, row.more);
    let text = read!(edit.map_or_else(own, Ok));
    let sender = read!(entries::user_of(row.sender, row.sender_name));
    let at = read!(u64::try_from(row.at).map_err(|why| Unreadable::of("at", why)));
    let excerpt = text.body.as_ref().and_then(|body| fold::excerpt(body.as_str()));
    Ok(Ok(Some(TargetMessage { seq, sender, at, excerpt, state })))
}

/// What became of a message; none where nothing did.
pub(super) fn state(conn: &Connection, room: RoomId, seq: Seq) -> Readable<Option<MessageState>> {
    let found: Option<String> = conn
        .prepare_cached("SELECT state FROM states WHERE place = ?1")?
        .query_row([place::bound(room, seq)], |row| row.get(0))
        .optional()?;
    Ok(found.map(|json| state::parse(&json)).transpose())
}

/// What became of the messages between two seqs, both exclusive. Nearly always of none.
pub(super) fn states(
    conn: &Connection,
    room: RoomId,
    (above, below): (Seq, Seq),
) -> Readable<HashMap<Seq, MessageState>> {
    let mut found = HashMap::new();
    let sql = "SELECT place, state FROM states WHERE place > ?1 AND place < ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([place::bound(room, above), place::bound(room, below)])?;
    while let Some(row) = rows.next()? {
        let state = row.get_ref(1)?.as_str()?;
        found.insert(place::seq(row.get(0)?), read!(state::parse(state)));
    }
    Ok(Ok(found))
}

/// The text that an edit gave.
pub(super) fn edit(conn: &Connection, room: RoomId, seq: Seq) -> Readable<Text> {
    let mut statement =
        conn.prepare_cached("SELECT body, more FROM entries WHERE place = ?1 AND kind = ?2")?;
    let mut rows = statement.query(params![place::bound(room, seq), EDIT])?;
    let Some(row) = rows.next()? else {
        return Ok(Err(Unreadable(format!("entry {seq}: an edit is missing"))));
    };
    let more = row.get_ref(1)?.as_bytes_or_null()?;
    Ok(entries::text_of(row.get_ref(0)?.as_bytes()?, more))
}

/// A message as another one answers it.
pub(super) fn quote(conn: &Connection, room: RoomId, seq: Seq) -> Readable<Quote> {
    let subject = read!(subject(conn, room, seq)?);
    let missing = || Unreadable(format!("entry {seq}: it is answered, and no message"));
    Ok(subject.map(|subject| subject.quote()).ok_or_else(missing))
}

/// What the room is about.
pub(super) fn about(conn: &Connection, room: RoomId) -> Readable<About> {
    let found: Option<String> = conn
        .prepare_cached("SELECT about FROM abouts WHERE room = ?1")?
        .query_row([room.0], |row| row.get(0))
        .optional()?;
    let parse = |json: String| {
        serde_json::from_str(&json).map_err(|why| Unreadable::of("what the room is about", why))
    };
    Ok(found.map_or_else(|| Ok(About::default()), parse))
}

/// Whether the reaction that is asked for is among those that are not listed.
pub(super) fn unlisted(conn: &Connection, append: &Append) -> rusqlite::Result<bool> {
    let Change::React { target, emoji, .. } = &append.what else { return Ok(false) };
    is_unlisted(conn, append.room, *target, state::reaction_key(emoji, &append.sender.id))
}

pub(super) fn is_unlisted(
    conn: &Connection,
    room: RoomId,
    target: Seq,
    key: [u8; 16],
) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM unlisted WHERE place = ?1 AND who = ?2")?
        .exists(params![place::bound(room, target), key])
}

/// Keeps what comes with an entry.
pub(super) fn keep(conn: &Connection, append: &Append, effect: &Effect) -> rusqlite::Result<()> {
    let Effect { state, about, unlisted, erases } = effect;
    let room = append.room;
    if let Some(about) = about {
        let sql = "INSERT INTO abouts (room, about) VALUES (?1, ?2)
                   ON CONFLICT (room) DO UPDATE SET about = excluded.about";
        let json = serde_json::to_string(about).unwrap_or_default();
        conn.prepare_cached(sql)?.execute(params![room.0, json])?;
    }
    let Some(target) = append.what.target() else { return Ok(()) };
    let at = place::bound(room, target);
    if let Some(state) = state {
        let sql = "INSERT INTO states (place, state) VALUES (?1, ?2)
                   ON CONFLICT (place) DO UPDATE SET state = excluded.state";
        conn.prepare_cached(sql)?.execute(params![at, state::to_json(state)])?;
    }
    if let (Change::React { emoji, .. }, Some(on)) = (&append.what, unlisted) {
        let sql = match on {
            true => "INSERT INTO unlisted (place, who) VALUES (?1, ?2)",
            false => "DELETE FROM unlisted WHERE place = ?1 AND who = ?2",
        };
        let key = state::reaction_key(emoji, &append.sender.id);
        conn.prepare_cached(sql)?.execute(params![at, key])?;
    }
    if *erases {
        erase(conn, room, target)?;
    }
    Ok(())
}

/// Takes the texts of a message and of its edits out of the file: `secure_delete` overwrites them.
fn erase(conn: &Connection, room: RoomId, target: Seq) -> rusqlite::Result<()> {
    let at = place::bound(room, target);
    conn.prepare_cached("UPDATE entries SET body = '', more = NULL WHERE place = ?1")?
        .execute([at])?;
    conn.prepare_cached(
        "UPDATE entries SET body = '', more = NULL WHERE room = ?1 AND target = ?2 AND kind = ?3",
    )?
    .execute(params![room.0, entries::number(target), EDIT])?;
    files_table::doom_of(conn, room, target)?;
    conn.prepare_cached("DELETE FROM unlisted WHERE place = ?1")?.execute([at]).map(drop)
}
