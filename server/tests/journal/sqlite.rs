//! The SQLite store under the contract.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use maru_server::journal::{
    Batch, RoomId, Store,
    sqlite::{Sqlite, SqliteOptions, renew, verify},
};
use tokio::sync::mpsc;

use crate::kit::{Bounds, Files, StoreUnderTest};

/// A file in a folder of its own.
pub struct SqliteFile {
    folder: tempfile::TempDir,
}

impl SqliteFile {
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("data").join("journal.db")
    }
}

impl StoreUnderTest for SqliteFile {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn address(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    async fn open_at(address: &str, bounds: Bounds) -> (Arc<dyn Store>, mpsc::Receiver<Batch>) {
        let Bounds { queue, batch, outcomes } = bounds;
        let options = SqliteOptions { queue, batch, outcomes, ..SqliteOptions::default() };
        let (journal, outcomes) = Sqlite::open(Path::new(address), options).unwrap();
        (journal, outcomes)
    }

    async fn open_files(address: &str) -> Files {
        let (store, outcomes) = Sqlite::open(Path::new(address), SqliteOptions::default()).unwrap();
        Files { journal: store.clone(), files: store.clone(), sign_outs: store, outcomes }
    }

    async fn verify_at(address: &str) {
        let report = verify(Path::new(address), |_| ()).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    async fn erased_at(address: &str, room: RoomId) {
        let conn = rusqlite::Connection::open(address).unwrap();
        let by_room = "entries abouts members member_names held_names mentions room_looks former_names \
                       removals";
        let by_room = by_room.split_whitespace().map(|table| format!("{table} WHERE room = ?1"));
        let by_place =
            ["states", "unlisted"].map(|table| format!("{table} WHERE place >> 36 = ?1"));
        for rows in by_room.chain(by_place) {
            let sql = format!("SELECT count(*) FROM {rows}");
            let left: i64 = conn.query_row(&sql, [room.0], |row| row.get(0)).unwrap();
            assert_eq!(left, 0, "{rows}");
        }
    }

    async fn renew_at(address: &str) -> Result<(), String> {
        renew(Path::new(address), false).map_err(|error| error.to_string())
    }

    fn make_older(address: &str) {
        Self::forget_names(address);
        let older = "DROP TABLE members; DROP TABLE member_names; DROP TABLE mentions;
                     DROP TABLE files; DROP TABLE states; DROP TABLE unlisted; DROP TABLE abouts;
                     DROP INDEX entries_target;
                     ALTER TABLE entries DROP COLUMN target; ALTER TABLE entries DROP COLUMN more;
                     ALTER TABLE meta DROP COLUMN root; PRAGMA user_version = 3";
        rusqlite::Connection::open(address).unwrap().execute_batch(older).unwrap();
    }

    fn forget_names(address: &str) {
        Self::make_previous(address);
        let older = "DROP TABLE held_names; DROP TABLE room_looks; DROP TABLE sign_outs;
                     DROP TABLE removals; PRAGMA user_version = 7";
        rusqlite::Connection::open(address).unwrap().execute_batch(older).unwrap();
    }

    fn make_previous(address: &str) {
        let previous = "DROP TABLE former_names; DROP INDEX room_looks_of;
                        DROP INDEX rooms_renamed; ALTER TABLE rooms DROP COLUMN renamed;
                        ALTER TABLE rooms DROP COLUMN first_key;
                        ALTER TABLE meta DROP COLUMN renames;
                        DROP INDEX entries_said; DROP INDEX entries_noted;
                        DROP INDEX states_changed; ALTER TABLE states DROP COLUMN changed;
                        PRAGMA user_version = 11";
        rusqlite::Connection::open(address).unwrap().execute_batch(previous).unwrap();
    }
}

/// Whatever a test did: no file is ever left that `verify` would complain about.
impl Drop for SqliteFile {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.path().exists() {
            let report = verify(&self.path(), |_| ()).unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
    }
}

crate::suite::contract!(SqliteFile);
