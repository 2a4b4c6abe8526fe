//! What lies beside messages in the file, for `verify`.

use std::collections::BTreeMap;

use maru_protocol::{Seq, UserId};
use rusqlite::{Connection, Row, params, params_from_iter};

use super::{change, files_table, place, reader::ReadError, row};
use crate::journal::{
    RoomId,
    integrity::{
        fault::FaultKind,
        refold::{Projection, Refold, Span},
    },
    projections::state,
    rows::entries::{MESSAGE, number, seq_of},
};

/// The first of the messages up to `at` that has beside it what the entries don't say; `all` when the
/// room has no more.
pub(super) fn differs(
    conn: &Connection,
    room: RoomId,
    refold: &mut Refold,
    (at, all): (Seq, bool),
) -> rusqlite::Result<Option<(Seq, FaultKind)>> {
    while let Some(run) = refold.run(at, all) {
        let first = run.after.next();
        if let Some(found) = or_unreadable(first, differs_in(conn, room, run))? {
            return Ok(Some(found));
        }
    }
    if all { or_unreadable(Seq::ZERO, differs_about(conn, room, refold)) } else { Ok(None) }
}

type Difference = Option<(Seq, FaultKind)>;

/// What can't be read is a fault as well; what SQLite itself says is for the caller.
fn or_unreadable(seq: Seq, found: Result<Difference, ReadError>) -> rusqlite::Result<Difference> {
    let why = match found {
        Ok(found) => return Ok(found),
        Err(ReadError::Sql(error)) if error.sqlite_error_code().is_some() => return Err(error),
        Err(ReadError::Sql(error)) => error.to_string(),
        Err(ReadError::Unreadable(why)) => why.to_string(),
        Err(other @ ReadError::NoRoom(_)) => other.to_string(),
    };
    Ok(Some((seq, FaultKind::Unreadable(why))))
}

fn differs_in(conn: &Connection, room: RoomId, mut run: Span) -> Result<Difference, ReadError> {
    changes(conn, room, &mut run)?;
    let kept = kept(conn, room, (run.after, run.to))?;
    Ok(run.differs(kept))
}

fn differs_about(
    conn: &Connection,
    room: RoomId,
    refold: &Refold,
) -> Result<Difference, ReadError> {
    let about = change::about(conn, room)??;
    Ok(refold.differs_about(&about).map(|what| (Seq::ZERO, what)))
}

/// All that ever changed these messages.
fn changes(conn: &Connection, room: RoomId, run: &mut Span) -> Result<(), ReadError> {
    let sql = format!(
        "SELECT {} FROM entries WHERE room = ?1 AND target > ?2 AND target <= ?3 AND kind <> ?4
         ORDER BY target, place",
        row::ENTRY_COLUMNS
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![room.0, number(run.after), number(run.to), MESSAGE])?;
    while let Some(found) = rows.next()? {
        run.change(&row::stored(found)??)?;
    }
    Ok(())
}

/// What is kept beside the messages between two seqs, the second one included.
fn kept(
    conn: &Connection,
    room: RoomId,
    (after, to): (Seq, Seq),
) -> Result<BTreeMap<Seq, Projection>, ReadError> {
    let mut kept = BTreeMap::<Seq, Projection>::new();
    let places = [place::bound(room, after), place::bound(room, to)];
    let states = "SELECT place, state FROM states WHERE place > ?1 AND place <= ?2";
    each(conn, states, &places, |row| {
        let state = state::parse(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        kept.entry(place::seq(row.get(0)?)).or_default().state = Some(state);
        Ok(())
    })?;
    let unlisted = "SELECT place, who FROM unlisted WHERE place > ?1 AND place <= ?2";
    each(conn, unlisted, &places, |row| {
        kept.entry(place::seq(row.get(0)?)).or_default().unlisted.insert(row.get(1)?);
        Ok(())
    })?;
    let seqs = [room.0, number(after), number(to)];
    let mentions = "SELECT seq, person FROM mentions WHERE room = ?1 AND seq > ?2 AND seq <= ?3";
    each(conn, mentions, &seqs, |row| {
        let mentioned = &mut kept.entry(seq_of("seq", row.get(0)?)?).or_default().mentioned;
        mentioned.insert(UserId(row.get(1)?));
        Ok(())
    })?;
    let files = format!(
        "SELECT {}, state FROM files WHERE room = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY id",
        files_table::COLUMNS
    );
    each(conn, &files, &seqs, |row| {
        let (seq, file) = files_table::row(row)?.sent(row.get(9)?)?;
        kept.entry(seq).or_default().files.push(file);
        Ok(())
    })?;
    Ok(kept)
}

fn each(
    conn: &Connection,
    sql: &str,
    bounds: &[i64],
    mut take: impl FnMut(&Row<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(bounds))?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}
