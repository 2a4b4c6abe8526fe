//! `kill -9` at any moment loses nothing that came out as committed.
//!
//! The test starts its own binary again as a child that appends and prints what is committed, kills
//! it somewhere in between, and looks into the store. What this cannot show is a power cut: there the
//! promise rests on `synchronous=FULL`, which `connection.rs` has a test for, and on Postgres' fsync.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use maru_protocol::{Entry, Seq};
use maru_server::journal::{Batch, Outcome, PageRange, RoomId, Store};
use tokio::sync::mpsc;

use crate::{kit::*, services::Database, sqlite::SqliteFile};

const PLACE: &str = "MARU_TEST_CRASH_PLACE";
const ROUND: &str = "MARU_TEST_CRASH_ROUND";
const ROUNDS: u128 = 8;

/// What the child told: per room and seq, the message's id.
type Told = HashMap<(i64, u64), u128>;

#[tokio::test]
async fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    killed_at_any_moment(SqliteFile::new()).await;
}

#[tokio::test]
async fn a_node_killed_at_any_moment_loses_nothing_acknowledged() {
    killed_at_any_moment(Database::new()).await;
}

async fn killed_at_any_moment<S: StoreUnderTest>(place: S) {
    let address = place.address();
    let mut told = Told::new();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..ROUNDS {
        // xorshift; between the first commits and a few log checkpoints.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let before = told.len();
        kill_after(&address, round, 1 + seed % 4_000, &mut told);
        assert!(told.len() > before, "round {round}: the child told nothing");
        all_there::<S>(&address, &told, round).await;
    }
}

fn kill_after(address: &str, round: u128, lines: u64, told: &mut Told) {
    let mut child = spawn(address, round);
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

fn spawn(address: &str, round: u128) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(PLACE, address)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn all_there<S: StoreUnderTest>(address: &str, told: &Told, round: u128) {
    S::verify_at(address).await;
    let (journal, mut outcomes) = S::open_at(address, WIDE).await;
    let mut found = Told::new();
    for room in 1..=3 {
        let all = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
        let page = soon(journal.page(RoomId(room), all)).await.unwrap();
        for entry in page.entries {
            found.insert((room, entry.seq().get()), entry.head().id.0.as_u128());
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
    let (Ok(place), Ok(round)) = (std::env::var(PLACE), std::env::var(ROUND)) else { return };
    let round: u128 = round.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let opened = if place.starts_with("postgres://") {
            Database::open_at(&place, WIDE).await
        } else {
            SqliteFile::open_at(&place, WIDE).await
        };
        append_for_ever(opened, round << 40).await;
    });
}

async fn append_for_ever(
    (journal, mut outcomes): (Arc<dyn Store>, mpsc::Receiver<Batch>),
    first_id: u128,
) {
    let mut rooms = Vec::new();
    for name in ["a", "b", "c"] {
        let made = soon(journal.create(room_name(name), 1)).await.unwrap();
        let room = made.into_room();
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
