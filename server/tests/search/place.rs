//! Where an index can be.

use std::{path::PathBuf, sync::Arc, time::Duration};

use maru_protocol::Epoch;
use maru_server::{
    journal::{
        Journal,
        postgres::{Postgres, PostgresOptions},
    },
    search::{
        Keep, Look, Noted,
        postgres::{self, PostgresKeep, PostgresLook},
        sqlite::{self, SqliteKeep, SqliteLook},
    },
};
use uuid::Uuid;

use crate::services::Database;

/// A place for an index, gone when dropped.
pub trait PlaceUnderTest: Sized {
    type Keep: Keep;
    type Look: Look;

    fn make() -> impl Future<Output = Self>;

    /// The epoch of the journal that it is an index of.
    fn epoch(&self) -> Epoch;

    fn index(&self, noted: &Arc<Noted>) -> (Self::Keep, Self::Look);
}

/// A file in a folder of its own.
pub struct File {
    folder: Arc<tempfile::TempDir>,
    epoch: Epoch,
}

impl File {
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("data").join("maru.search.db")
    }

    /// The same file, of another journal.
    pub fn of_another_journal(&self) -> Self {
        Self { folder: self.folder.clone(), epoch: Epoch(Uuid::now_v7()) }
    }

    /// All that lies there, the log beside it too.
    pub fn bytes(&self) -> Vec<u8> {
        let of = |suffix| {
            let mut path = self.path().into_os_string();
            path.push(suffix);
            std::fs::read(path).unwrap_or_default()
        };
        [of(""), of("-wal")].concat()
    }
}

impl PlaceUnderTest for File {
    type Keep = SqliteKeep;
    type Look = SqliteLook;

    async fn make() -> Self {
        Self { folder: Arc::new(tempfile::tempdir().unwrap()), epoch: Epoch(Uuid::now_v7()) }
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn index(&self, noted: &Arc<Noted>) -> (SqliteKeep, SqliteLook) {
        sqlite::index(self.path(), noted.clone())
    }
}

/// A database with a journal in it.
pub struct Tables {
    pub database: Database,
    epoch: Epoch,
}

impl PlaceUnderTest for Tables {
    type Keep = PostgresKeep;
    type Look = PostgresLook;

    async fn make() -> Self {
        let database = Database::make();
        let (journal, outcomes) = database.node(PostgresOptions::default()).await;
        drop(outcomes);
        let epoch = Postgres::epoch(&journal);
        journal.close().await.unwrap();
        Self { database, epoch }
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn index(&self, _: &Arc<Noted>) -> (PostgresKeep, PostgresLook) {
        postgres::index(&self.database.url(), Duration::from_secs(5), self.epoch).unwrap()
    }
}
