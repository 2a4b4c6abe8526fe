//! Where an index can be.

use std::{path::PathBuf, sync::Arc, time::Duration};

use maru_protocol::Epoch;
use maru_server::{
    journal::{
        Journal,
        postgres::{Postgres, PostgresOptions},
    },
    search::{
        DirtyRooms, IndexReader, IndexWriter,
        postgres::{self, PostgresReader, PostgresWriter},
        sqlite::{self, SqliteReader, SqliteWriter},
    },
};
use uuid::Uuid;

use crate::services::Database;

/// A place for an index, gone when dropped.
pub trait PlaceUnderTest: Sized {
    type IndexWriter: IndexWriter;
    type IndexReader: IndexReader;

    fn make() -> impl Future<Output = Self>;

    /// The epoch of the journal that it is an index of.
    fn epoch(&self) -> Epoch;

    fn index(&self, dirty: &Arc<DirtyRooms>) -> (Self::IndexWriter, Self::IndexReader);
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

    /// All that lies there, the log beside it too. The log first: what is moved from it into the file while
    /// both are read is then seen at least once.
    pub fn bytes(&self) -> Vec<u8> {
        let of = |suffix| {
            let mut path = self.path().into_os_string();
            path.push(suffix);
            std::fs::read(path).unwrap_or_default()
        };
        [of("-wal"), of("")].concat()
    }
}

impl PlaceUnderTest for File {
    type IndexWriter = SqliteWriter;
    type IndexReader = SqliteReader;

    async fn make() -> Self {
        Self { folder: Arc::new(tempfile::tempdir().unwrap()), epoch: Epoch(Uuid::now_v7()) }
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn index(&self, dirty: &Arc<DirtyRooms>) -> (SqliteWriter, SqliteReader) {
        sqlite::index(self.path(), dirty.clone())
    }
}

/// A database with a journal in it.
pub struct Tables {
    pub database: Database,
    epoch: Epoch,
}

impl PlaceUnderTest for Tables {
    type IndexWriter = PostgresWriter;
    type IndexReader = PostgresReader;

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

    fn index(&self, _: &Arc<DirtyRooms>) -> (PostgresWriter, PostgresReader) {
        postgres::index(&self.database.url(), Duration::from_secs(5), self.epoch).unwrap()
    }
}
