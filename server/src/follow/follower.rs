//! The task that drives the follower.

use std::{collections::HashMap, mem, sync::Arc};

use maru_engine::{
    Instant, Seed,
    follow::{self, Finding, Input, Output as Decisions, Subscription, hints},
};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::{self, sleep_until},
};

use super::{ClusterEvent, Follow, FollowerOptions, reads::Reads, requests::FollowRequests};
use crate::{
    bus::{
        Bus, BusEvent, BusEvents, Topic,
        encoding::{self, Garbage, Hint, Hints, NodeMessage},
    },
    clock::Clock,
    journal::{Batch, Journal, RoomId},
    metrics::Metrics,
};

/// Messages taken from the bus at once: what then goes out together is handed over together.
const MAX_HEARD_AT_ONCE: usize = 64;
/// Most outcomes handed over in one batch, as many as the journal's own batches have or few more.
const MAX_OUTCOMES: usize = 256;

/// What the follower works with.
pub struct Parts {
    /// The log.
    pub journal: Arc<dyn Journal>,
    /// Its commit channel.
    pub commits: mpsc::Receiver<Batch>,
    /// The way to the other nodes.
    pub bus: Arc<dyn Bus>,
    /// The way from them.
    pub ears: BusEvents,
    /// For how long entries were on their way.
    pub clock: Arc<dyn Clock>,
    /// Its figures.
    pub metrics: Arc<Metrics>,
}

/// What comes out of a follower.
pub struct Output {
    /// Tells it which rooms to follow.
    pub follow: Arc<dyn Follow>,
    /// For the relay, in place of the commit channel; see [`follow::Output::outcomes`]. Ends after
    /// all that came out of the commit channel was handed over.
    pub batches: mpsc::Receiver<Batch>,
    /// What is never kept.
    pub cluster_events: mpsc::Receiver<ClusterEvent>,
}

/// Makes one stream of this node's commits and of what is heard of others; see [`Output`].
pub struct Follower {
    follower: follow::Follower,
    /// What it decided and was not done yet.
    decisions: Decisions,
    /// Where its time begins.
    started: time::Instant,
    commits: mpsc::Receiver<Batch>,
    ears: BusEvents,
    bus: Arc<dyn Bus>,
    reads: Reads,
    requests: Arc<FollowRequests>,
    out: mpsc::Sender<Batch>,
    cluster_events: mpsc::Sender<ClusterEvent>,
    /// How the bus is, when that could not be told yet.
    untold_bus_state: Option<ClusterEvent>,
    /// The bus ended for ever.
    bus_ended: bool,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

/// What happens to the follower.
enum Event {
    Commits(Batch),
    Heard,
    Read(Input),
    /// Follow requests, or a time that came: both are looked at after whatever happens.
    Other,
    End,
}

impl Follower {
    /// A follower that follows no room yet, and what comes out of it. Nothing happens until
    /// [`Follower::run`].
    #[must_use]
    pub fn new(parts: Parts, options: FollowerOptions) -> (Self, Output) {
        let Parts { journal, commits, bus, ears, clock, metrics } = parts;
        let (out, batches) = mpsc::channel(options.batch_queue.max(1));
        let (cluster_events, heard) = mpsc::channel(options.cluster_event_queue.max(1));
        let requests = Arc::new(FollowRequests::default());
        let (high, low) = bus.node().0.as_u64_pair();
        // The id of a node is random.
        let seed = Seed([high, low]);
        let follower = Self {
            follower: follow::Follower::new(options.follow, seed),
            decisions: Decisions::default(),
            started: time::Instant::now(),
            commits,
            ears,
            bus,
            reads: Reads::new(journal),
            requests: requests.clone(),
            out,
            cluster_events,
            untold_bus_state: None,
            bus_ended: false,
            clock,
            metrics,
        };
        (follower, Output { follow: requests, batches, cluster_events: heard })
    }

    /// Follows until the commit channel ends, or nobody takes what comes out.
    pub async fn run(mut self) {
        let mut heard = Vec::with_capacity(MAX_HEARD_AT_ONCE);
        loop {
            let event = self.next(&mut heard).await;
            let now = Instant::from_start(self.started.elapsed());
            // Whoever appended had asked before: a request counts before a commit.
            self.take_requests(now);
            match event {
                Event::Commits(batch) => self.committed(now, batch),
                Event::Heard => heard.drain(..).for_each(|heard| self.hear(now, heard)),
                Event::Read(input) => self.handle(now, input),
                Event::Other => {}
                Event::End => return,
            }
            self.tell_bus_state();
            if self.follower.poll_timeout().is_some_and(|due| due <= now) {
                self.follower.handle_timeout(now, &mut self.decisions);
            }
            self.carry_out();
            if self.hand_over().await.is_err() {
                log::error!("nobody takes what was committed: it reaches nobody until a restart");
                return;
            }
        }
    }

    async fn next(&mut self, heard: &mut Vec<BusEvent>) -> Event {
        let due = self.follower.poll_timeout().map(|due| self.started + due.since_start());
        let due = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            batch = self.commits.recv() => batch.map_or(Event::End, Event::Commits),
            count = self.ears.recv_many(heard, MAX_HEARD_AT_ONCE), if !self.bus_ended => {
                if count == 0 {
                    self.bus_ended = true;
                    heard.push(BusEvent::Disconnected);
                }
                Event::Heard
            }
            Some(answer) = self.reads.next() => Event::Read(answer),
            () = self.requests.changed() => Event::Other,
            () = due => Event::Other,
        }
    }

    fn handle(&mut self, now: Instant, input: Input) {
        self.follower.handle(now, input, &mut self.decisions);
    }

    fn take_requests(&mut self, now: Instant) {
        for (room, request) in self.requests.take() {
            self.handle(now, request.input(room));
        }
    }

