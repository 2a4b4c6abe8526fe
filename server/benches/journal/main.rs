//! What the journal costs: SQLite on the disk of this machine, or a Postgres.
//!
//! ```sh
//! cargo bench -p maru-server --bench journal                     # a room of a million
//! cargo bench -p maru-server --bench journal -- --room 10000000  # of ten million, 3 GB of disk
//! cargo bench -p maru-server --bench journal -- --file long.db   # in a file that is kept
//! cargo bench -p maru-server --bench journal -- --history        # a page in a short and a long room
//! cargo bench -p maru-server --bench journal -- --flips          # reads with flips between messages
//! cargo bench -p maru-server --bench journal -- --postgres postgres://user@host/an_empty_database
//! ```
//!
//! Everything goes through the whole store (queue, writer thread, checksums, outcome channel); only
//! the lines "raw" are a bare loop of rusqlite over the same table, to show what the store adds.
//! Message ids are UUIDs of version 7 unless a line says v4: the id index of a long room makes
//! random ids dearer.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod flips;
mod history;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use maru_protocol::{Body, DisplayName, MessageId, Ref, RoomName, Seq, SessionId, User, UserId};
use maru_server::journal::{
    Append, Batch, Change, Journal, Marks, Outcome, PageRange, ReplyTo, RoomId, RoomQuery,
    SessionRef,
    postgres::{self, Postgres, PostgresOptions},
    sqlite::{Sqlite, SqliteOptions, verify},
};
use tokio::sync::mpsc;
use uuid::Uuid;

const BODY: &str =
    "점심 뭐 먹을까요? 저는 김치찌개가 좋아요. The build is green again, deploying at two.";

/// None, as many as are easily made by hand, and as many as a program makes in a day.
const FLIPS: &[u64] = &[0, 600, 100_000];

fn main() {
    let (mut room, mut file, mut postgres) = (None, None, None);
    let (mut history, mut flips) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--room" => room = Some(arguments.next().unwrap().parse().unwrap()),
            "--file" => file = arguments.next().map(PathBuf::from),
            "--history" => history = true,
            "--flips" => flips = true,
            "--postgres" => postgres = arguments.next(),
            "--bench" => {}
            other => panic!(
                "{other} is unknown: --room N, --file PATH, --history, --flips, --postgres URL"
            ),
        }
    }
    if let (Some(url), true) = (&postgres, flips) {
        let options = || PostgresOptions { queue: 20_000, batch: 4_096, ..Default::default() };
        return flips::measure_in(|| Store::in_postgres(url, 1, options()), FLIPS);
    }
    if let Some(url) = postgres {
        return in_postgres(&url, room.unwrap_or(100_000));
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    if flips {
        return flips::measure(folder.path(), FLIPS);
    }
    if history {
        return history::compare(&folder.path().join("history.db"), room.unwrap_or(5_000_000));
    }
    let room = room.unwrap_or(1_000_000);
    let path = file.unwrap_or_else(|| folder.path().join("journal.db"));
    println!("SQLite {}, {} bytes of body, in {}", rusqlite::version(), BODY.len(), path.display());
    let usual = SqliteOptions::default;
    writing("a fresh journal", Store::open(&folder.path().join("fresh.db"), 1, usual()));
    writing("1,000 rooms in turn", Store::open(&folder.path().join("many.db"), 1_000, usual()));
    raw(&folder.path().join("raw.db"));
    fill(&path, room);
    writing(&format!("a room of {room}"), Store::open(&path, 1, usual()));
    let start = Instant::now();
    let store = Store::open(&path, 1, usual());
    println!("\nthe file was open and checked after {} us", start.elapsed().as_micros());
    reading(store);
    directory(Store::open(&folder.path().join("rooms.db"), 10_000, usual()));
    verifying(&path);
}

/// The same figures of the other store.
fn in_postgres(url: &str, room: usize) {
    println!("Postgres at {}, {} bytes of body", postgres::place(url).unwrap(), BODY.len());
    let open = |rooms, options| Store::in_postgres(url, rooms, options);
    let usual = PostgresOptions::default;
    writing("a fresh room", open(1, usual()));
    writing("1,000 rooms in turn", open(1_000, usual()));
    let mut store = open(1, PostgresOptions { queue: 20_000, batch: 4_096, ..usual() });
    let (took, _) = store.run(20_000, room);
    println!("\nfilled a room to {room}: {:.0}/s", room as f64 / took.as_secs_f64());
    reading(store);
    directory(open(10_000, usual()));
    let start = Instant::now();
    let report = wait(postgres::verify(url, |_| ())).unwrap();
    assert!(report.is_sound(), "{report:?}");
    println!("\nverify: {} entries in {:.1} s", report.entries, start.elapsed().as_secs_f64());
}

