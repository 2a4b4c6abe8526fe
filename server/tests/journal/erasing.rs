//! What was deleted is gone from the disk as well, and what is only gone is damage.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use maru_server::journal::{
    Append, Change, FaultKind, Location, NewMessage, Outcome, Report, RoomRecord, migrate,
    postgres,
    sqlite::{OpenError, Sqlite, SqliteOptions, verify},
};

use crate::{
    kit::*,
    services::{Database, sql},
    sqlite::SqliteFile,
    suite::changes::*,
};

/// Everything in the folder of a journal.
pub fn bytes_of(path: &Path) -> Vec<u8> {
    let folder = fs::read_dir(path.parent().unwrap()).unwrap();
    folder.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Says, edits and deletes in turn; which texts are gone and which are there.
async fn talk(store: &mut Store, room: &RoomRecord) -> (Vec<String>, Vec<String>) {
    let (mut gone, mut there) = (Vec::new(), Vec::new());
    let mut dice = 0x9E37_79B9_u64;
    let mut number = 0_u128;
    let mut next = || {
        number += 1;
        number
    };
    let mut seqs: Vec<(u64, Vec<String>)> = Vec::new();
    let mut head = 0;
    for n in 0..600_u64 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // From short to beyond a page.
        let long = if n % 40 == 0 { 9_000 } else { usize::try_from(dice >> 33).unwrap() % 700 };
        let text = format!("<{n}>{}", "x".repeat(long.min(3_900)));
        store.done(draft(room, next(), "u1", Change::say(body(&text)))).await;
        head += 1;
        seqs.push((head, vec![format!("<{n}>")]));
        let victim = usize::try_from(dice >> 40).unwrap() % seqs.len();
        match n % 3 {
            0 => {
                let text = format!("<e{n}>{}", "y".repeat(long.min(3_900)));
                store.done(draft(room, next(), "u1", edit(seqs[victim].0, &text))).await;
                seqs[victim].1.push(format!("<e{n}>"));
                head += 1;
            }
            1 => {
                let (target, texts) = seqs.swap_remove(victim);
                store.done(draft(room, next(), "u1", delete(target))).await;
                gone.extend(texts);
                head += 1;
            }
            _ => {}
        }
    }
    there.extend(seqs.into_iter().flat_map(|(_, texts)| texts));
    (gone, there)
}

#[tokio::test]
async fn no_byte_of_what_was_deleted_stays_in_the_file() {
    let place = SqliteFile::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (gone, there) = talk(&mut store, &lobby).await;
    store.close().await;
    let bytes = bytes_of(&place.path());
    assert!(there.iter().all(|text| holds(&bytes, text)));
    let left: Vec<_> = gone.iter().filter(|text| holds(&bytes, text)).collect();
    assert!(left.is_empty() && gone.len() > 100, "{left:?}");
}

/// What a file was called was said as well.
#[tokio::test]
async fn the_name_of_a_file_goes_with_its_message() {
    let place = SqliteFile::new();
    bring(&place, "u1", &picture()).await;
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let said = NewMessage { files: vec![picture()], ..NewMessage::default() };
    store.done(draft(&lobby, 1, "u1", Change::Message(said))).await;
    store.close().await;
    let name = picture().name;
    assert!(holds(&bytes_of(&place.path()), name.as_str()));
    let mut store = Store::open(&place, WIDE).await;
    store.done(draft(&lobby, 2, "u1", delete(1))).await;
    store.close().await;
    assert!(!holds(&bytes_of(&place.path()), name.as_str()));
}

