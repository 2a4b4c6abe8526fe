//! Rows of the database and the values they stand for.

use maru_protocol::{About, MessageId, RoomName, Seq};
use sqlx::{
    Decode, Encode, Error, Postgres, Row as _, Type, ValueRef,
    encode::IsNull,
    error::BoxDynError,
    postgres::{
        PgArgumentBuffer, PgHasArrayType, PgRow, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid,
    },
};
use uuid::Uuid;

use crate::journal::{
    RoomId, RoomRecord,
    integrity::chain::{Row, Sum},
    rows::entries::{Unreadable, seq_of},
};

/// A `uuid` of Postgres.
///
/// sqlx has one behind a feature that also names its SQLite driver, whose library Cargo does not let
/// stand beside the one of our own SQLite store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(pub(super) Uuid);

/// `uuid` and `uuid[]` in Postgres' catalogue; these numbers never change.
const UUID: Oid = Oid(2950);
const UUID_ARRAY: Oid = Oid(2951);

impl Type<Postgres> for Id {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(UUID)
    }
}

impl PgHasArrayType for Id {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(UUID_ARRAY)
    }
}

impl Encode<'_, Postgres> for Id {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl<'r> Decode<'r, Postgres> for Id {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.is_null() {
            return Err("there is no id".into());
        }
        Ok(Self(match value.format() {
            PgValueFormat::Binary => Uuid::from_slice(value.as_bytes()?)?,
            PgValueFormat::Text => value.as_str()?.parse()?,
        }))
    }
}

/// The columns that [`stored`] reads from a place on, in its order.
pub(super) const ENTRY_COLUMNS: &str =
    "e.seq, e.kind, e.id, e.at, e.sender, e.sender_name, e.body, e.target, e.more";

/// How many they are.
pub(super) const ENTRY_WIDTH: usize = 9;

/// The columns that [`room`] reads, in its order.
pub(super) const ROOM_COLUMNS: &str = "id, name, head, active_at";

/// An entry, whose columns start at `first`; none where an outer join found none.
pub(super) fn stored(
    row: &PgRow,
    first: usize,
    room: RoomId,
) -> Result<Result<Option<Row<'_>>, Unreadable>, Error> {
    let Some(seq) = row.try_get::<Option<i64>, _>(first)? else { return Ok(Ok(None)) };
    let kind: i16 = row.try_get(first + 1)?;
    let id: Id = row.try_get(first + 2)?;
    let at: i64 = row.try_get(first + 3)?;
    let text = |column| row.try_get::<&str, _>(column).map(str::as_bytes);
    let (sender, sender_name) = (text(first + 4)?, text(first + 5)?);
    let body = text(first + 6)?;
    let target = row.try_get(first + 7)?;
    let more = row.try_get::<Option<&str>, _>(first + 8)?.map(str::as_bytes);
    Ok(values(seq, kind).map(|(seq, kind)| {
        let id = MessageId(id.0);
        Some(Row { room, seq, kind, id, at, sender, sender_name, body, target, more })
    }))
}

fn values(seq: i64, kind: i16) -> Result<(Seq, u8), Unreadable> {
    let kind = u8::try_from(kind).map_err(|why| Unreadable::of("kind", why))?;
    Ok((seq_of("seq", seq)?, kind))
}

/// The checksum in that column, where it has 16 bytes.
pub(super) fn sum(row: &PgRow, column: usize) -> Result<Result<Sum, Unreadable>, Error> {
    let bytes: &[u8] = row.try_get(column)?;
    Ok(bytes.try_into().map_err(|why| Unreadable::of("sum", why)))
}

/// What a room is about, as it is kept; nothing where nobody said.
pub(super) fn about(json: Option<&str>) -> Result<About, Unreadable> {
    let Some(json) = json else { return Ok(About::default()) };
    serde_json::from_str(json).map_err(|why| Unreadable::of("what the room is about", why))
}

pub(super) fn about_json(about: &About) -> String {
    // Texts and numbers can always be written.
    serde_json::to_string(about).unwrap_or_default()
}

/// A room, from [`ROOM_COLUMNS`].
pub(super) fn room(row: &PgRow) -> Result<Result<RoomRecord, Unreadable>, Error> {
    let (id, name): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
    let (head, active_at): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
    Ok(room_of(id, name, head, active_at))
}

fn room_of(id: i64, name: &str, head: i64, active_at: i64) -> Result<RoomRecord, Unreadable> {
    Ok(RoomRecord {
        id: RoomId(id),
        name: RoomName::parse(name).map_err(|why| Unreadable::of("name", why))?,
        head: seq_of("head", head)?,
        active_at: u64::try_from(active_at).map_err(|why| Unreadable::of("active_at", why))?,
    })
}
