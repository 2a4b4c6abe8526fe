//! A journal in Postgres: the sentences when it does not open, and that damage is found.

use std::time::{Duration, Instant};

use maru_protocol::Seq;
use maru_server::journal::{
    Fault, FaultKind, JournalError, Location, Outcome, PageRange, Progress, Report, RoomId,
    postgres::{OpenError, Postgres, PostgresOptions, renew, verify},
};

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use crate::{
    kit::*,
    services::{Database, sql},
};

fn options() -> PostgresOptions {
    PostgresOptions { timeout: Duration::from_secs(1), pool: 2, ..PostgresOptions::default() }
}

async fn refusal(url: &str) -> OpenError {
    match Postgres::open(url, options()).await {
        Ok(_) => panic!("{url} opened"),
        Err(error) => error,
    }
}

fn says(error: &OpenError, parts: &[&str]) {
    let sentence = error.to_string();
    for part in parts {
        assert!(sentence.contains(part), "{sentence}");
    }
    assert!(!sentence.contains("hush") && !sentence.contains('\n'), "{sentence}");
}

#[tokio::test]
async fn nobody_answers() {
    let started = Instant::now();
    let error = refusal("postgres://maru:hush@127.0.0.1:1/chat").await;
    assert!(matches!(error, OpenError::Away { .. }), "{error:?}");
    says(&error, &["127.0.0.1:1/chat", "refused", "journal.url"]);
    // It may be starting: it is waited for, but not for ever.
    let took = started.elapsed();
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_wrong_address() {
    let error = refusal("postgres://maru:hush@127.0.0.1:1/chat?sslmode=perhaps").await;
    assert!(matches!(error, OpenError::Url { .. }), "{error:?}");
    says(&error, &["ssl_mode", "postgres://user:password@host/database"]);
}

#[tokio::test]
async fn a_user_or_a_database_that_is_not_there() {
    let place = Database::new();
    let nobody = place.url().replace("maru@", "nobody:hush@");
    for (url, named) in [(nobody.as_str(), "nobody"), (&format!("{}x", place.url()), "not exist")] {
        let error = refusal(url).await;
        assert!(matches!(error, OpenError::Denied { .. }), "{error:?}");
        says(&error, &[named, "journal.url"]);
    }
}

#[tokio::test]
async fn a_schema_of_another_program() {
    let place = Database::unchecked();
    sql(&place.url(), "CREATE SCHEMA maru; CREATE TABLE maru.meta (version int, url text)");
    let error = refusal(&place.url()).await;
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
    says(&error, &["schema `maru`", "database of its own"]);
    for error in
        [verify(&place.url(), |_| ()).await.unwrap_err(), renew(&place.url()).await.unwrap_err()]
    {
        assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn tables_of_another_program_are_left_alone() {
    let place = Database::new();
    let theirs = "CREATE TABLE public.meta (x int); CREATE TABLE public.rooms (x int); INSERT INTO public.rooms VALUES (7)";
    sql(&place.url(), theirs);
    let store = Store::open(&place, WIDE).await;
    store.make("lobby").await;
    store.close().await;
    sql(&place.url(), "DO $$ BEGIN ASSERT (SELECT x FROM public.rooms) = 7; END $$");
}

#[tokio::test]
async fn a_journal_of_a_newer_server_and_a_copy_that_was_not_finished() {
    let place = Database::unchecked();
    Store::open(&place, WIDE).await.close().await;
    sql(&place.url(), "UPDATE maru.meta SET version = version + 1000");
    for error in [
        refusal(&place.url()).await,
        verify(&place.url(), |_| ()).await.unwrap_err(),
        renew(&place.url()).await.unwrap_err(),
    ] {
        assert!(matches!(error, OpenError::Newer { found: 1_000.., .. }), "{error:?}");
        says(&error, &["version 10", "newer server"]);
    }
    sql(&place.url(), "UPDATE maru.meta SET version = version - 1000, copying = true");
    for error in [refusal(&place.url()).await, renew(&place.url()).await.unwrap_err()] {
        assert!(matches!(error, OpenError::Unfinished { .. }), "{error:?}");
        says(&error, &["maru-server migrate"]);
    }
}

#[tokio::test]
async fn verify_and_renew_make_nothing() {
    let place = Database::new();
    for error in
        [verify(&place.url(), |_| ()).await.unwrap_err(), renew(&place.url()).await.unwrap_err()]
    {
        assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
        says(&error, &["there is no journal"]);
    }
    sql(&place.url(), "DO $$ BEGIN ASSERT to_regnamespace('maru') IS NULL; END $$");
}

#[tokio::test]
async fn a_database_that_is_not_utf8() {
    let place = Database::unchecked();
    let name = place.url().rsplit_once('/').unwrap().1.to_owned() + "_latin";
    let make = format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    sql(&place.url(), &make);
    let url = format!("{}_latin", place.url());
    let error = refusal(&url).await;
    sql(&place.url(), &format!("DROP DATABASE {name} WITH (FORCE)"));
    assert!(matches!(error, OpenError::Encoding { .. }), "{error:?}");
    says(&error, &["LATIN1", "UTF8"]);
}

/// Careful operators make the schema themselves and give the server nothing else.
#[tokio::test]
async fn a_user_who_owns_only_the_schema_is_enough() {
    let place = Database::new();
    let role = place.url().rsplit_once('/').unwrap().1.replace("test", "role");
    sql(
        &place.url(),
        &format!("CREATE ROLE {role} LOGIN; CREATE SCHEMA maru AUTHORIZATION {role}"),
    );
    let url = place.url().replace("maru@", &format!("{role}@"));
    let (journal, outcomes) = Postgres::open(&url, options()).await.unwrap();
    let mut store = Store::of(journal, outcomes);
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 3).await;
    store.close().await;
    sql(&place.url(), &format!("REASSIGN OWNED BY {role} TO maru; DROP ROLE {role}"));
}

/// Somebody restored another database under a running server: it must not write into it.
#[tokio::test]
async fn another_journal_in_its_place_is_not_used() {
    let place = Database::unchecked();
    let (journal, outcomes) = Postgres::open(&place.url(), options()).await.unwrap();
    let mut store = Store::of(journal, outcomes);
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 1).await;
    sql(&place.url(), "UPDATE maru.meta SET epoch = gen_random_uuid()");
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'maru' AND datname = current_database()";
    sql(&place.url(), cut);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let outcome = store.say(message(&lobby, 2)).await;
    let Outcome::Refused { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(why.to_string().contains("not the journal that was opened"), "{why}");
    let page = soon(store.journal.page(lobby.id, PageRange::Newest { limit: 1 })).await;
    assert!(matches!(page, Err(JournalError::Store(_))), "{page:?}");
}

/// An update one by one: a newer server brings the tables up, the others go on until their turn.
#[tokio::test]
async fn a_server_that_runs_goes_on_when_a_newer_one_brought_the_tables_up() {
    let place = Database::unchecked();
    let (journal, outcomes) = Postgres::open(&place.url(), options()).await.unwrap();
    let mut store = Store::of(journal, outcomes);
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 1).await;
    sql(&place.url(), "UPDATE maru.meta SET version = version + 1");
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'maru' AND datname = current_database()";
    sql(&place.url(), cut);
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        // The first ones may find the connection cut.
        match store.say(message(&lobby, 2)).await {
            Outcome::Committed { .. } | Outcome::Known { .. } => break,
            refused => assert!(Instant::now() < until, "{refused:?}"),
        }
    }
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 5 }).await, [1, 2]);
    assert!(matches!(refusal(&place.url()).await, OpenError::Newer { .. }), "a start is refused");
}

