//! The ChatServer: the actor that alone holds the engine.
//!
//! It feeds the engine commands and carries its effects out. It never waits, reads or writes: its
//! mailbox is bounded, its handlers are short, and what takes time is asked of the journal by the
//! services.

mod handlers;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, AsyncContext, Context, SpawnHandle, fut::wrap_future};
use maru_engine::{
    Answer, Command, Delivery, Effects, Engine, Enter as EngineEnter, Ephemeral, FollowChange,
    Seed,
    log::{Append, CallId, ReplyTo},
};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use super::{cluster::Cluster, messages::SessionCommand, open_count::OpenCount, options::Options};
use crate::{clock::Clock, journal::Journal, metrics::Metrics};

/// Messages waiting for the ChatServer. Sessions wait with theirs when it is full; 4,096 is a few
/// milliseconds of its work.
const MAILBOX: usize = 4_096;

/// Batches waiting for one worker, of up to about 100 outcomes each. Full, the relay waits, and
/// with it the journal.
pub const WORKER_QUEUE: usize = 64;

/// The actor that owns rooms and sessions.
pub struct ChatServer {
    engine: Engine,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    workers: Vec<mpsc::Sender<Delivery>>,
    /// The other nodes, where there are any.
    cluster: Option<Cluster>,
    /// Calls whose answer is not there yet; no more than the journal has appends under way.
    calls: HashMap<CallId, oneshot::Sender<Answer>>,
    next_call: u64,
    /// Appends that the journal took, that somebody waits for and whose outcome is not handed over.
    in_flight: Arc<OpenCount>,
    /// Where the engine's time begins.
    started: tokio::time::Instant,
    /// The engine is woken then.
    timer: Option<(maru_engine::Instant, SpawnHandle)>,
}

impl ChatServer {
    /// A ChatServer without rooms or sessions. `in_flight` is shared with the relay.
    #[must_use]
    pub fn new(
        options: &Options,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        in_flight: Arc<OpenCount>,
        cluster: Option<Cluster>,
    ) -> Self {
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        let node = cluster.as_ref().map(Cluster::node);
        let start = maru_engine::Instant::START;
        Self {
            engine: Engine::new(options.engine(), node, Seed([high, low]), start),
            journal,
            clock,
            metrics,
            workers: Vec::new(),
            cluster,
            calls: HashMap::new(),
            next_call: 0,
            in_flight,
            started: tokio::time::Instant::now(),
            timer: None,
        }
    }

    fn now(&self) -> maru_engine::Instant {
        maru_engine::Instant::from_start(self.started.elapsed())
    }

    /// One command, and what it wants done.
    fn run(&mut self, command: Command, ctx: &mut Context<Self>) {
        let mut effects = Effects::default();
        self.engine.handle(self.now(), command, &mut effects);
        self.carry_out(effects, ctx);
    }

    /// What the sessions of a worker did, in their order.
    fn run_all(&mut self, commands: Vec<SessionCommand>, ctx: &mut Context<Self>) {
        let (now, mut effects) = (self.now(), Effects::default());
        let mut left = Vec::new();
        for command in commands {
            let command = match command {
                SessionCommand::Enter(enter) => {
                    self.enter(enter, now, &mut effects);
                    continue;
                }
                SessionCommand::Exit { session, room, done } => {
                    left.extend(done);
                    Command::Exit { session, room }
                }
                SessionCommand::Publish(publish) => Command::Publish(publish),
                SessionCommand::Disconnect(session) => Command::Disconnect(session),
            };
            self.engine.handle(now, command, &mut effects);
        }
        self.carry_out(effects, ctx);
        for done in left {
            // A session that ended meanwhile waits for nothing.
            let _ = done.send(());
        }
    }

    fn enter(
        &mut self,
        enter: super::messages::Enter,
        now: maru_engine::Instant,
        effects: &mut Effects,
    ) {
        let super::messages::Enter {
            session,
            visitor,
            room,
            record,
            after,
            epoch,
            holds_name,
            answer,
        } = enter;
        let enter = EngineEnter { session, visitor, room, record, after, epoch, holds_name };
        self.engine.handle(now, Command::Enter(enter), effects);
        if let Some(entered) = effects.entered.take() {
            // A session that ended meanwhile says so by a command of its own.
            let _ = answer.send(entered);
        }
    }

