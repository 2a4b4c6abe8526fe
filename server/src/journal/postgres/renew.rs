//! `maru-server renew`: another epoch, for a database that was restored from a backup.
//!
//! A server that runs goes on telling people the epoch that it was started with, so none may. All
//! its connections share a lock that is taken here: one that is made later finds the new epoch, and
//! its server refuses to go on with that.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, Error, Executor as _, PgConnection, Row as _};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    connection::{SERVERS, Target, silent},
    error::OpenError,
    open::{check_server, journal_of},
    row::Id,
    schema::{self, Birth, Kind},
};

/// For one statement; a busy Postgres may take its time.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that has just ended is gone from Postgres a moment later.
const LEAVING: Duration = Duration::from_secs(2);

/// Between two looks whether it is gone.
const AGAIN: Duration = Duration::from_millis(50);

/// Gives the journal at an address like `postgres://user:password@host/database` a new epoch: every
/// client loads every room anew. Once it answers, that is durable. Nothing else of the journal
/// changes, but an older one is brought up to date. Killed on its way it has done all of it or
/// nothing. Entries are not looked at: that is for [`verify`](super::verify()).
///
/// # Errors
/// [`OpenError`]: there is no journal that a server could open, or servers use it. It keeps its
/// epoch then.
pub async fn renew(url: &str) -> Result<(), OpenError> {
    let target = Target::parse(url, LIMIT)?;
    // A Postgres that vanishes meanwhile keeps nobody waiting for ever.
    let limit = LIMIT * 2;
    let done = timeout(limit, run(&target)).await;
    done.unwrap_or_else(|_| Err(OpenError::of(&target.shown, &silent(limit))))
}

async fn run(target: &Target) -> Result<(), OpenError> {
    let at = target.shown.as_str();
    let of = |error: Error| OpenError::of(at, &error);
    let mut conn = target.connect().await.map_err(of)?;
    check_server(&mut conn, at).await?;
    // Where nothing is, nothing is made.
    let found = schema::kind(&mut conn).await.map_err(of)?;
    if matches!(found, Kind::Empty | Kind::Foreign) {
        return journal_of(found, at).map(drop);
    }
    if !alone(&mut conn).await.map_err(of)? {
        return Err(OpenError::Held { at: at.to_owned() });
    }
    journal_of(schema::bring_up(&mut conn, Birth::fresh()).await.map_err(of)?, at)?;
    let query = sqlx::query("UPDATE maru.meta SET epoch = $1").bind(Id(Uuid::now_v7()));
    conn.execute(query).await.map_err(of)?;
    // It is done, whatever becomes of the connection.
    let _ = conn.close().await;
    Ok(())
}

/// Keeps servers out for as long as the connection lives; false when there are some.
async fn alone(conn: &mut PgConnection) -> Result<bool, Error> {
    let sql = format!("SELECT pg_try_advisory_lock({SERVERS})");
    let until = Instant::now() + LEAVING;
    loop {
        if conn.fetch_one(AssertSqlSafe(sql.as_str())).await?.try_get(0)? {
            return Ok(true);
        }
        if Instant::now() >= until {
            return Ok(false);
        }
        tokio::time::sleep(AGAIN).await;
    }
}