const LENGTH: u32 = 40;

async fn written() -> Database {
    let place = Database::unchecked();
    let mut store = Store::open(&place, WIDE).await;
    for name in ["lobby", "other"] {
        let room = store.make(name).await;
        store.fill(&room, LENGTH).await;
    }
    store.close().await;
    place
}

/// Each change, the entry of the lobby that is named, and what is said of it. `{n}` is the lobby's
/// entry n.
fn changes() -> Vec<(&'static str, u64, FaultKind)> {
    use FaultKind::{BeyondHead, Checksum, Cut, HeadChecksum, Missing};
    vec![
        ("UPDATE maru.entries SET body = replace(body, '말', '밀') WHERE {10}", 10, Checksum),
        ("UPDATE maru.entries SET sender = 'u2' WHERE {10}", 10, Checksum),
        ("UPDATE maru.entries SET sender_name = 'Eve' WHERE {10}", 10, Checksum),
        ("UPDATE maru.entries SET at = at + 1 WHERE {10}", 10, Checksum),
        ("UPDATE maru.entries SET kind = 2 WHERE {10}", 10, Checksum),
        ("UPDATE maru.entries SET id = gen_random_uuid() WHERE {10}", 10, Checksum),
        ("DELETE FROM maru.entries WHERE {10}", 10, Missing),
        ("DELETE FROM maru.entries WHERE {1}", 1, Missing),
        ("DELETE FROM maru.entries WHERE room = 1 AND seq > 30", 31, Cut(seq(40))),
        ("DELETE FROM maru.entries WHERE room = 1", 1, Cut(seq(40))),
        ("UPDATE maru.entries SET seq = 50 WHERE {10}", 10, Missing),
        ("UPDATE maru.rooms SET head = 30 WHERE id = 1", 31, BeyondHead(seq(30))),
        ("UPDATE maru.rooms SET head = 50 WHERE id = 1", 41, Cut(seq(50))),
        ("UPDATE maru.rooms SET sum = decode(repeat('00', 16), 'hex') WHERE id = 1", 40, HeadChecksum),
        (
            "UPDATE maru.entries SET seq = 90 WHERE {10}; UPDATE maru.entries SET seq = 10 WHERE {20};
             UPDATE maru.entries SET seq = 20 WHERE {90}",
            10,
            Checksum,
        ),
        (
            "DELETE FROM maru.entries WHERE room = 1 AND seq > 30;
             UPDATE maru.rooms SET head = 30 WHERE id = 1",
            30,
            HeadChecksum,
        ),
    ]
}