    /// Carries effects out. Owed to a worker whose queue is full, they pause the mailbox.
    fn carry_out(&mut self, effects: Effects, ctx: &mut Context<Self>) {
        let mut full = Vec::new();
        for (worker, delivery) in self.effects(effects).into_iter().enumerate() {
            if delivery.is_empty() {
                continue;
            }
            let Some(queue) = self.workers.get(worker) else { continue };
            if let Err(TrySendError::Full(delivery)) = queue.try_send(delivery) {
                full.push((queue.clone(), delivery));
            }
        }
        if !full.is_empty() {
            // Answers are owed. With so much waiting for one worker the relay waits as well:
            // taking more messages meanwhile would only have them refused.
            ctx.wait(wrap_future(async move {
                for (queue, delivery) in full {
                    let _ = queue.send(delivery).await;
                }
            }));
        }
        self.arm(ctx);
    }

    /// Carries all but the owed deliveries out, and returns these.
    fn effects(&mut self, mut effects: Effects) -> Vec<Delivery> {
        self.follow(std::mem::take(&mut effects.follow));
        let appends = std::mem::take(&mut effects.appends);
        self.append(appends, &mut effects);
        let mut undelivered = Vec::new();
        for Ephemeral { worker, items, presence } in std::mem::take(&mut effects.ephemeral) {
            // A worker too busy to take it does without.
            let told = self.workers.get(worker).is_some_and(|it| it.try_send(items).is_ok());
            undelivered.extend(presence.filter(|_| !told));
        }
        let now = self.now();
        for room in undelivered {
            self.engine.handle(now, Command::Undelivered(room), &mut effects);
        }
        if let Some(cluster) = &self.cluster {
            effects.gossip.iter().for_each(|(to, gossip)| cluster.gossip(*to, gossip));
        }
        for code in &effects.refusals {
            self.metrics.refused(*code);
        }
        for (call, answer) in effects.calls {
            if let Some(waiting) = self.calls.remove(&call) {
                // Whoever asked may be gone; the message is there all the same.
                let _ = waiting.send(answer);
            }
        }
        if let Some((messages, error)) = effects.store_failure {
            let error = error.as_str();
            // The store says itself, once, that it is away or full.
            log::debug!(messages, error; "the journal refused messages");
        }
        self.metrics.rooms.set(i64::try_from(self.engine.rooms()).unwrap_or(i64::MAX));
        self.metrics.peers.set(i64::try_from(self.engine.nodes()).unwrap_or(i64::MAX));
        effects.deliveries
    }

    fn follow(&self, changes: Vec<FollowChange>) {
        let Some(cluster) = &self.cluster else { return };
        for change in changes {
            match change {
                FollowChange::Follow { room, head } => cluster.follow.follow(room, head),
                FollowChange::Unfollow { room } => cluster.follow.unfollow(room),
            }
        }
    }

    /// Hands messages to the journal, in their order. Those that it has no room for are refused.
    fn append(&mut self, appends: Vec<Append>, effects: &mut Effects) {
        if appends.is_empty() {
            return;
        }
        // Before they are taken: their outcome may be handed over at any moment after that.
        self.in_flight.add_many(waited_for(&appends));
        let left = self.journal.append_all(appends);
        if !left.is_empty() {
            self.in_flight.remove_many(waited_for(&left));
            self.engine.handle(self.now(), Command::NotTaken(left), effects);
        }
    }

    /// Has the engine woken when it wants to be.
    fn arm(&mut self, ctx: &mut Context<Self>) {
        let Some(due) = self.engine.poll_timeout() else { return };
        match self.timer {
            Some((at, _)) if at <= due => return,
            Some((_, handle)) => _ = ctx.cancel_future(handle),
            None => {}
        }
        let wait = due.saturating_since(self.now());
        let handle = ctx.run_later(wait, move |server, ctx| {
            // One that was replaced may fire before it is reaped.
            if server.timer.is_none_or(|(at, _)| at != due) {
                return;
            }
            server.timer = None;
            let mut effects = Effects::default();
            server.engine.handle_timeout(server.now(), &mut effects);
            server.carry_out(effects, ctx);
        });
        self.timer = Some((due, handle));
    }
}

/// How many of these have somebody who waits for their outcome.
fn waited_for(appends: &[Append]) -> usize {
    appends.iter().filter(|append| append.reply != ReplyTo::Nobody).count()
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.arm(ctx);
    }
}

impl std::fmt::Debug for ChatServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatServer").field("rooms", &self.engine.rooms()).finish_non_exhaustive()
    }
}
