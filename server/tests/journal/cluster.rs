//! Several nodes on one Postgres: who numbers what, and that nobody waits for ever.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use maru_protocol::{Entry, Seq};
use maru_server::journal::{
    Append, Created, Outcome, PageRange, Refused, RoomId, RoomRecord, postgres::PostgresOptions,
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

use crate::{kit::*, services::Database};

fn options() -> PostgresOptions {
    PostgresOptions { queue: 20_000, pool: 3, ..PostgresOptions::default() }
}

async fn node(place: &Database) -> Store {
    let (journal, outcomes) = place.node(options()).await;
    Store::of(journal, outcomes)
}

/// Every seq of the room and the id at it.
async fn log(store: &Store, room: RoomId) -> Vec<(u64, u128)> {
    let all = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
    let page = soon(store.journal.page(room, all)).await.unwrap();
    let entry = |entry: Entry| (entry.seq().get(), entry.head().id.0.as_u128());
    page.entries.into_iter().map(entry).collect()
}

#[tokio::test]
async fn three_nodes_start_at_once_on_an_empty_database() {
    let place = Database::new();
    let (a, b, c) = tokio::join!(node(&place), node(&place), node(&place));
    assert_eq!(a.journal.epoch(), b.journal.epoch());
    assert_eq!(a.journal.epoch(), c.journal.epoch());
    // All make the same rooms, as nodes do at their start.
    let names = ["lobby", "Straße", "사랑방", "d", "e"];
    let mut asked = Vec::new();
    for store in [&a, &b, &c] {
        asked.extend(names.map(|name| store.journal.create(room_name(name), 1)));
    }
    let (mut new, mut ids) = (0, HashSet::new());
    for made in asked {
        match soon(made).await.unwrap() {
            Created::New(room) => {
                new += 1;
                ids.insert(room.id);
            }
            Created::Existing(room) => _ = ids.insert(room.id),
            Created::LooksLike(room) => panic!("{room:?}"),
        }
    }
    assert_eq!((new, ids.len()), (names.len(), names.len()));
    assert_eq!(ids, (1..=5).map(RoomId).collect(), "numbered without holes");
    for store in [a, b, c] {
        store.close().await;
    }
}

#[tokio::test]
async fn three_nodes_start_at_once_on_an_older_journal() {
    let place = Database::new();
    let mut store = node(&place).await;
    let epoch = store.journal.epoch();
    let room = store.make("lobby").await;
    store.fill(&room, 5).await;
    store.close().await;
    Database::make_older(&place.url());
    let (a, b, c) = tokio::join!(node(&place), node(&place), node(&place));
    let mut next = 5;
    for mut store in [a, b, c] {
        assert_eq!(store.journal.epoch(), epoch);
        next += 1;
        let append = message(&room, next.into());
        assert_eq!(store.say(append.clone()).await, committed(&append, next));
        store.make(&format!("room {next}")).await;
        store.close().await;
    }
}

#[tokio::test]
async fn nodes_append_to_one_room_without_holes() {
    const EACH: u128 = 400;
    let place = Database::new();
    let mut nodes = [node(&place).await, node(&place).await, node(&place).await];
    let room = nodes[0].make("lobby").await;
    for number in 0..EACH {
        for (node, store) in (0_u128..).zip(&nodes) {
            store.journal.append(message(&room, node << 32 | number)).unwrap();
        }
    }
    let mut told = BTreeMap::new();
    for store in &mut nodes {
        let mut last = 0;
        for _ in 0..EACH {
            let Some(Outcome::Committed { entry: Entry::Message(entry), .. }) =
                store.outcome().await
            else {
                panic!("every one is committed")
            };
            assert!(entry.seq.get() > last, "a node's outcomes ascend");
            last = entry.seq.get();
            assert_eq!(told.insert(last, entry.id.0.as_u128()), None, "{last} was given twice");
        }
    }
    assert_eq!(log(&nodes[1], room.id).await, told.into_iter().collect::<Vec<_>>());
    let mut heads = soon(nodes[2].journal.heads(vec![room.id])).await.unwrap();
    assert_eq!(heads.pop(), Some((room.id, seq(EACH as u64 * 3))));
    for store in nodes {
        assert_eq!(store.close().await, []);
    }
}

/// A client whose connection broke sends again, and the gateway leads it to another node.
#[tokio::test]
async fn an_id_sent_to_two_nodes_at_once_counts_once() {
    const ROUNDS: u128 = 200;
    let place = Database::new();
    let (mut a, mut b) = (node(&place).await, node(&place).await);
    let room = a.make("lobby").await;
    for number in 0..ROUNDS {
        let append = message(&room, number);
        let retry = Append { at: append.at + 1, ..append.clone() };
        let stolen = Append { sender: user("u2"), ..append.clone() };
        a.journal.append(append.clone()).unwrap();
        b.journal.append(retry.clone()).unwrap();
        b.journal.append(stolen.clone()).unwrap();
        let here = a.outcome().await.unwrap();
        let there = (b.outcome().await.unwrap(), b.outcome().await.unwrap());
        let seq = number as u64 + 1;
        if here == committed(&append, seq) {
            assert_eq!(there.0, known(&retry, seq, append.at));
        } else {
            assert_eq!(here, known(&append, seq, retry.at));
            assert_eq!(there.0, committed(&retry, seq));
        }
        assert_eq!(there.1, refused(&stolen, Refused::IdTaken));
    }
    assert_eq!(log(&b, room.id).await.len() as u128, ROUNDS);
}

#[tokio::test]
async fn nodes_that_take_rooms_in_opposite_orders_do_not_lock_each_other_out() {
    const ROUNDS: u128 = 40;
    // So many that locking them all takes longer than to be woken.
    const ROOMS: usize = 200;
    let place = Database::new();
    // A round is a transaction.
    let options = PostgresOptions { batch: ROOMS, ..options() };
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let (journal, outcomes) = place.node(options.clone()).await;
        nodes.push(Store::of(journal, outcomes));
    }
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        rooms.push(nodes[0].make(&format!("room {number}")).await);
    }
    let started = Instant::now();
    for number in 0..ROUNDS {
        for (node, store) in (0_u128..).zip(&nodes) {
            // Each begins elsewhere, every other one goes backwards.
            let mut turned = rooms.clone();
            turned.rotate_left(node as usize * 70);
            if node % 2 == 1 {
                turned.reverse();
            }
            for room in &turned {
                store.journal.append(message(room, node << 32 | number)).unwrap();
            }
        }
    }
    for store in &mut nodes {
        for _ in 0..ROUNDS * ROOMS as u128 {
            let outcome = store.outcome().await.unwrap();
            assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
        }
    }
    // A deadlock would show as Postgres' own search for one, which begins after a second.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let mut conn = PgConnection::connect(&place.url()).await.unwrap();
    let met: i64 = conn.fetch_one(deadlocks).await.unwrap().get(0);
    assert_eq!(met, 0, "deadlocks");
}

