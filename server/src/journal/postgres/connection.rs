//! Connections to the database, each with the settings of a session.

use std::{str::FromStr, time::Duration};

use maru_protocol::Epoch;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Error, Executor as _, PgConnection, Row,
    postgres::{PgConnectOptions, PgRow},
};
use tokio::time::timeout;

use super::{error::OpenError, row::Id, schema};

/// The session lock that each connection of a server shares for as long as it lives, and that
/// `renew` takes for itself: "serv".
pub(super) const SERVERS: i64 = 0x7365_7276;

/// Where the journal is, and how connections to it are made.
#[derive(Clone)]
pub(super) struct Target {
    options: PgConnectOptions,
    /// `host:port/database`, for people: without user and password.
    pub(super) shown: String,
    pub(super) limit: Duration,
}

impl Target {
    /// Reads an address like `postgres://user:password@host/database`.
    pub(super) fn parse(url: &str, limit: Duration) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url).map_err(|error| OpenError::Url {
            why: match error {
                Error::Configuration(why) => why.to_string(),
                other => other.to_string(),
            },
        })?;
        let database = options.get_database().unwrap_or(options.get_username()).to_owned();
        let shown = match options.get_socket() {
            Some(socket) => format!("{}/{database}", socket.display()),
            None => format!("{}:{}/{database}", options.get_host(), options.get_port()),
        };
        // sqlx would log every statement; what matters is said here, in the journal's own words.
        let options = options.application_name("maru").disable_statement_logging();
        Ok(Self { options, shown, limit })
    }

    /// A connection with the session's settings, nothing looked at yet.
    pub(super) async fn connect(&self) -> Result<PgConnection, Error> {
        self.connect_and(session(self.limit)).await
    }

    /// The same for a server: the epoch that it finds stays while it has the connection.
    pub(super) async fn connect_as_server(&self) -> Result<PgConnection, Error> {
        let session = session(self.limit);
        self.connect_and(format!("{session} SELECT pg_advisory_lock_shared({SERVERS})")).await
    }

    async fn connect_and(&self, script: String) -> Result<PgConnection, Error> {
        let connected = async {
            let mut conn = self.options.connect().await?;
            conn.execute(AssertSqlSafe(script)).await?;
            Ok(conn)
        };
        timeout(self.limit, connected).await.unwrap_or_else(|_| Err(silent(self.limit)))
    }

    /// A server's connection to the journal of that epoch, ready for use.
    pub(super) async fn connect_to(&self, epoch: Epoch) -> Result<PgConnection, Error> {
        let mut conn = self.connect_as_server().await?;
        let sql = "SELECT version, epoch, copying, pg_is_in_recovery() FROM maru.meta";
        let found = conn.fetch_optional(sqlx::query(sql).persistent(false));
        match timeout(self.limit, found).await.unwrap_or_else(|_| Err(silent(self.limit)))? {
            Some(row) if same(&row, epoch)? => Ok(conn),
            // Another database took the place of the one that was opened, or a standby did, or it was
            // renewed.
            _ => Err(Error::Protocol(format!(
                "{} is not the journal that was opened: start the server again",
                self.shown
            ))),
        }
    }
}

/// Where an address leads, as `host:port/database`: without user and password.
///
/// # Errors
/// [`OpenError::Url`] when it is none.
pub fn place(url: &str) -> Result<String, OpenError> {
    Target::parse(url, Duration::ZERO).map(|target| target.shown)
}

fn same(row: &PgRow, epoch: Epoch) -> Result<bool, Error> {
    // A newer server of an update under way may have brought the tables up: steps only add, so that
    // the others go on until their turn comes. (A start on newer tables is refused all the same.)
    Ok(row.try_get::<i32, _>(0)? >= schema::VERSION
        && row.try_get::<Id, _>(1)?.0 == epoch.0
        && !row.try_get::<bool, _>(2)?
        && !row.try_get::<bool, _>(3)?)
}

/// What a session is set to, in one round trip.
///
/// * `synchronous_commit`: a COMMIT returns once it is durable, whatever the server's own default.
/// * `default_transaction_isolation`: each statement sees what is committed when it begins.
/// * The time-outs end what this node gave up on, or what it was doing when it died: no row stays
///   locked for longer. A lock is waited for half as long, so that the rest is left for those whose
///   rooms are free.
/// * `tcp_*`: Postgres notices a node that vanished, and idle connections stay known to firewalls.
/// * The planner: every statement here is a walk along an index, however wrong the statistics of a
///   table that has just grown are.
fn session(limit: Duration) -> String {
    let (all, half) = (limit.as_millis().max(2), limit.as_millis().max(2) / 2);
    format!(
        "SET synchronous_commit = on;
         SET default_transaction_isolation = 'read committed';
         SET statement_timeout = {all};
         SET lock_timeout = {half};
         SET idle_in_transaction_session_timeout = {all};
         SET tcp_keepalives_idle = 30;
         SET tcp_keepalives_interval = 5;
         SET tcp_keepalives_count = 3;
         SET tcp_user_timeout = 20000;
         SET search_path = pg_catalog;
         SET jit = off;
         SET max_parallel_workers_per_gather = 0;
         SET enable_seqscan = off;
         SET enable_bitmapscan = off;
         SET enable_hashjoin = off;
         SET enable_mergejoin = off;"
    )
}

/// Nothing was heard for so long.
pub(super) fn silent(limit: Duration) -> Error {
    Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        format!("no answer within {} ms", limit.as_millis()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let limit = Duration::from_secs(5);
        let shown = |url| Target::parse(url, limit).map(|target| target.shown);
        let full = "postgres://maru:hush@db.example:5433/chat?sslmode=require";
        assert_eq!(shown(full).unwrap(), "db.example:5433/chat");
        assert_eq!(shown("postgres://maru@%2Frun%2Fpg/chat").unwrap(), "/run/pg/chat");
        for wrong in ["nonsense hush", "postgres://maru:hush@host:port/chat"] {
            let error = shown(wrong).unwrap_err().to_string();
            assert!(error.contains("postgres://user:password@host/database"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