struct Store {
    journal: Arc<dyn Journal>,
    marks: Arc<dyn Marks>,
    outcomes: mpsc::Receiver<Batch>,
    rooms: Vec<(RoomId, RoomName)>,
    turn: usize,
    random_ids: bool,
    random: Random,
}

impl Store {
    fn open(path: &Path, rooms: usize, options: SqliteOptions) -> Self {
        let (journal, outcomes) = Sqlite::open(path, options).unwrap();
        Self::of(journal, outcomes, rooms, "room")
    }

    /// In new rooms each time, as what is there is left alone.
    fn in_postgres(url: &str, rooms: usize, options: PostgresOptions) -> Self {
        let (journal, outcomes) = wait(Postgres::open(url, options)).unwrap();
        Self::of(journal, outcomes, rooms, &format!("{} room", Uuid::now_v7()))
    }

    fn of<T: Journal + Marks>(
        journal: Arc<T>,
        outcomes: mpsc::Receiver<Batch>,
        rooms: usize,
        name: &str,
    ) -> Self {
        let rooms = (0..rooms)
            .map(|number| {
                let name = RoomName::parse(&format!("{name} {number}")).unwrap();
                (wait(journal.create(name.clone(), 1)).unwrap().into_room().id, name)
            })
            .collect();
        Self {
            marks: journal.clone(),
            journal,
            outcomes,
            rooms,
            turn: 0,
            random_ids: false,
            // Other ids in every run: a kept file knows those of the last one.
            random: Random((Uuid::now_v7().as_u128() >> 32) as u64 | 1),
        }
    }

    fn append(&mut self, what: Change) {
        self.turn += 1;
        let (room, room_name) = self.rooms[self.turn % self.rooms.len()].clone();
        let id = if self.random_ids { self.random.id() } else { Uuid::now_v7() };
        let append = Append {
            room,
            room_name,
            id: MessageId(id),
            sender: User {
                id: UserId("0192f0c1-2345-7000-8000-1234567890ab".to_owned()),
                name: DisplayName::parse("김민지").unwrap(),
            },
            at: 1_760_000_000_000 + self.turn as u64,
            what,
            reply: ReplyTo::Session(SessionRef {
                session: SessionId(Uuid::nil()),
                worker: 0,
                room,
                reference: Ref(1),
            }),
        };
        self.journal.append(append).unwrap();
    }

    /// Keeps `flight` appends under way until `count` are acknowledged; says how large batches were.
    fn run(&mut self, flight: usize, count: usize) -> (Duration, f64) {
        self.run_of(flight, count, || Change::say(Body::parse(BODY.to_owned()).unwrap()))
    }

    /// The same with other changes.
    fn run_of(
        &mut self,
        flight: usize,
        count: usize,
        mut what: impl FnMut() -> Change,
    ) -> (Duration, f64) {
        let start = Instant::now();
        (0..flight.min(count)).for_each(|_| self.append(what()));
        let (mut sent, mut done, mut batches) = (flight.min(count), 0, 0);
        while done < count {
            let batch = self.outcomes.blocking_recv().unwrap();
            let wrong = batch.iter().find(|outcome| !matches!(outcome, Outcome::Committed { .. }));
            assert_eq!(wrong, None);
            done += batch.len();
            batches += 1;
            let more = batch.len().min(count - sent);
            (0..more).for_each(|_| self.append(what()));
            sent += more;
        }
        (start.elapsed(), count as f64 / f64::from(batches))
    }

    fn close(self) {
        wait(self.journal.close()).unwrap();
    }
}

fn writing(what: &str, mut store: Store) {
    println!("\n{what}, acknowledged a second (the better and the worse of three)");
    for (flight, count, random_ids) in
        [(1, 3_000, false), (10, 10_000, false), (100, 40_000, false), (100, 40_000, true)]
    {
        store.random_ids = random_ids;
        let runs: Vec<_> = (0..3)
            .map(|_| store.run(flight, count))
            .map(|(took, size)| (count as f64 / took.as_secs_f64(), size))
            .collect();
        let best = runs.iter().fold(0.0, |most: f64, (rate, _)| most.max(*rate));
        let worst = runs.iter().fold(f64::MAX, |least: f64, (rate, _)| least.min(*rate));
        let ids = if random_ids { "v4" } else { "v7" };
        let size = runs[0].1;
        println!("{flight:>5} in flight, ids {ids}: {best:>7.0} {worst:>7.0}   batch {size:.1}");
    }
    store.close();
}

