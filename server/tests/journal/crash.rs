//! `kill -9` at any moment loses nothing that came out as committed.
//!
//! The test starts its own binary again as a child that appends and prints what is committed, kills
//! it somewhere in between, and looks into the file. What this cannot show is a power cut: there the
//! promise rests on `synchronous=FULL`, which `connection.rs` has a test for.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use maru_protocol::{Entry, Seq};
use maru_server::journal::{
    Journal, Outcome, PageRange, RoomId,
    sqlite::{Sqlite, SqliteOptions, verify},
};

use crate::kit::*;

const FILE: &str = "MARU_TEST_CRASH_FILE";
const ROUND: &str = "MARU_TEST_CRASH_ROUND";
const ROUNDS: u128 = 8;

/// What the child told: per room and seq, the message's id.
type Told = HashMap<(i64, u64), u128>;

#[tokio::test]
async fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut told = Told::new();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..ROUNDS {
        // xorshift; between the first commits and a few log checkpoints.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let before = told.len();
        kill_after(&path, round, 1 + seed % 4_000, &mut told);
        assert!(told.len() > before, "round {round}: the child told nothing");
        all_there(&path, &told, round).await;
    }
}

fn kill_after(path: &Path, round: u128, lines: u64, told: &mut Told) {
    let mut child = spawn(path, round);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    let mut read = 0;
    while read < lines && output.read_line(&mut text).unwrap() > 0 {
        read += 1;
    }
    child.kill().unwrap();
    output.read_to_string(&mut text).unwrap();
    child.wait().unwrap();
    // The kill may have torn the last line.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        let Some(fields) = line.strip_prefix("committed ") else { continue };
        let fields: Vec<u128> = fields.split(' ').map(|field| field.parse().unwrap()).collect();
        let key = (i64::try_from(fields[0]).unwrap(), u64::try_from(fields[1]).unwrap());
        assert_eq!(told.insert(key, fields[2]), None, "{key:?} was given twice");
    }
}

fn spawn(path: &Path, round: u128) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn all_there(path: &Path, told: &Told, round: u128) {
    let report = verify(path, |_| ()).unwrap();
    assert!(report.is_sound(), "round {round}: {report:?}");
    let (journal, mut outcomes) = Sqlite::open(path, SqliteOptions::default()).unwrap();
    let mut found = Told::new();
    for room in 1..=3 {
        let all = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
        let page = soon(journal.page(RoomId(room), all)).await.unwrap();
        for entry in page.entries {
            let Entry::Message(message) = entry;
            found.insert((room, message.seq.get()), message.id.0.as_u128());
        }
    }
    for (place, id) in told {
        assert_eq!(found.get(place), Some(id), "round {round}: {place:?} was told");
    }
    soon(journal.close()).await.unwrap();
    assert_eq!(outcomes.recv().await, None);
}

/// Not a test but the child of one: appends to three rooms until it is killed.
#[test]
fn child() {
    let (Ok(path), Ok(round)) = (std::env::var(FILE), std::env::var(ROUND)) else { return };
    let round: u128 = round.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(append_for_ever(Path::new(&path), round << 40));
}

async fn append_for_ever(path: &Path, first_id: u128) {
    let (journal, mut outcomes) = Sqlite::open(path, SqliteOptions::default()).unwrap();
    let journal: Arc<dyn Journal> = journal;
    let mut rooms = Vec::new();
    for name in ["a", "b", "c"] {
        let made = soon(journal.create(room_name(name), 1)).await.unwrap();
        let (maru_server::journal::Created::New(room)
        | maru_server::journal::Created::Existing(room)) = made;
        rooms.push(room);
    }
    let mut ids = first_id + 1..;
    let mut send = |count: usize| {
        for id in ids.by_ref().take(count) {
            journal.append(message(&rooms[(id % 3) as usize], id)).unwrap();
        }
    };
    send(64);
    while let Some(batch) = outcomes.recv().await {
        let mut lines = String::new();
        for outcome in &batch {
            let Outcome::Committed { room, entry: Entry::Message(message), .. } = outcome else {
                panic!("{outcome:?}")
            };
            let id = message.id.0.as_u128();
            lines.push_str(&format!("committed {} {} {id}\n", room.0, message.seq));
        }
        // Ends as well when nobody reads any more.
        std::io::stdout().write_all(lines.as_bytes()).unwrap();
        send(batch.len());
    }
}
