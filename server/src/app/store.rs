//! The journal that the settings name.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::AppError;
use crate::{
    clock::Clock,
    journal::{
        Batch, Created, Store,
        postgres::{Postgres, PostgresOptions},
        sqlite::{Sqlite, SqliteOptions},
    },
    settings::{self, PostgresUrl, Settings},
};

/// Most reads that wait. Everybody coming back at once to rooms that nobody is in asks for up to two
/// reads each; at 40 us a read by two threads, the last of these waits for 200 ms.
const READS: usize = 10_000;

type Opened = (Arc<dyn Store>, mpsc::Receiver<Batch>);

/// Opens it and makes the first rooms.
pub(super) async fn open(settings: &Settings, clock: &dyn Clock) -> Result<Opened, AppError> {
    let (journal, commits) = match &settings.journal.url {
        Some(url) => postgres(&settings.journal, url).await?,
        None => sqlite(&settings.journal)?,
    };
    for room in &settings.chat.first_rooms {
        if let Created::New(record) = journal.create(room.clone(), clock.now_ms()).await? {
            log::info!(room = record.name.as_str(); "made a first room");
        }
    }
    Ok((journal, commits))
}

fn sqlite(of: &settings::Journal) -> Result<Opened, AppError> {
    let options = SqliteOptions {
        queue: of.queue,
        batch: of.batch,
        reads: READS,
        ..SqliteOptions::default()
    };
    let (journal, commits) = Sqlite::open(&of.path, options)?;
    Ok((journal, commits))
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
    let (journal, commits) = Postgres::open(url.reveal(), options).await?;
    Ok((journal, commits))
}
