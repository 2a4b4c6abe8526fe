//! Nodes that write to one journal and follow it over a real NATS. The journal is the embedded one,
//! which has one commit channel: whoever appended gets the outcome.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use maru_protocol::{
    Body, DisplayName, Entry, MessageId, Ref, RoomName, Seq, SessionId, User, UserId,
};
use maru_server::{
    bus::nats::NatsOptions,
    clock::SystemClock,
    follow::{Follow, Follower, FollowerOptions, Output, Parts},
    journal::{
        Append, Batch, Change, Created, Journal, Outcome, PageRange, ReplyTo, RoomId, RoomRecord,
        SessionRef,
        sqlite::{Sqlite, SqliteOptions},
    },
    metrics::Metrics,
};
use tempfile::TempDir;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use uuid::Uuid;

use crate::nats::{Nats, PATIENCE};

/// A journal that several nodes write to.
struct Store {
    journal: Arc<dyn Journal>,
    rooms: Vec<RoomRecord>,
    nodes: Vec<Option<mpsc::Receiver<Batch>>>,
    _folder: TempDir,
}

impl Store {
    async fn open(nodes: usize, rooms: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions { queue: 10_000, ..SqliteOptions::default() };
        let (journal, commits) = Sqlite::open(&folder.path().join("maru.db"), options).unwrap();
        let (to, nodes) = (0..nodes).map(|_| mpsc::channel(4)).map(|(a, b)| (a, Some(b))).unzip();
        tokio::spawn(route(commits, to));
        let journal: Arc<dyn Journal> = journal;
        let mut made = Vec::new();
        for number in 0..rooms {
            let name = RoomName::parse(&format!("room {number}")).unwrap();
            let Created::New(room) = journal.create(name, 1).await.unwrap() else { panic!("new") };
            made.push(room);
        }
        Self { journal, rooms: made, nodes, _folder: folder }
    }

    async fn log(&self, room: RoomId) -> Vec<Entry> {
        let range = PageRange::After { after: Seq::ZERO, limit: 1_000_000 };
        self.journal.page(room, range).await.unwrap().entries
    }
}

/// Gives each node what it appended itself.
async fn route(mut commits: mpsc::Receiver<Batch>, to: Vec<mpsc::Sender<Batch>>) {
    while let Some(batch) = commits.recv().await {
        let mut parts: BTreeMap<usize, Batch> = BTreeMap::new();
        for outcome in batch {
            let reply = reply(&outcome).unwrap();
            parts.entry(reply.worker).or_default().push(outcome);
        }
        for (node, part) in parts {
            to[node].send(part).await.unwrap();
        }
    }
}

fn reply(outcome: &Outcome) -> Option<SessionRef> {
    outcome.reply().and_then(ReplyTo::session)
}

/// A node: its follower, and what came out of it.
struct Node {
    number: usize,
    journal: Arc<dyn Journal>,
    follow: Arc<dyn Follow>,
    metrics: Arc<Metrics>,
    rooms: Vec<RoomRecord>,
    taken: JoinHandle<Taken>,
    said: u32,
}

#[derive(Default)]
struct Taken {
    logs: BTreeMap<RoomId, Vec<Entry>>,
    answered: Vec<Ref>,
}

impl Node {
    /// Follows every room; done when this many entries came and this many answers.
    fn start(
        store: &mut Store,
        nats: &Nats,
        number: usize,
        entries: usize,
        answers: usize,
    ) -> Self {
        let metrics = Arc::new(Metrics::new().unwrap());
        let options = NatsOptions::new(&nats.url(), "maru", store.journal.epoch().0);
        let (bus, ears) = maru_server::bus::nats::Nats::connect(options, metrics.clone()).unwrap();
        let parts = Parts {
            journal: store.journal.clone(),
            commits: store.nodes[number].take().unwrap(),
            bus,
            ears,
            clock: Arc::new(SystemClock),
            metrics: metrics.clone(),
        };
        let (follower, Output { follow, batches, cluster_events: _ }) =
            Follower::new(parts, FollowerOptions::default());
        tokio::spawn(follower.run());
        store.rooms.iter().for_each(|room| follow.follow(room.id, room.head));
        let taken = tokio::spawn(take(batches, entries, answers));
        let (journal, rooms) = (store.journal.clone(), store.rooms.clone());
        Self { number, journal, follow, metrics, rooms, taken, said: 0 }
    }

