//! Postgres goes away and comes back: restarted, killed, frozen. Each test has a server of its own,
//! with its fsync on.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use maru_protocol::{Entry, Seq};
use maru_server::journal::{
    Append, Journal, JournalError, Outcome, PageRange, Refused, RoomRecord,
    postgres::{Postgres, PostgresOptions, verify},
};

use crate::{kit::*, services::Server};

const TIMEOUT: Duration = Duration::from_secs(2);

fn options() -> PostgresOptions {
    PostgresOptions { queue: 4_096, pool: 3, timeout: TIMEOUT, ..PostgresOptions::default() }
}

/// Appends in rounds, sends again what was refused, and remembers what was acknowledged.
struct Load {
    store: Store,
    rooms: Vec<RoomRecord>,
    next: u128,
    waiting: HashMap<u128, Append>,
    told: HashMap<u128, u64>,
    refused: u32,
}

impl Load {
    async fn start(server: &Server) -> (Self, std::sync::Arc<Postgres>) {
        let (journal, outcomes) = Postgres::open(&server.url(), options()).await.unwrap();
        let store = Store::of(journal.clone(), outcomes);
        let mut rooms = Vec::new();
        for name in ["a", "b", "c"] {
            rooms.push(store.make(name).await);
        }
        let (waiting, told) = (HashMap::new(), HashMap::new());
        (Self { store, rooms, next: 0, waiting, told, refused: 0 }, journal)
    }

    /// Some that are new and all that were refused, then the outcomes of all.
    async fn round(&mut self) {
        for _ in 0..30 {
            self.next += 1;
            let append = message(&self.rooms[(self.next % 3) as usize], self.next);
            self.waiting.insert(self.next, append);
        }
        let mut sent: Vec<Append> = self.waiting.values().cloned().collect();
        sent.sort_by_key(|append| append.id);
        for append in &sent {
            self.store.journal.append(append.clone()).unwrap();
        }
        for _ in sent {
            match self.store.outcome().await.unwrap() {
                Outcome::Committed { entry: Entry::Message(entry), .. } => {
                    self.acknowledged(entry.id.0.as_u128(), entry.seq);
                }
                Outcome::Known { seq, id, .. } => self.acknowledged(id.0.as_u128(), seq),
                Outcome::Refused { why: Refused::Store(_), .. } => self.refused += 1,
                wrong => panic!("{wrong:?}"),
            }
        }
    }

    fn acknowledged(&mut self, id: u128, seq: Seq) {
        assert!(self.waiting.remove(&id).is_some(), "{id} was acknowledged twice");
        self.told.insert(id, seq.get());
    }

    /// Rounds until one went through whole.
    async fn until_well(&mut self) {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            self.round().await;
            if self.waiting.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "it does not recover");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Each acknowledged message is there, at its seq, and nothing else is.
    async fn all_there(&self, server: &Server) {
        let report = verify(&server.url(), |_| ()).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        let mut found = HashMap::new();
        for room in &self.rooms {
            let all = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
            for entry in soon(self.store.journal.page(room.id, all)).await.unwrap().entries {
                found.insert(entry.head().id.0.as_u128(), entry.seq().get());
            }
        }
        assert_eq!(found, self.told);
    }
}