#[tokio::test]
async fn every_change_is_found_at_its_place() {
    let place = written().await;
    let mut steps = Vec::new();
    let report = verify(&place.url(), |step| steps.push(step)).await.unwrap();
    let sound = Report { rooms: 2, entries: u64::from(LENGTH) * 2, faults: Vec::new(), more: 0 };
    assert_eq!(report, sound);
    let walking = |rooms, entries| Progress::Walking { rooms, of: 2, entries };
    assert_eq!(steps, [walking(0, 40), walking(1, 80)]);
    sql(
        &place.url(),
        "CREATE TABLE public.e AS TABLE maru.entries; CREATE TABLE public.r AS TABLE maru.rooms",
    );
    for (change, number, what) in changes() {
        let mut change = change.to_owned();
        while let Some((before, rest)) = change.split_once('{') {
            let (number, after) = rest.split_once('}').unwrap();
            change = format!("{before}room = 1 AND seq = {number}{after}");
        }
        sql(&place.url(), &change);
        let report = verify(&place.url(), |_| ()).await.unwrap();
        let at = Location { room: RoomId(1), name: "lobby".into(), seq: seq(number) };
        assert_eq!(report.faults, [Fault { location: Some(at), kind: what }], "{change}");
        assert_eq!(report.rooms, 2);
        let restore = "TRUNCATE maru.entries, maru.rooms;
                       INSERT INTO maru.entries TABLE public.e;
                       INSERT INTO maru.rooms (id, key, name, created_at, head, active_at, sum)
                       SELECT id, key, name, created_at, head, active_at, sum FROM public.r";
        sql(&place.url(), restore);
    }
}

#[tokio::test]
async fn lost_and_stray_rooms_are_found() {
    let place = written().await;
    sql(
        &place.url(),
        "DELETE FROM maru.rooms WHERE id = 2; UPDATE maru.entries SET room = 9 WHERE room = 2 AND seq = 5",
    );
    let report = verify(&place.url(), |_| ()).await.unwrap();
    let at = |room, number| Some(Location { room: RoomId(room), name: String::new(), seq: number });
    let expected = [
        Fault { location: at(2, Seq::ZERO), kind: FaultKind::RoomMissing },
        Fault { location: at(9, seq(5)), kind: FaultKind::NoRoom },
    ];
    assert_eq!(report.faults, expected);
}

