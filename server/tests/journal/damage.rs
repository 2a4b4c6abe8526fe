//! Whatever is changed in the file behind the server's back is found, and its place is named.

use std::path::{Path, PathBuf};

use maru_protocol::{About, Entry, Seq};
use maru_server::journal::{
    Fault, FaultKind, Journal, Location, PageRange, Progress, Report, RoomId,
    sqlite::{OpenError, Sqlite, SqliteOptions, renew, verify},
};
use tempfile::TempDir;

use crate::{kept::talked, kit::*, sqlite::SqliteFile};

const LOBBY: i64 = 1;
const LENGTH: u32 = 200;

/// Two rooms of [`LENGTH`] entries in a closed file.
async fn written() -> (TempDir, PathBuf) {
    written_of(LENGTH).await
}

async fn written_of(length: u32) -> (TempDir, PathBuf) {
    let place = SqliteFile::new();
    let mut store = Store::open(&place, WIDE).await;
    for name in ["lobby", "other"] {
        let room = store.make(name).await;
        store.fill(&room, length).await;
    }
    store.close().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::copy(place.path(), &path).unwrap();
    (folder, path)
}

/// A hand in the file: no constraint holds it back. `{n}` is the place of the lobby's entry n.
fn alter(path: &Path, sql: &str) {
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
    let mut sql = sql.to_owned();
    while let Some((before, rest)) = sql.split_once('{') {
        let (number, after) = rest.split_once('}').unwrap();
        let place = (LOBBY << 36) | number.parse::<i64>().unwrap();
        sql = format!("{before}{place}{after}");
    }
    conn.execute_batch(&sql).unwrap();
}

fn look(path: &Path) -> Report {
    verify(path, |_| ()).unwrap()
}

fn lobby(number: u64, what: FaultKind) -> Fault {
    let place = Location { room: RoomId(LOBBY), name: "lobby".into(), seq: seq(number) };
    Fault { location: Some(place), kind: what }
}

#[tokio::test]
async fn an_untouched_file_is_sound() {
    let (_folder, path) = written().await;
    let mut steps = Vec::new();
    let report = verify(&path, |step| steps.push(step)).unwrap();
    let expected = Report { rooms: 2, entries: u64::from(LENGTH) * 2, faults: Vec::new(), more: 0 };
    assert_eq!(report, expected);
    let walking = |rooms, entries| Progress::Walking { rooms, of: 2, entries };
    assert_eq!(steps, [walking(0, 200), walking(1, 400), Progress::Integrity]);
}

/// Each change, the entry of the lobby that is named, and what is said of it.
fn changes() -> Vec<(&'static str, u64, FaultKind)> {
    use FaultKind::{BeyondHead, Checksum, Cut, HeadChecksum, Missing};
    vec![
        ("UPDATE entries SET body = replace(body, '말', '밀') WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET sender = 'u2' WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET sender_name = 'Eve' WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET at = at + 1 WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET kind = 2 WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET id = zeroblob(16) WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET room = 3 WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET sum = zeroblob(16) WHERE place = {10}", 10, Checksum),
        ("UPDATE entries SET body = 'x' WHERE place = {1}", 1, Checksum),
        ("UPDATE entries SET body = 'x' WHERE place = {200}", 200, Checksum),
        ("DELETE FROM entries WHERE place = {10}", 10, Missing),
        ("DELETE FROM entries WHERE place = {1}", 1, Missing),
        ("DELETE FROM entries WHERE place > {190} AND room = 1", 191, Cut(seq(200))),
        ("DELETE FROM entries WHERE room = 1", 1, Cut(seq(200))),
        ("UPDATE entries SET place = {500} WHERE place = {10}", 10, Missing),
        ("UPDATE entries SET place = {201} WHERE place = {200}", 200, Missing),
        // Two rows change places.
        (
            "UPDATE entries SET place = {900} WHERE place = {10};
             UPDATE entries SET place = {10} WHERE place = {20};
             UPDATE entries SET place = {20} WHERE place = {900}",
            10,
            Checksum,
        ),
        // One row is doubled behind the end.
        (
            "INSERT INTO entries SELECT {201}, room, kind, zeroblob(16), at, sender, sender_name,
             body, sum, target, more FROM entries WHERE place = {200}",
            201,
            BeyondHead(seq(200)),
        ),
        ("UPDATE rooms SET head = 190 WHERE id = 1", 191, BeyondHead(seq(190))),
        ("UPDATE rooms SET head = 210 WHERE id = 1", 201, Cut(seq(210))),
        ("UPDATE rooms SET sum = zeroblob(16) WHERE id = 1", 200, HeadChecksum),
        // The tail is cut, and the head with it.
        (
            "DELETE FROM entries WHERE place > {190} AND room = 1;
             UPDATE rooms SET head = 190 WHERE id = 1",
            190,
            HeadChecksum,
        ),
        // A whole room's history, replaced by that of another.
        (
            "DELETE FROM entries WHERE room = 1;
             INSERT INTO entries SELECT place - (1 << 36), 1, kind, id, at, sender, sender_name,
             body, sum, target, more FROM entries WHERE room = 2;
             UPDATE rooms SET sum = (SELECT sum FROM rooms WHERE id = 2) WHERE id = 1",
            1,
            Checksum,
        ),
    ]
}

