//! The directory: rooms in their order, and those of a name.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    reader::{AnswerFuture, Question, ReadError},
    row::{self, ROOM_COLUMNS},
};
use crate::journal::{
    DirectoryPlace, RoomList, RoomQuery, RoomRecord,
    rows::{
        directory::{PlaceBounds, place},
        name_table::{Found, MOST_WALKED, NameTable, STRIDE, has},
        pages::needle,
    },
};

/// Rooms of the directory, found by the names that are known of those before.
///
/// Without a filter a walk along the index, as long as the answer. With one, those few that have the
/// part in their name; where many have it a walk again, which ends somewhere.
pub(super) struct Directory(pub(super) RoomQuery, pub(super) Arc<Mutex<NameTable>>);

impl Question for Directory {
    type Answer = RoomList;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let Self(query, names) = self;
            let Some(needle) = needle(query.contains.as_deref().unwrap_or_default()) else {
                return Ok(RoomList::default());
            };
            if needle.is_empty() {
                return walk(conn, query, &needle).await;
            }
            bring_up(conn, names).await?;
            let found = lock(names).find(&needle);
            match found {
                Found::These(found) => these(conn, query, found, &needle).await,
                Found::Many => walk(conn, query, &needle).await,
            }
        })
    }
}

fn lock(names: &Mutex<NameTable>) -> MutexGuard<'_, NameTable> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The names of rooms that were made or renamed since. Whoever makes or renames rooms has locked the
/// count of them until the commit, so that a room never comes to be seen below one that was.
async fn bring_up(conn: &mut PgConnection, names: &Mutex<NameTable>) -> Result<(), ReadError> {
    bring_up_made(conn, names).await?;
    let sql = "SELECT renamed, id, key FROM maru.rooms
                 WHERE renamed > $1 AND active_slot IS NOT NULL ORDER BY renamed";
    // All of them at the first time, and few then: only operators rename rooms.
    let renamed = lock(names).renamed();
    let rows = conn.fetch_all(sqlx::query(sql).bind(renamed)).await?;
    let mut names = lock(names);
    for row in &rows {
        names.add_renamed(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    }
    Ok(())
}

async fn bring_up_made(conn: &mut PgConnection, names: &Mutex<NameTable>) -> Result<(), ReadError> {
    let sql = "SELECT id, key FROM maru.rooms WHERE id > $1 AND active_slot IS NOT NULL
                 ORDER BY id LIMIT $2";
    loop {
        let last = lock(names).last();
        let rows = conn.fetch_all(sqlx::query(sql).bind(last).bind(i64::from(STRIDE))).await?;
        let mut names = lock(names);
        for row in &rows {
            names.add(row.try_get(0)?, row.try_get(1)?);
        }
        if rows.len() < STRIDE as usize {
            return Ok(());
        }
    }
}

async fn these(
    conn: &mut PgConnection,
    query: &RoomQuery,
    rooms: Vec<i64>,
    needle: &str,
) -> Result<RoomList, ReadError> {
    let sql = format!(
        "SELECT {ROOM_COLUMNS} FROM maru.rooms WHERE id = ANY($1) AND active_slot IS NOT NULL"
    );
    let rows = conn.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(rooms)).await?;
    let mut found = records(&rows)?;
    // One may have had the name that was found.
    found.retain(|room| has(room, needle));
    Ok(RoomList::of(found, query))
}

/// Those that fit of the next [`MOST_WALKED`] rooms.
async fn walk(
    conn: &mut PgConnection,
    query: &RoomQuery,
    needle: &str,
) -> Result<RoomList, ReadError> {
    const ORDER: &str = "ORDER BY active_slot DESC, active_at DESC, id DESC";
    const BEHIND: &str =
        "FROM maru.rooms WHERE active_slot <= $1 AND (active_slot, active_at, id) < ($1, $2, $3)";
    let fits =
        if needle.is_empty() { "$4 = ''" } else { "position($4 IN replace(key, 'ς', 'σ')) > 0" };
    let sql = format!(
        "SELECT {ROOM_COLUMNS} FROM (SELECT * {BEHIND} {ORDER} LIMIT {MOST_WALKED}) AS next
           WHERE {fits} {ORDER} LIMIT $5"
    );
    let PlaceBounds { slot, at, room } = PlaceBounds::of(query.after);
    let behind = sqlx::query(AssertSqlSafe(sql)).bind(slot).bind(at).bind(room);
    let rows = conn.fetch_all(behind.bind(needle).bind(i64::from(query.limit) + 1)).await?;
    let found = RoomList::cut(records(&rows)?, query.limit);
    let whole = needle.is_empty() && found.rooms.len() < MOST_WALKED as usize;
    if found.more.is_some() || whole {
        return Ok(found);
    }
    let last = format!("SELECT head, active_at, id {BEHIND} {ORDER} LIMIT 1 OFFSET $4");
    let last = sqlx::query(AssertSqlSafe(last)).bind(slot).bind(at).bind(room);
    let last = conn.fetch_optional(last.bind(i64::from(MOST_WALKED) - 1)).await?;
    Ok(RoomList { more: last.as_ref().map(place_of).transpose()?, ..found })
}

fn records(rows: &[PgRow]) -> Result<Vec<RoomRecord>, ReadError> {
    rows.iter().map(|row| Ok(row::room(row)??)).collect()
}

fn place_of(row: &PgRow) -> Result<DirectoryPlace, ReadError> {
    Ok(place(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}
