//! What lies beside messages in Postgres, for `verify`.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use maru_protocol::{Seq, UserId};
use sqlx::{AssertSqlSafe, Error, PgConnection, Row as _, SqlSafeStr, postgres::PgRow};

use super::{
    files_table,
    reader::ReadError,
    row::{self, ENTRY_COLUMNS, Id},
};
use crate::journal::{
    RoomId,
    integrity::{
        fault::FaultKind,
        refold::{Projection, Refold, Span},
    },
    projections::state,
    rows::entries::{MESSAGE, Unreadable, number, seq_of},
};

/// The first of the messages up to `at` that has beside it what the entries don't say; `all` when the
/// room has no more.
pub(super) async fn differs(
    conn: &mut PgConnection,
    room: RoomId,
    refold: &mut Refold,
    (at, all): (Seq, bool),
) -> Result<Difference, Error> {
    while let Some(run) = refold.run(at, all) {
        let first = run.after.next();
        if let Some(found) = or_unreadable(first, differs_in(conn, room, run).await)? {
            return Ok(Some(found));
        }
    }
    if all { or_unreadable(Seq::ZERO, differs_about(conn, room, refold).await) } else { Ok(None) }
}

type Difference = Option<(Seq, FaultKind)>;

/// What can't be read is a fault as well; what Postgres itself says is for the caller.
fn or_unreadable(seq: Seq, found: Result<Difference, ReadError>) -> Result<Difference, Error> {
    match found {
        Ok(found) => Ok(found),
        Err(ReadError::Sql(error)) => Err(error),
        Err(ReadError::Unreadable(why)) => Ok(Some((seq, FaultKind::Unreadable(why.to_string())))),
        Err(other @ ReadError::NoRoom(_)) => {
            Ok(Some((seq, FaultKind::Unreadable(other.to_string()))))
        }
    }
}

async fn differs_in(
    conn: &mut PgConnection,
    room: RoomId,
    mut run: Span,
) -> Result<Difference, ReadError> {
    let bounds = (run.after, run.to);
    // All that ever changed these messages.
    let changes = format!(
        "SELECT {ENTRY_COLUMNS} FROM maru.entries AS e
           WHERE room = $1 AND target > $2 AND target <= $3 AND kind <> {MESSAGE}
           ORDER BY target, seq"
    );
    each(conn, AssertSqlSafe(changes), room, bounds, |found| {
        if let Some(change) = row::stored(found, 0, room)?? {
            run.change(&change)?;
        }
        Ok(())
    })
    .await?;
    let kept = kept(conn, room, bounds).await?;
    Ok(run.differs(kept))
}

async fn differs_about(
    conn: &mut PgConnection,
    room: RoomId,
    refold: &Refold,
) -> Result<Difference, ReadError> {
    let sql = "SELECT about FROM maru.abouts WHERE room = $1";
    let found = sqlx::query(sql).bind(room.0).fetch_optional(conn).await?;
    let json: Option<&str> = found.as_ref().map(|row| row.try_get(0)).transpose()?;
    Ok(refold.differs_about(&row::about(json)?).map(|what| (Seq::ZERO, what)))
}

/// What is kept beside the messages between two seqs, the second one included.
async fn kept(
    conn: &mut PgConnection,
    room: RoomId,
    bounds: (Seq, Seq),
) -> Result<BTreeMap<Seq, Projection>, ReadError> {
    let mut kept = BTreeMap::<Seq, Projection>::new();
    let states = "SELECT seq, state, edited FROM maru.states
                  WHERE room = $1 AND seq > $2 AND seq <= $3";
    each(conn, states, room, bounds, |row| {
        let state = state::parse(row.try_get(1)?)?;
        let edited: Option<i64> = row.try_get(2)?;
        // Beside the state, for the join.
        if edited != state.edited.as_ref().map(|edited| number(edited.seq)) {
            return Err(Unreadable("states.edited: it is not the state's".to_owned()).into());
        }
        kept.entry(seq(row, 0)?).or_default().state = Some(state);
        Ok(())
    })
    .await?;
    let unlisted = "SELECT seq, who FROM maru.unlisted
                    WHERE room = $1 AND seq > $2 AND seq <= $3";
    each(conn, unlisted, room, bounds, |row| {
        let who: Id = row.try_get(1)?;
        kept.entry(seq(row, 0)?).or_default().unlisted.insert(who.0.into_bytes());
        Ok(())
    })
    .await?;
    let mentions = "SELECT seq, person FROM maru.mentions
                    WHERE room = $1 AND seq > $2 AND seq <= $3";
    each(conn, mentions, room, bounds, |row| {
        let person = UserId(row.try_get(1)?);
        kept.entry(seq(row, 0)?).or_default().mentioned.insert(person);
        Ok(())
    })
    .await?;
    let files = format!(
        "SELECT {}, state FROM maru.files WHERE room = $1 AND seq > $2 AND seq <= $3 ORDER BY id",
        files_table::COLUMNS
    );
    each(conn, AssertSqlSafe(files), room, bounds, |row| {
        let state: i16 = row.try_get(9)?;
        let (seq, file) = files_table::row(row)?.sent(i64::from(state))?;
        kept.entry(seq).or_default().files.push(file);
        Ok(())
    })
    .await?;
    Ok(kept)
}

fn seq(row: &PgRow, column: usize) -> Result<Seq, ReadError> {
    Ok(seq_of("seq", row.try_get(column)?)?)
}

async fn each(
    conn: &mut PgConnection,
    sql: impl SqlSafeStr,
    room: RoomId,
    (after, to): (Seq, Seq),
    mut take: impl FnMut(&PgRow) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let query = sqlx::query(sql).bind(room.0).bind(number(after)).bind(number(to));
    let mut rows = query.fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(&row)?;
    }
    Ok(())
}
