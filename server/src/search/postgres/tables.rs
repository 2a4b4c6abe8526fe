//! The tables. They are derived data: another version of them is made anew, so there are no steps.

use maru_protocol::Epoch;
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, Row as _};

use crate::{journal::RoomId, search::Positions};

/// What lies in the tables, and how texts are folded.
const VERSION: i32 = 2;

/// `fastupdate`: a step's grams go into the index together, 1 MB of them at most waits unsorted.
/// `autovacuum`: what was removed leaves the disk soon, however long the table is.
/// "C": texts are compared by their bytes, whatever the database's locale is.
const TABLES: &str = r#"
    CREATE TABLE maru.search_meta (
      one     smallint PRIMARY KEY CHECK (one = 1),
      version integer NOT NULL,
      epoch   text NOT NULL
    );
    CREATE TABLE maru.search_rooms (
      room bigint PRIMARY KEY,
      seq  bigint NOT NULL
    ) WITH (fillfactor = 50);
    CREATE TABLE maru.search_texts (
      room  bigint NOT NULL,
      seq   bigint NOT NULL,
      at    bigint NOT NULL,
      text  text COLLATE "C" NOT NULL,
      grams integer[] NOT NULL,
      PRIMARY KEY (room, seq)
    ) WITH (autovacuum_vacuum_scale_factor = 0.01);
    CREATE INDEX search_grams ON maru.search_texts USING gin (grams)
      WITH (fastupdate = on, gin_pending_list_limit = 1024);
"#;

const DROPPED: &str = "
    DROP TABLE IF EXISTS maru.search_meta, maru.search_rooms, maru.search_texts;
";

/// What is there.
pub(super) enum Existing {
    /// An index of this journal.
    Index,
    /// None, or one of another journal or an older version.
    Nothing,
    /// One of a newer server's.
    Newer,
}

pub(super) async fn look(conn: &mut PgConnection, epoch: Epoch) -> Result<Existing, Error> {
    let sql = "SELECT num_nulls(to_regclass('maru.search_meta'), to_regclass('maru.search_rooms'),
                 to_regclass('maru.search_texts'), to_regclass('maru.search_grams')) = 0";
    if !conn.fetch_one(sql).await?.try_get::<bool, _>(0)? {
        return Ok(Existing::Nothing);
    }
    let sql = "SELECT version, epoch FROM maru.search_meta";
    let Some(row) = conn.fetch_optional(sql).await? else { return Ok(Existing::Nothing) };
    let (version, of): (i32, &str) = (row.try_get(0)?, row.try_get(1)?);
    Ok(match version.cmp(&VERSION) {
        std::cmp::Ordering::Greater => Existing::Newer,
        std::cmp::Ordering::Equal if of == epoch.to_string() => Existing::Index,
        _ => Existing::Nothing,
    })
}

/// Makes them, empty, in place of those that are there.
pub(super) async fn make(conn: &mut PgConnection, epoch: Epoch) -> Result<(), Error> {
    let script = format!(
        "BEGIN; {DROPPED} {TABLES}
         INSERT INTO maru.search_meta VALUES (1, {VERSION}, '{epoch}'); COMMIT"
    );
    conn.execute(AssertSqlSafe(script)).await.map(drop)
}

pub(super) async fn positions(conn: &mut PgConnection) -> Result<Positions, Error> {
    let rows = conn.fetch_all("SELECT room, seq FROM maru.search_rooms").await?;
    let position = |row: &sqlx::postgres::PgRow| {
        let seq: i64 = row.try_get(1)?;
        Ok((RoomId(row.try_get(0)?), super::writer::seq_of(seq)))
    };
    rows.iter().map(position).collect()
}
