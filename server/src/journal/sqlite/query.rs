//! The questions that the readers answer.

use maru_protocol::{Entry, NameError, RoomKey, RoomName, Seq};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    place,
    reader::ReadError,
    row::{self, Decoder, ENTRY_COLUMNS, ROOM_COLUMNS, Unreadable},
};
use crate::journal::{MOST_HEADS, Page, PageRange, RoomId, RoomQuery, RoomRecord};

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
    let (order, above, below, limit) = match range {
        PageRange::Newest { limit } => ("DESC", Seq::ZERO, Seq::MAX, limit),
        PageRange::Before { before, limit } => ("DESC", Seq::ZERO, before, limit),
        PageRange::After { after, limit } => ("ASC", after, Seq::MAX, limit),
    };
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
    if !matches!(range, PageRange::After { .. }) {
        entries.reverse();
    }
    let expected = expected(range, found.head);
    if !entries.iter().map(Entry::seq).eq(expected.clone().filter_map(|n| Seq::new(n).ok())) {
        let (first, end) = (expected.start, expected.end);
        let why = format!("room {}: of the entries {first} to {end} some are missing", room.0);
        return Err(Unreadable(why).into());
    }
    Ok(Page { entries, head: found.head })
}

/// The seqs that a whole room with that head has in a range. A page with a hole would be a silent
/// loss, as its reader goes on after it.
fn expected(range: PageRange, head: Seq) -> std::ops::Range<u64> {
    let (limit, end) = match range {
        PageRange::After { after, limit } => {
            let first = after.get() + 1;
            let end = first.saturating_add(limit.into()).min(head.get() + 1);
            return first..end.max(first);
        }
        PageRange::Newest { limit } => (limit, head.get() + 1),
        PageRange::Before { before, limit } => (limit, before.get().min(head.get() + 1)),
    };
    end.saturating_sub(limit.into()).max(1)..end.max(1)
}

pub(super) fn heads(conn: &Connection, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>, ReadError> {
    let mut statement = conn.prepare_cached("SELECT head FROM rooms WHERE id = ?1")?;
    let mut found = Vec::with_capacity(rooms.len().min(MOST_HEADS));
    for room in rooms.iter().take(MOST_HEADS) {
        let head: Option<i64> = statement.query_row([room.0], |row| row.get(0)).optional()?;
        if let Some(head) = head {
            found.push((*room, row::seq_of("head", head)?));
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

/// A part of a name in the form of the keys; none when no name can contain it.
///
/// The final sigma depends on what follows, which a part of a word does not know.
fn needle(part: &str) -> Option<String> {
    match RoomName::parse(part) {
        Ok(name) => Some(name.key().as_str().replace('ς', "σ")),
        // Nothing, or only what stands between words: its own key.
        Err(NameError::Empty) => {
            let part = part.trim();
            part.chars().all(|c| matches!(c, '-' | '_' | ' ')).then(|| part.to_owned())
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles() {
        assert_eq!(needle("").as_deref(), Some(""));
        assert_eq!(needle("  ").as_deref(), Some(""));
        assert_eq!(needle("LOB").as_deref(), Some("lob"));
        assert_eq!(needle("-").as_deref(), Some("-"));
        assert_eq!(needle("ΣΥΣ").as_deref(), Some("συσ"));
        assert_eq!(needle("\u{1112}\u{1161}\u{11AB}").as_deref(), Some("한"));
        assert_eq!(needle("a/b"), None);
        assert_eq!(needle(&"x".repeat(65)), None);
    }
}
