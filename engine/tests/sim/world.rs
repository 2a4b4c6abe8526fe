//! One seed's world: its parts, its virtual time, and what happens next.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    time::Duration,
};

use maru_engine::{
    Instant,
    cluster::Topic,
    follow::{Input, Request},
    log::{Append, Outcome, Page, RoomId, RoomRecord},
};
use maru_protocol::Seq;

use crate::{
    bus::{Bus, Message},
    client::Client,
    faults::Fault,
    node::Node,
    plan::{Micros, Plan, SECOND},
    presence::Truth,
    rng::Rng,
    store::Store,
};

/// The place of a node; another node can come to it when one is gone.
pub type Place = usize;
/// Which of a place's nodes, or of a client's connections.
pub type Life = u32;

/// Something that happens at a time.
#[derive(Debug)]
pub enum Event {
    /// A client does something.
    Client(usize),
    /// Something of a node. Nothing, when that node is gone; later, while it is frozen.
    Node(Place, Life, NodeEvent),
    /// Something of a session. Nothing, when that connection is gone.
    Session(usize, Life, SessionEvent),
    Fault(Fault),
    /// Everything is repaired.
    Calm,
    /// Nobody comes or goes any more.
    Settle,
    /// Something is said in each room, and then nothing more.
    LastWords,
    /// Nobody is shown any more who is gone.
    NoGhosts,
    /// Everything agrees.
    End,
    /// Bounds are looked at.
    Bounds,
}

#[derive(Debug)]
pub enum NodeEvent {
    Mailbox,
    EngineTimer,
    Follower,
    Worker(usize),
    /// The store takes a batch of appends.
    Commit,
    /// What became of them comes back.
    Committed(Vec<Outcome>),
    /// The store answers a question of the follower.
    Read(Request),
    Answer(Input),
    /// A message of another node comes.
    Bus {
        from: maru_engine::cluster::NodeId,
        topic: Topic,
        message: Message,
    },
    BusFollowing(RoomId),
    BusConnected,
    BusDisconnected,
    /// The last step of a stop, when nothing waits any more.
    Drained,
}

#[derive(Debug)]
pub enum SessionEvent {
    /// The store looks a room up.
    Find(RoomId),
    Found(RoomId, Option<RoomRecord>),
    Entered(RoomId, Result<maru_engine::Entered, maru_protocol::ErrorCode>),
    /// The store reads what was missed, or the newest page.
    Read(RoomId, Wanted, bool),
    /// What it read; none where it failed, and a page of none where too much was missed.
    Page(RoomId, Wanted, bool, Option<Option<Page>>),
    Left(RoomId),
}

/// What a session reads for a join.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    After(Seq),
    Newest,
}

struct Scheduled {
    at: Micros,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// Lines of a trace that are kept, the last ones: more than a world's half a minute has.
const TRACE: usize = 100_000;

/// How long it is quiet before nobody may be shown who is gone: a dead node's people go within
/// 10 s, its last words were on the bus for a moment, and telling takes two intervals.
const NO_GHOSTS: Micros = 10 * SECOND + 600_000;
/// And until nobody comes or goes any more.
const SETTLED: Micros = 4 * SECOND;
/// And until everything agrees.
const QUIET: Micros = 18 * SECOND;

pub struct World {
    pub now: Micros,
    number: u64,
    queue: BinaryHeap<Reverse<Scheduled>>,
    pub rng: Rng,
    pub plan: Plan,
    pub store: Store,
    pub bus: Bus,
    pub nodes: Vec<Option<Node>>,
    pub lives: Life,
    pub clients: Vec<Client>,
    pub truth: Truth,
    /// Nothing breaks any more.
    pub calm: bool,
    /// Nobody comes or goes any more.
    pub settled: bool,
    /// Nobody says anything any more.
    pub silent: bool,
    /// Ids made so far: sessions, messages, nodes.
    pub ids: u128,
    /// What is wrong.
    pub broken: Option<String>,
    trace: Option<VecDeque<String>>,
    pub done: bool,
    pub stats: Stats,
    /// Changes with everything that clients are told: two runs of a seed have the same.
    pub digest: u64,
}

/// What happened, for the summary.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub events: u64,
    pub committed: u64,
    pub delivered: u64,
    pub joined: u64,
    pub faults: u64,
}

impl Stats {
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.committed += other.committed;
        self.delivered += other.delivered;
        self.joined += other.joined;
        self.faults += other.faults;
    }
}

