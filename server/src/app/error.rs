//! Why a server did not start, or stopped by itself, as one sentence that says what to change.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::{
    auth::SecretError,
    bus::nats::BusError,
    files::BlobError,
    journal::{JournalError, postgres, sqlite},
};

/// Why a server did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Another program listens there.
    #[error(
        "{address} is taken by another program: stop it, or choose another port with {variable}"
    )]
    Taken {
        /// The address that was to be listened on.
        address: SocketAddr,
        /// The variable that moves it.
        variable: String,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {error}; {variable} says where to")]
    Listen {
        /// The address that was to be listened on.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
        /// The variable that moves it.
        variable: String,
    },
    /// The frontend is not built.
    #[error(
        "there is no built frontend in {}: run `npm ci && npm run build` in frontend/, or set \
         MARU_FRONTEND__DIR= to start without it",
        .dir.display()
    )]
    NoFrontend {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// The signing secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The journal's file.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// The search's index has read further than the journal goes.
    #[error(
        "the journal ends at entry {head} of room {room}, and the search index beside it has read up to entry \
         {seen}: acknowledged messages are missing; put the newer journal back, or, after a backup was restored, \
         run `maru-server renew`, which tells everybody, and start again"
    )]
    Lost {
        /// The room's number.
        room: i64,
        /// Its newest entry in the journal.
        head: u64,
        /// The newest that the index knows.
        seen: u64,
    },
    /// The journal's database.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// Nodes that share a journal and do not hear of each other.
    #[error(
        "servers that share a journal hear of one another by NATS: set MARU_BUS__URL beside \
         MARU_JOURNAL__URL, also for the first of them"
    )]
    NoBus,
    /// The bus between nodes.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The files' folder or bucket.
    #[error(transparent)]
    Files(#[from] BlobError),
    /// The journal opened and then failed.
    #[error("the journal does not answer: {0}")]
    FirstRooms(#[from] JournalError),
    /// A bug.
    #[error("the metrics can't be set up: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The journal's writer is gone: nothing more could be stored or delivered.
    #[error(
        "the journal stopped working, and so did the server: see the log, run `maru-server \
         verify`, and start it again"
    )]
    JournalGone,
    /// Anything else of the system.
    #[error("the server can't start: {0}")]
    Io(#[from] io::Error),
}