/// A foreign session, which an operator's `psql` may be.
async fn session(place: &Database, sql: &str) -> PgConnection {
    let mut conn = PgConnection::connect(&place.url()).await.unwrap();
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
    conn
}

#[tokio::test]
async fn a_room_that_somebody_keeps_locked_holds_up_no_other() {
    let place = Database::new();
    let timeout = Duration::from_secs(2);
    let (journal, outcomes) = place.node(PostgresOptions { timeout, ..options() }).await;
    let mut store = Store::of(journal, outcomes);
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    store.fill(&lobby, 3).await;
    let lock = "BEGIN; SELECT * FROM maru.rooms WHERE key = 'lobby' FOR UPDATE";
    let mut foreign = session(&place, lock).await;

    let both = |number| [message(&lobby, number), message(&other, number)];
    let mut other_head = 0;
    let mut slow = 0;
    for number in 100..110 {
        let started = Instant::now();
        for append in both(number) {
            store.journal.append(append).unwrap();
        }
        for _ in 0..2 {
            match store.outcome().await.unwrap() {
                Outcome::Refused { why: Refused::Store(why), reply } => {
                    assert_eq!(reply.session().unwrap().room, lobby.id);
                    assert!(why.contains("locked"), "{why}");
                }
                Outcome::Committed { room, entry, .. } => {
                    other_head += 1;
                    assert_eq!((room, entry.seq().get()), (other.id, other_head));
                }
                wrong => panic!("{wrong:?}"),
            }
        }
        assert!(started.elapsed() < timeout * 2, "{:?}", started.elapsed());
        slow += usize::from(started.elapsed() > timeout / 4);
    }
    assert_eq!(other_head, 10);
    // Appends that come in two batches meet the lock twice before it is known.
    assert!(slow <= 2, "{slow} of 10 waited: a lock is waited for once");
    // Reading needs no lock.
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 9 }).await, [1, 2, 3]);

    foreign.execute("ROLLBACK").await.unwrap();
    let append = message(&lobby, 200);
    assert_eq!(store.say(append.clone()).await, committed(&append, 4));
}