/// While it is away everything is refused, nothing waits for longer than the time-out.
async fn refused_promptly(load: &mut Load, journal: &Postgres) {
    let started = Instant::now();
    load.round().await;
    assert!(!load.waiting.is_empty(), "something was committed while Postgres was away");
    assert!(started.elapsed() < TIMEOUT + Duration::from_secs(1), "{:?}", started.elapsed());
    let started = Instant::now();
    let room = load.rooms[0].clone();
    let newest = PageRange::Newest { limit: 9 };
    let (page, record) = (journal.page(room.id, newest), journal.room(room.name.key()));
    let (made, probe) = (journal.create(room_name("new"), 1), journal.probe());
    assert!(matches!(soon(page).await, Err(JournalError::Store(_) | JournalError::Busy)));
    assert!(soon(record).await.is_err() && soon(made).await.is_err());
    assert!(soon(probe).await.is_err(), "not ready");
    assert!(started.elapsed() < TIMEOUT + Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(!journal.available());
}

#[tokio::test]
async fn restarted_under_load_retries_converge() {
    let mut server = Server::start();
    let (mut load, journal) = Load::start(&server).await;
    for _ in 0..3 {
        load.until_well().await;
        server.stop();
        refused_promptly(&mut load, &journal).await;
        server.start_again();
        load.until_well().await;
        soon(journal.probe()).await.unwrap();
        assert!(journal.available());
    }
    load.all_there(&server).await;
    assert!(load.refused > 0);
    assert_eq!(load.store.close().await, []);
}

/// After a rest the first to come finds connections that the restart has ended.
#[tokio::test]
async fn a_restart_while_nobody_spoke_costs_nobody_anything() {
    let mut server = Server::start();
    let (mut load, journal) = Load::start(&server).await;
    load.until_well().await;
    let newest = PageRange::Newest { limit: 9 };
    // At once: a connection that broke a moment ago is found out only by asking it something.
    for _ in 0..2 {
        for _ in 0..4 {
            soon(journal.page(load.rooms[0].id, newest)).await.unwrap();
        }
        server.stop();
        server.start_again();
    }
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    load.round().await;
    assert_eq!((load.refused, load.waiting.len()), (0, 0));
    for room in &load.rooms {
        soon(journal.page(room.id, newest)).await.unwrap();
    }
}

#[tokio::test]
async fn killed_at_any_moment_postgres_loses_nothing_acknowledged() {
    let mut server = Server::start();
    let (mut load, journal) = Load::start(&server).await;
    for round in 0..4_u64 {
        load.until_well().await;
        // Between the messages of a round that is under way.
        let killer = server.killer();
        let kill = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(300 * (round * 7 + 1)));
            killer.kill_all();
        });
        // However fast the machine is: they go on until the kill shows.
        let before = load.refused;
        while load.refused == before {
            load.round().await;
        }
        kill.join().unwrap();
        server.start_again();
        load.until_well().await;
        soon(journal.probe()).await.unwrap();
        load.all_there(&server).await;
    }
}

/// Frozen, it neither answers nor breaks a connection: only the time-out tells.
#[tokio::test]
async fn frozen_for_a_while_it_hangs_nobody() {
    let server = Server::start();
    let (mut load, journal) = Load::start(&server).await;
    load.until_well().await;
    // Every connection is made, and has been used a moment ago.
    for _ in 0..4 {
        soon(journal.probe()).await.unwrap();
    }
    let killer = server.killer();
    killer.freeze();
    let started = Instant::now();
    let read = soon(journal.page(load.rooms[0].id, PageRange::Newest { limit: 9 })).await;
    assert!(matches!(read, Err(JournalError::Store(_))), "{read:?}");
    assert!(started.elapsed() < TIMEOUT + Duration::from_secs(1), "{:?}", started.elapsed());
    refused_promptly(&mut load, &journal).await;
    killer.thaw();
    load.until_well().await;
    soon(journal.probe()).await.unwrap();
    load.all_there(&server).await;
}

/// Many wait when it goes away: all of them hear of it within one time-out, not one after another.
#[tokio::test]
async fn a_full_queue_is_refused_at_once() {
    let server = Server::start();
    let (load, _journal) = Load::start(&server).await;
    let Load { mut store, rooms, .. } = load;
    let killer = server.killer();
    killer.freeze();
    for number in 0..3_000 {
        store.journal.append(message(&rooms[0], number)).unwrap();
    }
    let started = Instant::now();
    for _ in 0..3_000 {
        let outcome = store.outcome().await.unwrap();
        assert!(matches!(outcome, Outcome::Refused { why: Refused::Store(_), .. }), "{outcome:?}");
    }
    assert!(started.elapsed() < TIMEOUT * 2, "{:?}", started.elapsed());
    // A stop does not wait for what is not there.
    let started = Instant::now();
    store.journal.append(message(&rooms[0], 9_999)).unwrap();
    assert_eq!(store.close().await.len(), 1);
    assert!(started.elapsed() < TIMEOUT * 3, "{:?}", started.elapsed());
    killer.thaw();
}
