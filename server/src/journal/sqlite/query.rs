//! The questions that the readers answer.

use std::collections::{HashMap, hash_map};

use maru_protocol::{
    Entry, MAX_PINS, Message, MessageId, OwnReactions, Quote, RoomKey, Seq, UserId,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    change, place,
    reader::ReadError,
    renames::BY_NAME,
    row::{self, ENTRY_COLUMNS, ROOM_COLUMNS},
};
use crate::journal::{
    MOST_HEADS, Page, PageRange, RoomId, RoomRecord,
    integrity::chain::Row,
    projections::state::{self, Current, MessageState},
    rows::{
        entries::{self, Decoder, MESSAGE},
        pages::{self, RowBounds},
    },
};

/// The newest seq of a room that is there.
const HEAD: &str = "SELECT head FROM rooms WHERE id = ?1 AND active_slot IS NOT NULL";

/// A page of more than this many entries grows its memory as it reads.
const USUAL_PAGE: u32 = 256;

pub(super) fn probe(conn: &Connection) -> Result<(), ReadError> {
    Ok(conn.prepare_cached("SELECT only FROM meta")?.query_row([], |_| Ok(()))?)
}

pub(super) fn rooms_made(conn: &Connection) -> Result<i64, ReadError> {
    Ok(conn.prepare_cached("SELECT rooms FROM meta")?.query_row([], |row| row.get(0))?)
}

pub(super) fn room(conn: &Connection, key: &RoomKey) -> Result<Option<RoomRecord>, ReadError> {
    let sql = format!("SELECT {ROOM_COLUMNS} FROM rooms WHERE {BY_NAME}");
    let found = conn.prepare_cached(&sql)?.query_row([key.as_str()], row::room).optional()?;
    Ok(found.transpose()?)
}

pub(super) fn locate(
    conn: &Connection,
    room: RoomId,
    id: MessageId,
) -> Result<Option<Seq>, ReadError> {
    let sql = "SELECT kind, place, target FROM entries WHERE id = ?1 AND room = ?2";
    let found = conn
        .prepare_cached(sql)?
        .query_row(params![id.0.as_bytes(), room.0], |row| {
            Ok((row.get(0)?, place::seq(row.get(1)?), row.get(2)?))
        })
        .optional()?;
    let Some((kind, seq, target)) = found else { return Ok(None) };
    Ok(entries::message_of(kind, seq, target)?)
}

/// Reads of a room in one snapshot: it lasts from the first step of the first statement until that is
/// dropped.
pub(super) fn in_room<T>(
    conn: &Connection,
    room: RoomId,
    read: impl FnOnce(&RoomRecord) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let sql = format!("SELECT {ROOM_COLUMNS} FROM rooms WHERE id = ?1 AND active_slot IS NOT NULL");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut snapshot = statement.query([room.0])?;
    let Some(found) = snapshot.next()? else { return Err(ReadError::NoRoom(room.0)) };
    let found = row::room(found)??;
    read(&found)
}

pub(super) fn page(conn: &Connection, room: RoomId, range: PageRange) -> Result<Page, ReadError> {
    in_room(conn, room, |found| page_of(conn, found, range))
}

/// The head and the entries come from one snapshot: that of the caller.
pub(super) fn page_of(
    conn: &Connection,
    found: &RoomRecord,
    range: PageRange,
) -> Result<Page, ReadError> {
    let (room, head) = (found.id, found.head);
    let RowBounds { from_end, above, below, limit } = pages::bounds(range);
    let order = if from_end { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM entries WHERE place > ?1 AND place < ?2 \
         ORDER BY place {order} LIMIT ?3"
    );
    let mut entries = Vec::with_capacity(limit.min(USUAL_PAGE) as usize);
    let mut reading = Reading::of(conn, found, pages::outside(range, head))?;
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows =
        statement.query(params![place::bound(room, above), place::bound(room, below), limit])?;
    while let Some(row) = rows.next()? {
        entries.push(reading.entry(&row::stored(row)??)?);
    }
    if from_end {
        entries.reverse();
    }
    let about = change::about(conn, room)??;
    Ok(pages::whole(room, range, pages::of_all(range, entries, head, about))?)
}