impl World {
    pub fn new(seed: u64, trace: bool) -> Self {
        let plan = Plan::of(seed);
        let rng = Rng::new(seed);
        let mut world = Self {
            now: 0,
            number: 0,
            queue: BinaryHeap::new(),
            rng,
            store: Store::new(plan.rooms),
            bus: Bus::default(),
            nodes: (0..plan.nodes).map(|_| None).collect(),
            lives: 0,
            clients: Vec::new(),
            truth: Truth::default(),
            calm: false,
            settled: false,
            silent: false,
            ids: 1,
            broken: None,
            trace: trace.then(VecDeque::new),
            done: false,
            stats: Stats::default(),
            digest: 0,
            plan,
        };
        for place in 0..world.plan.nodes {
            world.start_node(place);
        }
        for number in 0..world.plan.clients {
            let client = Client::new(number, &world.plan, &mut world.rng);
            world.clients.push(client);
            let at = world.rng.range(0, SECOND);
            world.after(at, Event::Client(number));
        }
        world.plan_faults();
        let calm = world.plan.chaos;
        world.after(calm, Event::Calm);
        world.after(calm + SETTLED, Event::Settle);
        world.after(calm + NO_GHOSTS, Event::NoGhosts);
        world.after(calm + NO_GHOSTS + 1, Event::LastWords);
        world.after(calm + QUIET, Event::End);
        world.after(SECOND / 2, Event::Bounds);
        world
    }

    /// Runs it to its end. What is wrong, if anything.
    pub fn run(&mut self) -> Result<(), String> {
        while !self.done && self.broken.is_none() {
            let Some(Reverse(next)) = self.queue.pop() else { break };
            self.now = next.at;
            self.stats.events += 1;
            self.happen(next.event);
        }
        match self.broken.take() {
            Some(broken) => Err(broken),
            None => Ok(()),
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Client(client) => self.client(client),
            Event::Session(client, life, event) => self.session(client, life, event),
            Event::Node(place, life, event) => {
                let Some(node) = self.nodes[place].as_ref().filter(|node| node.life == life) else {
                    return;
                };
                if node.frozen_until > self.now {
                    let later = node.frozen_until - self.now;
                    self.after(later, Event::Node(place, life, event));
                } else {
                    self.node_event(place, event);
                }
            }
            Event::Fault(fault) => self.fault(fault),
            Event::Calm => self.become_calm(),
            Event::Settle => self.settled = true,
            Event::LastWords => {
                self.silent = true;
                if !self.plan.mute {
                    self.say_last_words();
                }
            }
            Event::NoGhosts => self.check_presence("10 s after the last fault"),
            Event::End => {
                self.check_end();
                self.done = true;
            }
            Event::Bounds => {
                self.check_bounds();
                self.after(SECOND / 2, Event::Bounds);
            }
        }
    }

    /// Something happens so much later.
    pub fn after(&mut self, later: Micros, event: Event) {
        self.number += 1;
        let at = self.now + later;
        self.queue.push(Reverse(Scheduled { at, number: self.number, event }));
    }

    /// Something of the node that lives there now happens so much later.
    pub fn node_after(&mut self, place: Place, later: Micros, event: NodeEvent) {
        if let Some(life) = self.nodes[place].as_ref().map(|node| node.life) {
            self.after(later, Event::Node(place, life, event));
        }
    }

    pub fn session_after(&mut self, client: usize, later: Micros, event: SessionEvent) {
        let life = self.clients[client].life;
        self.after(later, Event::Session(client, life, event));
    }

    /// About as long as that: a little less, or up to twice it.
    pub fn about(&mut self, time: Micros) -> Micros {
        self.rng.range(time / 2, time * 2 + 1)
    }

    pub fn instant(&self) -> Instant {
        Instant::from_start(Duration::from_micros(self.now))
    }

    /// The clock on the wall, in milliseconds.
    pub fn wall_ms(&self) -> u64 {
        1_700_000_000_000 + self.now / 1_000
    }

    pub fn id(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }

    pub fn node(&mut self, place: Place) -> &mut Node {
        self.nodes[place].as_mut().unwrap()
    }

    /// An invariant is broken.
    pub fn fail(&mut self, what: impl FnOnce() -> String) {
        if self.broken.is_none() {
            let what = what();
            self.note(|| format!("BROKEN: {what}"));
            self.broken = Some(what);
        }
    }

    pub fn ensure(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.fail(what);
        }
    }

    /// A line for the trace.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            if trace.len() == TRACE {
                trace.pop_front();
            }
            let (s, us) = (self.now / SECOND, self.now % SECOND);
            trace.push_back(format!("{s:>3}.{us:06} {}", line()));
        }
    }

    /// The last lines of the trace, at most so many.
    pub fn trace(&self, most: usize) -> impl Iterator<Item = &String> {
        let lines = self.trace.iter().flatten();
        let count = self.trace.as_ref().map_or(0, VecDeque::len);
        lines.skip(count.saturating_sub(most))
    }

    /// Goes into what two runs must have in common.
    pub fn told(&mut self, what: u64) {
        self.digest = self.digest.rotate_left(5).wrapping_mul(0x0100_0000_01B3) ^ what ^ self.now;
    }
}

/// What waits for the store.
#[derive(Debug, Default)]
pub struct Appends {
    pub waiting: VecDeque<Append>,
    pub committing: bool,
    /// Committed, and nobody takes it yet.
    pub done: Option<Vec<Outcome>>,
}

/// What follows are wanted, by room: the latest counts.
pub type FollowRequests = BTreeMap<RoomId, Option<Seq>>;
