//! `maru-server verify` of a journal in Postgres: is every entry what was written?
//!
//! Reads only, and may run beside servers: each step sees one snapshot. Memory
//! does not grow with the journal. Postgres' own structures are its own to check (`pg_amcheck`).

use std::time::Duration;

use futures_util::TryStreamExt;
use maru_protocol::Seq;
use sqlx::{
    AssertSqlSafe, Connection as _, Error, Executor as _, PgConnection, Row as _, postgres::PgRow,
};

use super::{
    connection::Target,
    error::{OpenError, code},
    open::journal_of,
    projections,
    row::{self, ENTRY_COLUMNS, ENTRY_WIDTH},
    schema,
};
use crate::journal::{
    RoomId,
    integrity::{
        chain::Root,
        fault::{Fault, FaultKind, Location},
        refold::Refold,
        report::{Progress, Report, Walked},
        walk::{ChainPosition, FirstKey, RoomRow, StoredRoom, led_astray, left_behind, lost},
    },
    rows::{entries::number, removed},
};

/// Entries read in one snapshot: at most 16 MiB of bodies, which Postgres sorts for us.
const STRIDE: u32 = 1_024;

/// For one step; a busy server may take its time.
const LIMIT: Duration = Duration::from_secs(60);

/// Walks along every room of the journal at an address like
/// `postgres://user:password@host/database` and checks all that can be checked.
///
/// # Errors
/// [`OpenError`] when there is no journal of this version or it can't be read at all. Damage that
/// the walk can go around is not an error but in the report.
pub async fn verify(url: &str, mut on_progress: impl FnMut(Progress)) -> Result<Report, OpenError> {
    let target = Target::parse(url, LIMIT)?;
    let of = |error: Error| OpenError::of(&target.shown, &error);
    let mut conn = target.connect().await.map_err(of)?;
    let meta = journal_of(schema::kind(&mut conn).await.map_err(of)?, &target.shown)?;
    all(&mut conn, meta.root, &mut on_progress).await.map_err(of)
}

/// Walks along all rooms, those of an unfinished copy too.
pub(super) async fn all(
    conn: &mut PgConnection,
    root: Root,
    on_progress: &mut impl FnMut(Progress),
) -> Result<Report, Error> {
    let mut report = Report::default();
    let made: i64 = conn.fetch_one("SELECT rooms FROM maru.meta").await?.try_get(0)?;
    let of = made.cast_unsigned();
    for id in 1..=made {
        let (rooms, before) = (id.cast_unsigned() - 1, report.entries);
        let mut tell = |entries| {
            on_progress(Progress::Walking { rooms, of, entries: before + entries });
        };
        report.walked(walk_room(conn, root, RoomId(id), &mut tell).await?);
    }
    strays(conn, &mut report).await?;
    Ok(report)
}

/// Walks along one room, up to the first fault of its log.
async fn walk_room(
    conn: &mut PgConnection,
    root: Root,
    id: RoomId,
    tell: &mut impl FnMut(u64),
) -> Result<Walked, Error> {
    let mut walk = Walk { root, id, at: None, refold: None, walked: Walked::default() };
    loop {
        match walk.stride(conn).await {
            Ok(Ok(read)) => {
                tell(walk.walked.entries);
                if read < STRIDE {
                    return Ok(walk.walked);
                }
            }
            Ok(Err(fault)) => return Ok(walk.walked.up_to(fault)),
            // A page whose checksum is wrong, an index that leads nowhere.
            Err(error) if code(&error).is_some_and(|code| code.starts_with("XX")) => {
                let place = Location { room: id, name: String::new(), seq: walk.next() };
                let what = FaultKind::File(error.to_string());
                return Ok(walk.walked.up_to(Fault { location: Some(place), kind: what }));
            }
            Err(error) => return Err(error),
        }
    }
}

struct Walk {
    root: Root,
    id: RoomId,
    at: Option<ChainPosition>,
    refold: Option<Refold>,
    walked: Walked,
}

