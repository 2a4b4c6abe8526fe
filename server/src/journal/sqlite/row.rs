//! Rows of the file and the values they stand for.

use maru_protocol::{MessageId, RoomName};
use rusqlite::{Row as SqlRow, types::ValueRef};
use uuid::Uuid;

use super::place;
use crate::journal::{
    RoomId, RoomRecord,
    integrity::chain::{Row, Sum},
    rows::entries::{Unreadable, seq_of},
};

/// The columns that [`stored`] reads, in its order.
pub(super) const ENTRY_COLUMNS: &str =
    "place, kind, id, at, sender, sender_name, body, target, more";

/// The columns that [`summed`] reads, in its order. The last one is looked at for a row whose text is
/// gone: is there an entry that deleted the message, its own or the one that it edited?
pub(super) const SUMMED_COLUMNS: &str =
    "place, kind, id, at, sender, sender_name, body, target, more, room, sum,
     CASE WHEN kind IN (1, 2) AND body = '' AND more IS NULL THEN EXISTS (
       SELECT 1 FROM entries AS gone WHERE gone.room = entries.room AND gone.kind = 3
         AND gone.target =
           CASE entries.kind WHEN 2 THEN entries.target ELSE entries.place & 68719476735 END)
     END";

/// The columns that [`room`] reads, in its order.
pub(super) const ROOM_COLUMNS: &str = "id, name, head, active_at";

/// An entry as it lies in the file. Borrows from the statement's current row.
pub(super) fn stored<'a>(row: &'a SqlRow<'_>) -> rusqlite::Result<Result<Row<'a>, Unreadable>> {
    let values = [
        row.get_ref(0)?,
        row.get_ref(1)?,
        row.get_ref(2)?,
        row.get_ref(3)?,
        row.get_ref(4)?,
        row.get_ref(5)?,
        row.get_ref(6)?,
        row.get_ref(7)?,
        row.get_ref(8)?,
    ];
    Ok(decode(values))
}

/// An entry as it lies in the file, with the room and the sum that lie beside it, and whether its
/// text is gone for a reason.
pub(super) fn summed<'a>(
    row: &'a SqlRow<'_>,
) -> rusqlite::Result<Result<(Row<'a>, Sum, bool), Unreadable>> {
    let (room, sum, deleted) = (row.get_ref(9)?, row.get_ref(10)?, row.get::<_, Option<bool>>(11)?);
    let stored = stored(row)?;
    Ok(stored.and_then(|row| {
        let room = RoomId(integer("room", room)?);
        Ok((Row { room, ..row }, sixteen("sum", sum)?, deleted == Some(true)))
    }))
}

fn decode(values: [ValueRef<'_>; 9]) -> Result<Row<'_>, Unreadable> {
    let [at_place, kind, id, at, sender, sender_name, body, target, more] = values;
    let at_place = integer("place", at_place)?;
    let kind = integer("kind", kind)?;
    Ok(Row {
        room: place::room(at_place),
        seq: place::seq(at_place),
        kind: u8::try_from(kind).map_err(|e| Unreadable::of("kind", e))?,
        id: MessageId(Uuid::from_bytes(sixteen("id", id)?)),
        at: integer("at", at)?,
        sender: bytes("sender", sender)?,
        sender_name: bytes("sender_name", sender_name)?,
        body: bytes("body", body)?,
        target: target.as_i64_or_null().map_err(|e| Unreadable::of("target", e))?,
        more: more.as_bytes_or_null().map_err(|e| Unreadable::of("more", e))?,
    })
}

/// A room, from [`ROOM_COLUMNS`].
pub(super) fn room(row: &SqlRow<'_>) -> rusqlite::Result<Result<RoomRecord, Unreadable>> {
    let (id, head, active_at) = (row.get(0)?, row.get(2)?, row.get::<_, i64>(3)?);
    let name = row.get_ref(1)?;
    Ok(room_of(id, name, head, active_at))
}

fn room_of(
    id: i64,
    name: ValueRef<'_>,
    head: i64,
    active_at: i64,
) -> Result<RoomRecord, Unreadable> {
    let name = name.as_str().map_err(|e| Unreadable::of("name", e))?;
    Ok(RoomRecord {
        id: RoomId(id),
        name: RoomName::parse(name).map_err(|e| Unreadable::of("name", e))?,
        head: seq_of("head", head)?,
        active_at: u64::try_from(active_at).map_err(|e| Unreadable::of("active_at", e))?,
    })
}

fn integer(what: &str, value: ValueRef<'_>) -> Result<i64, Unreadable> {
    value.as_i64().map_err(|e| Unreadable::of(what, e))
}

fn bytes<'a>(what: &str, value: ValueRef<'a>) -> Result<&'a [u8], Unreadable> {
    value.as_bytes().map_err(|e| Unreadable::of(what, e))
}

fn sixteen(what: &str, value: ValueRef<'_>) -> Result<[u8; 16], Unreadable> {
    bytes(what, value)?.try_into().map_err(|e| Unreadable::of(what, e))
}
