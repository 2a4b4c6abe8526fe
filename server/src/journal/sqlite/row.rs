//! Rows of the file and the values they stand for.

use maru_protocol::{Body, DisplayName, Entry, Message, MessageId, RoomName, Seq, User, UserId};
use rusqlite::{Row as SqlRow, types::ValueRef};
use uuid::Uuid;

use super::{
    chain::{Row, Sum},
    place,
};
use crate::journal::{Append, RoomId, RoomRecord};

/// `entries.kind` of a message.
pub(super) const MESSAGE: u8 = 1;

/// A value in the file that the server never writes; the sentence says which.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) String);

impl Unreadable {
    fn of(what: &str, why: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}

/// The columns that [`stored`] reads, in its order.
pub(super) const ENTRY_COLUMNS: &str = "place, kind, id, at, sender, sender_name, body";

/// The columns that [`summed`] reads, in its order.
pub(super) const SUMMED_COLUMNS: &str = "place, kind, id, at, sender, sender_name, body, room, sum";

/// The columns that [`room`] reads, in its order.
pub(super) const ROOM_COLUMNS: &str = "id, name, head, active_at";

/// What an append becomes at a seq.
pub(super) fn of_append(append: &Append, seq: Seq, at: i64) -> Row<'_> {
    Row {
        room: append.room,
        seq,
        kind: MESSAGE,
        id: append.id,
        at,
        sender: append.sender.id.0.as_bytes(),
        sender_name: append.sender.name.as_str().as_bytes(),
        body: append.body.as_str().as_bytes(),
    }
}

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
    ];
    Ok(decode(values))
}

/// An entry as it lies in the file, with the room and the sum that lie beside it.
pub(super) fn summed<'a>(
    row: &'a SqlRow<'_>,
) -> rusqlite::Result<Result<(Row<'a>, Sum), Unreadable>> {
    let (room, sum) = (row.get_ref(7)?, row.get_ref(8)?);
    let stored = stored(row)?;
    Ok(stored.and_then(|row| {
        let room = RoomId(integer("room", room)?);
        Ok((Row { room, ..row }, sixteen("sum", sum)?))
    }))
}

fn decode(values: [ValueRef<'_>; 7]) -> Result<Row<'_>, Unreadable> {
    let [at_place, kind, id, at, sender, sender_name, body] = values;
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
    })
}

/// Senders remembered while a page is read: parsing a name costs as much as all else of an entry,
/// and few people talk at a time.
const MOST_SENDERS: usize = 16;

/// Makes entries of the rows of one room.
pub(super) struct Decoder<'r> {
    room: &'r RoomName,
    senders: Vec<User>,
}

impl<'r> Decoder<'r> {
    pub(super) fn new(room: &'r RoomName) -> Self {
        Self { room, senders: Vec::new() }
    }

    /// The entry that a row stands for.
    pub(super) fn entry(&mut self, row: &Row<'_>) -> Result<Entry, Unreadable> {
        if row.kind != MESSAGE {
            return Err(Unreadable::of("kind", row.kind));
        }
        Ok(Entry::Message(Message {
            room: self.room.clone(),
            seq: row.seq,
            id: row.id,
            sender: self.sender(row)?,
            at: u64::try_from(row.at).map_err(|e| Unreadable::of("at", e))?,
            body: Body::parse(text("body", row.body)?).map_err(|e| Unreadable::of("body", e))?,
        }))
    }

    fn sender(&mut self, row: &Row<'_>) -> Result<User, Unreadable> {
        let known = self.senders.iter().find(|user| {
            user.id.0.as_bytes() == row.sender && user.name.as_str().as_bytes() == row.sender_name
        });
        if let Some(user) = known {
            return Ok(user.clone());
        }
        let name = text("sender_name", row.sender_name)?;
        let name = DisplayName::try_from(name).map_err(|e| Unreadable::of("sender_name", e))?;
        let user = User { id: UserId(text("sender", row.sender)?), name };
        if self.senders.len() < MOST_SENDERS {
            self.senders.push(user.clone());
        }
        Ok(user)
    }
}

fn text(what: &str, bytes: &[u8]) -> Result<String, Unreadable> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| Unreadable::of(what, e))
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

/// A seq from the file.
pub(super) fn seq_of(what: &str, number: i64) -> Result<Seq, Unreadable> {
    let number = u64::try_from(number).map_err(|e| Unreadable::of(what, e))?;
    Seq::new(number).map_err(|e| Unreadable::of(what, e))
}

/// A seq for the file.
pub(super) fn number(seq: Seq) -> i64 {
    // At most 2^53 - 1.
    seq.get().cast_signed()
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