    /// This node's own commits: told to the others, and passed on.
    fn committed(&mut self, now: Instant, batch: Batch) {
        let mut by_room: HashMap<RoomId, Hints> = HashMap::new();
        for (room, entry) in hints(&batch) {
            by_room.entry(room).or_default().add(entry);
        }
        self.handle(now, Input::Commits(batch));
        for (room, hints) in by_room {
            for message in hints.messages() {
                self.bus.send(Topic::Room(room), message);
            }
        }
    }

    fn hear(&mut self, now: Instant, heard: BusEvent) {
        match heard {
            BusEvent::Message { from, topic, message } => match (encoding::open(message), topic) {
                (Ok(NodeMessage::Entries(hint)), Topic::Room(room)) => self.hint(now, room, hint),
                (Ok(NodeMessage::ClusterEvent(says)), topic) => {
                    self.tell(ClusterEvent::Message { from, topic, says })
                }
                (Ok(NodeMessage::Entries(_)), Topic::Nodes) | (Err(Garbage), _) => {
                    self.dropped("garbage")
                }
            },
            BusEvent::Following(room) => {
                if self.follower.follows(room) {
                    self.handle(now, Input::BusFollowing(room));
                    self.tell(ClusterEvent::Following(room));
                }
            }
            BusEvent::Connected => {
                self.handle(now, Input::BusConnected);
                self.untold_bus_state = Some(ClusterEvent::Connected);
                self.tell_bus_state();
            }
            BusEvent::Disconnected => {
                self.handle(now, Input::BusDisconnected);
                self.untold_bus_state = Some(ClusterEvent::Disconnected);
                self.tell_bus_state();
            }
        }
    }

    /// Reads what is new in a hint: of most entries the seq says that it is not.
    fn hint(&mut self, now: Instant, room: RoomId, hint: Hint) {
        if !self.follower.follows(room) {
            return;
        }
        let mut entries = Vec::new();
        for hinted in hint {
            let entry = match hinted {
                Ok(hinted) if !self.follower.wants(room, hinted.seq) => continue,
                Ok(hinted) => hinted.entry(),
                Err(error) => Err(error),
            };
            match entry {
                Ok(entry) => entries.push(entry),
                Err(Garbage) => self.dropped("garbage"),
            }
        }
        self.handle(now, Input::Hint { room, entries });
    }

    fn tell(&mut self, event: ClusterEvent) {
        if let Err(TrySendError::Full(_)) = self.cluster_events.try_send(event) {
            self.dropped("soft");
        }
    }

    fn tell_bus_state(&mut self) {
        if let Some(state) = self.untold_bus_state.take()
            && let Err(TrySendError::Full(state)) = self.cluster_events.try_send(state)
        {
            self.untold_bus_state = Some(state);
        }
    }

    fn dropped(&self, what: &str) {
        self.metrics.bus_dropped.with_label_values(&[what]).inc();
    }

    /// Does what was decided, but for the outcomes.
    fn carry_out(&mut self) {
        for subscription in self.decisions.subscriptions.drain(..) {
            match subscription {
                Subscription::Follow(room) => self.bus.follow(room),
                Subscription::Unfollow(room) => self.bus.unfollow(room),
            }
        }
        for request in self.decisions.requests.drain(..) {
            self.reads.begin(request);
        }
        self.decisions.findings.drain(..).for_each(report);
        self.count();
    }

    /// Hands over what is ready, waiting where the relay does not keep up.
    async fn hand_over(&mut self) -> Result<(), mpsc::error::SendError<Batch>> {
        let ready = &mut self.decisions.outcomes;
        while !ready.is_empty() {
            let mut batch = mem::take(ready);
            if batch.len() > MAX_OUTCOMES {
                *ready = batch.split_off(MAX_OUTCOMES);
            }
            self.out.send(batch).await?;
        }
        Ok(())
    }

    fn count(&mut self) {
        let counters = &mut self.decisions.counters;
        let (metrics, clock) = (&self.metrics, &self.clock);
        let observe = |histogram: &prometheus::Histogram, taken_at: &mut Vec<u64>| {
            if !taken_at.is_empty() {
                let now = clock.now_ms();
                for at in taken_at.drain(..) {
                    histogram.observe(now.saturating_sub(at) as f64 / 1_000.0);
                }
            }
        };
        // What the engine counts of a committed entry with a reply.
        if !counters.answered_taken_at.is_empty() {
            metrics.messages.inc_by(counters.answered_taken_at.len() as u64);
        }
        observe(&metrics.commit, &mut counters.answered_taken_at);
        observe(&metrics.hint_lag, &mut counters.foreign_taken_at);
        if counters.holes_healed > 0 {
            metrics.holes_healed.inc_by(mem::take(&mut counters.holes_healed));
        }
        for (result, rooms) in [
            ("same", &mut counters.heads_same),
            ("behind", &mut counters.heads_behind),
            ("failed", &mut counters.heads_failed),
        ] {
            if *rooms > 0 {
                metrics.head_checks.with_label_values(&[result]).inc_by(mem::take(rooms));
            }
        }
    }
}

/// Tells whoever looks after the server.
fn report(finding: Finding) {
    match finding {
        Finding::UnknownClaim { room, head, claimed } => {
            let (head, claimed) = (head.get(), claimed.get());
            log::warn!(room = room.0, head, claimed; "a node spoke of what the journal has not");
        }
        Finding::LostEntries { room, head, delivered } => {
            let (head, delivered) = (head.get(), delivered.get());
            log::error!(room = room.0, head, delivered; "the journal lost entries that were \
                delivered: was a backup restored while this server ran? Restart it");
        }
    }
}

#[cfg(test)]
mod tests;
