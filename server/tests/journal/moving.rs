//! `maru-server migrate`: the copy is the journal, whatever stopped it on the way.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use maru_protocol::{Beginning, DisplayName, FileId, FileInfo, FileName, User, UserId};
use maru_server::journal::{
    Change, Created, Journal, MOST_MARKS, Mark, Marked, MigrateError, MigrationStep, PageRange,
    ReadQuery, RemoveWhen, SignOut, migrate,
    postgres::{OpenError, Postgres, PostgresOptions},
    sqlite::{Sqlite, SqliteOptions},
};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use uuid::Uuid;

use crate::{
    kit::*,
    services::{Database, sql},
    sqlite::SqliteFile,
    suite::changes::{body, draft},
};

/// Some rooms, one of them longer than several steps of a copy, one empty.
async fn written(entries: u32) -> SqliteFile {
    let file = SqliteFile::new();
    for number in [3, 600, 700] {
        bring(&file, "u1", &a_file(number)).await;
    }
    let mut store = Store::open(&file, WIDE).await;
    for (name, count) in [("lobby", entries), ("Straße", 3), ("empty", 0), ("사랑방", 700)] {
        let room = store.make(name).await;
        for rest in (0..count).step_by(4_000) {
            let ids = rest + 1..=(rest + 4_000).min(count);
            for number in ids.clone() {
                store.journal.append(message(&room, number.into())).unwrap();
            }
            for _ in ids {
                store.outcome().await.unwrap();
            }
        }
    }
    store.close().await;
    file
}

async fn signed_out(file: &SqliteFile, person: &str, at: u64) {
    let Files { journal, sign_outs, mut outcomes, .. } =
        SqliteFile::open_files(&file.address()).await;
    soon(sign_outs.sign_out(UserId(person.to_owned()), at)).await.unwrap();
    let closing = journal.close();
    while soon(outcomes.recv()).await.is_some() {}
    soon(closing).await.unwrap();
}

fn a_file(number: u128) -> FileInfo {
    FileInfo {
        id: FileId(Uuid::from_u128(number)),
        name: FileName::of("바다 사진.png"),
        media_type: "image/png".to_owned(),
        size: 900,
        width: Some(640),
        height: (number > 3).then_some(480).or(Some(1)),
    }
}