    /// Says something in each room.
    fn say(&mut self) {
        for room in &self.rooms {
            self.said += 1;
            let who = format!("node {}", self.number);
            let append = Append {
                room: room.id,
                room_name: room.name.clone(),
                id: MessageId(Uuid::now_v7()),
                sender: User { id: UserId(who.clone()), name: DisplayName::parse(&who).unwrap() },
                at: 1,
                what: Change::say(Body::parse(format!("{} of {who}", self.said)).unwrap()),
                reply: ReplyTo::Session(SessionRef {
                    session: SessionId(Uuid::nil()),
                    worker: self.number,
                    room: room.id,
                    reference: Ref(self.said),
                }),
            };
            self.journal.append(append).unwrap();
        }
    }

    /// Everything came, each once and by seq, and each of its messages was answered once.
    async fn check(self, store: &Store) {
        let taken = timeout(PATIENCE, self.taken).await.expect("entries are missing").unwrap();
        for room in &self.rooms {
            assert_eq!(taken.logs[&room.id], store.log(room.id).await, "node {}", self.number);
        }
        let answered: BTreeSet<u32> = taken.answered.iter().map(|reference| reference.0).collect();
        assert_eq!(taken.answered.len(), answered.len(), "answered twice");
        assert_eq!(answered, (1..=self.said).collect());
        drop(self.follow);
    }
}

async fn take(mut batches: mpsc::Receiver<Batch>, entries: usize, answers: usize) -> Taken {
    let mut taken = Taken::default();
    let mut came = 0;
    while came < entries || taken.answered.len() < answers {
        for outcome in batches.recv().await.unwrap() {
            taken.answered.extend(reply(&outcome).map(|reply| reply.reference));
            if let Outcome::Committed { room, entry, .. } = outcome {
                came += 1;
                taken.logs.entry(room).or_default().push(entry);
            }
        }
    }
    // A moment for what should not come.
    while let Ok(Some(batch)) = timeout(Duration::from_millis(50), batches.recv()).await {
        assert!(batch.is_empty(), "more than there is: {batch:?}");
    }
    taken
}

const NODES: usize = 3;
const ROOMS: usize = 5;

/// Runs so many rounds in which every node talks in every room, with something happening between.
async fn talk(
    rounds: usize,
    nats: &mut Nats,
    mut happens: impl FnMut(usize, &mut Nats),
) -> Vec<u64> {
    let mut store = Store::open(NODES, ROOMS).await;
    let (entries, answers) = (rounds * ROOMS * NODES, rounds * ROOMS);
    let mut nodes: Vec<Node> =
        (0..NODES).map(|n| Node::start(&mut store, nats, n, entries, answers)).collect();
    for round in 0..rounds {
        happens(round, nats);
        for node in &mut nodes {
            node.say();
        }
        // The pace of a conversation that is not waited for.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let ended = Instant::now();
    let metrics: Vec<Arc<Metrics>> = nodes.iter().map(|node| node.metrics.clone()).collect();
    for node in nodes {
        node.check(&store).await;
    }
    assert!(ended.elapsed() < Duration::from_secs(5 + 1), "{:?}", ended.elapsed());
    metrics.iter().map(|metrics| metrics.holes_healed.get()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_nodes_hear_one_log() {
    let mut nats = Nats::start();
    talk(200, &mut nats, |_, _| ()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_nodes_hear_one_log_without_nats() {
    let mut nats = Nats::absent();
    let healed = talk(100, &mut nats, |_, _| ()).await;
    assert!(healed.iter().all(|healed| *healed > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_nodes_hear_one_log_while_nats_dies_and_comes_back() {
    let mut nats = Nats::start();
    talk(400, &mut nats, |round, nats| match round % 100 {
        30 => nats.kill(),
        70 => nats.launch(),
        _ => {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_nodes_hear_one_log_when_nats_dies_at_the_end() {
    let mut nats = Nats::start();
    talk(100, &mut nats, |round, nats| {
        if round == 95 {
            nats.kill()
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_nodes_hear_one_log_when_nats_freezes() {
    let mut nats = Nats::start();
    talk(100, &mut nats, |round, nats| {
        if round == 95 {
            nats.freeze()
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_word_is_heard_also_when_nats_froze_before_it() {
    let nats = Nats::start();
    let mut store = Store::open(2, 1).await;
    let mut speaker = Node::start(&mut store, &nats, 0, 20, 20);
    let listener = Node::start(&mut store, &nats, 1, 20, 0);
    (0..19).for_each(|_| speaker.say());
    while listener.metrics.hint_lag.get_sample_count() < 19 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    nats.freeze();
    speaker.say();
    let said = Instant::now();
    speaker.check(&store).await;
    listener.check(&store).await;
    assert!(said.elapsed() < Duration::from_secs(5), "{:?}", said.elapsed());
}
