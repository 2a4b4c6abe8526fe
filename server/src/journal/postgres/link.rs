//! A connection that is made when it is needed and made anew when it broke, and whether Postgres is
//! there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use maru_protocol::Epoch;
use sqlx::{Connection, Error, PgConnection};

use super::{connection::Target, error};

/// A connection that rested for longer is asked first whether it still lives: a restart of Postgres
/// then costs a round trip instead of a refused message.
const RESTED: Duration = Duration::from_secs(1);

/// Between two attempts to connect. Meanwhile the last reason is the answer: a Postgres that comes
/// back is not met by a storm, and nobody is kept waiting for what just failed.
const BETWEEN: Duration = Duration::from_millis(100);

/// Whether Postgres answered when it was last asked; shared by all connections of the node.
#[derive(Clone)]
pub(super) struct Health {
    available: Arc<AtomicBool>,
    shown: String,
}

impl Health {
    pub(super) fn new(shown: String) -> Self {
        Self { available: Arc::new(AtomicBool::new(true)), shown }
    }

    pub(super) fn available(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.available)
    }

    pub(super) fn back(&self) {
        if !self.available.swap(true, Ordering::Relaxed) {
            log::info!(at = self.shown.as_str(); "Postgres is back");
        }
    }

    /// NewMessage once, however many wait for it.
    pub(super) fn away(&self, why: &Error) {
        if self.available.swap(false, Ordering::Relaxed) {
            log::error!(at = self.shown.as_str(), error = error::said(why).as_str(); "Postgres is away");
        }
    }
}

/// One connection, if there is one.
pub(super) struct Link {
    target: Target,
    epoch: Epoch,
    health: Health,
    conn: Option<PgConnection>,
    used: Instant,
    failed: Option<(Instant, String)>,
}

impl Link {
    pub(super) fn new(target: Target, epoch: Epoch, health: Health) -> Self {
        Self { target, epoch, health, conn: None, used: Instant::now(), failed: None }
    }

    /// With the connection that the journal was opened by: from then on the node is never without
    /// one unless Postgres is away.
    pub(super) fn over(mut self, conn: PgConnection) -> Self {
        self.conn = Some(conn);
        self
    }

    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    pub(super) fn limit(&self) -> Duration {
        self.target.limit
    }

    /// The connection, made if need be. Whoever does not hear to the end what they asked it has to
    /// [`lose`](Self::lose) it.
    pub(super) async fn ready(&mut self) -> Result<&mut PgConnection, Error> {
        let alive = match &mut self.conn {
            Some(conn) => self.used.elapsed() < RESTED || conn.ping().await.is_ok(),
            None => false,
        };
        if !alive {
            self.conn = None;
            self.conn = Some(self.connect().await?);
        }
        self.used = Instant::now();
        self.conn.as_mut().ok_or_else(|| Error::Protocol("a bug: no connection".to_owned()))
    }

    async fn connect(&mut self) -> Result<PgConnection, Error> {
        if let Some((at, why)) = &self.failed
            && at.elapsed() < BETWEEN
        {
            return Err(Error::Protocol(why.clone()));
        }
        match self.target.connect_to(self.epoch).await {
            Ok(conn) => {
                self.failed = None;
                self.health.back();
                Ok(conn)
            }
            Err(error) => {
                self.failed = Some((Instant::now(), error::said(&error)));
                self.health.away(&error);
                Err(error)
            }
        }
    }

    /// The connection was heard to the end of what it was asked.
    pub(super) fn rest(&mut self) {
        self.used = Instant::now();
        self.health.back();
    }

    /// Forgets the connection, and with it a transaction that is under way.
    pub(super) fn lose(&mut self) {
        self.conn = None;
    }

    /// Says goodbye, if that can be done at once.
    pub(super) async fn close(self) {
        if let Some(conn) = self.conn {
            let _ = tokio::time::timeout(Duration::from_secs(1), conn.close()).await;
        }
    }
}
