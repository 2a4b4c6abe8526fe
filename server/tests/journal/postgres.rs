//! The Postgres store under the contract.

use std::sync::Arc;

use maru_server::journal::{
    Batch, Journal,
    postgres::{Postgres, PostgresOptions},
};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::kit::{Bounds, StoreUnderTest};

/// A database of its own on the server that all tests share.
pub struct Database {
    name: String,
}

/// The shared server's address without a database.
fn server() -> String {
    let given = std::env::var("MARU_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("these tests need PostgreSQL: run scripts/cargo-tests, or scripts/with-services before a command")
    });
    given.rsplit_once('/').expect("MARU_TEST_POSTGRES names a database").0.to_owned()
}

impl Database {
    pub fn url(&self) -> String {
        format!("{}/{}", server(), self.name)
    }

    /// A journal on it: one of several nodes.
    pub async fn node(&self, options: PostgresOptions) -> (Arc<Postgres>, mpsc::Receiver<Batch>) {
        Postgres::open(&self.url(), options).await.unwrap()
    }
}

impl StoreUnderTest for Database {
    fn new() -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        sql(&format!("{}/postgres", server()), &format!("CREATE DATABASE {name}"));
        Self { name }
    }

    async fn open(&self, bounds: Bounds) -> (Arc<dyn Journal>, mpsc::Receiver<Batch>) {
        let Bounds { queue, batch, outcomes } = bounds;
        let pool = 3;
        let options =
            PostgresOptions { queue, batch, outcomes, pool, ..PostgresOptions::default() };
        let (journal, outcomes) = self.node(options).await;
        (journal, outcomes)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sql(&format!("{}/postgres", server()), &drop);
    }
}

/// Runs statements on a connection of their own.
pub fn sql(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    // On a thread of its own: a test's runtime is busy with the test.
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut conn = PgConnection::connect(&url).await.unwrap();
            conn.execute(sql.as_str()).await.unwrap();
            conn.close().await.unwrap();
        });
    };
    std::thread::spawn(run).join().unwrap();
}

crate::suite::contract!(Database);
