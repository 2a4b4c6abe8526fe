//! `maru-server verify`: is every entry what was written?
//!
//! Reads only, and may run beside a server: each step reads one snapshot of the file and lets it
//! go, so that the server's write-ahead log does not grow behind a long walk. (SQLite's own check,
//! the last step, is one long look.) Memory does not grow with the file.

use std::path::Path;

use maru_protocol::Seq;
use rusqlite::{Connection, OptionalExtension, params};

use super::{connection, error::OpenError, files::Lock, place, projections, schema, wal, walk};
use crate::journal::{
    RoomId,
    integrity::{
        chain::Root,
        fault::{Fault, FaultKind, Location},
        refold::Refold,
        report::{Progress, Report, Walked},
        walk::{ChainPosition, RoomRow, led_astray, left_behind, lost},
    },
};

/// Entries read in one snapshot: some 10 ms.
const STRIDE: u32 = 4_096;

/// Walks along every room of the journal at `path` and checks all that can be checked.
///
/// # Errors
/// [`OpenError`] when the file is no journal of this version or can't be read at all. Damage that
/// the walk can go around is not an error but in the report.
pub fn verify(path: &Path, mut on_progress: impl FnMut(Progress)) -> Result<Report, OpenError> {
    connection::check_library()?;
    if !path.exists() {
        return Err(OpenError::Missing { path: path.to_path_buf() });
    }
    look_at_log(path)?;
    let conn = connection::reader_of_journal(path)?;
    let mut report = Report::default();
    all(&conn, &mut report, &mut on_progress)
        .map_err(|error| OpenError::of_sqlite(path, &error))?;
    Ok(report)
}

/// Of a journal that no server has open: the log of one that is open changes under the look.
fn look_at_log(path: &Path) -> Result<(), OpenError> {
    // Most backups have none: no lock is made beside them.
    if !wal::of(path).exists() {
        return Ok(());
    }
    let lock = Lock::take(path);
    if matches!(lock, Err(OpenError::Held { .. })) { Ok(()) } else { wal::check(path) }
}

fn all(
    conn: &Connection,
    report: &mut Report,
    on_progress: &mut impl FnMut(Progress),
) -> rusqlite::Result<()> {
    match walk_rooms(conn, report, on_progress) {
        Err(error) if walk::is_damage(&error) => report.add(Fault::of_file(error.to_string())),
        other => other?,
    }
    on_progress(Progress::Integrity);
    integrity(conn, report)
}

fn walk_rooms(
    conn: &Connection,
    report: &mut Report,
    on_progress: &mut impl FnMut(Progress),
) -> rusqlite::Result<()> {
    // The column whose name SQLite's own check passes over: a server that can't read it does not start.
    conn.query_row("SELECT only FROM meta", [], |_| Ok(()))?;
    let root = schema::root(conn)?;
    let made: i64 = conn.query_row("SELECT rooms FROM meta", [], |row| row.get(0))?;
    let of = made.cast_unsigned();
    for number in 1..=made {
        let before = report.entries;
        let mut tell = |entries| {
            let rooms = number.cast_unsigned() - 1;
            on_progress(Progress::Walking { rooms, of, entries: before + entries });
        };
        report.walked(walk_room(conn, root, RoomId(number), &mut tell)?);
    }
    strays(conn, report)
}

