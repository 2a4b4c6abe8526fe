//! Walking along a room's chain, for the check at the start and for `verify`.

use maru_protocol::Seq;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    place,
    row::{self, SUMMED_COLUMNS},
};
use crate::journal::{
    RoomId,
    integrity::{
        chain::{Root, Row, Sum},
        fault::{Fault, FaultKind},
        walk::{ChainPosition, FirstKey, RoomRow, StoredRoom},
    },
    rows::{
        directory::{empty_slot, slot as slot_of},
        entries::Unreadable,
        removed,
    },
};

/// A room's row, or what is wrong with it. None when there is no such room.
pub(super) fn room(
    conn: &Connection,
    root: Root,
    id: RoomId,
) -> rusqlite::Result<Option<Result<RoomRow, Fault>>> {
    conn.prepare_cached(
        "SELECT key, name, head, sum, active_at, active_slot, first_key,
             EXISTS (SELECT 1 FROM former_names AS f WHERE f.key = first_key AND f.room = id)
           FROM rooms WHERE id = ?1",
    )?
    .query_row([id.0], |row| {
        let text = |i| {
            let bytes = row.get_ref(i)?.as_bytes().unwrap_or_default();
            Ok::<_, rusqlite::Error>(String::from_utf8_lossy(bytes).into_owned())
        };
        let (key, name) = (text(0)?, text(1)?);
        if removed::is_so(id, &key, &name) {
            return Ok(Ok(RoomRow::Removed));
        }
        let (head, sum) = (row.get::<_, i64>(2), row.get::<_, Sum>(3));
        let said = |error: rusqlite::Error| error.to_string();
        let is_former = row.get(7)?;
        let first = row.get::<_, Option<String>>(6).map_err(said);
        let first = first.map(|first| first.map(|key| FirstKey { key, is_former }));
        let (head, sum) = (head.map_err(said), sum.map_err(said));
        let parsed = StoredRoom::parse(root, id, &key, name, head, sum, first);
        let (at, slot) = (row.get::<_, i64>(4), row.get::<_, i64>(5));
        let parsed = parsed.and_then(|room| match (at, slot) {
            (Ok(at @ 0..), Ok(found)) if [slot_of(at), empty_slot(at)].contains(&found) => {
                Ok(RoomRow::Here(room))
            }
            _ => {
                let why = "its place in the directory is not that of its activity".to_owned();
                Err(room.fault(Seq::ZERO, FaultKind::Unreadable(why)))
            }
        });
        Ok(parsed)
    })
    .optional()
}

/// Walks over at most `most` entries of the room after `from`; says where it came to, and over how
/// many. The room's end is checked once there are no more.
pub(super) fn along(
    room: &StoredRoom,
    conn: &Connection,
    from: ChainPosition,
    most: u32,
) -> rusqlite::Result<Result<(ChainPosition, u32), Fault>> {
    with_each(room, conn, from, most, |_, _| Ok(()))
}

/// The same, and `seen` gets each entry that is whole, with its sum; what it can't read of one is a
/// fault.
pub(super) fn with_each(
    room: &StoredRoom,
    conn: &Connection,
    from: ChainPosition,
    most: u32,
    mut seen: impl FnMut(&Row<'_>, &Sum) -> Result<(), Unreadable>,
) -> rusqlite::Result<Result<(ChainPosition, u32), Fault>> {
    let sql = format!(
        "SELECT {SUMMED_COLUMNS} FROM entries WHERE place > ?1 AND place < ?2 \
         ORDER BY place LIMIT ?3"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let bounds = (place::bound(room.id, from.seq), place::bound(room.id, Seq::MAX));
    let mut rows = statement.query(params![bounds.0, bounds.1, most])?;
    let (mut at, mut count) = (from, 0);
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) if is_damage(&error) => {
                return Ok(Err(room.fault(at.seq.next(), FaultKind::File(error.to_string()))));
            }
            Err(error) => return Err(error),
        };
        match step(room, at, row, &mut seen) {
            Ok(next) => at = next,
            Err(fault) => return Ok(Err(fault)),
        }
        count += 1;
    }
    Ok(room.end(at, count < most).map(|()| (at, count)))
}

fn step(
    room: &StoredRoom,
    at: ChainPosition,
    row: &rusqlite::Row<'_>,
    seen: &mut impl FnMut(&Row<'_>, &Sum) -> Result<(), Unreadable>,
) -> Result<ChainPosition, Fault> {
    let unreadable = |why: String| room.fault(at.seq.next(), FaultKind::Unreadable(why));
    let (row, sum, deleted) = row::summed(row)
        .map_err(|error| unreadable(error.to_string()))?
        .map_err(|why| unreadable(why.to_string()))?;
    let next = room.step(at, &row, &sum, deleted)?;
    seen(&row, &sum).map_err(|why| unreadable(why.to_string()))?;
    Ok(next)
}

/// SQLite met something that it never wrote.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}