async fn copy(
    file: &SqliteFile,
    place: &Database,
) -> Result<maru_server::journal::Migrated, String> {
    let copied = migrate(&file.path(), &place.url(), |_| ()).await;
    copied.map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_copy_is_the_journal_and_goes_on() {
    let file = written(1_500).await;
    signed_out(&file, "gone", 7).await;
    let place = Database::new();
    let mut steps = Vec::new();
    let moved = migrate(&file.path(), &place.url(), |step| steps.push(step)).await.unwrap();
    assert_eq!((moved.rooms, moved.entries, moved.found), (4, 2_203, 0));
    assert_eq!(moved.files, 3);
    let ids = [3, 600, 700].map(|number| a_file(number).id).to_vec();
    let (one, other) = (
        SqliteFile::open_files(&file.address()).await,
        Database::open_files(&place.address()).await,
    );
    let mut found = Vec::new();
    for Files { journal, files, sign_outs, mut outcomes } in [one, other] {
        let mut records = soon(files.files(ids.clone())).await.unwrap();
        records.sort_by_key(|file| file.info.id);
        found.push(records);
        let signed_out = soon(sign_outs.sign_outs()).await.unwrap();
        assert_eq!(signed_out, [SignOut { person: UserId("gone".to_owned()), at: 7 }]);
        let closing = journal.close();
        while soon(outcomes.recv()).await.is_some() {}
        soon(closing).await.unwrap();
    }
    assert!(found[0].len() == 3 && found[0] == found[1], "{found:?}");
    assert!(steps.iter().any(|step| matches!(step, MigrationStep::Copying(_))));
    assert!(matches!(steps.last(), Some(MigrationStep::Verifying(_))));

    let before = Store::open(&file, WIDE).await;
    let mut after = Store::open(&place, WIDE).await;
    assert_eq!(after.journal.epoch(), before.journal.epoch(), "positions stay valid");
    assert_eq!(after.everything().await, before.everything().await);
    // A client that was away asks for what it missed, sends again what it is not sure of, and speaks.
    let lobby = after.make("LOBBY").await;
    let missed = PageRange::After { after: seq(1_490), limit: 50 };
    assert_eq!(after.page(&lobby, missed).await, (1_491..=1_500).collect::<Vec<_>>());
    let old = message(&lobby, 1_500);
    assert_eq!(after.say(old.clone()).await, known(&old, 1_500, old.at));
    let new = message(&lobby, 1_501);
    assert_eq!(after.say(new.clone()).await, committed(&new, 1_501));
    // The next room's number is free.
    let Created::New(room) = soon(after.journal.create(room_name("new"), 1)).await.unwrap() else {
        panic!("it was there")
    };
    assert_eq!(room.id.0, 5);
    after.close().await;
    before.close().await;
    let again = copy(&file, &place).await.unwrap_err();
    assert!(again.contains("is finished"), "{again}");
}

/// Rooms that got another name, also between two attempts, are copied with all their names.
#[tokio::test]
async fn renamed_rooms_are_copied_with_the_names_that_they_had() {
    let file = written(700).await;
    let store = Store::open(&file, WIDE).await;
    let [lobby, empty] = [store.make("lobby").await, store.make("empty").await];
    let hall = store.renamed(&lobby, "Hall").await;
    store.close().await;
    let place = Database::new();
    copy(&file, &place).await.unwrap();
    // An attempt that was not finished; then one is removed, and another one gets its name.
    sql(&place.url(), "UPDATE maru.meta SET copying = true");
    sql(
        &place.url(),
        "DELETE FROM maru.rooms WHERE id = 4; DELETE FROM maru.entries WHERE room = 4",
    );
    let store = Store::open(&file, WIDE).await;
    assert!(soon(store.journal.remove(empty, RemoveWhen::Always)).await.unwrap());
    let renamed = store.renamed(&hall, "lobby").await;
    let renamed = store.renamed(&renamed, "Foyer").await;
    let renamed = store.renamed(&renamed, "Empty").await;
    store.close().await;
    copy(&file, &place).await.unwrap();
    Database::verify_at(&place.address()).await;
    let mut store = Store::open(&place, WIDE).await;
    for name in ["lobby", "hall", "empty", "foyer"] {
        let found = store.called(name).await.unwrap();
        assert_eq!((found.id, found.name.as_str()), (renamed.id, "Empty"), "{name}");
    }
    let alike = soon(store.journal.create(room_name("h\u{430}ll"), 1)).await.unwrap();
    assert!(matches!(alike, Created::LooksLike(_)), "{alike:?}");
    let next = message(&renamed, 701);
    assert_eq!(store.say(next.clone()).await, committed(&next, 701));
    let lobby = store.renamed(&renamed, "Lobby").await;
    assert_eq!(lobby.id, renamed.id);
    store.close().await;
    Database::verify_at(&place.address()).await;
}

/// What was restored and renewed on either side is still the same journal.
#[tokio::test]
async fn a_renewed_file_is_copied_with_both_its_epoch_and_its_root() {
    let file = written(700).await;
    let place = Database::new();
    copy(&file, &place).await.unwrap();
    // Half a copy, begun before the file was renewed.
    sql(&place.url(), "UPDATE maru.meta SET copying = true");
    sql(
        &place.url(),
        "DELETE FROM maru.entries WHERE room = 4; DELETE FROM maru.rooms WHERE id = 4",
    );
    let error = Database::renew_at(&place.url()).await.unwrap_err();
    assert!(error.contains("a copy that was not finished"), "{error}");
    let before = Store::open(&file, WIDE).await;
    let old = before.journal.epoch();
    before.close().await;
    SqliteFile::renew_at(&file.address()).await.unwrap();
    copy(&file, &place).await.unwrap();

    let (before, after) = (Store::open(&file, WIDE).await, Store::open(&place, WIDE).await);
    assert_ne!(before.journal.epoch(), old);
    assert_eq!(after.journal.epoch(), before.journal.epoch());
    assert_eq!(after.everything().await, before.everything().await);
    // What is made of the root from here on fits, too: `verify` looks in the end.
    after.make("made after the copy").await;
    after.close().await;
    before.close().await;
    Database::renew_at(&place.url()).await.unwrap();
    let again = copy(&file, &place).await.unwrap_err();
    assert!(again.contains("is finished"), "{again}");
}

/// How far people have read comes along, with who they are and where they are mentioned.
#[tokio::test]
async fn the_copy_has_the_members_as_they_are_now() {
    let file = written(20).await;
    let mut store = Store::open(&file, WIDE).await;
    let lobby = store.make("lobby").await;
    let who = |number: u32| User {
        id: UserId(format!("p{number:04}")),
        name: DisplayName::parse(&format!("사람 {number}")).unwrap(),
    };
    let mark = |number: u32, what| Mark { room: lobby.id, user: who(number), what, at: 1 };
    let read = |number: u32| Marked::Read { seq: seq(u64::from(number % 21)), anew: false };
    // More than one step of the copy.
    let marks: Vec<Mark> = (1..=700).map(|number| mark(number, read(number))).collect();
    for marks in marks.chunks(MOST_MARKS) {
        soon(store.journal.mark(marks.to_vec())).await.unwrap();
    }
    for (target, number) in [(7, 1_000), (1, 1_001)] {
        let (body, mentions) = (body("to you"), vec![who(1)]);
        let what = Change::Edit { target: seq(target), body, mentions };
        store.done(draft(&lobby, number, "u1", what)).await;
    }
    store.close().await;
    let place = Database::new();
    copy(&file, &place).await.unwrap();
    // Half a copy; meanwhile somebody leaves and somebody reads on.
    sql(&place.url(), "UPDATE maru.meta SET copying = true");
    let store = Store::open(&file, WIDE).await;
    let later = vec![mark(2, Marked::Left), mark(3, Marked::Read { seq: seq(20), anew: false })];
    soon(store.journal.mark(later)).await.unwrap();
    store.close().await;
    copy(&file, &place).await.unwrap();

    let (before, after) = (Store::open(&file, WIDE).await, Store::open(&place, WIDE).await);
    for number in 1..=700 {
        let asked =
            vec![ReadQuery { person: who(number).id, room: lobby.name.key(), waiting: None }];
        let of = async |store: &Store| soon(store.journal.unread(asked.clone())).await.unwrap();
        assert_eq!(of(&after).await, of(&before).await, "{number}");
    }
    for query in ["", "사람 7", "70", "2"] {
        let beginning = Beginning::of(query).unwrap();
        let of = async |store: &Store| {
            soon(store.journal.members(lobby.id, beginning.clone())).await.unwrap()
        };
        assert_eq!(of(&after).await, of(&before).await, "{query}");
    }
    let asked = vec![ReadQuery { person: who(1).id, room: lobby.name.key(), waiting: None }];
    let state = soon(after.journal.unread(asked)).await.unwrap().remove(0).unwrap();
    assert_eq!((state.read, state.mentions), (seq(1), 1));
    after.close().await;
    before.close().await;
}

fn program(file: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maru-server"));
    command.arg("migrate").arg("--from").arg(file).args(["--to", url]);
    command.env_clear().current_dir(file.parent().unwrap());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

/// How many entries are there.
async fn entries(place: &Database) -> i64 {
    let Ok(mut conn) = PgConnection::connect(&place.url()).await else { return 0 };
    let row = conn.fetch_one("SELECT count(*) FROM maru.entries").await;
    row.map_or(0, |row| row.get(0))
}

#[tokio::test]
async fn killed_on_its_way_it_goes_on() {
    let file = written(12_000).await;
    let place = Database::new();
    let mut kept = 0;
    for kill in 1..=3 {
        let mut child = program(&file.path(), &place.url()).spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while entries(&place).await < kept + 1_500 && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it copies nothing");
        }
        child.kill().unwrap();
        let out = finish(child);
        assert_eq!(out.status.code(), None, "killed, not finished: {out:?}");
        let there = entries(&place).await;
        assert!(there > kept && there < 12_703, "{kill}: {kept}, then {there}");
        kept = there;
        // Nobody can mistake a part for the whole.
        let error = Postgres::open(&place.url(), PostgresOptions::default()).await.err().unwrap();
        assert!(matches!(error, OpenError::Unfinished { .. }), "{error:?}");
    }
    let out = finish(program(&file.path(), &place.url()).spawn().unwrap());
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(0), "{:?}", String::from_utf8(out.stderr));
    assert!(said.contains("4 rooms, 12703 entries") && said.contains("earlier attempt"), "{said}");
    let before = Store::open(&file, WIDE).await;
    let after = Store::open(&place, WIDE).await;
    assert_eq!(after.everything().await, before.everything().await);
}

