//! Making rooms.

use std::collections::HashMap;

use maru_protocol::{RoomName, Seq};
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    names,
    row::{self, ROOM_COLUMNS},
};
use crate::journal::{
    Created, JournalError, RoomId, RoomRecord,
    integrity::chain::{self, Root},
};

/// A room that is asked for.
pub(super) struct NewRoom<'a> {
    pub(super) name: &'a RoomName,
    pub(super) at: u64,
}

type Answer = Result<Created, JournalError>;
type Found = Result<RoomRecord, JournalError>;
/// Rooms by their keys, or by their looks.
type Known = HashMap<String, Found>;

/// Finds the rooms and makes those that are missing, in one transaction; as many answers as there
/// are wanted, in their order. After an error the connection may be in a transaction, and nothing
/// was made; when it broke during COMMIT, the rooms may be found the next time.
pub(super) async fn rooms(
    conn: &mut PgConnection,
    root: Root,
    wanted: &[NewRoom<'_>],
) -> Result<Vec<Answer>, Error> {
    let keys: Vec<String> = wanted.iter().map(|room| room.name.key().as_str().to_owned()).collect();
    let known = find(conn, &keys).await?;
    if keys.iter().all(|key| known.contains_key(key)) {
        let existing = keys.iter().filter_map(|key| known.get(key));
        return Ok(existing.map(|room| room.clone().map(Created::Existing)).collect());
    }
    // Whoever makes rooms has locked this row; nobody else makes one meanwhile.
    let sql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
               SELECT rooms FROM maru.meta FOR UPDATE";
    let count: i64 = conn.fetch_one(sql).await?.try_get(0)?;
    let mut known = find(conn, &keys).await?;
    let looks: Vec<[String; 2]> = wanted.iter().map(|room| room.name.skeletons().keys()).collect();
    let mut alike = find_alike(conn, &looks.concat()).await?;
    let mut new = New::after(root, count);
    let mut answers = Vec::with_capacity(wanted.len());
    for ((key, looks), room) in keys.iter().zip(&looks).zip(wanted) {
        let answer = if let Some(found) = known.get(key) {
            found.clone().map(Created::Existing)
        } else if let Some(found) = looks.iter().find_map(|look| alike.get(look)) {
            found.clone().map(Created::LooksLike)
        } else {
            let made = new.add(key, looks, room);
            known.insert(key.clone(), made.clone());
            alike.extend(looks.iter().map(|look| (look.clone(), made.clone())));
            made.map(Created::New)
        };
        answers.push(answer);
    }
    new.insert(conn).await?;
    conn.execute("COMMIT").await?;
    Ok(answers)
}

/// Those that have or had one of these keys.
async fn find(conn: &mut PgConnection, keys: &[String]) -> Result<Known, Error> {
    let sql = format!(
        "SELECT {ROOM_COLUMNS}, key FROM maru.rooms WHERE key = ANY($1) UNION ALL
         SELECT r.id, r.name, r.head, r.active_at, f.key FROM maru.former_names AS f
           JOIN maru.rooms AS r ON r.id = f.room WHERE f.key = ANY($1)"
    );
    known(conn.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(keys)).await?)
}

async fn find_alike(conn: &mut PgConnection, looks: &[String]) -> Result<Known, Error> {
    let sql = "SELECT r.id, r.name, r.head, r.active_at, l.look FROM maru.room_looks AS l
                 JOIN maru.rooms AS r ON r.id = l.room WHERE l.look = ANY($1)";
    known(conn.fetch_all(sqlx::query(sql).bind(looks)).await?)
}

/// Rows of [`ROOM_COLUMNS`], with what each was found by behind them.
fn known(rows: Vec<PgRow>) -> Result<Known, Error> {
    let mut known = Known::with_capacity(rows.len());
    for row in rows {
        let room = row::room(&row)?.map_err(|why| JournalError::Store(why.to_string()));
        known.insert(row.try_get(4)?, room);
    }
    Ok(known)
}

/// The rooms to be made, column by column.
struct New {
    root: Root,
    /// Rooms ever made, these included: the newest one's number.
    count: i64,
    ids: Vec<i64>,
    keys: Vec<String>,
    names: Vec<String>,
    ats: Vec<i64>,
    sums: Vec<Vec<u8>>,
    looks: Vec<String>,
    looks_of: Vec<i64>,
}

impl New {
    fn after(root: Root, count: i64) -> Self {
        let (ids, keys, names) = (Vec::new(), Vec::new(), Vec::new());
        let (ats, sums, looks, looks_of) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { root, count, ids, keys, names, ats, sums, looks, looks_of }
    }

    fn add(&mut self, key: &str, looks: &[String; 2], room: &NewRoom<'_>) -> Found {
        let Ok(at) = i64::try_from(room.at) else {
            return Err(JournalError::Store(format!("the time {} can't be kept", room.at)));
        };
        self.count += 1;
        let id = RoomId(self.count);
        self.ids.push(id.0);
        self.keys.push(key.to_owned());
        self.names.push(room.name.as_str().to_owned());
        self.ats.push(at);
        self.sums.push(chain::start(self.root, id, key).to_vec());
        self.looks.extend(looks.iter().cloned());
        self.looks_of.extend([id.0, id.0]);
        Ok(RoomRecord { id, name: room.name.clone(), head: Seq::ZERO, active_at: room.at })
    }

    async fn insert(self, conn: &mut PgConnection) -> Result<(), Error> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let query = sqlx::query(
            "WITH made AS (
               INSERT INTO maru.rooms (id, key, name, created_at, head, active_at, sum)
               SELECT id, key, name, at, 0, at, sum
                 FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bytea[])
                   AS made (id, key, name, at, sum))
             UPDATE maru.meta SET rooms = $6",
        )
        .bind(self.ids)
        .bind(self.keys)
        .bind(self.names)
        .bind(self.ats)
        .bind(self.sums)
        .bind(self.count);
        conn.execute(query).await?;
        names::keep_looks(conn, &self.looks, &self.looks_of).await
    }
}
