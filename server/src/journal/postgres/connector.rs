//! A way into the journal's database for what is derived from the journal.

use std::time::Duration;

use maru_protocol::Epoch;
use sqlx::PgConnection;

use super::{connection::Target, error::OpenError};

/// Makes connections of a server, to the journal of one epoch and no other.
pub(crate) struct Connector {
    target: Target,
    epoch: Epoch,
}

impl Connector {
    /// Of the journal at an address like `postgres://user:password@host/database`; `limit` bounds
    /// each statement.
    pub(crate) fn new(url: &str, limit: Duration, epoch: Epoch) -> Result<Self, OpenError> {
        Ok(Self { target: Target::parse(url, limit)?, epoch })
    }

    /// Another connection, with the session's settings.
    pub(crate) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.target.connect_to(self.epoch).await
    }
}