#[tokio::test]
async fn every_change_is_found_at_its_place() {
    let (folder, path) = written().await;
    for (sql, number, what) in changes() {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        alter(&copy, sql);
        let report = look(&copy);
        assert_eq!(report.faults.first(), Some(&lobby(number, what)), "{sql}");
        let rooms = report.faults.iter().filter(|fault| fault.location.is_some()).count();
        assert_eq!((rooms, report.rooms), (1, 2), "{sql}: one room is damaged, the other is not");
        let whole = report.entries - u64::from(LENGTH);
        assert!(whole < number && number - whole <= 1, "{sql}: {whole} entries are whole");
    }
}

#[tokio::test]
async fn damaged_rooms_are_found() {
    let (folder, path) = written().await;
    let room =
        |number, name: &str, seq| Some(Location { room: RoomId(number), name: name.into(), seq });
    for (sql, place, what) in [
        ("DELETE FROM rooms WHERE id = 1", room(1, "", Seq::ZERO), Some(FaultKind::RoomMissing)),
        ("DELETE FROM rooms WHERE id = 2", room(2, "", Seq::ZERO), Some(FaultKind::RoomMissing)),
        ("UPDATE rooms SET name = 'lobbi' WHERE id = 1", room(1, "lobbi", Seq::ZERO), None),
        ("UPDATE rooms SET key = 'lobbi' WHERE id = 1", room(1, "lobby", Seq::ZERO), None),
        ("UPDATE rooms SET head = -1 WHERE id = 1", room(1, "lobby", Seq::ZERO), None),
        (
            "UPDATE rooms SET id = 9 WHERE id = 2",
            room(2, "", Seq::ZERO),
            Some(FaultKind::RoomMissing),
        ),
        (
            "UPDATE entries SET room = 9, place = place + (7 << 36) WHERE room = 2",
            room(2, "other", seq(1)),
            Some(FaultKind::Cut(seq(200))),
        ),
        ("UPDATE rooms SET first_key = 'lobbi' WHERE id = 1", room(1, "lobby", Seq::ZERO), None),
        ("UPDATE rooms SET first_key = key WHERE id = 1", room(1, "lobby", Seq::ZERO), None),
        (
            "INSERT INTO former_names VALUES ('other', 'other', 1)",
            room(1, "other", Seq::ZERO),
            Some(FaultKind::FormerName),
        ),
        (
            "INSERT INTO former_names VALUES ('garden', 'garden', 9)",
            room(9, "garden", Seq::ZERO),
            Some(FaultKind::FormerName),
        ),
        (
            "UPDATE meta SET root = randomblob(16)",
            room(1, "lobby", seq(1)),
            Some(FaultKind::Checksum),
        ),
    ] {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        alter(&copy, sql);
        let report = look(&copy);
        let first = report.faults.first().unwrap();
        assert_eq!(first.location, place, "{sql}");
        assert!(what.is_none_or(|what| what == first.kind), "{sql}: {first}");
    }
}