/// Of a server that goes on, and has somebody who reads in the way at first.
#[tokio::test]
async fn the_write_ahead_log_loses_it_in_time() {
    let place = SqliteFile::new();
    let options = SqliteOptions { erase_within: Duration::ZERO, ..SqliteOptions::default() };
    let (journal, outcomes) = Sqlite::open(&place.path(), options).unwrap();
    let mut store = Store::of(journal, outcomes);
    let lobby = store.make("lobby").await;
    store.done(draft(&lobby, 1, "u1", Change::say(body("a secret of mine")))).await;
    let reader = rusqlite::Connection::open(place.path()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM entries").unwrap();
    store.done(draft(&lobby, 2, "u1", delete(1))).await;
    assert!(holds(&bytes_of(&place.path()), "a secret of mine"), "it reads what was before");
    reader.execute_batch("ROLLBACK").unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while holds(&bytes_of(&place.path()), "a secret of mine") {
        assert!(Instant::now() < until, "it stays");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.done(message(&lobby, 3)).await;
    store.close().await;
}

#[tokio::test]
async fn in_postgres_no_row_has_it() {
    let place = Database::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (gone, _) = talk(&mut store, &lobby).await;
    store.close().await;
    for text in gone.iter().take(30) {
        // Divides by zero where one has it.
        sql(
            &place.address(),
            &format!(
                "SELECT 1 / (SELECT count(*) = 0 FROM maru.entries
                             WHERE strpos(body, '{text}') > 0)::int"
            ),
        );
    }
    Database::verify_at(&place.address()).await;
}

/// A room in which the second of three messages was deleted, and edited before.
async fn with_a_deletion<S: StoreUnderTest>(place: &S) -> RoomRecord {
    let mut store = Store::open(place, WIDE).await;
    let lobby = store.make("lobby").await;
    for number in 1..=3 {
        store.done(message(&lobby, number)).await;
    }
    store.done(draft(&lobby, 4, "u1", edit(2, "once more"))).await;
    store.done(draft(&lobby, 5, "u1", delete(2))).await;
    store.done(draft(&lobby, 6, "u1", edit(3, "and more"))).await;
    store.close().await;
    lobby
}

fn faults(report: &Report) -> Vec<(u64, FaultKind)> {
    let fault = |fault: &maru_server::journal::Fault| {
        let Some(Location { seq, .. }) = &fault.location else { panic!("{fault}") };
        (seq.get(), fault.kind.clone())
    };
    report.faults.iter().map(fault).collect()
}

/// What a hand does to the rows, which entry is found, and as what.
const HANDS: [(&str, u64, FaultKind); 6] = [
    ("body = '' WHERE seq = 1", 1, FaultKind::Erased),
    ("body = '', more = NULL WHERE seq = 6", 6, FaultKind::Erased),
    ("body = 'it was this' WHERE seq = 2", 2, FaultKind::Checksum),
    ("target = 1 WHERE seq = 6", 6, FaultKind::Checksum),
    ("more = '{}' WHERE seq = 3", 3, FaultKind::Checksum),
    // Nobody asked for the deletion then, which is met first.
    ("target = 1 WHERE seq = 5", 2, FaultKind::Erased),
];

#[tokio::test]
async fn a_text_that_nobody_deleted_is_missed() {
    for (hand, number, what) in HANDS {
        let place = SqliteFile::new();
        with_a_deletion(&place).await;
        let path = place.path();
        let copy = path.with_file_name("copy.db");
        fs::copy(&path, &copy).unwrap();
        let hand = hand.replace("seq = ", "place = (1 << 36) + ");
        let conn = rusqlite::Connection::open(&copy).unwrap();
        conn.execute_batch(&format!("UPDATE entries SET {hand}")).unwrap();
        drop(conn);
        let found = faults(&verify(&copy, |_| ()).unwrap());
        assert_eq!(found, [(number, what)], "{hand}");
        // The start looks at the newest ones.
        let error = Sqlite::open(&copy, SqliteOptions::default()).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_text_that_nobody_deleted_is_missed_in_postgres() {
    for (hand, number, what) in HANDS {
        let place = Database::unchecked();
        with_a_deletion(&place).await;
        sql(&place.address(), &format!("UPDATE maru.entries SET {hand}"));
        let found = faults(&postgres::verify(&place.address(), |_| ()).await.unwrap());
        assert_eq!(found, [(number, what)], "{hand}");
    }
}

/// Every kind of thing is copied, also where people went on between two attempts.
#[tokio::test]
async fn moving_carries_what_became_of_messages() {
    let (from, to) = (SqliteFile::new(), Database::new());
    let mut store = Store::open(&from, WIDE).await;
    let lobby = store.make("lobby").await;
    for number in 1..=700 {
        store.done(message(&lobby, number)).await;
    }
    for number in 701..=1_300_u128 {
        let target = u64::try_from(number).unwrap() - 700;
        let what = react(target, "👍", true);
        store.done(draft(&lobby, number, "u2", what)).await;
    }
    for number in 0..80 {
        let who = format!("p{number}");
        store.done(draft(&lobby, 2_000 + number, &who, react(9, "❤️", true))).await;
    }
    store.done(draft(&lobby, 3_000, "u1", edit(5, "edited, and to be deleted"))).await;
    store.done(draft(&lobby, 3_001, "u1", edit(6, "edited"))).await;
    store.done(draft(&lobby, 3_002, "u1", pin(6, true))).await;
    store.close().await;
    // Copied, but never finished.
    migrate(&from.path(), &to.address(), |_| ()).await.unwrap();
    sql(&to.address(), "UPDATE maru.meta SET copying = true");
    let mut store = Store::open(&from, WIDE).await;
    store.done(draft(&lobby, 3_003, "u1", delete(5))).await;
    store.done(draft(&lobby, 3_004, "u1", pin(6, false))).await;
    store.done(draft(&lobby, 3_005, "p3", react(9, "❤️", false))).await;
    let before = store.everything().await;
    store.close().await;
    migrate(&from.path(), &to.address(), |_| ()).await.unwrap();
    let mut store = Store::open(&to, WIDE).await;
    assert_eq!(store.everything().await, before);
    let text = "edited, and to be deleted";
    sql(
        &to.address(),
        &format!("SELECT 1 / (SELECT count(*) = 0 FROM maru.entries WHERE body = '{text}')::int"),
    );
    // Also who is not listed is known there.
    let again = store.say(draft(&lobby, 4_000, "p79", react(9, "❤️", true))).await;
    assert!(matches!(again, Outcome::Known { .. }), "{again:?}");
    let back = store.say(draft(&lobby, 4_001, "p78", react(9, "❤️", false))).await;
    assert!(matches!(back, Outcome::Committed { .. }), "{back:?}");
    assert_eq!(store.now(&lobby, 9).await.reactions.last().unwrap().count, 78);
    store.close().await;
}

/// Two servers of one Postgres: nobody's reaction is lost or counted twice.
#[tokio::test]
async fn two_nodes_change_one_message() {
    let place = Database::new();
    let (mut a, mut b) = (Store::open(&place, WIDE).await, Store::open(&place, WIDE).await);
    let lobby = a.make("lobby").await;
    a.done(message(&lobby, 1)).await;
    let all = |node: u128| -> Vec<Append> {
        (0..100)
            .map(|n| {
                let who = format!("p{}", n % 80);
                draft(&lobby, (node << 32) | n, &who, react(1, "👍", true))
            })
            .collect()
    };
    assert!(a.journal.append_all(all(1)).is_empty());
    assert!(b.journal.append_all(all(2)).is_empty());
    let mut committed = 0;
    for _ in 0..100 {
        for store in [&mut a, &mut b] {
            let outcome = store.outcome().await.unwrap();
            committed += usize::from(matches!(outcome, Outcome::Committed { .. }));
            assert!(!matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
        }
    }
    assert_eq!(committed, 80);
    assert_eq!(b.now(&lobby, 1).await.reactions[0].count, 80);
    assert_eq!(b.all(&lobby).await.0.len(), 81);
    a.close().await;
    b.close().await;
}
