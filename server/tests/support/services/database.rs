//! Databases on the Postgres that all tests share.

use std::sync::Arc;

use maru_server::journal::{
    Batch,
    postgres::{OpenError, Postgres, PostgresOptions, verify},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A database of its own on the server that all tests share.
pub struct Database {
    name: String,
    checked: bool,
}

/// The shared server's address without a database.
fn server() -> String {
    let given = std::env::var("MARU_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("these tests need PostgreSQL: run scripts/cargo-tests, or scripts/with-services before a command")
    });
    given.rsplit_once('/').expect("MARU_TEST_POSTGRES names a database").0.to_owned()
}

impl Database {
    /// One that a test will damage.
    pub fn unchecked() -> Self {
        let mut made = Self::make();
        made.checked = false;
        made
    }

    pub fn make() -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        // With defaults that an operator may have and that no promise may hang on.
        let make = format!("CREATE DATABASE {name}");
        let settings = format!(
            "ALTER DATABASE {name} SET default_transaction_isolation = 'serializable';
             ALTER DATABASE {name} SET synchronous_commit = off;
             ALTER DATABASE {name} SET search_path = nowhere"
        );
        for statement in [make, settings] {
            sql(&format!("{}/postgres", server()), &statement);
        }
        Self { name, checked: true }
    }

    pub fn url(&self) -> String {
        format!("{}/{}", server(), self.name)
    }

    /// A journal on it: one of several nodes.
    pub async fn node(&self, options: PostgresOptions) -> (Arc<Postgres>, mpsc::Receiver<Batch>) {
        Postgres::open(&self.url(), options).await.unwrap()
    }
}

/// Whatever a test did: no database is ever left that `verify` would complain about.
impl Drop for Database {
    fn drop(&mut self) {
        let url = self.url();
        if !std::thread::panicking() && self.checked {
            apart(async move {
                match verify(&url, |_| ()).await {
                    Ok(report) => assert!(report.is_sound(), "{report:?}"),
                    Err(error) => assert!(matches!(error, OpenError::Missing { .. }), "{error}"),
                }
            });
        }
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sql(&format!("{}/postgres", server()), &drop);
    }
}

/// Runs statements on a connection of their own.
pub fn sql(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    apart(async move {
        let mut conn = PgConnection::connect(&url).await.unwrap();
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
        conn.close().await.unwrap();
    });
}

/// Waits on a thread of its own: the test's runtime is busy with the test.
pub fn apart<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(future)
    };
    std::thread::spawn(run).join().unwrap()
}