#[tokio::test]
async fn a_page_with_a_hole_is_not_handed_out() {
    let place = written().await;
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    sql(&place.url(), "DELETE FROM maru.entries WHERE room = 1 AND seq = 35");
    let page = soon(store.journal.page(lobby.id, PageRange::Newest { limit: 9 })).await;
    let Err(JournalError::Store(why)) = page else { panic!("{page:?}") };
    assert!(why.contains("some are missing"), "{why}");
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 5 }).await, [36, 37, 38, 39, 40]);
}

/// A room that everybody talks in would leave an entry in each index with each commit, and make all
/// that follow slower until Postgres vacuums.
#[tokio::test]
async fn a_busy_room_leaves_its_indexes_alone() {
    let place = Database::new();
    let mut store = Store::open(&place, Bounds { batch: 1, ..WIDE }).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 400).await;
    store.close().await;
    let hot = "SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'rooms'";
    let mut conn = PgConnection::connect(&place.url()).await.unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        // Statistics come a moment later.
        let count: i64 = conn.fetch_one(hot).await.unwrap().get(0);
        if count > 390 {
            return;
        }
        assert!(Instant::now() < until, "{count} of 400 commits left the indexes alone");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Rows of the log and of what became of it that were read by connections which have ended.
async fn rows_read(conn: &mut PgConnection) -> i64 {
    let open = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND backend_type = 'client backend'";
    let until = Instant::now() + Duration::from_secs(10);
    // A connection tells its statistics before it is gone.
    while conn.fetch_one(open).await.unwrap().get::<i64, _>(0) > 0 {
        assert!(Instant::now() < until, "the store has left connections open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let read = "SELECT ((SELECT sum(seq_tup_read) FROM pg_stat_user_tables
                           WHERE relname IN ('entries', 'states'))
                      + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes
                           WHERE relname IN ('entries', 'states')))::bigint";
    conn.fetch_one(read).await.unwrap().get(0)
}

/// Whichever way Postgres plans a statement, also once it plans it for all values at once: it reads
/// along the indexes that skip the reactions.
#[tokio::test]
async fn a_page_costs_by_its_messages_not_by_what_lies_between() {
    const FLIPS: u64 = 8_000;
    let place = Database::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 60).await;
    for first in (0..FLIPS).step_by(500) {
        store.flip(&lobby, 60, u128::from(1_000 + first), 500).await;
    }
    store.reads_to(&lobby, "min", 10).await;
    store.close().await;
    let mut conn = PgConnection::connect(&place.url()).await.unwrap();
    for analyzed in [false, true] {
        if analyzed {
            conn.execute("ANALYZE").await.unwrap();
        }
        let before = rows_read(&mut conn).await;
        Store::open(&place, WIDE).await.close().await;
        let opening = rows_read(&mut conn).await - before;
        let store = Store::open(&place, WIDE).await;
        let mut reads = 0;
        for _ in 0..20 {
            for range in [
                PageRange::Newest { limit: 50 },
                PageRange::Before { before: seq(FLIPS), limit: 50 },
                PageRange::After { after: seq(59), limit: 50 },
                PageRange::After { after: seq(60), limit: 50 },
            ] {
                soon(store.journal.history(lobby.id, range)).await.unwrap();
            }
            for after in [30, 60] {
                let missed = soon(store.journal.missed(lobby.id, seq(after), 50)).await.unwrap();
                assert!(missed.is_some());
            }
            assert_eq!(store.unread(&lobby, "min").await, 50);
            reads += 7;
        }
        store.close().await;
        let read = rows_read(&mut conn).await - before - 2 * opening;
        assert!(read > reads * 50, "{read} rows: they are counted");
        assert!(read < reads * 500, "{read} rows in {reads} reads; analyzed: {analyzed}");
    }
}

#[tokio::test]
async fn it_may_be_verified_while_it_is_written_to() {
    let place = Database::new();
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 2_000).await;
    let mut before = 0;
    for round in 0..10_u32 {
        let url = place.url();
        let looking = tokio::spawn(async move { verify(&url, |_| ()).await.unwrap() });
        store.make(&format!("new {round}")).await;
        for number in 0..200 {
            store
                .journal
                .append(message(&lobby, 10_000 + u128::from(round) * 1_000 + number))
                .unwrap();
        }
        for _ in 0..200 {
            store.outcome().await.unwrap();
        }
        let report = looking.await.unwrap();
        assert!(report.is_sound() && report.entries >= before, "{report:?}");
        before = report.entries;
    }
    store.close().await;
}