#[tokio::test]
async fn a_running_server_is_in_the_way() {
    let file = written(1).await;
    let place = Database::new();
    let (journal, _outcomes) = Sqlite::open(&file.path(), SqliteOptions::default()).unwrap();
    let error = copy(&file, &place).await.unwrap_err();
    assert!(error.contains("another server holds") && error.contains("stop that one"), "{error}");
    soon(journal.close()).await.unwrap();
    copy(&file, &place).await.unwrap();
}

#[tokio::test]
async fn two_copies_at_once_do_not_mix() {
    let file = written(1).await;
    let place = Database::unchecked();
    let mut conn = PgConnection::connect(&place.url()).await.unwrap();
    conn.execute("SELECT pg_advisory_lock(x'636F7079'::bigint)").await.unwrap();
    let error = migrate(&file.path(), &place.url(), |_| ()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Busy { .. }), "{error:?}");
    conn.close().await.unwrap();
    copy(&file, &place).await.unwrap();
}

#[tokio::test]
async fn another_journal_is_left_alone() {
    let (file, place) = (written(1).await, Database::new());
    let mut store = Store::open(&place, WIDE).await;
    let room = store.make("lobby").await;
    store.fill(&room, 5).await;
    let error = migrate(&file.path(), &place.url(), |_| ()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Taken { .. }), "{error:?}");
    assert_eq!(store.page(&room, PageRange::Newest { limit: 9 }).await, [1, 2, 3, 4, 5]);
    store.close().await;
    // Nor is a half copy of another file gone on with.
    let (other, place) = (written(2).await, Database::unchecked());
    copy(&other, &place).await.unwrap();
    sql(&place.url(), "UPDATE maru.meta SET copying = true");
    let error = migrate(&file.path(), &place.url(), |_| ()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Taken { .. }), "{error:?}");
}