/// Walks along one room, up to the first fault of its log.
fn walk_room(
    conn: &Connection,
    root: Root,
    id: RoomId,
    tell: &mut impl FnMut(u64),
) -> rusqlite::Result<Walked> {
    let mut walked = Walked::default();
    let mut from: Option<ChainPosition> = None;
    let mut refold = None;
    loop {
        // A running server moves the head: the room, its entries and what is kept beside them come
        // from one snapshot.
        let snapshot = conn.unchecked_transaction()?;
        let room = match walk::room(&snapshot, root, id)? {
            Some(Ok(RoomRow::Here(room))) => room,
            Some(Ok(RoomRow::Removed)) => {
                return Ok(match remains(&snapshot, id)? {
                    Some(seq) => walked.up_to(left_behind(id, seq)),
                    None => walked,
                });
            }
            Some(Err(fault)) => return Ok(walked.up_to(fault)),
            None => return Ok(walked.up_to(lost(id))),
        };
        let start = from.unwrap_or_else(|| room.start());
        let refold = refold.get_or_insert_with(|| Refold::new(id, room.name.clone()));
        let stride = walk::with_each(&room, &snapshot, start, STRIDE, |row, _| refold.seen(row))?;
        let (at, read) = match stride {
            Ok(stride) => stride,
            Err(fault) => return Ok(walked.up_to(fault)),
        };
        walked.entries += u64::from(read);
        from = Some(at);
        tell(walked.entries);
        let last = read < STRIDE;
        if walked.beside.is_none()
            && let Some((seq, what)) = projections::differs(&snapshot, id, refold, (at.seq, last))?
        {
            walked.beside = Some(room.fault(seq, what));
        }
        if last {
            return Ok(walked);
        }
    }
}

/// The first entry of a room that was removed, unless it is being erased.
fn remains(conn: &Connection, id: RoomId) -> rusqlite::Result<Option<Seq>> {
    let sql = "SELECT place FROM entries WHERE place > ?1 AND place < ?2
                 AND NOT EXISTS (SELECT 1 FROM removals WHERE room = ?3) LIMIT 1";
    let (from, to) = (place::bound(id, Seq::ZERO), place::bound(id, Seq::MAX));
    let found = conn.query_row(sql, params![from, to, id.0], |row| row.get(0)).optional()?;
    Ok(found.map(place::seq))
}

/// Rooms and entries with a number that no room was given. One step per room that there is.
fn strays(conn: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    // In one snapshot: a running server may have made rooms since the walk began.
    let conn = conn.unchecked_transaction()?;
    let made: i64 = conn.query_row("SELECT rooms FROM meta", [], |row| row.get(0))?;
    let beyond = place::bound(RoomId(made), Seq::MAX);
    let stray: Option<i64> = conn
        .query_row("SELECT id FROM rooms WHERE id < 1 OR id > ?1 LIMIT 1", [made], |row| row.get(0))
        .optional()?;
    let entry: Option<i64> = conn
        .query_row(
            "SELECT place FROM entries WHERE place >= ?1 OR place < ?2 LIMIT 1",
            [beyond, place::bound(RoomId(1), Seq::ZERO)],
            |row| row.get(0),
        )
        .optional()?;
    for (room, seq) in stray
        .map(|id| (RoomId(id), Seq::ZERO))
        .into_iter()
        .chain(entry.map(|entry| (place::room(entry), place::seq(entry))))
    {
        let place = Some(Location { room, name: String::new(), seq });
        report.add(Fault { location: place, kind: FaultKind::NoRoom });
    }
    former_names(&conn, report)
}

/// Names that rooms had and that do not lead to these alone.
fn former_names(conn: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let sql = "SELECT key, room FROM former_names AS f
                 WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE id = f.room AND active_slot IS NOT NULL)
                   OR EXISTS (SELECT 1 FROM rooms WHERE key = f.key)";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        report.add(led_astray(RoomId(row.get(1)?), &row.get::<_, String>(0)?));
    }
    Ok(())
}

/// SQLite's own check: pages, indexes (every entry is found by its id), types, constraints.
fn integrity(conn: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let mut statement = conn.prepare("PRAGMA integrity_check(10)")?;
    let mut rows = statement.query([])?;
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                let said: String = row.get(0)?;
                if said != "ok" {
                    report.add(Fault::of_file(said));
                }
            }
            Ok(None) => return Ok(()),
            Err(error) if walk::is_damage(&error) => {
                report.add(Fault::of_file(error.to_string()));
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
}