/// What a room was called first is as much a part of it as its entries.
#[tokio::test]
async fn a_renamed_room_whose_first_name_is_lost_is_found() {
    let place = SqliteFile::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 3).await;
    store.renamed(&lobby, "hall").await;
    store.close().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    for (sql, number) in [
        ("UPDATE rooms SET first_key = NULL", 1),
        ("UPDATE rooms SET first_key = 'lobbi'", 0),
        ("DELETE FROM former_names", 0),
        ("UPDATE former_names SET room = 2", 0),
    ] {
        std::fs::copy(place.path(), &copy).unwrap();
        assert!(look(&copy).is_sound());
        alter(&copy, sql);
        let place = look(&copy).faults.first().unwrap().location.clone().unwrap();
        assert_eq!((place.name.as_str(), place.seq), ("hall", seq(number)), "{sql}");
    }
}

#[tokio::test]
async fn entries_without_a_room_are_found() {
    let (_folder, path) = written().await;
    alter(
        &path,
        "INSERT INTO entries SELECT place + (7 << 36), 8, kind, id, at, sender,
        sender_name, body, sum, target, more FROM entries WHERE place = {10}",
    );
    let place = Some(Location { room: RoomId(8), name: String::new(), seq: seq(10) });
    assert_eq!(
        look(&path).faults.first(),
        Some(&Fault { location: place, kind: FaultKind::NoRoom })
    );
}

/// SQLite's own check sees that an entry can't be found by its id any more.
#[tokio::test]
async fn a_broken_index_is_found() {
    let (_folder, path) = written().await;
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name =
         'rooms_active') WHERE name = 'entries_id'",
    )
    .unwrap();
    drop(conn);
    let faults = look(&path).faults;
    assert!(!faults.is_empty());
    assert!(faults.iter().all(|fault| matches!(fault.kind, FaultKind::File(_))), "{faults:?}");
}

#[tokio::test]
async fn the_start_refuses_a_damaged_tail_and_says_where() {
    let (folder, path) = written().await;
    for (sql, entry) in [
        ("UPDATE entries SET body = 'x' WHERE place = {200}", "entry 200"),
        ("UPDATE entries SET body = 'x' WHERE place = {160}", "entry 160"),
        ("DELETE FROM entries WHERE place = {199}", "entry 199"),
        ("DELETE FROM entries WHERE place = {200}", "entry 200"),
        ("DELETE FROM entries WHERE room = 1", "entry 150"),
        ("UPDATE rooms SET head = 199 WHERE id = 1", "entry 200"),
        ("UPDATE rooms SET name = 'lobbi' WHERE id = 1", "lobbi"),
    ] {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        alter(&copy, sql);
        let Err(error) = Sqlite::open(&copy, SqliteOptions::default()) else {
            panic!("{sql}: it opened")
        };
        assert!(matches!(error, OpenError::Damaged { .. }), "{sql}: {error}");
        let sentence = error.to_string();
        for part in [entry, "lobb", "copy.db", "maru-server verify"] {
            assert!(sentence.contains(part), "{sql}: {sentence}");
        }
        let refused = renew(&copy, false).unwrap_err();
        assert_eq!(refused.to_string(), sentence, "{sql}: it was renewed");
    }
}

