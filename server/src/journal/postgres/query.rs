//! The questions that the readers answer, each in one statement: one round trip, one snapshot.

use maru_protocol::{RoomKey, RoomName, Seq};
use sqlx::{Executor as _, PgConnection, Row as _};

use super::{
    reader::{Answered, Question, ReadError},
    row::{self, ENTRY_COLUMNS, ROOM_COLUMNS},
};
use crate::journal::{
    MOST_HEADS, Page, PageRange, RoomId, RoomQuery, RoomRecord,
    entries::{self, Decoder, Unreadable},
    pages::{self, Bounds, needle},
};

/// Whether the journal can be read.
pub(super) struct Probe;

impl Question for Probe {
    type Answer = ();

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> Answered<'c, ()> {
        Box::pin(async move {
            conn.fetch_one("SELECT one FROM maru.meta").await?;
            Ok(())
        })
    }
}

/// The room of that name.
pub(super) struct Named(pub(super) RoomKey);

impl Question for Named {
    type Answer = Option<RoomRecord>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> Answered<'c, Self::Answer> {
        Box::pin(async move {
            let sql = format!("SELECT {ROOM_COLUMNS} FROM maru.rooms WHERE key = $1");
            match conn.fetch_optional(sqlx::query(&sql).bind(self.0.as_str())).await? {
                Some(found) => Ok(Some(row::room(&found)??)),
                None => Ok(None),
            }
        })
    }
}

/// A part of a room's log.
pub(super) struct Part(pub(super) RoomId, pub(super) PageRange);

impl Question for Part {
    type Answer = Page;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> Answered<'c, Page> {
        Box::pin(async move {
            let Self(room, range) = *self;
            let Bounds { from_end, above, below, limit } = pages::bounds(range);
            let order = if from_end { "DESC" } else { "ASC" };
            let sql = format!(
                "SELECT r.head, r.name, {ENTRY_COLUMNS} FROM maru.rooms AS r LEFT JOIN LATERAL (
                   SELECT * FROM maru.entries AS e
                     WHERE e.room = r.id AND e.seq > $2 AND e.seq < $3
                     ORDER BY e.seq {order} LIMIT $4) AS e ON true
                 WHERE r.id = $1 ORDER BY e.seq"
            );
            let query = sqlx::query(&sql)
                .bind(room.0)
                .bind(entries::number(above))
                // The last number itself is below "anything".
                .bind(entries::number(below))
                .bind(i64::from(limit));
            let rows = conn.fetch_all(query).await?;
            let Some(first) = rows.first() else { return Err(ReadError::NoRoom(room.0)) };
            let head = entries::seq_of("head", first.try_get(0)?)?;
            let name: &str = first.try_get(1)?;
            let name = RoomName::parse(name).map_err(|why| Unreadable::of("name", why))?;
            let mut decoder = Decoder::new(&name);
            let mut entries = Vec::with_capacity(rows.len());
            for row in &rows {
                if let Some(stored) = row::stored(row, 2, room)?? {
                    entries.push(decoder.entry(&stored)?);
                }
            }
            Ok(pages::whole(room, range, Page { entries, head })?)
        })
    }
}

/// The newest seqs of rooms.
pub(super) struct Heads(pub(super) Vec<RoomId>);

impl Question for Heads {
    type Answer = Vec<(RoomId, Seq)>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> Answered<'c, Self::Answer> {
        Box::pin(async move {
            let asked: Vec<i64> = self.0.iter().take(MOST_HEADS).map(|room| room.0).collect();
            // Joined, as a room that is asked for twice is answered twice.
            let sql = "SELECT r.id, r.head FROM unnest($1::bigint[]) AS asked (id)
                       JOIN maru.rooms AS r ON r.id = asked.id";
            let rows = conn.fetch_all(sqlx::query(sql).bind(asked)).await?;
            let head = |row: &sqlx::postgres::PgRow| {
                Ok((RoomId(row.try_get(0)?), entries::seq_of("head", row.try_get(1)?)?))
            };
            rows.iter().map(head).collect()
        })
    }
}

/// The directory.
///
/// Without a filter a walk along the index, as long as the answer; with one, until enough match.
pub(super) struct Directory(pub(super) RoomQuery);

impl Question for Directory {
    type Answer = Vec<RoomRecord>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> Answered<'c, Self::Answer> {
        Box::pin(async move {
            let Some(needle) = needle(self.0.contains.as_deref().unwrap_or_default()) else {
                return Ok(Vec::new());
            };
            let filter = if needle.is_empty() {
                "$1 = ''"
            } else {
                "position($1 IN replace(key, 'ς', 'σ')) > 0"
            };
            let sql = format!(
                "SELECT {ROOM_COLUMNS} FROM maru.rooms WHERE {filter} \
                 ORDER BY active_slot DESC, active_at DESC, id DESC LIMIT $2"
            );
            let query = sqlx::query(&sql).bind(needle).bind(i64::from(self.0.limit));
            let rows = conn.fetch_all(query).await?;
            let mut found = Vec::with_capacity(rows.len());
            for room in &rows {
                found.push(row::room(room)??);
            }
            Ok(found)
        })
    }
}
