//! A backup is restored: whoever has seen more than it holds is told so, whenever they come back.

use std::{fs, path::Path, process::Output, sync::Arc, time::Duration};

use maru_protocol::Position;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::{
    process::{Estate, Server, command},
    services::{Database, shared, sql},
};

/// Somebody says so many messages in the lobby; their position afterwards.
async fn talk(server: &Server, count: u64) -> Position {
    // Each time by another name: the one before is somebody's.
    let mut ada = server.guest(&format!("Ada {}", Uuid::now_v7().simple())).await;
    let mut position = ada.join("lobby", None).await.position;
    for _ in 0..count {
        position.seq = ada.say("lobby", "a word").await;
    }
    position
}

async fn stop(mut server: Server) -> Estate {
    server.signal(15);
    assert!(server.wait().await.success());
    server.estate()
}

fn renew((folder, settings): &Estate) -> Output {
    let settings = settings.iter().map(|(k, v)| (k, v));
    command(folder.path()).arg("renew").envs(settings).output().unwrap()
}

/// The search's index, which follows the log, is there.
async fn until_indexed(folder: &Path, seq: u64) {
    let file = folder.join("data/maru.search.db");
    let read = || {
        let conn = rusqlite::Connection::open(&file)?;
        conn.query_row("SELECT max(seq) FROM rooms", [], |row| row.get::<_, Option<i64>>(0))
    };
    let indexed = async {
        while read().ok().flatten() != i64::try_from(seq).ok() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(20), indexed).await.unwrap();
}

/// The room of a restored backup has grown past what the client has seen: it had seen 10, of which
/// the backup had 5, and now there are 15. Without a new epoch it would get 11 to 15, and keep its
/// own 6 to 10 of a history that nobody else has.
async fn is_told(server: &Server, seen: Position) {
    let now = talk(server, 10).await;
    assert!(now.seq > seen.seq, "{now:?}");
    // The first time the journal is read, then the room in use knows.
    let mut eve = server.guest("Eve").await;
    for name in ["Bob", "Jo"] {
        let mut bob = server.guest(name).await;
        let joined = bob.join("lobby", Some(seen)).await;
        assert!(joined.reset, "silently missed entries: it got {:?}", joined.seqs());
        assert_eq!(joined.seqs(), (1..=15).collect::<Vec<_>>());
        // From then on it goes on as ever.
        assert!(!bob.join("lobby", Some(joined.position)).await.reset);
        eve.join("lobby", None).await;
    }
}

#[tokio::test]
async fn who_has_seen_more_than_a_restored_file_is_told_even_late() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    // On a file, whatever else is tested in this run.
    let server = Server::start_in(folder, Vec::new());
    talk(&server, 5).await;
    let estate = stop(server).await;
    let file = estate.0.path().join("data/maru.db");
    let backup = fs::read(&file).unwrap();
    let server = Server::start_in(estate.0, estate.1);
    let seen = talk(&server, 5).await;
    assert_eq!(seen.seq.get(), 10);

    let estate = server.estate();
    let out = renew(&estate);
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && said.contains("another server holds"), "{said}");
    until_indexed(estate.0.path(), 10).await;
    let estate = stop(server).await;
    fs::write(&file, backup).unwrap();
    // Nobody forgets it: what the search has seen is missing.
    let settings = estate.1.iter().map(|(k, v)| (k, v));
    let out = command(estate.0.path()).envs(settings).output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && said.contains("acknowledged messages are missing"), "{said}");
    assert!(
        said.contains("ends at entry 5 of room 1") && said.contains("up to entry 10"),
        "{said}"
    );
    assert!(said.contains("maru-server renew"), "{said}");
    let out = renew(&estate);
    assert!(out.status.success(), "{out:?}");
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.ends_with("data/maru.db has a new epoch: everybody loads every room anew\n"));
    is_told(&Server::start_in(estate.0, estate.1), seen).await;
}

#[tokio::test]
async fn who_has_seen_more_than_a_restored_database_is_told_even_late() {
    let (place, restored) = (Database::make(), Database::make());
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let server = Server::start_in(folder, shared(&place.url()));
    talk(&server, 5).await;
    let estate = stop(server).await;
    // A backup, as `pg_dump` and `pg_restore` would make it.
    let name = |place: &Database| place.url().rsplit_once('/').unwrap().1.to_owned();
    let (from, to) = (name(&place), name(&restored));
    let postgres = place.url().replace(&from, "postgres");
    sql(&postgres, &format!("DROP DATABASE {to}"));
    sql(&postgres, &format!("CREATE DATABASE {to} TEMPLATE {from}"));

    let server = Server::start_in(estate.0, estate.1);
    let seen = talk(&server, 5).await;
    assert_eq!(seen.seq.get(), 10);
    let out = renew(&server.estate());
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && said.contains("stop all of them"), "{said}");
    let (folder, settings) = stop(server).await;
    let moved = settings.into_iter().map(|(key, value)| (key, value.replace(&from, &to)));
    let estate: Estate = (folder, moved.collect());
    let out = renew(&estate);
    assert!(out.status.success(), "{out:?}");
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.ends_with(&format!("/{to} has a new epoch: everybody loads every room anew\n")));
    is_told(&Server::start_in(estate.0, estate.1), seen).await;
}