/// The start reads a bounded part of the file. What lies before it is for `verify`.
#[tokio::test]
async fn the_start_does_not_read_the_whole_file() {
    let (_folder, path) = written().await;
    alter(&path, "UPDATE entries SET body = 'x' WHERE place = {20}");
    let (journal, _outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    assert_eq!(look(&path).faults.first(), Some(&lobby(20, FaultKind::Checksum)));
    // A page never shows a hole as if nothing were missing.
    alter(&path, "DELETE FROM entries WHERE place = {20}");
    for (range, whole) in [
        (PageRange::Before { before: seq(30), limit: 20 }, false),
        (PageRange::Before { before: seq(21), limit: 1 }, false),
        (PageRange::After { after: seq(19), limit: 1 }, false),
        (PageRange::After { after: seq(20), limit: 20 }, true),
        (PageRange::Newest { limit: 50 }, true),
    ] {
        let page = soon(journal.page(RoomId(LOBBY), range)).await;
        assert_eq!(page.is_ok(), whole, "{range:?}: {page:?}");
    }
}

/// One byte of the file, anywhere: either it is found, or nothing that anybody reads has changed.
#[tokio::test]
async fn no_flipped_byte_changes_what_is_read_unnoticed() {
    // So much that the first pages of tables without rows are few beside it.
    let (folder, path) = written_of(3 * LENGTH).await;
    flip_bytes(folder.path(), &path).await;
}

/// The same where messages were changed.
#[tokio::test]
async fn no_flipped_byte_changes_what_became_of_messages_unnoticed() {
    let place = SqliteFile::new();
    talked(&place).await;
    // Here too.
    let mut store = Store::open(&place, WIDE).await;
    let more = store.make("more").await;
    store.fill(&more, 4 * LENGTH).await;
    store.close().await;
    flip_bytes(place.path().parent().unwrap(), &place.path()).await;
}

async fn flip_bytes(folder: &Path, path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let original = read_all(path).await.unwrap();
    let copy = folder.join("copy.db");
    let (mut seed, mut found) = (0x9E37_79B9_7F4A_7C15_u64, 0);
    for _ in 0..120 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let mut bytes = bytes.clone();
        let at = (seed % bytes.len() as u64) as usize;
        bytes[at] ^= 1 << (seed >> 61);
        std::fs::write(&copy, bytes).unwrap();
        match verify(&copy, |_| ()) {
            Ok(report) if report.is_sound() => {
                let read = read_all(&copy).await;
                // Not told: it is all that was ever said.
                assert!(read.as_ref() == Some(&original), "byte {at} is unnoticed");
            }
            _ => found += 1,
        }
    }
    assert!(found > 60, "most of the file holds something: {found} were found");
}

/// A body's own bytes, on the disk.
#[tokio::test]
async fn a_flipped_byte_in_a_body_is_found() {
    let (_folder, path) = written().await;
    let mut bytes = std::fs::read(&path).unwrap();
    let body = "말 77\n".as_bytes();
    let at = bytes.windows(body.len()).position(|window| window == body).unwrap();
    bytes[at + 4] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let faults = look(&path).faults;
    let Some(Fault { location: Some(place), kind: FaultKind::Checksum }) = faults.first() else {
        panic!("{faults:?}")
    };
    assert_eq!(place.seq, seq(77));
}

async fn read_all(path: &Path) -> Option<Vec<(Vec<Entry>, About)>> {
    let (journal, _outcomes) = Sqlite::open(path, SqliteOptions::default()).ok()?;
    let mut all = Vec::new();
    for room in [1, 2] {
        let range = PageRange::Newest { limit: u32::MAX };
        let page = soon(journal.page(RoomId(room), range)).await.ok()?;
        all.push((page.entries, page.about));
        // And by messages, along the indexes.
        for range in [
            PageRange::Newest { limit: 100 },
            PageRange::After { after: Seq::ZERO, limit: 40 },
            PageRange::Before { before: seq(200), limit: 150 },
        ] {
            let page = soon(journal.history(RoomId(room), range)).await.ok()?;
            all.push((page.entries, page.about));
            all.push((page.updated, About::default()));
        }
    }
    soon(journal.close()).await.ok()?;
    Some(all)
}

#[tokio::test]
async fn it_may_run_beside_a_server() {
    let place = SqliteFile::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 50).await;
    let path = place.path();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let looking = std::thread::spawn(move || {
        let mut last = 0;
        loop {
            let report = look(&path);
            assert!(report.is_sound(), "{report:?}");
            assert!(report.entries >= last);
            last = report.entries;
            if stopped.try_recv().is_ok() {
                return;
            }
        }
    });
    for number in 1_000..1_600 {
        store.say(message(&lobby, number)).await;
    }
    stop.send(()).unwrap();
    looking.join().unwrap();
}
