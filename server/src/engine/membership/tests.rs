use std::{collections::BTreeSet, sync::Arc, time::Duration};

use actix::{Actor, Addr};
use maru_protocol::{
    About, Body, DisplayName, Entry as LogEntry, Epoch, Message, MessageId, OwnReactions, Position,
    Ref, RoomKey, RoomName, Seq, User, UserId,
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::*;
use crate::{
    clock::SystemClock,
    engine::rooms::recent::{Kept, Offered, Replay},
    fanout::testing::options,
    journal::{
        Append, Created, Full, Journal, JournalError, Outcome, Page, PageRange, ReplyTo, RoomQuery,
        RoomRecord, SessionRef, StoreFuture,
    },
    metrics::Metrics,
    runtime::messages::{
        CommandBatch, Committed, Delivery, Item, RegisterWorker, SessionCommand, Visitor,
    },
};

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));

/// A journal that nobody asks: the ChatServer does not read.
struct Silent;

fn nothing<T: Send + 'static>() -> StoreFuture<T> {
    Box::pin(std::future::ready(Err(JournalError::Busy)))
}

impl Journal for Silent {
    fn epoch(&self) -> Epoch {
        EPOCH
    }
    fn append(&self, _: Append) -> Result<(), Full> {
        Err(Full)
    }
    fn append_all(&self, appends: Vec<Append>) -> Vec<Append> {
        appends
    }
    fn room(&self, _: RoomKey) -> StoreFuture<Option<RoomRecord>> {
        nothing()
    }
    fn create(&self, _: RoomName, _: u64) -> StoreFuture<Created> {
        nothing()
    }
    fn page(&self, _: RoomId, _: PageRange) -> StoreFuture<Page> {
        nothing()
    }
    fn locate(&self, _: RoomId, _: MessageId) -> StoreFuture<Option<Seq>> {
        nothing()
    }
    fn pinned(&self, _: RoomId) -> StoreFuture<Vec<Message>> {
        nothing()
    }
    fn own_reactions(
        &self,
        _: RoomId,
        _: UserId,
        _: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)> {
        nothing()
    }
    fn heads(&self, _: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>> {
        nothing()
    }
    fn rooms(&self, _: RoomQuery) -> StoreFuture<Vec<RoomRecord>> {
        nothing()
    }
    fn probe(&self) -> StoreFuture<()> {
        nothing()
    }
    fn close(&self) -> StoreFuture<()> {
        nothing()
    }
}

fn engine() -> Addr<ChatServer> {
    let metrics = Arc::new(Metrics::new().unwrap());
    let options = Arc::new(options(500, 100, 1 << 20));
    ChatServer::new(options, Arc::new(Silent), Arc::new(SystemClock), metrics, None).start()
}

fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn name(room: i64) -> RoomName {
    RoomName::parse(&format!("room {room}")).unwrap()
}

fn record(room: i64, head: u64) -> RoomRecord {
    RoomRecord { id: RoomId(room), name: name(room), head: seq(head), active_at: 0 }
}

fn entry(room: i64, number: u64) -> LogEntry {
    LogEntry::Message(Message::of(
        name(room),
        seq(number),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() },
        0,
        Body::parse("안녕".to_owned()).unwrap(),
    ))
}

fn enter(who: u128, room: i64, record: Option<RoomRecord>) -> Enter {
    let name = DisplayName::parse(&format!("person {who} of many")).unwrap();
    let skeletons = name.skeletons();
    let user = User { id: UserId(who.to_string()), name };
    let visitor = Arc::new(Visitor { worker: 0, user, skeletons });
    let (session, room, after) = (session(who), RoomId(room), None);
    let answer = oneshot::channel().0;
    Enter { session, visitor, room, record, after, epoch: EPOCH, answer }
}

async fn post(engine: &Addr<ChatServer>, post: SessionCommand) {
    engine.send(CommandBatch(vec![post])).await.unwrap();
}

async fn entered(engine: &Addr<ChatServer>, enter: Enter) -> Result<Entered, ErrorCode> {
    let (answer, entered) = oneshot::channel();
    post(engine, SessionCommand::Enter(Enter { answer, ..enter })).await;
    entered.await.unwrap()
}

