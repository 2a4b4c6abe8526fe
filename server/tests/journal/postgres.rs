//! The Postgres store under the contract.

use std::sync::Arc;

use maru_server::journal::{
    Batch, RoomId, Store,
    postgres::{Postgres, PostgresOptions, renew, verify},
};
use tokio::sync::mpsc;

use crate::{
    kit::{Bounds, Files, StoreUnderTest},
    services::{Database, sql},
};

impl StoreUnderTest for Database {
    fn new() -> Self {
        Self::make()
    }

    fn address(&self) -> String {
        self.url()
    }

    async fn open_at(address: &str, bounds: Bounds) -> (Arc<dyn Store>, mpsc::Receiver<Batch>) {
        let Bounds { queue, batch, outcomes } = bounds;
        let options = PostgresOptions { queue, batch, outcomes, pool: 3, ..Default::default() };
        let (journal, outcomes) = Postgres::open(address, options).await.unwrap();
        (journal, outcomes)
    }

    async fn open_files(address: &str) -> Files {
        let options = PostgresOptions { pool: 3, ..Default::default() };
        let (store, outcomes) = Postgres::open(address, options).await.unwrap();
        Files { journal: store.clone(), files: store.clone(), sign_outs: store, outcomes }
    }

    async fn verify_at(address: &str) {
        let report = verify(address, |_| ()).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    async fn erased_at(address: &str, room: RoomId) {
        let room = room.0;
        let tables = "entries states unlisted abouts members member_names held_names mentions \
                      room_looks former_names removals";
        for table in tables.split_whitespace() {
            sql(
                address,
                &format!(
                    "DO $$ BEGIN IF EXISTS (SELECT 1 FROM maru.{table} WHERE room = {room}) THEN
                       RAISE EXCEPTION '{table} has something of it'; END IF; END $$"
                ),
            );
        }
    }

    async fn renew_at(address: &str) -> Result<(), String> {
        renew(address).await.map_err(|error| error.to_string())
    }

    fn make_older(address: &str) {
        Self::forget_names(address);
        let older = "DROP TABLE maru.members, maru.member_names, maru.mentions, maru.files;
                     DROP TABLE maru.states, maru.unlisted, maru.abouts;
                     ALTER TABLE maru.entries DROP COLUMN target, DROP COLUMN more;
                     ALTER TABLE maru.meta DROP COLUMN root; UPDATE maru.meta SET version = 1";
        sql(address, older);
    }

    fn forget_names(address: &str) {
        Self::make_previous(address);
        sql(
            address,
            "DROP TABLE maru.held_names, maru.room_looks, maru.sign_outs, maru.removals;
             UPDATE maru.meta SET version = 5",
        );
    }

    fn make_previous(address: &str) {
        let previous = "DROP TABLE maru.former_names; DROP INDEX maru.room_looks_of;
                        ALTER TABLE maru.rooms DROP COLUMN renamed, DROP COLUMN first_key;
                        ALTER TABLE maru.meta DROP COLUMN renames;
                        DROP INDEX maru.entries_said, maru.entries_noted;
                        ALTER TABLE maru.states DROP COLUMN changed;
                        UPDATE maru.meta SET version = 9";
        sql(address, previous);
    }
}

crate::suite::contract!(Database);