/// What was done to a half copy is noticed, and the file is not blamed for it.
#[tokio::test]
async fn a_copy_that_was_changed_is_not_finished() {
    let file = written(1_500).await;
    for (change, sentence) in [
        ("UPDATE maru.entries SET body = 'x' WHERE room = 1 AND seq = 7", "entry 7"),
        ("DELETE FROM maru.entries WHERE room = 1 AND seq = 7", "entry 7"),
        ("UPDATE maru.rooms SET sum = decode(repeat('00', 16), 'hex') WHERE id = 2", "room 2"),
        ("UPDATE maru.rooms SET head = 9999 WHERE id = 1", "room 1"),
    ] {
        let place = Database::unchecked();
        copy(&file, &place).await.unwrap();
        sql(&place.url(), "UPDATE maru.meta SET copying = true");
        sql(&place.url(), change);
        let error = migrate(&file.path(), &place.url(), |_| ()).await.unwrap_err();
        assert!(matches!(error, MigrateError::Differs { .. }), "{error:?}");
        assert!(error.to_string().contains(sentence), "{error}");
        let opened = Postgres::open(&place.url(), PostgresOptions::default()).await;
        assert!(matches!(opened.err(), Some(OpenError::Unfinished { .. })));
    }
}

/// Damage is not carried over in silence.
#[tokio::test]
async fn a_damaged_file_is_not_copied() {
    let file = written(1_500).await;
    let copied: PathBuf = file.path().with_extension("copy");
    std::fs::copy(file.path(), &copied).unwrap();
    let conn = rusqlite::Connection::open(&copied).unwrap();
    conn.execute("UPDATE entries SET body = 'x' WHERE place = (1 << 36) + 900", []).unwrap();
    drop(conn);
    let place = Database::unchecked();
    let error = migrate(&copied, &place.url(), |_| ()).await.unwrap_err().to_string();
    assert!(error.contains("is damaged") && error.contains("entry 900"), "{error}");
}

#[tokio::test]
async fn without_a_file_or_a_database_it_says_so() {
    let place = Database::new();
    let nowhere = tempfile::tempdir().unwrap().path().join("maru.db");
    let error = migrate(&nowhere, &place.url(), |_| ()).await.unwrap_err().to_string();
    assert!(error.contains("there is no journal at"), "{error}");
    let file = written(1).await;
    let away = "postgres://maru:hush@127.0.0.1:1/chat";
    let out = finish(program(&file.path(), away).spawn().unwrap());
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(
        said.contains("does not answer at 127.0.0.1:1/chat") && !said.contains("hush"),
        "{said}"
    );
}