/// The same rows without queue, thread, checksum and channel.
fn raw(path: &Path) {
    println!("\nraw rusqlite, the same table and settings, no checksums, rows a second");
    let store = Store::open(path, 1, SqliteOptions::default());
    let room = store.rooms[0].0.0;
    store.close();
    let mut conn = rusqlite::Connection::open(path).unwrap();
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA cache_size = -32768;",
    )
    .unwrap();
    let mut seq = 0_i64;
    for (batch, count) in [(1, 3_000), (100, 40_000)] {
        let start = Instant::now();
        for _ in 0..count / batch {
            let tx = conn.transaction().unwrap();
            for _ in 0..batch {
                seq += 1;
                insert_raw(&tx, room, seq);
            }
            let head = "UPDATE rooms SET head = ?2, active_at = ?2 WHERE id = ?1";
            tx.prepare_cached(head).unwrap().execute([room, seq]).unwrap();
            tx.commit().unwrap();
        }
        let rate = f64::from(count) / start.elapsed().as_secs_f64();
        println!("{batch:>5} a transaction: {rate:>7.0}");
    }
}

fn insert_raw(conn: &rusqlite::Connection, room: i64, seq: i64) {
    let mut statement = conn
        .prepare_cached(
            "INSERT INTO entries (place, room, kind, id, at, sender, sender_name, body, sum)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, zeroblob(16))
             ON CONFLICT (room, id) DO NOTHING",
        )
        .unwrap();
    let id = Uuid::now_v7();
    let sender = "0192f0c1-2345-7000-8000-1234567890ab";
    let place = (room << 36) | seq;
    statement
        .execute(rusqlite::params![place, room, id.as_bytes(), seq, sender, "김민지", BODY])
        .unwrap();
}

/// Makes the room that long, unless the file holds such a one from an earlier run.
fn fill(path: &Path, count: usize) {
    // Large transactions: only the length of the room matters here.
    let options = SqliteOptions { queue: 20_000, batch: 10_000, ..SqliteOptions::default() };
    let mut store = Store::open(path, 1, options);
    let newest = PageRange::Newest { limit: 0 };
    let head = wait(store.journal.page(store.rooms[0].0, newest)).unwrap().head.get();
    let missing = count.saturating_sub(usize::try_from(head).unwrap());
    let (took, _) = store.run(20_000, missing);
    let rate = missing as f64 / took.as_secs_f64();
    store.close();
    let bytes = std::fs::metadata(path).unwrap().len() as f64 / count as f64;
    println!("\nfilled a room to {count} with {missing}: {rate:.0}/s, {bytes:.0} bytes an entry");
}

fn reading(mut store: Store) {
    println!("\na page of 50, through the readers (p50 and p99, us)");
    let room = store.rooms[0].0;
    let newest = PageRange::Newest { limit: 50 };
    let head = wait(store.journal.page(room, newest)).unwrap().head.get();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    // At least 50 entries lie on both sides.
    let mut at = || Seq::new(random.below(head - 110) + 55).unwrap();
    pages(&store, "newest", 20_000, || newest);
    pages(&store, "before a random entry", 20_000, || PageRange::Before {
        before: at(),
        limit: 50,
    });
    pages(&store, "after a random entry", 20_000, || PageRange::After { after: at(), limit: 50 });
    // The thread apart from the query: the way there and back.
    let mut probes = timed(5_000, || wait(store.journal.probe()).unwrap());
    show("(a probe: the queue and two thread switches alone)", &mut probes);
    // A commit empties a reader's cache.
    let mut after_commit = Vec::new();
    for _ in 0..2_000 {
        store.run(1, 1);
        let range = PageRange::Before { before: at(), limit: 50 };
        after_commit.extend(timed(1, || wait(store.journal.page(room, range)).unwrap()));
    }
    show("before a random entry, each after a commit", &mut after_commit);
    store.close();
}

fn pages(store: &Store, what: &str, count: usize, mut range: impl FnMut() -> PageRange) {
    let room = store.rooms[0].0;
    let mut times = timed(count, || {
        let page = wait(store.journal.page(room, range())).unwrap();
        assert_eq!(page.entries.len(), 50);
    });
    show(what, &mut times);
}

fn directory(mut store: Store) {
    println!("\nthe directory of 10,000 rooms (p50 and p99, us)");
    store.run(100, 20_000);
    for (what, contains) in [
        ("the 50 most active", None),
        ("50 of many that match", Some("ROOM 1")),
        ("the one that matches", Some("9876")),
        ("none that matches", Some("nothing")),
    ] {
        let query = RoomQuery { contains: contains.map(str::to_owned), ..RoomQuery::first(50) };
        let mut times = timed(500, || wait(store.journal.rooms(query.clone())).unwrap());
        show(what, &mut times);
    }
    store.close();
}

fn verifying(path: &Path) {
    let start = Instant::now();
    let report = verify(path, |_| ()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let took = start.elapsed().as_secs_f64();
    println!("\nverify: {} entries in {took:.1} s", report.entries);
}

fn timed<T>(count: usize, mut run: impl FnMut() -> T) -> Vec<Duration> {
    (0..count)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect()
}

fn show(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_nanos() as f64 / 1_000.0;
    println!("  {what}: {:.1} {:.1}", at(50), at(99));
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// xorshift: the same positions in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }
}
