//! What the follower's tests are written in: a log on paper that several nodes write to, a bus that
//! loses, doubles and turns around, and nodes.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use maru_protocol::{
    About, Body, DisplayName, Entry, Epoch, Message, MessageId, OwnReactions, Ref, RoomKey,
    RoomName, Seq, SessionId, User, UserId,
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use uuid::Uuid;

use super::{ClusterEvent, Follow, Follower, FollowerOptions, Output, Parts};
use crate::{
    bus::{Bus, BusEvent, BusEvents, NodeId, Topic},
    clock::{Clock, ManualClock},
    journal::{
        Append, Batch, Created, Full, Journal, JournalError, MOST_HEADS, Outcome, Page, PageRange,
        ReplyTo, RoomId, RoomList, RoomQuery, RoomRecord, SessionRef, StoreFuture,
    },
    metrics::Metrics,
};

pub(super) fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

pub(super) fn entry(number: u64) -> Entry {
    Entry::Message(Message::of(
        RoomName::parse("lobby").unwrap(),
        seq(number),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("u".into()), name: DisplayName::parse("민지").unwrap() },
        1_000,
        Body::parse(format!("말 {number}")).unwrap(),
    ))
}

pub(super) fn reply(room: RoomId, number: u64) -> ReplyTo {
    let reference = Ref(u32::try_from(number).unwrap());
    ReplyTo::Session(SessionRef { session: SessionId(Uuid::nil()), worker: 0, room, reference })
}

/// A log without a disk. Everything that was appended is committed.
#[derive(Default)]
pub(super) struct Paper {
    heads: Mutex<HashMap<RoomId, u64>>,
    pub(super) broken: AtomicBool,
    pub(super) pages: AtomicU64,
    /// Entries in these pages.
    pub(super) read: AtomicU64,
    pub(super) looks: AtomicU64,
}

impl Paper {
    /// Somebody, somewhere, commits an entry.
    pub(super) fn commit(&self, room: RoomId) -> u64 {
        let mut heads = self.heads.lock().unwrap();
        let head = heads.entry(room).or_default();
        *head += 1;
        *head
    }

    /// A backup is restored.
    pub(super) fn set_head(&self, room: RoomId, head: u64) {
        self.heads.lock().unwrap().insert(room, head);
    }

    fn head(&self, room: RoomId) -> u64 {
        self.heads.lock().unwrap().get(&room).copied().unwrap_or_default()
    }

    fn answer<T: Send + 'static>(&self, answer: T) -> StoreFuture<T> {
        let answer = match self.broken.load(Ordering::SeqCst) {
            true => Err(JournalError::Store("broken".into())),
            false => Ok(answer),
        };
        Box::pin(async move {
            // A statement's way there and back.
            tokio::time::sleep(Duration::from_millis(2)).await;
            answer
        })
    }
}

impl Journal for Paper {
    fn epoch(&self) -> Epoch {
        Epoch(Uuid::nil())
    }
    fn append(&self, _: Append) -> Result<(), Full> {
        Err(Full)
    }
    fn room(&self, _: RoomKey) -> StoreFuture<Option<RoomRecord>> {
        self.answer(None)
    }
    fn create(&self, name: RoomName, at: u64) -> StoreFuture<Created> {
        let record = RoomRecord { id: RoomId(0), name, head: Seq::ZERO, active_at: at };
        self.answer(Created::New(record))
    }
    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        self.pages.fetch_add(1, Ordering::SeqCst);
        let head = self.head(room);
        let PageRange::After { after, limit } = range else { panic!("{range:?}") };
        let end = head.min(after.get() + u64::from(limit));
        let entries: Vec<Entry> = (after.get() + 1..=end).map(entry).collect();
        self.read.fetch_add(entries.len().try_into().unwrap(), Ordering::SeqCst);
        let (covers, updated) = (range.covers(seq(head)), Vec::new());
        self.answer(Page { entries, covers, updated, head: seq(head), about: About::default() })
    }
    fn history(&self, _: RoomId, range: PageRange) -> StoreFuture<Page> {
        panic!("a follower reads each entry, not {range:?} by messages")
    }
    fn missed(&self, _: RoomId, _: Seq, _: u32) -> StoreFuture<Option<Page>> {
        panic!("a follower misses nothing")
    }
    fn locate(&self, _: RoomId, _: MessageId) -> StoreFuture<Option<Seq>> {
        self.answer(None)
    }
    fn pinned(&self, _: RoomId) -> StoreFuture<Vec<Message>> {
        self.answer(Vec::new())
    }
    fn own_reactions(
        &self,
        _: RoomId,
        _: UserId,
        _: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)> {
        self.answer((Seq::ZERO, Vec::new()))
    }
    fn heads(&self, rooms: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>> {
        assert!(!rooms.is_empty() && rooms.len() <= MOST_HEADS);
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.answer(rooms.into_iter().map(|room| (room, seq(self.head(room)))).collect())
    }
    fn rooms_made(&self) -> StoreFuture<i64> {
        self.answer(0)
    }
    fn rooms(&self, _: RoomQuery) -> StoreFuture<RoomList> {
        self.answer(RoomList::default())
    }
    fn probe(&self) -> StoreFuture<()> {
        self.answer(())
    }
    fn close(&self) -> StoreFuture<()> {
        self.answer(())
    }
}

/// A bus whose other end is the test.
pub(super) struct Wire {
    node: NodeId,
    pub(super) followed: Mutex<HashSet<RoomId>>,
    pub(super) sent: Mutex<Vec<(Topic, Bytes)>>,
}