/// Entries of a room on their way out, within one snapshot: each message as it is now.
pub(super) struct Reading<'a> {
    conn: &'a Connection,
    room: RoomId,
    decoder: Decoder<'a>,
    /// What became of the messages that are read. Nearly always of none. Without it, each is looked up.
    states: Option<HashMap<Seq, MessageState>>,
    /// What they answer; many answer the same.
    quotes: HashMap<Seq, Quote>,
}

impl<'a> Reading<'a> {
    /// Of entries between two seqs, both exclusive.
    fn of(
        conn: &'a Connection,
        room: &'a RoomRecord,
        between: (Seq, Seq),
    ) -> Result<Self, ReadError> {
        let states = change::states(conn, room.id, between)??;
        Ok(Self { states: Some(states), ..Self::anywhere(conn, room) })
    }

    /// Of entries that lie anywhere.
    pub(super) fn anywhere(conn: &'a Connection, room: &'a RoomRecord) -> Self {
        let decoder = Decoder::new(&room.name);
        Self { conn, room: room.id, decoder, states: None, quotes: HashMap::new() }
    }

    pub(super) fn entry(&mut self, row: &Row<'_>) -> Result<Entry, ReadError> {
        let now = if row.kind == MESSAGE { self.now(row)? } else { Current::default() };
        Ok(self.decoder.entry(row, now)?)
    }

    fn now(&mut self, row: &Row<'_>) -> Result<Current, ReadError> {
        let state = match &mut self.states {
            Some(states) => states.remove(&row.seq),
            None => change::state(self.conn, self.room, row.seq)??,
        };
        let edit = match state.as_ref().and_then(|state| state.edited) {
            Some(edited) => Some(change::edit(self.conn, self.room, edited.seq)??),
            None => None,
        };
        let quote = row.target.map(|target| self.quote(target)).transpose()?;
        Ok(Current { state, edit, quote })
    }

    fn quote(&mut self, target: i64) -> Result<Quote, ReadError> {
        let seq = entries::seq_of("target", target)?;
        Ok(match self.quotes.entry(seq) {
            hash_map::Entry::Occupied(known) => known.get().clone(),
            hash_map::Entry::Vacant(empty) => {
                empty.insert(change::quote(self.conn, self.room, seq)??).clone()
            }
        })
    }
}

pub(super) fn pinned(conn: &Connection, room: RoomId) -> Result<Vec<Message>, ReadError> {
    in_room(conn, room, |found| {
        let sql = format!("SELECT {ENTRY_COLUMNS} FROM entries WHERE place = ?1");
        let mut statement = conn.prepare_cached(&sql)?;
        let mut reading = Reading::anywhere(conn, found);
        let mut messages = Vec::new();
        for seq in change::about(conn, room)??.pins.into_iter().take(MAX_PINS) {
            let mut rows = statement.query([place::bound(room, seq)])?;
            let Some(row) = rows.next()? else { continue };
            if let Entry::Message(message) = reading.entry(&row::stored(row)??)? {
                messages.push(message);
            }
        }
        Ok(messages)
    })
}

/// The room's head is read first: what is found is of that snapshot.
pub(super) fn own_reactions(
    conn: &Connection,
    room: RoomId,
    person: &UserId,
    targets: &[Seq],
) -> Result<(Seq, Vec<OwnReactions>), ReadError> {
    let mut statement = conn.prepare_cached(HEAD)?;
    let mut snapshot = statement.query([room.0])?;
    let Some(found) = snapshot.next()? else { return Err(ReadError::NoRoom(room.0)) };
    let head = entries::seq_of("head", found.get(0)?)?;
    let mut own = Vec::new();
    for &target in targets {
        let Some(state) = change::state(conn, room, target)?? else { continue };
        let emoji = state.own_reactions(person, |emoji| {
            change::is_unlisted(conn, room, target, state::reaction_key(emoji, person))
        })?;
        if !emoji.is_empty() {
            own.push(OwnReactions { target, emoji });
        }
    }
    Ok((head, own))
}

pub(super) fn heads(conn: &Connection, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>, ReadError> {
    let mut statement = conn.prepare_cached(HEAD)?;
    let mut found = Vec::with_capacity(rooms.len().min(MOST_HEADS));
    for room in rooms.iter().take(MOST_HEADS) {
        let head: Option<i64> = statement.query_row([room.0], |row| row.get(0)).optional()?;
        if let Some(head) = head {
            found.push((*room, entries::seq_of("head", head)?));
        }
    }
    Ok(found)
}
