//! Which rooms go after a while, and which stay.

use std::time::Duration;

use actix::{Actor as _, Addr};
use maru_engine::Visitor;
use maru_protocol::{DisplayName, Epoch, MessageId, SessionId, User, UserId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::super::options;
use crate::{
    clock::ManualClock,
    journal::{
        Append, Change, Journal as _, RoomQuery, RoomRecord,
        memory::{Memory, MemoryOptions, Storage},
    },
    metrics::Metrics,
    runtime::{
        OpenCount,
        chat_server::ChatServer,
        messages::{CommandBatch, Enter, SessionCommand},
    },
    services::{EmptyRooms, RoomRemover},
    settings::{Settings, Variables},
};

use super::*;

const DAY: u64 = 24 * 60 * 60 * 1_000;

struct Bench {
    storage: Storage,
    journal: Arc<Memory>,
    engine: Addr<ChatServer>,
    clock: Arc<ManualClock>,
    rooms: EmptyRooms,
}

fn settings(folder: &std::path::Path) -> Settings {
    let path = folder.join("journal.db").display().to_string();
    let variables: Variables = [
        ("MARU_JOURNAL__PATH", path),
        ("MARU_FRONTEND__DIR", String::new()),
        ("MARU_AUTH__SECRET", "a secret of thirty-two bytes and more".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    Settings::load(&variables).unwrap()
}

impl Bench {
    /// Rooms go after seven days; the lobby stays.
    fn set(folder: &std::path::Path) -> Self {
        let storage = Storage::new(Epoch(Uuid::now_v7()));
        let (journal, _) = Memory::open(&storage, MemoryOptions::default()).unwrap();
        let clock = Arc::new(ManualClock::at(10 * DAY));
        let engine = ChatServer::new(
            &options(&settings(folder)),
            journal.clone(),
            clock.clone(),
            Arc::new(Metrics::new().unwrap()),
            Arc::new(OpenCount::default()),
            None,
        )
        .start();
        let remover = RoomRemover::new(journal.clone(), engine.clone(), None);
        let kept = vec![room("lobby").key()];
        let ttl = Duration::from_millis(7 * DAY);
        let rooms = EmptyRooms::new(remover, clock.clone(), ttl, kept);
        Self { storage, journal, engine, clock, rooms }
    }

    fn make(&self, name: &str, at: u64) -> RoomRecord {
        self.storage.create(room(name), at).into_room()
    }

    async fn enter(&self, record: &RoomRecord, session: SessionId) {
        let user = User { id: UserId("u".into()), name: DisplayName::parse("Ada").unwrap() };
        let (skeletons, (answer, entered)) = (user.name.skeletons(), oneshot::channel());
        let enter = Enter {
            session,
            visitor: Arc::new(Visitor { worker: 0, user, skeletons }),
            room: record.id,
            record: Some(record.clone()),
            after: None,
            epoch: self.storage.epoch(),
            holds_name: false,
            answer,
        };
        self.engine.send(CommandBatch(vec![SessionCommand::Enter(enter)])).await.unwrap();
        entered.await.unwrap().unwrap();
    }

    async fn walk(&self) -> u64 {
        self.rooms.walk(Duration::ZERO).await.unwrap()
    }

    async fn there(&self) -> Vec<String> {
        let all = self.journal.rooms(RoomQuery::first(1_000)).await.unwrap().rooms;
        all.into_iter().map(|room| room.name.to_string()).collect()
    }
}

#[actix_rt::test]
async fn what_is_empty_and_old_goes_while_nobody_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::set(folder.path());
    bench.make("lobby", 1);
    let spoken = bench.make("spoken", 2);
    let used = bench.make("used", 2 * DAY);
    bench.make("old", 2 * DAY + 1);
    bench.make("young", 3 * DAY + 1);
    let user = User { id: UserId("u".into()), name: DisplayName::parse("Ada").unwrap() };
    let hello = Append {
        room: spoken.id,
        room_name: spoken.name.clone(),
        id: MessageId(Uuid::from_u128(1)),
        sender: user,
        at: 3,
        what: Change::say(Body::parse("hello".to_owned()).unwrap()),
        reply: maru_engine::log::ReplyTo::Nobody,
    };
    assert_eq!(bench.storage.commit(vec![hello]).len(), 1);
    let session = SessionId(Uuid::from_u128(7));
    bench.enter(&used, session).await;
    assert_eq!(bench.walk().await, 1);
    assert_eq!(bench.there().await, ["spoken", "young", "used", "lobby"]);
    bench.clock.advance_ms(1);
    assert_eq!(bench.walk().await, 0, "a millisecond is missing");
    bench.clock.advance_ms(1);
    assert_eq!(bench.walk().await, 1);
    assert_eq!(bench.there().await, ["spoken", "used", "lobby"]);
    let gone = SessionCommand::Disconnect(session);
    bench.engine.send(CommandBatch(vec![gone])).await.unwrap();
    assert_eq!(bench.walk().await, 1);
    assert_eq!(bench.there().await, ["spoken", "lobby"]);
}

#[actix_rt::test]
async fn more_than_one_step_s_are_walked_along() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::set(folder.path());
    for number in 0..250 {
        bench.make(&format!("made {number}"), number / 3);
    }
    assert_eq!(bench.walk().await, 250);
    assert!(bench.there().await.is_empty());
}
