//! The journal that the settings name.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::AppError;
use crate::{
    clock::Clock,
    journal::{
        Batch, Created, Files, SignOuts, Store,
        postgres::{Postgres, PostgresOptions},
        sqlite::{Sqlite, SqliteOptions},
    },
    settings::{self, PostgresUrl, Settings},
};

/// Most reads that wait. Everybody coming back at once to rooms that nobody is in asks for up to three
/// reads each: the room, whose the name is, the page; at 40 us a read by two threads, the last of
/// these waits for 400 ms.
const READS: usize = 20_000;

/// A store, by what it is to whom.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) files: Arc<dyn Files>,
    pub(super) sign_outs: Arc<dyn SignOuts>,
    pub(super) commits: mpsc::Receiver<Batch>,
}

/// Opens it and makes the first rooms.
pub(super) async fn open(settings: &Settings, clock: &dyn Clock) -> Result<Opened, AppError> {
    let opened = match &settings.journal.url {
        Some(url) => postgres(&settings.journal, url).await?,
        None => sqlite(&settings.journal)?,
    };
    for room in &settings.chat.first_rooms {
        match opened.store.create(room.clone(), clock.now_ms()).await? {
            Created::New(record) => log::info!(room = record.name.as_str(); "made a first room"),
            Created::Existing(_) => {}
            Created::LooksLike(record) => log::warn!(
                room = room.as_str(), there = record.name.as_str();
                "a first room of chat.first_rooms is not made: a room that is there looks like it"
            ),
        }
    }
    Ok(opened)
}

fn sqlite(of: &settings::Journal) -> Result<Opened, AppError> {
    let options = SqliteOptions {
        queue: of.queue,
        batch: of.batch,
        reads: READS,
        ..SqliteOptions::default()
    };
    let (store, commits) = Sqlite::open(&of.path, options)?;
    Ok(Opened { store: store.clone(), files: store.clone(), sign_outs: store, commits })
}

async fn postgres(of: &settings::Journal, url: &PostgresUrl) -> Result<Opened, AppError> {
    let options = PostgresOptions {
        queue: of.queue,
        batch: of.batch,
        reads: READS,
        pool: of.pool,
        timeout: of.timeout,
        ..PostgresOptions::default()
    };
    let (store, commits) = Postgres::open(url.reveal(), options).await?;
    Ok(Opened { store: store.clone(), files: store.clone(), sign_outs: store, commits })
}
