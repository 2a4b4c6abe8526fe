//! What the follower costs a message: this node's own, told to the others and put in order, and
//! other nodes'. Processor time of the one thread that it runs on, channels to it included.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a bench may

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use maru_protocol::{
    Body, DisplayName, Entry, Message, MessageId, Ref, RoomName, Seq, SessionId, User, UserId,
};
use maru_server::{
    bus::{Bus, BusEvent, NodeId, Topic, encoding::Hints},
    clock::SystemClock,
    follow::{Follower, FollowerOptions, Output, Parts},
    journal::{
        Outcome, ReplyTo, RoomId, SessionRef,
        sqlite::{Sqlite, SqliteOptions},
    },
    metrics::Metrics,
};
use tokio::sync::mpsc;
use uuid::Uuid;

const MESSAGES: u64 = 100_000;
const ROOM: RoomId = RoomId(1);

/// A bus that throws away.
struct Nobody;

impl Bus for Nobody {
    fn node(&self) -> NodeId {
        NodeId(Uuid::from_u128(1))
    }
    fn follow(&self, _: RoomId) {}
    fn unfollow(&self, _: RoomId) {}
    fn send(&self, _: Topic, message: Bytes) {
        std::hint::black_box(message);
    }
}

fn entry(number: u64) -> Entry {
    let body =
        "A message of an ordinary length, as people write them in a chat: 안녕하세요 여러분.";
    Entry::Message(Message::of(
        RoomName::parse("lobby").unwrap(),
        Seq::new(number).unwrap(),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("guest-1".into()), name: DisplayName::parse("민지").unwrap() },
        1_700_000_000_000,
        Body::parse(body.to_owned()).unwrap(),
    ))
}

fn committed(number: u64) -> Outcome {
    let session = SessionId(Uuid::nil());
    let reply = ReplyTo::Session(SessionRef { session, worker: 0, room: ROOM, reference: Ref(1) });
    Outcome::Committed { room: ROOM, entry: entry(number), reply: Some(reply) }
}

fn hint(numbers: impl Iterator<Item = u64>) -> BusEvent {
    let mut hints = Hints::default();
    numbers.for_each(|number| hints.add(&entry(number)));
    let message = hints.messages().next().unwrap();
    let from = NodeId(Uuid::from_u128(2));
    BusEvent::Message { from, topic: Topic::Room(ROOM), message }
}

/// Sends all of it through a follower.
async fn through(batches: Vec<Vec<Outcome>>, heard: Vec<BusEvent>) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _own) =
        Sqlite::open(&folder.path().join("maru.db"), SqliteOptions::default()).unwrap();
    let (commits, commits_out) = mpsc::channel(4);
    let (to_ears, ears) = mpsc::channel(4_096);
    let parts = Parts {
        journal,
        commits: commits_out,
        bus: Arc::new(Nobody),
        ears,
        clock: Arc::new(SystemClock),
        metrics: Arc::new(Metrics::new().unwrap()),
    };
    let (follower, Output { follow, batches: mut out, cluster_events: _bus_events }) =
        Follower::new(parts, FollowerOptions::default());
    follow.follow(ROOM, Seq::ZERO);
    let task = tokio::spawn(follower.run());
    let started = Instant::now();
    tokio::spawn(async move {
        for heard in heard {
            to_ears.send(heard).await.unwrap();
        }
        for batch in batches {
            commits.send(batch).await.unwrap();
        }
        // The ends stay open until all came out.
        std::future::pending::<()>().await;
    });
    let mut came = 0;
    while came < MESSAGES {
        came += u64::try_from(out.recv().await.unwrap().len()).unwrap();
    }
    let took = started.elapsed();
    task.abort();
    took
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("follower, per message of 100 bytes");
    for together in [1, 10, 100] {
        let firsts = (0..MESSAGES / together).map(|n| n * together + 1);
        let own = firsts.clone().map(|n| (n..n + together).map(committed).collect()).collect();
        let others = firsts.map(|n| hint(n..n + together)).collect();
        for (what, took) in [
            ("own", runtime.block_on(through(own, Vec::new()))),
            ("others'", runtime.block_on(through(Vec::new(), others))),
        ] {
            let each = took.as_nanos() as f64 / MESSAGES as f64 / 1_000.0;
            println!("{what:>8}, {together:>3} together: {each:.2} us");
        }
    }
}
