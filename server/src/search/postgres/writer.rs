//! The writing end.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::BoxFuture;
use maru_protocol::{Epoch, Seq};
use sqlx::{AssertSqlSafe, Connection as _, Error, Executor as _, PgConnection, Row as _};

use super::{
    number,
    tables::{self, Existing},
};
use crate::{
    journal::{
        RoomId,
        postgres::{Connector, said},
    },
    search::{IndexBatch, IndexChange, IndexError, IndexWriter, Positions, text::grams},
};

/// The session lock of the node that keeps the index: "sear".
const KEEPER: i64 = 0x7365_6172;

/// Writes the index.
pub struct PostgresWriter {
    connector: Arc<Connector>,
    /// With the lock, once `open` said so.
    conn: Option<PgConnection>,
    /// What is there is of no use: it is made anew by whoever has the lock.
    anew: bool,
}

impl PostgresWriter {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, conn: None, anew: false }
    }

    async fn try_open(&mut self, epoch: Epoch) -> Result<Option<Positions>, IndexError> {
        let mut conn = self.conn().await.map_err(fault)?;
        let sql = format!("SELECT pg_try_advisory_lock({KEEPER})");
        let locked = conn.fetch_one(AssertSqlSafe(sql)).await.and_then(|row| row.try_get(0));
        if !locked.map_err(fault)? {
            self.conn = Some(conn);
            return Ok(None);
        }
        match tables::look(&mut conn, epoch).await.map_err(fault)? {
            Existing::Newer => return Err(IndexError::Away("a newer server keeps it".to_owned())),
            Existing::Index if !self.anew => {}
            Existing::Index | Existing::Nothing => {
                log::info!("making a search index");
                tables::make(&mut conn, epoch).await.map_err(fault)?;
                self.anew = false;
            }
        }
        let positions = tables::positions(&mut conn).await.map_err(fault)?;
        self.conn = Some(conn);
        Ok(Some(positions))
    }

    /// The one that there is, if it lives.
    async fn conn(&mut self) -> Result<PgConnection, Error> {
        if let Some(mut conn) = self.conn.take()
            && conn.ping().await.is_ok()
        {
            return Ok(conn);
        }
        self.connector.connect().await
    }

    /// What fails leaves no connection, and so no lock and no transaction.
    async fn take(&mut self, step: IndexBatch) -> Result<(), IndexError> {
        let closed = || IndexError::Away("the index is not open".to_owned());
        let mut conn = self.conn.take().ok_or_else(closed)?;
        write(&mut conn, step).await.map_err(fault)?;
        self.conn = Some(conn);
        Ok(())
    }
}

impl IndexWriter for PostgresWriter {
    fn open(&mut self, epoch: Epoch) -> BoxFuture<'_, Result<Option<Positions>, IndexError>> {
        Box::pin(self.try_open(epoch))
    }

    fn apply(&mut self, step: IndexBatch) -> BoxFuture<'_, Result<(), IndexError>> {
        Box::pin(self.take(step))
    }

    /// Vacuuming is Postgres' own.
    fn rest(&mut self) -> BoxFuture<'_, Result<(), IndexError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), IndexError>> {
        self.anew = true;
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What is left of a step once of each message only its last change counts, column by column.
#[derive(Default)]
struct Columns {
    rooms: Vec<i64>,
    seqs: Vec<i64>,
    ats: Vec<i64>,
    texts: Vec<String>,
    /// `{1,2,3}`: arrays of different lengths can't stand in one array.
    grams: Vec<String>,
    gone: (Vec<i64>, Vec<i64>),
}

impl Columns {
    fn of(changes: Vec<IndexChange>) -> Self {
        let mut last = HashMap::new();
        for change in changes {
            let (IndexChange::Put { room, seq, .. } | IndexChange::Remove { room, seq }) = &change;
            last.insert((*room, *seq), change);
        }
        let mut columns = Self::default();
        for ((room, seq), change) in last {
            let seq = seq.get().cast_signed();
            match change {
                IndexChange::Put { at, text, .. } => {
                    columns.rooms.push(room.0);
                    columns.seqs.push(seq);
                    columns.ats.push(at.cast_signed());
                    columns.grams.push(literal(room, &text));
                    columns.texts.push(text);
                }
                IndexChange::Remove { .. } => {
                    columns.gone.0.push(room.0);
                    columns.gone.1.push(seq);
                }
            }
        }
        columns
    }
}

/// The numbers of a text's grams, each once, as Postgres writes an array.
fn literal(room: RoomId, text: &str) -> String {
    let mut numbers: Vec<i32> = grams(text).map(|gram| number(room, gram)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let numbers: Vec<String> = numbers.iter().map(i32::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

async fn write(conn: &mut PgConnection, step: IndexBatch) -> Result<(), Error> {
    let Columns { rooms, seqs, ats, texts, grams, gone } = Columns::of(step.changes);
    let mut tx = conn.begin().await?;
    // What an index holds is read again when it is lost.
    tx.execute("SET LOCAL synchronous_commit = off").await?;
    if !rooms.is_empty() {
        let put = "INSERT INTO maru.search_texts (room, seq, at, text, grams)
            SELECT room, seq, at, text, grams::integer[]
              FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
                AS put (room, seq, at, text, grams)
            ON CONFLICT (room, seq) DO UPDATE SET text = excluded.text, grams = excluded.grams";
        let put = sqlx::query(put).bind(rooms).bind(seqs).bind(ats).bind(texts).bind(grams);
        tx.execute(put).await?;
    }
    if !gone.0.is_empty() {
        let remove = "DELETE FROM maru.search_texts AS t
            USING unnest($1::bigint[], $2::bigint[]) AS gone (room, seq)
            WHERE t.room = gone.room AND t.seq = gone.seq";
        tx.execute(sqlx::query(remove).bind(gone.0).bind(gone.1)).await?;
    }
    if !step.removed.is_empty() {
        let removed: Vec<i64> = step.removed.iter().map(|room| room.0).collect();
        for table in ["search_texts", "search_rooms"] {
            let remove = format!("DELETE FROM maru.{table} WHERE room = ANY($1)");
            tx.execute(sqlx::query(AssertSqlSafe(remove)).bind(removed.clone())).await?;
        }
    }
    let (rooms, seqs): (Vec<i64>, Vec<i64>) =
        step.positions.iter().map(|(room, seq)| (room.0, seq.get().cast_signed())).unzip();
    let move_on = "INSERT INTO maru.search_rooms (room, seq)
        SELECT * FROM unnest($1::bigint[], $2::bigint[])
        ON CONFLICT (room) DO UPDATE SET seq = excluded.seq";
    tx.execute(sqlx::query(move_on).bind(rooms).bind(seqs)).await?;
    tx.commit().await
}

pub(super) fn seq_of(number: i64) -> Seq {
    Seq::new(number.cast_unsigned()).unwrap_or(Seq::MAX)
}

/// Tables that are not what they were made as, or whose files are damaged, are made anew.
#[allow(clippy::needless_pass_by_value)] // reads better in `map_err`
fn fault(error: Error) -> IndexError {
    let code = error.as_database_error().and_then(|error| error.code());
    let anew = code.is_some_and(|code| {
        // Undefined tables and columns, wrong types, broken pages and indexes.
        ["42P01", "42703", "42804", "XX001", "XX002"].contains(&code.as_ref())
    });
    let why = said(&error);
    if anew { IndexError::Damaged(why) } else { IndexError::Away(why) }
}
