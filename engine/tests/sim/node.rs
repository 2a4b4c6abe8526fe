//! A node: the real engine and the real follower, and around them what a server has: a mailbox,
//! the relay, worker queues, the writer to the journal.

use std::collections::{BTreeSet, VecDeque};

use maru_engine::{
    Command, Delivery, Effects, Engine, Options, Seed,
    cluster::NodeId,
    follow::{self, FollowOptions, Follower, Input},
    log::{Batch, RoomId},
};
use uuid::Uuid;

use crate::{
    plan::Micros,
    worker::Worker,
    world::{Appends, FollowRequests, Life, NodeEvent, Place, World},
};

/// Batches in the commit channel and between follower and relay.
pub const BATCHES: usize = 4;

/// What waits for the engine.
pub enum Mail {
    Command(Command),
    /// With who waits for the answer.
    Enter(Command, usize, Life),
    /// Somebody waits until it is done.
    Exit(Command, usize, Life),
    Committed(Batch),
}

/// From the commit channel to the workers, one batch at a time.
#[derive(Default)]
pub struct Relay {
    pub queue: VecDeque<Batch>,
    /// The engine decides.
    pub deciding: bool,
    /// What waits for a worker's queue.
    pub delivering: VecDeque<(usize, Delivery)>,
}

pub struct Node {
    pub life: Life,
    pub id: NodeId,
    pub draining: bool,
    pub frozen_until: Micros,
    pub engine: Engine,
    pub engine_due: Option<Micros>,
    pub mailbox: VecDeque<Mail>,
    pub mailbox_busy: bool,
    /// Answers that a full worker queue holds up: the engine waits with them.
    pub stalled: VecDeque<(usize, Delivery)>,
    pub follower: Option<Follower>,
    pub follower_due: Option<Micros>,
    pub follower_out: follow::Output,
    pub follow_requests: FollowRequests,
    /// Outcomes that the relay has no room for: the follower waits with them.
    pub held_up: VecDeque<Batch>,
    pub commits: VecDeque<Batch>,
    pub heard: VecDeque<NodeEvent>,
    pub answers: VecDeque<Input>,
    /// Questions under way: pages, checks of heads.
    pub asked: (usize, usize),
    pub relay: Relay,
    pub workers: Vec<Worker>,
    pub appends: Appends,
    pub bus_connected: bool,
    pub wanted_on_bus: BTreeSet<RoomId>,
    pub subscribed: BTreeSet<RoomId>,
    pub gossip_waiting: usize,
}

impl World {
    /// Another node comes to a place.
    pub fn start_node(&mut self, place: Place) {
        let cluster = self.plan.nodes > 1;
        let (id, seed) = (NodeId(Uuid::from_u128(self.id())), self.rng.next());
        let options = Options {
            max_roster: self.plan.max_roster,
            max_replay: self.plan.max_replay,
            max_page: 100,
            page_bytes: 256 * 1024,
            flips: self.plan.flips,
            flip_interval: std::time::Duration::from_secs(1),
            presence_interval: std::time::Duration::from_millis(200),
            directory_interval: std::time::Duration::from_millis(1_000),
        };
        let seeds = Seed([seed, seed ^ 1]);
        let mut engine = Engine::new(options, cluster.then_some(id), seeds, self.instant());
        engine.handle(self.instant(), Command::Workers(self.plan.workers), &mut Effects::default());
        self.lives += 1;
        let plan = &self.plan;
        let time = if self.calm { plan.calm_worker_time() } else { plan.worker_time };
        let workers = (0..self.plan.workers).map(|_| Worker::new(time)).collect();
        self.nodes[place] = Some(Node {
            life: self.lives,
            id,
            draining: false,
            frozen_until: 0,
            engine,
            engine_due: None,
            mailbox: VecDeque::new(),
            mailbox_busy: false,
            stalled: VecDeque::new(),
            follower: cluster.then(|| Follower::new(FollowOptions::default(), seeds)),
            follower_due: None,
            follower_out: follow::Output::default(),
            follow_requests: FollowRequests::new(),
            held_up: VecDeque::new(),
            commits: VecDeque::new(),
            heard: VecDeque::new(),
            answers: VecDeque::new(),
            asked: (0, 0),
            relay: Relay::default(),
            workers,
            appends: Appends::default(),
            bus_connected: false,
            wanted_on_bus: BTreeSet::new(),
            subscribed: BTreeSet::new(),
            gossip_waiting: 0,
        });
        let life = self.lives;
        self.note(|| format!("node {place}: starts, life {life}"));
        if cluster {
            self.bus_up(place);
        }
        self.set_engine_timer(place);
    }

    pub fn node_event(&mut self, place: Place, event: NodeEvent) {
        match event {
            NodeEvent::Mailbox => self.take_mail(place),
            NodeEvent::EngineTimer => self.engine_timer(place),
            NodeEvent::Follower => self.follower(place),
            NodeEvent::Worker(worker) => self.worker(place, worker),
            NodeEvent::Commit => self.commit(place),
            NodeEvent::Committed(outcomes) => {
                self.node(place).appends.done = Some(outcomes);
                self.hand_over_commit(place);
            }
            NodeEvent::Read(request) => self.read(place, request),
            NodeEvent::Answer(input) => {
                let node = self.node(place);
                match &input {
                    Input::Page { .. } => node.asked.0 -= 1,
                    _ => node.asked.1 -= 1,
                }
                node.answers.push_back(input);
                self.follower(place);
            }
            NodeEvent::BusFollowing(room) => {
                let node = self.node(place);
                if node.bus_connected && node.wanted_on_bus.contains(&room) {
                    node.subscribed.insert(room);
                    node.heard.push_back(NodeEvent::BusFollowing(room));
                    self.follower(place);
                }
            }
            NodeEvent::Bus { .. } | NodeEvent::BusConnected | NodeEvent::BusDisconnected => {
                self.node(place).heard.push_back(event);
                self.follower(place);
            }
            NodeEvent::Drained => self.look_whether_drained(place),
        }
    }
}

impl Node {
    /// What waits where, for who looks into a broken seed.
    pub fn figures(&self) -> String {
        let queues: Vec<usize> = self.workers.iter().map(|worker| worker.queue.len()).collect();
        format!(
            "life {}, mailbox {}, stalled {}, commits {}, heard {}, answers {}, held up {}, asked {:?}, \
             relay {}+{} deciding {}, workers {queues:?}, appends {}, connected {}, follower at {:?}",
            self.life,
            self.mailbox.len(),
            self.stalled.len(),
            self.commits.len(),
            self.heard.len(),
            self.answers.len(),
            self.held_up.len(),
            self.asked,
            self.relay.queue.len(),
            self.relay.delivering.len(),
            self.relay.deciding,
            self.appends.waiting.len(),
            self.bus_connected,
            self.follower_due,
        )
    }
}