/// A foreign row in the way of the next entry: that room is refused, the others are not.
#[tokio::test]
async fn a_contradicting_row_refuses_its_room_alone() {
    let place = Database::unchecked();
    let mut store = node(&place).await;
    let mut rooms = Vec::new();
    for name in ["a", "b", "c"] {
        rooms.push(store.make(name).await);
    }
    let sum = "'\\x00000000000000000000000000000000'";
    let row = format!(
        "INSERT INTO maru.entries VALUES ({}, 3, 0, '{}', 1, '', '', '', {sum})",
        rooms[1].id.0,
        uuid::Uuid::nil()
    );
    session(&place, &row).await.close().await.unwrap();
    let mut sent = Vec::new();
    for number in 1..=5 {
        sent.extend(rooms.iter().map(|room| message(room, number)));
    }
    for append in &sent {
        store.journal.append(append.clone()).unwrap();
    }
    let mut counts: BTreeMap<RoomId, (u64, u64)> = BTreeMap::new();
    for append in &sent {
        let count = counts.entry(append.room).or_default();
        match store.outcome().await.unwrap() {
            Outcome::Refused { why: Refused::Store(_), reply } => {
                assert_eq!(reply, append.reply);
                count.1 += 1;
            }
            outcome => {
                count.0 += 1;
                assert_eq!(outcome, committed(append, count.0));
            }
        }
    }
    // Of the damaged room, those before the row may have come in a batch of their own.
    assert!(counts[&rooms[1].id].0 <= 2 && counts[&rooms[1].id].1 >= 3, "{counts:?}");
    for room in [&rooms[0], &rooms[2]] {
        assert_eq!(counts[&room.id], (5, 0), "{counts:?}");
    }
    // Nothing of it stays: the connection goes on, and so does the room once the row is gone.
    let remove = format!("DELETE FROM maru.entries WHERE room = {} AND at = 0", rooms[1].id.0);
    session(&place, &remove).await.close().await.unwrap();
    let next = message(&rooms[1], 99);
    let head = counts[&rooms[1].id].0;
    assert_eq!(store.say(next.clone()).await, committed(&next, head + 1));
}

#[tokio::test]
async fn what_postgres_cannot_keep_is_refused_alone() {
    let place = Database::new();
    let mut store = node(&place).await;
    let room = store.make("lobby").await;
    let good = message(&room, 1);
    let odd = Append { sender: user("a\0b"), ..message(&room, 2) };
    let late = Append { at: u64::MAX, ..message(&room, 3) };
    for append in [&good, &odd, &late] {
        store.journal.append(append.clone()).unwrap();
    }
    assert_eq!(store.outcome().await, Some(committed(&good, 1)));
    for append in [&odd, &late] {
        let outcome = store.outcome().await.unwrap();
        let Outcome::Refused { why: Refused::Store(_), reply } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(reply, append.reply);
    }
    let next = message(&room, 4);
    assert_eq!(store.say(next.clone()).await, committed(&next, 2));
}

/// What waits has a bound, and so has the time it waits.
#[tokio::test]
async fn reads_behind_a_lock_end_and_those_beyond_the_bound_are_told_at_once() {
    let place = Database::new();
    let timeout = Duration::from_millis(800);
    let bounds = PostgresOptions { timeout, pool: 2, reads: 2, ..options() };
    let (journal, outcomes) = place.node(bounds).await;
    let mut store = Store::of(journal, outcomes);
    let room: RoomRecord = store.make("lobby").await;
    store.fill(&room, 1).await;
    let mut foreign = session(&place, "BEGIN; LOCK TABLE maru.entries").await;
    let started = Instant::now();
    let page = |limit| store.journal.page(room.id, PageRange::Newest { limit });
    let reads: Vec<_> = (1..=8).map(page).collect();
    let mut busy = 0;
    for read in reads {
        let error = soon(read).await.unwrap_err();
        busy += usize::from(error == maru_server::journal::JournalError::Busy);
    }
    assert!(busy >= 5, "{busy} were told at once");
    assert!(started.elapsed() < timeout * 3, "{:?}", started.elapsed());
    foreign.execute("ROLLBACK").await.unwrap();
    assert_eq!(store.page(&room, PageRange::Newest { limit: 9 }).await, [1]);
}
