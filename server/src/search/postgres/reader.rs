//! The reading end.

use std::{sync::Arc, time::Instant};

use futures_util::future::BoxFuture;
use sqlx::{Error, Executor as _, PgConnection, Row as _, postgres::PgRow};
use tokio::time::timeout_at;

use super::{number, writer::seq_of};
use crate::{
    journal::{
        RoomId,
        postgres::{Connector, said},
    },
    search::{Candidate, CandidateQuery, IndexReader, SearchError},
};

/// A GIN index is read as a bitmap, which the journal's own sessions do without. What was given up
/// on ends in Postgres too.
const SESSION: &str = "SET enable_bitmapscan = on; SET statement_timeout = 2500";

/// By grams. `+ 0`: only the index over grams is of use, as it knows the room too.
const BY_GRAMS: &str = "
    SELECT asked.room, t.seq, t.at, t.text
      FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (room, n)
      CROSS JOIN LATERAL (
        SELECT seq, at, text FROM maru.search_texts
          WHERE grams @> ($2::integer[])[(asked.n - 1) * $3 + 1 : asked.n * $3]
            AND room + 0 = asked.room
            AND NOT EXISTS (SELECT FROM unnest($4::text[]) AS needle
                              WHERE position(needle IN text) = 0)
          ORDER BY seq DESC LIMIT $5) AS t";

/// The newest ones.
const BY_AGE: &str = "
    SELECT asked.room, t.seq, t.at, t.text
      FROM unnest($1::bigint[]) AS asked (room)
      CROSS JOIN LATERAL (
        SELECT seq, at, text FROM (
            SELECT seq, at, text FROM maru.search_texts
              WHERE room = asked.room ORDER BY seq DESC LIMIT $3) AS newest
          WHERE NOT EXISTS (SELECT FROM unnest($2::text[]) AS needle
                              WHERE position(needle IN text) = 0)
          ORDER BY seq DESC LIMIT $4) AS t";

/// Reads the index.
pub struct PostgresReader {
    connector: Arc<Connector>,
    conn: Option<PgConnection>,
}

impl PostgresReader {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, conn: None }
    }

    async fn search(
        &mut self,
        wanted: &CandidateQuery,
        until: Instant,
    ) -> Result<Vec<Candidate>, SearchError> {
        let rested = self.conn.is_some();
        match timeout_at(until.into(), self.put(wanted)).await {
            // It broke while it rested: a question can be put again.
            Ok(Err(error)) if rested && error.as_database_error().is_none() => {
                let again = timeout_at(until.into(), self.put(wanted)).await;
                again.unwrap_or_else(|_| Err(silent())).map_err(|error| fault(&error))
            }
            Ok(answered) => answered.map_err(|error| fault(&error)),
            Err(_) => Err(SearchError::TooLong),
        }
    }

    /// A question that is not heard to its end, or fails, costs the connection.
    async fn put(&mut self, wanted: &CandidateQuery) -> Result<Vec<Candidate>, Error> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                let mut conn = self.connector.connect().await?;
                conn.execute(SESSION).await?;
                conn
            }
        };
        let found = look(&mut conn, wanted).await?;
        self.conn = Some(conn);
        Ok(found)
    }
}

impl IndexReader for PostgresReader {
    fn candidates<'a>(
        &'a mut self,
        wanted: &'a CandidateQuery,
        until: Instant,
    ) -> BoxFuture<'a, Result<Vec<Candidate>, SearchError>> {
        Box::pin(self.search(wanted, until))
    }
}

async fn look(conn: &mut PgConnection, wanted: &CandidateQuery) -> Result<Vec<Candidate>, Error> {
    let rooms: Vec<i64> = wanted.rooms.iter().map(|room| room.0).collect();
    let needles: Vec<&str> = wanted.needles.iter().collect();
    let most = i64::try_from(wanted.most).unwrap_or(i64::MAX);
    let probes = wanted.needles.probes();
    let query = if probes.is_empty() {
        let scan = i64::try_from(wanted.scan).unwrap_or(i64::MAX);
        sqlx::query(BY_AGE).bind(rooms).bind(needles).bind(scan).bind(most)
    } else {
        let of = |room: &RoomId| probes.iter().map(|gram| number(*room, gram)).collect::<Vec<_>>();
        let grams: Vec<i32> = wanted.rooms.iter().flat_map(of).collect();
        let each = i32::try_from(probes.len()).unwrap_or(i32::MAX);
        sqlx::query(BY_GRAMS).bind(rooms).bind(grams).bind(each).bind(needles).bind(most)
    };
    conn.fetch_all(query).await?.iter().map(candidate).collect()
}

fn candidate(row: &PgRow) -> Result<Candidate, Error> {
    Ok(Candidate {
        room: RoomId(row.try_get(0)?),
        seq: seq_of(row.try_get(1)?),
        at: row.try_get::<i64, _>(2)?.cast_unsigned(),
        text: row.try_get(3)?,
    })
}

fn silent() -> Error {
    Error::Protocol("no answer in time".to_owned())
}

fn fault(error: &Error) -> SearchError {
    let code = error.as_database_error().and_then(|error| error.code());
    // Query canceled: by the statement's time-out.
    if code.as_deref() == Some("57014") {
        return SearchError::TooLong;
    }
    SearchError::Away(said(error))
}