impl Walk {
    fn next(&self) -> Seq {
        self.at.map_or(Seq::ZERO, |at| at.seq).next()
    }

    /// One snapshot: the room, its next entries, and what is kept beside them. A running server
    /// moves the head.
    async fn stride(&mut self, conn: &mut PgConnection) -> Result<Result<u32, Fault>, Error> {
        let mut snapshot =
            conn.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let (room, read) = match self.along(&mut snapshot).await? {
            Ok(Some(walked)) => walked,
            Ok(None) => return Ok(Ok(0)),
            Err(fault) => return Ok(Err(fault)),
        };
        let at = self.at.map_or(Seq::ZERO, |at| at.seq);
        if self.walked.beside.is_none()
            && let Some(refold) = &mut self.refold
        {
            let found = projections::differs(&mut snapshot, self.id, refold, (at, read < STRIDE));
            self.walked.beside = found.await?.map(|(seq, what)| room.fault(seq, what));
        }
        snapshot.commit().await?;
        Ok(Ok(read))
    }

    /// None where the room was removed.
    async fn along(
        &mut self,
        conn: &mut PgConnection,
    ) -> Result<Result<Option<(StoredRoom, u32)>, Fault>, Error> {
        let sql = format!(
            "SELECT r.key, r.name, r.head, r.sum, {ENTRY_COLUMNS}, e.sum,
                    CASE WHEN e.kind IN (1, 2) AND e.body = '' AND e.more IS NULL THEN EXISTS (
                      SELECT 1 FROM maru.entries AS gone
                        WHERE gone.room = e.room AND gone.kind = 3 AND gone.target IS NOT NULL
                          AND gone.target = CASE e.kind WHEN 2 THEN e.target ELSE e.seq END)
                    END,
                    r.first_key, EXISTS (SELECT 1 FROM maru.former_names AS f
                      WHERE f.key = r.first_key AND f.room = r.id)
               FROM maru.rooms AS r LEFT JOIN LATERAL (
                 SELECT * FROM maru.entries AS e WHERE e.room = r.id AND e.seq > $2
                   ORDER BY e.seq LIMIT $3) AS e ON true
               WHERE r.id = $1 ORDER BY e.seq"
        );
        // What lies before the first entry is damage as well.
        let after = self.at.map_or(i64::MIN, |at| number(at.seq));
        let query =
            sqlx::query(AssertSqlSafe(sql)).bind(self.id.0).bind(after).bind(i64::from(STRIDE));
        let mut rows = conn.fetch(query);
        let mut found = None;
        let mut read = 0;
        while let Some(row) = rows.try_next().await? {
            let room = match &found {
                Some(room) => room,
                None => match stored(&row, self.root, self.id)? {
                    Ok(RoomRow::Here(room)) => found.insert(room),
                    Ok(RoomRow::Removed) => {
                        drop(rows);
                        let left = remains(conn, self.id).await?;
                        return Ok(left.map_or(Ok(None), |seq| Err(left_behind(self.id, seq))));
                    }
                    Err(fault) => return Ok(Err(fault)),
                },
            };
            let at = self.at.unwrap_or_else(|| room.start());
            let refold = self.refold.get_or_insert_with(|| Refold::new(room.id, room.name.clone()));
            match step(room, at, &row, refold)? {
                Ok(None) => {}
                Ok(Some(next)) => {
                    self.at = Some(next);
                    self.walked.entries += 1;
                    read += 1;
                }
                Err(fault) => return Ok(Err(fault)),
            }
        }
        let Some(room) = found else { return Ok(Err(lost(self.id))) };
        let at = self.at.unwrap_or_else(|| room.start());
        Ok(room.end(at, read < STRIDE).map(|()| Some((room, read))))
    }
}

