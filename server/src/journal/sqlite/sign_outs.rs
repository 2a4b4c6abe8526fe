//! The table of people who were signed out: the reader's questions, and the writer's change.

use maru_protocol::UserId;
use rusqlite::{Connection, params};

use super::reader::ReadError;
use crate::journal::{MOST_SIGN_OUTS, SIGN_OUT_HOLDS, SignOut, projections::files::signed};

/// Signs somebody out, within the writer's transaction.
pub(super) fn keep(conn: &Connection, SignOut { person, at }: &SignOut) -> rusqlite::Result<()> {
    let sql = "INSERT INTO sign_outs (person, at) VALUES (?1, ?2)
               ON CONFLICT (person) DO UPDATE SET at = max(excluded.at, sign_outs.at + 1)";
    conn.prepare_cached(sql)?.execute(params![person.0, signed(*at)])?;
    let over = signed(at.saturating_sub(SIGN_OUT_HOLDS));
    conn.prepare_cached("DELETE FROM sign_outs WHERE at < ?1")?.execute([over]).map(drop)
}

pub(super) fn all(conn: &Connection) -> rusqlite::Result<Vec<SignOut>> {
    let sql = "SELECT person, at FROM sign_outs ORDER BY at DESC LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([MOST_SIGN_OUTS], |row| {
        let at = row.get::<_, i64>(1)?;
        Ok(SignOut { person: UserId(row.get(0)?), at: u64::try_from(at).unwrap_or(0) })
    })?;
    rows.collect()
}

/// Each change adds to the sum, but for the forgetting that comes with it: the count tells of that.
pub(super) fn mark(conn: &Connection) -> Result<u64, ReadError> {
    let sql = "SELECT count(*) + coalesce(sum(at), 0) FROM sign_outs";
    let mark: i64 = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(mark.cast_unsigned())
}
