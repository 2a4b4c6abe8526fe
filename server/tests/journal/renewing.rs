//! `maru-server renew`, where the stores differ: who is in the way, what is refused, and being killed.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use maru_server::journal::{
    Outcome, Refused,
    postgres::{self, PostgresOptions},
    sqlite::{self, OpenError},
};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use crate::{
    kit::*,
    services::{Database, sql},
    sqlite::SqliteFile,
};

const PATIENCE: Duration = Duration::from_secs(30);

async fn filled(place: &impl StoreUnderTest) -> maru_protocol::Epoch {
    let mut store = Store::open(place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 9).await;
    let epoch = store.journal.epoch();
    store.close().await;
    epoch
}

async fn epoch(place: &impl StoreUnderTest) -> maru_protocol::Epoch {
    let store = Store::open(place, WIDE).await;
    let epoch = store.journal.epoch();
    store.close().await;
    epoch
}

/// The program at work, killed when dropped.
struct Program(Child);

impl Program {
    fn renews(address: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_maru-server"));
        command.args(["renew", address]).env_clear();
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn has_open(&self, name: &str) -> bool {
        let files = fs::read_dir(format!("/proc/{}/fd", self.0.id())).unwrap();
        files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|it| it.ends_with(name)))
    }

    /// `kill -9`, which meets it at work.
    fn kill(mut self) {
        assert_eq!(self.0.try_wait().unwrap(), None, "it came to its end");
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_is_no_journal_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let text = "These are not the bytes you are looking for. ".repeat(100);
    for content in ["", text.as_str()] {
        fs::write(&path, content).unwrap();
        let error = sqlite::renew(&path, false).unwrap_err();
        assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::remove_file(&path).unwrap();
    let theirs = rusqlite::Connection::open(&path).unwrap();
    theirs
        .execute_batch("CREATE TABLE meta (epoch BLOB); INSERT INTO meta VALUES (x'00')")
        .unwrap();
    drop(theirs);
    let before = fs::read(&path).unwrap();
    let error = sqlite::renew(&path, false).unwrap_err();
    assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_of_a_newer_server_is_left_as_it_is() {
    let place = SqliteFile::new();
    filled(&place).await;
    let conn = || rusqlite::Connection::open(place.path()).unwrap();
    let version = |version: i64| conn().pragma_update(None, "user_version", version).unwrap();
    let own = conn().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    version(99);
    let error = sqlite::renew(&place.path(), false).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error:?}");
    version(own);
}

/// One file comes out of it, which can be moved as it is.
#[tokio::test]
async fn it_leaves_no_write_ahead_log() {
    let place = SqliteFile::new();
    filled(&place).await;
    sqlite::renew(&place.path(), false).unwrap();
    let folder = place.path().parent().unwrap().to_owned();
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["journal.db", "journal.db.lock"]);
}

#[tokio::test]
async fn killed_before_its_commit_it_changed_nothing() {
    let place = SqliteFile::new();
    let old = filled(&place).await;
    let before = rusqlite::Connection::open(place.path()).unwrap();
    before.execute_batch("BEGIN IMMEDIATE").unwrap();
    let program = Program::renews(&place.address());
    let until = Instant::now() + PATIENCE;
    while !program.has_open("journal.db-wal") {
        assert!(Instant::now() < until, "it never began");
        std::thread::sleep(Duration::from_millis(1));
    }
    program.kill();
    before.execute_batch("ROLLBACK").unwrap();
    drop(before);
    assert_eq!(epoch(&place).await, old);
    SqliteFile::renew_at(&place.address()).await.unwrap();
    assert_ne!(epoch(&place).await, old);
}

/// Its session may come to its end without it: all of it is done then, and never a half.
#[tokio::test]
async fn killed_while_postgres_waits_it_is_all_or_nothing() {
    let place = Database::new();
    let old = filled(&place).await;
    let mut foreign = PgConnection::connect(&place.url()).await.unwrap();
    foreign.execute("BEGIN; SELECT * FROM maru.meta FOR UPDATE").await.unwrap();
    let program = Program::renews(&place.url());
    let waits = "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
                 WHERE NOT granted AND datname = current_database() AND application_name = 'maru'";
    // One of its own, as a transaction sees the same sessions until its end.
    let mut looking = PgConnection::connect(&place.url()).await.unwrap();
    let until = Instant::now() + PATIENCE;
    while looking.fetch_one(waits).await.unwrap().get::<i64, _>(0) == 0 {
        assert!(Instant::now() < until, "it never waited");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    program.kill();
    foreign.execute("ROLLBACK").await.unwrap();
    foreign.close().await.unwrap();
    looking.close().await.unwrap();
    Database::renew_at(&place.url()).await.unwrap();
    assert_ne!(epoch(&place).await, old);
}

#[tokio::test]
async fn every_one_of_several_servers_is_in_the_way() {
    let place = Database::new();
    let old = filled(&place).await;
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let (journal, outcomes) = place.node(PostgresOptions::default()).await;
        nodes.push(Store::of(journal, outcomes));
    }
    for node in nodes {
        let error = postgres::renew(&place.url()).await.unwrap_err();
        assert!(matches!(error, postgres::OpenError::Held { .. }), "{error:?}");
        let sentence = error.to_string();
        assert!(sentence.contains("stop all of them") && !sentence.contains("maru@"), "{sentence}");
        assert_eq!(node.journal.epoch(), old);
        node.close().await;
    }
    // The last has just gone: that is waited for.
    postgres::renew(&place.url()).await.unwrap();
    assert_ne!(epoch(&place).await, old);
}

/// A server that lost all its connections can't be seen. It finds out when it comes back.
#[tokio::test]
async fn a_server_that_was_cut_off_meanwhile_does_not_go_on() {
    let place = Database::new();
    let (journal, outcomes) = place.node(PostgresOptions::default()).await;
    let mut store = Store::of(journal, outcomes);
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 3).await;
    let until = Instant::now() + PATIENCE;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'maru' AND datname = current_database()";
    loop {
        sql(&place.url(), cut);
        // Unless it was back before.
        if postgres::renew(&place.url()).await.is_ok() {
            break;
        }
        assert!(Instant::now() < until, "it is always back");
    }
    for number in 100.. {
        let Outcome::Refused { why: Refused::Store(why), .. } =
            store.say(message(&lobby, number)).await
        else {
            panic!("it wrote on")
        };
        if why.contains("not the journal that was opened") {
            break;
        }
        assert!(Instant::now() < until, "{why}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.close().await;
}