impl Bus for Wire {
    fn node(&self) -> NodeId {
        self.node
    }
    fn follow(&self, room: RoomId) {
        self.followed.lock().unwrap().insert(room);
    }
    fn unfollow(&self, room: RoomId) {
        self.followed.lock().unwrap().remove(&room);
    }
    fn send(&self, to: Topic, message: Bytes) {
        self.sent.lock().unwrap().push((to, message));
    }
}

/// A node with its follower running.
pub(super) struct Node {
    pub(super) journal: Arc<Paper>,
    pub(super) bus: Arc<Wire>,
    pub(super) commits: Option<mpsc::Sender<Batch>>,
    pub(super) ears: mpsc::Sender<BusEvent>,
    pub(super) follow: Arc<dyn Follow>,
    pub(super) batches: mpsc::Receiver<Batch>,
    pub(super) cluster_events: mpsc::Receiver<ClusterEvent>,
    pub(super) clock: ManualClock,
    pub(super) metrics: Arc<Metrics>,
    pub(super) task: JoinHandle<()>,
}

pub(super) const ROOM: RoomId = RoomId(1);

impl Node {
    pub(super) fn new(journal: &Arc<Paper>, number: u128, options: FollowerOptions) -> Self {
        let node = NodeId(Uuid::from_u128((number << 64) | number));
        let bus = Arc::new(Wire { node, followed: Mutex::default(), sent: Mutex::default() });
        let (commits, commits_out) = mpsc::channel(4);
        let (ears, heard): (_, BusEvents) = mpsc::channel(20_000);
        let clock = ManualClock::at(1_000);
        let metrics = Arc::new(Metrics::new().unwrap());
        let parts = Parts {
            journal: journal.clone(),
            commits: commits_out,
            bus: bus.clone(),
            ears: heard,
            clock: Arc::new(clock.clone()) as Arc<dyn Clock>,
            metrics: metrics.clone(),
        };
        let (follower, output) = Follower::new(parts, options);
        let Output { follow, batches, cluster_events } = output;
        let task = tokio::spawn(follower.run());
        let (journal, commits) = (journal.clone(), Some(commits));
        Self { journal, bus, commits, ears, follow, batches, cluster_events, clock, metrics, task }
    }

    /// A node whose bus is there, following the room from its beginning.
    pub(super) async fn in_room() -> Self {
        let node = Self::new(&Arc::default(), 1, FollowerOptions::default());
        node.hear(BusEvent::Connected).await;
        node.follow.follow(ROOM, Seq::ZERO);
        node
    }

    pub(super) async fn hear(&self, heard: BusEvent) {
        self.ears.send(heard).await.unwrap();
    }

    /// Another node says something.
    pub(super) async fn hear_message(&self, topic: Topic, message: Bytes) {
        let from = NodeId(Uuid::from_u128(99));
        self.hear(BusEvent::Message { from, topic, message }).await;
    }

    /// Another node hints at these.
    pub(super) async fn hear_hint(&self, numbers: &[u64]) {
        for message in hints(numbers) {
            self.hear_message(Topic::Room(ROOM), message).await;
        }
    }

    /// This node commits these, which are in the journal already.
    pub(super) async fn commit(&self, numbers: &[u64]) {
        let batch = numbers.iter().map(|number| committed(*number)).collect();
        self.commits.as_ref().unwrap().send(batch).await.unwrap();
    }

    /// The next batch.
    pub(super) async fn next(&mut self) -> Batch {
        timeout(Duration::from_secs(60), self.batches.recv()).await.unwrap().unwrap()
    }

    /// Nothing comes for so long.
    pub(super) async fn silent(&mut self, millis: u64) {
        let more = timeout(Duration::from_millis(millis), self.batches.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }

    /// How long it takes until these entries came, without replies.
    pub(super) async fn entries(&mut self, numbers: impl IntoIterator<Item = u64>) -> Duration {
        let started = tokio::time::Instant::now();
        let wanted: Vec<Outcome> = numbers.into_iter().map(foreign).collect();
        let mut came = Vec::new();
        while came.len() < wanted.len() {
            came.extend(self.next().await);
        }
        assert_eq!(came, wanted);
        started.elapsed()
    }
}

/// The messages of a hint.
pub(super) fn hints(numbers: &[u64]) -> Vec<Bytes> {
    let mut hints = crate::bus::encoding::Hints::default();
    numbers.iter().for_each(|number| hints.add(&entry(*number)));
    hints.messages().collect()
}

/// A commit of this node.
pub(super) fn committed(number: u64) -> Outcome {
    Outcome::Committed { room: ROOM, entry: entry(number), reply: Some(reply(ROOM, number)) }
}

/// An entry that nobody here waits for.
pub(super) fn foreign(number: u64) -> Outcome {
    Outcome::Committed { room: ROOM, entry: entry(number), reply: None }
}

/// An entry of this node whose sender was answered before.
pub(super) fn own_for_nobody(number: u64) -> Outcome {
    Outcome::Committed { room: ROOM, entry: entry(number), reply: Some(ReplyTo::Nobody) }
}

/// The answer to a commit of this node whose entry comes later.
pub(super) fn known(number: u64) -> Outcome {
    let Entry::Message(message) = entry(number) else { panic!() };
    Outcome::Known {
        seq: message.seq,
        at: message.at,
        room: message.room,
        id: message.id,
        reply: reply(ROOM, number),
    }
}
