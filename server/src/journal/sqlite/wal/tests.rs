use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

const COMMITS: u64 = 20;

/// A log of [`COMMITS`] commits of one frame each, as a killed server leaves it.
fn killed() -> (TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let (path, left) = (folder.path().join("open.db"), folder.path().join("j.db"));
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE t (n INTEGER PRIMARY KEY); PRAGMA wal_checkpoint(TRUNCATE)",
    )
    .unwrap();
    for _ in 0..COMMITS {
        conn.execute("INSERT INTO t DEFAULT VALUES", []).unwrap();
    }
    fs::copy(&path, &left).unwrap();
    let log = fs::read(of(&path)).unwrap();
    assert_eq!(log.len(), HEADER + (FRAME_HEADER + 4_096) * COMMITS as usize);
    fs::write(of(&left), &log).unwrap();
    (folder, left, log)
}

fn frame(number: u64) -> usize {
    HEADER + (FRAME_HEADER + 4_096) * (number as usize - 1)
}

/// What is found in a log that this was done to.
fn found(path: &Path, log: &[u8]) -> Option<Damage> {
    fs::write(of(path), log).unwrap();
    damage(path).unwrap()
}

#[test]
fn what_a_killed_server_leaves_is_sound() {
    let (_folder, path, log) = killed();
    assert_eq!(damage(&path).unwrap(), None);
    assert_eq!(found(&path, &[]), None);
    fs::remove_file(of(&path)).unwrap();
    assert_eq!(damage(&path).unwrap(), None);
    // Torn anywhere: what is not whole is at the end.
    for length in (0..log.len()).step_by(613) {
        assert_eq!(found(&path, &log[..length]), None, "{length}");
    }
}

#[test]
fn any_flipped_bit_before_the_last_commit_is_found() {
    let (_folder, path, log) = killed();
    let last = frame(COMMITS);
    for at in (0..last).step_by(97) {
        for bit in [0x01, 0x80] {
            let mut log = log.clone();
            log[at] ^= bit;
            let number = if at < HEADER { 0 } else { (at - HEADER) / (FRAME_HEADER + 4_096) + 1 };
            let salts = frame(number.max(1) as u64) + 8..frame(number.max(1) as u64) + 16;
            if number as u64 == COMMITS - 1 && salts.contains(&at) {
                // All that is left is one commit, which may be torn.
                continue;
            }
            let damage = found(&path, &log).unwrap_or_else(|| panic!("bit {bit:#x} of byte {at}"));
            assert_eq!(damage.frame, number as u64);
            // A frame whose own salts are hurt says nothing of its commit, and the last commit may be torn.
            let behind = if number == 0 { 0 } else { COMMITS - number as u64 };
            assert!((behind.saturating_sub(1)..=behind).contains(&damage.commits), "{damage:?}");
        }
    }
}

#[test]
fn a_commit_that_is_torn_inside_was_never_acknowledged() {
    let (_folder, path, mut log) = killed();
    // One commit of many frames, written in any order before the power went away.
    for number in 5..COMMITS {
        log[frame(number) + 4..frame(number) + 8].fill(0);
    }
    for number in [5, 9, COMMITS] {
        let mut log = log.clone();
        log[frame(number)..frame(number) + 2_000].fill(0);
        assert_eq!(found(&path, &log), None, "{number}");
    }
}

#[test]
fn what_an_earlier_round_left_behind_counts_for_nothing() {
    let (_folder, path, log) = killed();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(RESTART)").unwrap();
    for _ in 0..3 {
        conn.execute("INSERT INTO t DEFAULT VALUES", []).unwrap();
    }
    let round = fs::read(of(&path)).unwrap();
    assert_eq!(round.len(), log.len(), "old frames lie behind the new ones");
    let copy = path.with_file_name("copy.db");
    assert_eq!(found(&copy, &round), None);
    let mut hurt = round.clone();
    hurt[frame(1) + 100] ^= 1;
    assert_eq!(found(&copy, &hurt), Some(Damage { frame: 1, commits: 2 }));
}
