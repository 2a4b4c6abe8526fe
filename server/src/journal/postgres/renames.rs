//! Other names for rooms, in the database.

use maru_protocol::{RoomKey, RoomName};
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    names,
    reader::{AnswerFuture, Question, ReadError},
    row::{self, ROOM_COLUMNS},
};
use crate::journal::{
    MOST_FORMER, MOST_RENAMED, Renamed, RenamedRoom, RoomId, RoomRecord, rows::entries::Unreadable,
};

/// Which room has or had the key `$1`. No key is that of two rooms.
pub(super) const BY_NAME: &str =
    "key = $1 OR id = (SELECT f.room FROM maru.former_names AS f WHERE f.key = $1)";

/// See [`crate::journal::Renames::renamed`].
pub(super) struct RenamedSince(pub(super) u64);

impl Question for RenamedSince {
    type Answer = Vec<RenamedRoom>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {ROOM_COLUMNS}, renamed,
                    ARRAY(SELECT f.name FROM maru.former_names AS f WHERE f.room = rooms.id)
                   FROM maru.rooms WHERE renamed > $1 AND active_slot IS NOT NULL
                   ORDER BY renamed LIMIT $2"
            );
            let after = i64::try_from(self.0).unwrap_or(i64::MAX);
            let query = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(i64::from(MOST_RENAMED));
            let rows = conn.fetch_all(query).await?;
            rows.iter().map(renamed).collect()
        })
    }
}

fn renamed(row: &PgRow) -> Result<RenamedRoom, ReadError> {
    let number = row.try_get::<i64, _>(4)?.cast_unsigned();
    let name = |name: String| {
        Ok(RoomName::parse(&name).map_err(|why| Unreadable::of("former name", why))?)
    };
    let former: Vec<String> = row.try_get(5)?;
    let former = former.into_iter().map(name).collect::<Result<_, ReadError>>()?;
    Ok(RenamedRoom { number, room: row::room(row)??, former })
}

/// See [`crate::journal::Renames::rename`].
pub(super) struct Rename(pub(super) RoomRecord, pub(super) RoomName);

impl Question for Rename {
    type Answer = Renamed;

    /// Whoever makes or renames rooms has locked the count of them until the commit, so that two rooms
    /// never get one name, and numbers are seen in their order.
    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Renamed> {
        Box::pin(async move {
            let Self(room, name) = self;
            let sql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
                       SELECT rooms FROM maru.meta FOR UPDATE";
            conn.execute(sql).await?;
            let renamed = rename(conn, room, name).await;
            let done = matches!(renamed, Ok(Renamed::Done(_)));
            conn.execute(if done { "COMMIT" } else { "ROLLBACK" }).await?;
            renamed
        })
    }
}

async fn rename(
    conn: &mut PgConnection,
    room: &RoomRecord,
    name: &RoomName,
) -> Result<Renamed, ReadError> {
    let Some((now, first)) = locked(conn, room.id).await? else { return Ok(Renamed::Gone) };
    if now.name == *name {
        return Ok(Renamed::Done(now));
    }
    if now.name != room.name {
        return Ok(Renamed::Gone);
    }
    let (old, key) = (now.name.key(), name.key());
    let named = format!("SELECT {ROOM_COLUMNS} FROM maru.rooms WHERE ({BY_NAME}) AND id <> $2");
    let named = sqlx::query(AssertSqlSafe(named)).bind(key.as_str()).bind(room.id.0);
    if let Some(other) = conn.fetch_optional(named).await? {
        return Ok(Renamed::Taken(row::room(&other)??));
    }
    let looks = name.skeletons().keys();
    let alike = "SELECT r.id, r.name, r.head, r.active_at FROM maru.room_looks AS l
                   JOIN maru.rooms AS r ON r.id = l.room
                   WHERE l.look = ANY($1) AND l.room <> $2 LIMIT 1";
    let alike = sqlx::query(alike).bind(looks.to_vec()).bind(room.id.0);
    if let Some(other) = conn.fetch_optional(alike).await? {
        return Ok(Renamed::LooksLike(row::room(&other)??));
    }
    if had(conn, room.id, &key).await? >= MOST_FORMER && old != key {
        return Ok(Renamed::TooMany);
    }
    let first = first.unwrap_or_else(|| old.as_str().to_owned());
    let first = Some(first).filter(|first| *first != key.as_str());
    write(conn, &now, &old, name, first).await?;
    names::keep_looks(conn, &looks, &[room.id.0, room.id.0]).await?;
    Ok(Renamed::Done(RoomRecord { name: name.clone(), ..now }))
}

/// The room as it is once everybody who appends to it came to an end, and what its chain starts from.
async fn locked(
    conn: &mut PgConnection,
    room: RoomId,
) -> Result<Option<(RoomRecord, Option<String>)>, ReadError> {
    let sql = format!(
        "SELECT {ROOM_COLUMNS}, first_key FROM maru.rooms
           WHERE id = $1 AND active_slot IS NOT NULL FOR UPDATE"
    );
    match conn.fetch_optional(sqlx::query(AssertSqlSafe(sql)).bind(room.0)).await? {
        Some(found) => Ok(Some((row::room(&found)??, found.try_get(4)?))),
        None => Ok(None),
    }
}

/// How many names the room had, this one aside.
async fn had(conn: &mut PgConnection, room: RoomId, key: &RoomKey) -> Result<usize, Error> {
    let sql = "SELECT count(*) FROM maru.former_names WHERE room = $1 AND key <> $2";
    let query = sqlx::query(sql).bind(room.0).bind(key.as_str());
    let had: i64 = conn.fetch_one(query).await?.try_get(0)?;
    Ok(usize::try_from(had).unwrap_or(usize::MAX))
}

/// Writes the name, and what it was: no former name any more.
async fn write(
    conn: &mut PgConnection,
    room: &RoomRecord,
    old: &RoomKey,
    name: &RoomName,
    first: Option<String>,
) -> Result<(), Error> {
    let query = sqlx::query(
        "WITH numbered AS (UPDATE maru.meta SET renames = renames + 1 RETURNING renames),
         back AS (DELETE FROM maru.former_names WHERE key = $2),
         left_behind AS (
           INSERT INTO maru.former_names (key, name, room)
             SELECT $5, $6, $1 WHERE $5 <> $2)
         UPDATE maru.rooms SET key = $2, name = $3, first_key = $4,
             renamed = (SELECT renames FROM numbered)
           WHERE id = $1",
    )
    .bind(room.id.0)
    .bind(name.key().as_str().to_owned())
    .bind(name.as_str().to_owned())
    .bind(first)
    .bind(old.as_str().to_owned())
    .bind(room.name.as_str().to_owned());
    conn.execute(query).await.map(drop)
}
