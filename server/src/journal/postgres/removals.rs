//! Removing rooms, and erasing what was in them. Each is one statement.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::{
    reader::{AnswerFuture, Question},
    row::{self, ROOM_COLUMNS},
};
use crate::journal::{
    EmptyPlace, MOST_EMPTY, MOST_ERASED, RemoveWhen, RoomRecord,
    projections::files::{DOOMED, signed},
    rows::{directory::empty_slot, removed},
};

/// See [`crate::journal::Removals::empty_rooms`].
pub(super) struct EmptyRooms(pub(super) EmptyPlace, pub(super) u64);

impl Question for EmptyRooms {
    type Answer = Vec<RoomRecord>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let Self(from, before) = *self;
            let sql = format!(
                "SELECT {ROOM_COLUMNS} FROM maru.rooms
                   WHERE active_slot >= $1 AND active_slot < $2 AND (active_slot, id) > ($1, $3)
                   ORDER BY active_slot, id LIMIT $4"
            );
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(empty_slot(signed(from.made)))
                .bind(empty_slot(signed(before)))
                .bind(from.room)
                .bind(i64::from(MOST_EMPTY));
            let mut found = Vec::new();
            for room in &conn.fetch_all(query).await? {
                found.push(row::room(room)??);
            }
            Ok(found)
        })
    }
}

/// See [`crate::journal::Removals::remove`].
pub(super) struct Remove(pub(super) RoomRecord, pub(super) RemoveWhen);

impl Question for Remove {
    type Answer = bool;

    /// Who appends has the room's row locked until the commit. This waits for it, and then looks at the
    /// row as it is; who comes after finds no room.
    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, bool> {
        Box::pin(async move {
            let Self(room, when) = self;
            let (empty, before) = removed::condition(*when);
            let query = sqlx::query(
                "WITH gone AS (
                   UPDATE maru.rooms
                     SET key = $2, name = '', head = 0, first_key = NULL, renamed = NULL
                     WHERE id = $1 AND active_slot IS NOT NULL
                       AND (NOT $3 OR (head = 0 AND active_at < $4))
                     RETURNING id),
                 looks AS (DELETE FROM maru.room_looks WHERE room IN (SELECT id FROM gone)),
                 former AS (DELETE FROM maru.former_names WHERE room IN (SELECT id FROM gone)),
                 noted AS (INSERT INTO maru.removals (room) SELECT id FROM gone)
                 SELECT count(*) FROM gone",
            )
            .bind(room.id.0)
            .bind(removed::key(room.id))
            .bind(empty)
            .bind(before);
            let gone: i64 = conn.fetch_one(query).await?.try_get(0)?;
            Ok(gone > 0)
        })
    }
}

/// What lies by room.
const BY_ROOM: &[&str] = &[
    "entries",
    "states",
    "unlisted",
    "abouts",
    "members",
    "member_names",
    "held_names",
    "mentions",
];

/// See [`crate::journal::Removals::erase`].
pub(super) struct Erase;

impl Question for Erase {
    type Answer = bool;

    /// Of several nodes each takes another room.
    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, bool> {
        Box::pin(async move {
            let row = conn.fetch_one(sqlx::query(AssertSqlSafe(erase()))).await?;
            Ok(row.try_get::<Option<i64>, _>(0)?.is_some())
        })
    }
}

fn erase() -> String {
    let mut sql = format!(
        "WITH next AS MATERIALIZED (
           SELECT room FROM maru.removals ORDER BY room LIMIT 1 FOR UPDATE SKIP LOCKED),
         of_files AS (
           UPDATE maru.files SET state = {DOOMED}, seq = NULL, name = '' WHERE id IN (
             SELECT f.id FROM maru.files AS f
               WHERE f.room = (SELECT room FROM next) AND f.seq IS NOT NULL LIMIT {MOST_ERASED})
           RETURNING 1)"
    );
    for table in BY_ROOM {
        sql.push_str(&format!(
            ", of_{table} AS (
               DELETE FROM maru.{table} WHERE ctid = ANY(ARRAY(
                 SELECT t.ctid FROM maru.{table} AS t
                   WHERE t.room = (SELECT room FROM next) LIMIT {MOST_ERASED}))
               RETURNING 1)"
        ));
    }
    let counts: Vec<String> =
        BY_ROOM.iter().map(|table| format!("(SELECT count(*) FROM of_{table})")).collect();
    sql.push_str(&format!(
        ", erased AS (SELECT (SELECT count(*) FROM of_files) + {} AS rows),
         done AS (
           DELETE FROM maru.removals
             WHERE room = (SELECT room FROM next) AND (SELECT rows FROM erased) = 0)
         SELECT (SELECT room FROM next)",
        counts.join(" + ")
    ));
    sql
}
