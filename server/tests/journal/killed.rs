//! What a killed server leaves in its write-ahead log: what is damaged there is told, what was deleted goes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use maru_protocol::{Epoch, Seq};
use maru_server::journal::{
    Change, Journal, RoomId,
    sqlite::{OpenError, Sqlite, SqliteOptions, renew, verify},
};
use tempfile::TempDir;

use crate::{
    erasing::{bytes_of, holds},
    kit::*,
    sqlite::SqliteFile,
    suite::changes::*,
};

const MESSAGES: u32 = 30;

/// The files of a journal as they are while it is open, all commits in its log.
fn as_if_killed(place: &SqliteFile) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    fs::copy(place.path(), &path).unwrap();
    fs::copy(log_of(&place.path()), log_of(&path)).unwrap();
    (folder, path)
}

fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

/// A killed server's file with [`MESSAGES`] commits, and its epoch.
async fn killed() -> (TempDir, PathBuf, Epoch) {
    let place = SqliteFile::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for number in 1..=MESSAGES {
        store.say(message(&lobby, number.into())).await;
    }
    let epoch = store.journal.epoch();
    let (folder, path) = as_if_killed(&place);
    store.close().await;
    (folder, path, epoch)
}

/// Flips a bit of the log, which is whole otherwise.
fn flip(path: &Path, part: f64) {
    let mut bytes = fs::read(log_of(path)).unwrap();
    let at = (bytes.len() as f64 * part) as usize;
    bytes[at] ^= 0x10;
    fs::write(log_of(path), bytes).unwrap();
}

/// The epoch and the head of what opens, and is closed again.
async fn opened(path: &Path) -> Result<(Epoch, Seq), OpenError> {
    let (journal, mut outcomes) = Sqlite::open(path, SqliteOptions::default())?;
    let heads = soon(journal.heads(vec![RoomId(1)])).await.unwrap();
    let closing = journal.close();
    while soon(outcomes.recv()).await.is_some() {}
    soon(closing).await.unwrap();
    // Damage at the beginning took the room along.
    Ok((journal.epoch(), heads.first().map_or(Seq::ZERO, |head| head.1)))
}

#[tokio::test]
async fn a_log_that_is_whole_or_torn_is_taken_in() {
    let (_folder, path, epoch) = killed().await;
    verify(&path, |_| ()).unwrap();
    assert_eq!(opened(&path).await.unwrap(), (epoch, seq(MESSAGES.into())));
    // The power went away in the middle of the last commit, whose sender was told nothing.
    let (_folder, path, epoch) = killed().await;
    let whole = fs::read(log_of(&path)).unwrap();
    fs::write(log_of(&path), &whole[..whole.len() - 100]).unwrap();
    let (same, head) = opened(&path).await.unwrap();
    assert!(same == epoch && head < seq(MESSAGES.into()) && head > seq(0), "{head}");
}

#[tokio::test]
async fn acknowledged_commits_behind_damage_are_not_lost_in_silence() {
    for part in [0.000_01, 0.3, 0.5, 0.9] {
        let (_folder, path, epoch) = killed().await;
        flip(&path, part);
        let before = fs::read(log_of(&path)).unwrap();
        let Err(error) = opened(&path).await else { panic!("{part}: it opened") };
        assert!(matches!(error, OpenError::DamagedLog { .. }), "{error}");
        let sentence = error.to_string();
        for said in ["journal.db-wal", "can't be read", "renew --lose-commits", "backup"] {
            assert!(sentence.contains(said), "{sentence}");
        }
        for refused in [verify(&path, |_| ()).map(drop), renew(&path, false)] {
            assert_eq!(refused.unwrap_err().to_string(), sentence);
        }
        assert_eq!(fs::read(log_of(&path)).unwrap(), before, "nothing was touched");

        // Somebody decides to go on: everybody is told by the epoch.
        renew(&path, true).unwrap();
        let (other, head) = opened(&path).await.unwrap();
        assert_ne!(other, epoch);
        assert!(head < seq(MESSAGES.into()), "{head}");
        assert_eq!(opened(&path).await.unwrap(), (other, head));
        verify(&path, |_| ()).unwrap();
    }
}

/// Nobody waits for a deletion or a clean stop that may not come.
#[tokio::test]
async fn what_was_deleted_right_before_a_kill_goes_at_the_start() {
    let place = SqliteFile::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let secret = "what nobody is to read again";
    store.done(draft(&lobby, 1, "u1", Change::say(body(secret)))).await;
    store.done(draft(&lobby, 2, "u1", delete(1))).await;
    let (_folder, path) = as_if_killed(&place);
    store.close().await;
    assert!(holds(&fs::read(log_of(&path)).unwrap(), secret), "the test's own ground");
    let (journal, _outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    assert!(!holds(&bytes_of(&path), secret));
    drop(journal);
}
