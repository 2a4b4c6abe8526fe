//! Opening: what is there, what is in the way, and the sentences for it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use maru_server::journal::sqlite::{OpenError, Sqlite, SqliteOptions, verify};

use crate::kit::*;
use maru_server::journal::Journal;

fn refusal(path: &Path) -> OpenError {
    match Sqlite::open(path, SqliteOptions::default()) {
        Ok(_) => panic!("{} opened", path.display()),
        Err(error) => error,
    }
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    (folder, path)
}

/// The sentence names the file, and nothing but the error can be seen of it.
fn says(error: &OpenError, parts: &[&str]) {
    let sentence = error.to_string();
    for part in parts.iter().chain(&["journal"]) {
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[tokio::test]
async fn one_server_per_file() {
    let (_folder, path) = folder();
    let (journal, mut outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Held { .. }), "{error:?}");
    says(&error, &["another server holds", "journal.db"]);
    // Whoever was refused took nothing from the first.
    soon(journal.probe()).await.unwrap();
    soon(journal.close()).await.unwrap();
    assert_eq!(outcomes.recv().await, None);
    assert!(Sqlite::open(&path, SqliteOptions::default()).is_ok());
}

#[tokio::test]
async fn closing_leaves_one_file_and_an_empty_lock() {
    let (folder, path) = folder();
    let (journal, _outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    soon(journal.create(room_name("lobby"), 1)).await.unwrap();
    soon(journal.close()).await.unwrap();
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["journal.db", "journal.db.lock"], "no write-ahead log is left");
}

#[cfg(unix)]
#[tokio::test]
async fn what_people_said_is_for_the_server_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    let (_journal, _outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn missing_folders_are_made() {
    let (folder, _) = folder();
    let path = folder.path().join("a").join("b").join("journal.db");
    let (journal, _outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    soon(journal.probe()).await.unwrap();
}

#[test]
fn a_folder_that_cannot_be() {
    let (folder, _) = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = refusal(&file.join("journal.db"));
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    says(&error, &["folder", file.to_str().unwrap()]);
}

#[test]
fn a_folder_in_the_place_of_the_file() {
    let (folder, _) = folder();
    let error = refusal(folder.path());
    assert!(matches!(error, OpenError::Unwritable { .. }), "{error:?}");
    says(&error, &["can't be opened", folder.path().to_str().unwrap()]);
}

#[test]
fn what_is_no_database() {
    let (_folder, path) = folder();
    let text = "These are not the bytes you are looking for. ".repeat(100);
    fs::write(&path, &text).unwrap();
    for error in [refusal(&path), verify(&path, |_| ()).unwrap_err()] {
        assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");
        says(&error, &["journal.db", "not a journal of Maru", "no SQLite database"]);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "it was left as it is");
}

#[test]
fn a_database_of_another_program() {
    let (_folder, path) = folder();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    drop(conn);
    let before = fs::read(&path).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");
    says(&error, &["another program"]);
    assert_eq!(fs::read(&path).unwrap(), before, "it was left as it is");
}

#[test]
fn a_file_of_a_newer_server() {
    let (_folder, path) = folder();
    drop(Sqlite::open(&path, SqliteOptions::default()).unwrap());
    wait_for_lock(&path);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    for error in [refusal(&path), verify(&path, |_| ()).unwrap_err()] {
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error:?}");
        says(&error, &["version 99", "newer server"]);
    }
}

#[test]
fn verify_of_an_older_file_says_what_to_do() {
    let (_folder, path) = folder();
    drop(Sqlite::open(&path, SqliteOptions::default()).unwrap());
    wait_for_lock(&path);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 0).unwrap();
    let error = verify(&path, |_| ()).unwrap_err();
    assert!(matches!(error, OpenError::Older { found: 0, .. }), "{error:?}");
    says(&error, &["start the server once"]);
}

/// Dropped without being closed, a journal gives its lock back once its threads have ended.
fn wait_for_lock(path: &Path) {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    fs::File::open(lock).unwrap().lock().unwrap();
}

#[test]
fn verify_makes_nothing() {
    let (folder, path) = folder();
    let error = verify(&path, |_| ()).unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    says(&error, &["there is no journal", "journal.db"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    fs::write(&path, "").unwrap();
    assert!(matches!(verify(&path, |_| ()), Err(OpenError::NotAJournal { .. })));
}

#[test]
fn an_empty_file_becomes_a_journal() {
    let (_folder, path) = folder();
    fs::write(&path, "").unwrap();
    assert!(Sqlite::open(&path, SqliteOptions::default()).is_ok());
}