/// Enters a room that is in use, or whose record is given.
async fn replay(engine: &Addr<ChatServer>, enter: Enter) -> Replay {
    match entered(engine, enter).await.unwrap() {
        Entered::In { replay, .. } => replay,
        Entered::RecordNeeded => panic!("nobody is in it"),
    }
}

fn offer(who: u128, head: u64) -> Offer {
    let entries = (1..=head).map(|n| Kept::read(&entry(1, n))).collect();
    let read = Offered { head: seq(head), about: About::default(), entries };
    Offer { session: session(who), room: RoomId(1), read }
}

fn committed(number: u64) -> Committed {
    let room = RoomId(1);
    let reply =
        ReplyTo::Session(SessionRef { session: session(1), worker: 0, room, reference: Ref(1) });
    Committed(vec![Outcome::Committed { room, entry: entry(1, number), reply: Some(reply) }])
}

#[actix_rt::test]
async fn a_record_read_before_the_room_was_in_use_is_not_its_head() {
    let engine = engine();
    let asked = entered(&engine, enter(1, 1, None)).await.unwrap();
    assert!(matches!(asked, Entered::RecordNeeded));
    // The sixth entry may be committed already, and handed over while nobody was in the room.
    let mut first = enter(1, 1, Some(record(1, 5)));
    first.after = Some(Position { epoch: EPOCH, seq: seq(5) });
    let first = replay(&engine, first).await;
    assert!(matches!(first, Replay::Journal { offer: true }), "{first:?}");
    let second = replay(&engine, enter(2, 1, None)).await;
    assert!(matches!(second, Replay::Journal { offer: false }), "{second:?}");
    // What is read now is the room's: whatever comes later is handed over while it is in use.
    engine.send(offer(1, 6)).await.unwrap();
    engine.send(committed(7)).await.unwrap();
    let third = replay(&engine, enter(3, 1, Some(record(1, 5)))).await;
    let Replay::Known { head, entries, reset: false, .. } = third else { panic!("{third:?}") };
    assert_eq!((head, entries.len()), (seq(7), 7));
}

#[actix_rt::test]
async fn only_who_was_there_all_the_time_can_hand_over_what_it_read() {
    let engine = engine();
    replay(&engine, enter(1, 1, Some(record(1, 5)))).await;
    post(&engine, SessionCommand::Exit { session: session(1), room: RoomId(1), done: None }).await;
    // Nobody hears of the sixth entry. Then the room is in use again, and the old page comes.
    engine.send(committed(6)).await.unwrap();
    replay(&engine, enter(2, 1, Some(record(1, 6)))).await;
    engine.send(offer(1, 5)).await.unwrap();
    let next = replay(&engine, enter(3, 1, None)).await;
    assert!(matches!(next, Replay::Journal { .. }), "{next:?}");
    // With its last session a room goes out of memory, its tail too.
    engine.send(offer(2, 6)).await.unwrap();
    for who in [2, 3] {
        post(&engine, SessionCommand::Disconnect(session(who))).await;
    }
    let asked = entered(&engine, enter(4, 1, None)).await.unwrap();
    assert!(matches!(asked, Entered::RecordNeeded));
}

#[actix_rt::test]
async fn rooms_beyond_an_intervals_budget_are_told_in_the_next_ones() {
    let engine = engine();
    let (queue, mut inbox) = mpsc::channel::<Delivery>(1_000);
    engine.send(RegisterWorker { number: 0, queue }).await.unwrap();
    for who in 0..50 * 30 {
        let room = i64::try_from(who % 50).unwrap();
        replay(&engine, enter(who, room, Some(record(room, 0)))).await;
    }
    let mut silent: BTreeSet<RoomId> = (0..50).map(RoomId).collect();
    let told = async {
        while !silent.is_empty() {
            for item in inbox.recv().await.unwrap() {
                let Item::Event { room, text, .. } = item else { continue };
                let whole = String::from_utf8_lossy(&text).contains("\"count\":30");
                if whole {
                    silent.remove(&room);
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("a room is never told");
}