/// The first entry of a room that was removed, unless it is being erased.
async fn remains(conn: &mut PgConnection, id: RoomId) -> Result<Option<Seq>, Error> {
    let sql = "SELECT seq FROM maru.entries WHERE room = $1
                 AND NOT EXISTS (SELECT 1 FROM maru.removals WHERE room = $1)
                 ORDER BY seq LIMIT 1";
    let Some(row) = conn.fetch_optional(sqlx::query(sql).bind(id.0)).await? else {
        return Ok(None);
    };
    let seq: i64 = row.try_get(0)?;
    Ok(Some(Seq::new(seq.max(0).cast_unsigned()).unwrap_or(Seq::ZERO)))
}

fn stored(row: &PgRow, root: Root, id: RoomId) -> Result<Result<RoomRow, Fault>, Error> {
    let (key, name): (&str, String) = (row.try_get(0)?, row.try_get(1)?);
    if removed::is_so(id, key, &name) {
        return Ok(Ok(RoomRow::Removed));
    }
    let sum = row::sum(row, 3)?.map_err(|why| why.to_string());
    let (first, is_former) = (row.try_get(6 + ENTRY_WIDTH)?, row.try_get(7 + ENTRY_WIDTH)?);
    let first = Ok(Option::map(first, |key| FirstKey { key, is_former }));
    Ok(StoredRoom::parse(root, id, key, name, Ok(row.try_get(2)?), sum, first).map(RoomRow::Here))
}

/// The entry of this row; none where the room has no more.
fn step(
    room: &StoredRoom,
    at: ChainPosition,
    row: &PgRow,
    refold: &mut Refold,
) -> Result<Result<Option<ChainPosition>, Fault>, Error> {
    let unreadable = |why: String| room.fault(at.seq.next(), FaultKind::Unreadable(why));
    let entry = match row::stored(row, 4, room.id)? {
        Ok(Some(entry)) => entry,
        Ok(None) => return Ok(Ok(None)),
        Err(why) => return Ok(Err(unreadable(why.to_string()))),
    };
    // Looked at for a row whose text is gone: is there an entry that deleted the message?
    let deleted = row.try_get::<Option<bool>, _>(5 + ENTRY_WIDTH)? == Some(true);
    let step = match row::sum(row, 4 + ENTRY_WIDTH)? {
        Ok(sum) => room.step(at, &entry, &sum, deleted),
        Err(why) => return Ok(Err(unreadable(why.to_string()))),
    };
    Ok(step.and_then(|at| {
        refold
            .seen(&entry)
            .map_err(|why| room.fault(at.seq, FaultKind::Unreadable(why.to_string())))?;
        Ok(Some(at))
    }))
}

/// Rooms and entries with a number that no room was given, and names that lead astray.
async fn strays(conn: &mut PgConnection, report: &mut Report) -> Result<(), Error> {
    // One by one, so that each is a look at an end of an index.
    for sql in [
        "SELECT id, 0::bigint FROM maru.rooms WHERE id < 1 LIMIT 1",
        "SELECT id, 0::bigint FROM maru.rooms WHERE id > (SELECT rooms FROM maru.meta) LIMIT 1",
        "SELECT room, seq FROM maru.entries WHERE room < 1 LIMIT 1",
        "SELECT room, seq FROM maru.entries WHERE room > (SELECT rooms FROM maru.meta) LIMIT 1",
    ] {
        if let Some(row) = conn.fetch_optional(sql).await? {
            let (room, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let seq = Seq::new(seq.max(0).cast_unsigned()).unwrap_or(Seq::ZERO);
            let place = Some(Location { room: RoomId(room), name: String::new(), seq });
            report.add(Fault { location: place, kind: FaultKind::NoRoom });
        }
    }
    // Names that rooms had and that do not lead to these alone.
    let sql = "SELECT key, room FROM maru.former_names AS f
                 WHERE NOT EXISTS (
                     SELECT 1 FROM maru.rooms AS r WHERE r.id = f.room AND r.active_slot IS NOT NULL)
                   OR EXISTS (SELECT 1 FROM maru.rooms AS r WHERE r.key = f.key)";
    for row in conn.fetch_all(sql).await? {
        report.add(led_astray(RoomId(row.try_get(1)?), row.try_get(0)?));
    }
    Ok(())
}
