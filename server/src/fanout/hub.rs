//! A worker thread's own fan-out: its sessions, who of them is in which room, their heartbeats.
//!
//! Everything here lives on one thread; the ChatServer hands it one batch per commit, and it
//! writes to its sockets itself. It is told who is where by the sessions, not by the ChatServer:
//! a session subscribes here *before* it enters a room there, so nothing can slip between.

mod drain;
mod heartbeat;
mod relief;

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use maru_engine::{Answer, Delivery, Drain, Event, Item, SharedEvent, Visitor, log::SessionRef};
use maru_protocol::{ByeCode, Seq, SessionId};
use tokio::sync::mpsc;

pub use self::heartbeat::Heartbeat;
use self::{drain::drain_one, heartbeat::HeartbeatTicks};
use super::{
    counters::CounterSnapshot,
    format::Frames,
    outbox::Outbox,
    queue::{FanoutQueue, SharedSubscribers},
    subscription::Subscription,
};
use maru_engine::log::RoomId;

use crate::{metrics::Metrics, wire::encoded};

/// Sockets written to before other tasks of the thread get their turn: about 2 ms of work.
const SLICE: usize = 256;

/// Milliseconds until who was signed out says hello again, without their token.
const SIGNED_OUT_WAIT: u32 = 1_000;

/// One connection, as its hub knows it.
pub struct Peer {
    session: SessionId,
    outbox: Rc<Outbox>,
    heard: Cell<u32>,
    born: u32,
    greeted: Cell<bool>,
    holder: OnceCell<Holder>,
    /// It is pinged at every interval ([`is_clocked`](super::Framing::is_clocked)).
    clocked: bool,
}

impl Peer {
    /// Where its frames go.
    #[must_use]
    pub fn outbox(&self) -> &Rc<Outbox> {
        &self.outbox
    }

    /// It said who it is.
    pub fn greet(&self) {
        self.greeted.set(true);
    }

    /// Who it said that it is, where that can end ([`Hub::sign_out`]). Once: it stays theirs.
    pub fn belongs_to(&self, holder: Holder) {
        let _ = self.holder.set(holder);
    }
}

/// Who a connection belongs to.
pub struct Holder {
    /// The person.
    pub visitor: Arc<Visitor>,
    /// The generation of theirs in which they were let in (see `auth::SignOuts`).
    pub generation: u64,
}

/// What a hub waited for.
enum Next {
    Delivery(Delivery),
    /// A room has waited for company long enough.
    Patience,
    End,
}

/// A worker's sessions and rooms.
pub struct Hub {
    metrics: Arc<Metrics>,
    ticks: HeartbeatTicks,
    /// Most bytes that wait for all of its connections together.
    budget: usize,
    tick: Cell<u32>,
    peers: RefCell<HashMap<SessionId, Rc<Peer>>>,
    rooms: RefCell<HashMap<RoomId, SharedSubscribers>>,
    watchers: RefCell<HashMap<SessionId, Rc<Outbox>>>,
    /// Who else of the thread is to learn that a room is there no more, or not by its name.
    on_removed: OnceCell<Box<dyn Fn(RoomId)>>,
    counters: CounterSnapshot,
    /// Told to come back: new connections are told at once.
    stopping: Cell<Option<Drain>>,
}

impl Hub {
    /// An empty hub; [`Hub::run`] and [`Hub::beat`] make it work. `budget` bounds the bytes that wait
    /// for all of its connections together.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, heartbeat: Heartbeat, budget: usize) -> Rc<Self> {
        Rc::new(Self {
            metrics,
            ticks: HeartbeatTicks::new(heartbeat),
            budget,
            tick: Cell::new(0),
            peers: RefCell::default(),
            rooms: RefCell::default(),
            watchers: RefCell::default(),
            on_removed: OnceCell::new(),
            counters: CounterSnapshot::default(),
            stopping: Cell::new(None),
        })
    }

    /// Who else is to learn that a room is there no more, or not by its name. Once.
    pub fn when_removed(&self, tell: impl Fn(RoomId) + 'static) {
        let _ = self.on_removed.set(Box::new(tell));
    }

    /// Takes a new connection in.
    pub fn add(&self, session: SessionId, outbox: Rc<Outbox>) -> Rc<Peer> {
        let clocked = outbox.format().framing.is_clocked();
        let peer = Rc::new(Peer {
            session,
            clocked,
            outbox,
            heard: Cell::new(self.tick.get()),
            born: self.tick.get(),
            greeted: Cell::new(false),
            holder: OnceCell::new(),
        });
        self.peers.borrow_mut().insert(session, peer.clone());
        if let Some(step) = self.stopping.get() {
            drain_one(&peer, step, 0);
        }
        peer
    }

    /// Something was heard of it.
    pub fn heard(&self, peer: &Peer) {
        peer.heard.set(self.tick.get());
    }

    /// Ends the connections of those who were signed out. A connection that belongs to nobody stays.
    pub fn sign_out(&self, is_over: impl Fn(&Holder) -> bool) {
        let over = |peer: &&Rc<Peer>| peer.holder.get().is_some_and(&is_over);
        // Ending a connection may remove it: look first, act afterwards.
        let peers: Vec<Rc<Peer>> = self.peers.borrow().values().filter(over).cloned().collect();
        for peer in peers {
            let why = "you were signed out everywhere";
            peer.outbox.bye(ByeCode::SignedOut, why, Some(SIGNED_OUT_WAIT));
        }
    }

    /// Forgets a connection.
    pub fn remove(&self, session: SessionId) {
        self.peers.borrow_mut().remove(&session);
        self.watchers.borrow_mut().remove(&session);
    }

    /// Starts (or stops) `directory` events for a session.
    pub(crate) fn watch(&self, peer: &Peer, on: bool) {
        if on {
            self.watchers.borrow_mut().insert(peer.session, peer.outbox.clone());
        } else {
            self.watchers.borrow_mut().remove(&peer.session);
        }
    }

    /// From now on what comes in the room is held for the session, until it goes live.
    pub(crate) fn subscribe(&self, room: RoomId, peer: &Peer) -> Rc<Subscription> {
        let mut rooms = self.rooms.borrow_mut();
        let subscribers = rooms.entry(room).or_default();
        subscribers.borrow_mut().join(peer.session, room, peer.outbox.clone())
    }

    /// The replay up to `head` is on its way to the session: what was held above it follows, then
    /// what comes.
    pub(crate) fn go_live(&self, room: RoomId, subscription: &Subscription, head: Seq) {
        if let Some(subscribers) = self.subscribers(room) {
            subscribers.borrow_mut().go_live(subscription, head);
        }
    }

    /// Nothing of the room reaches the session any more.
    pub(crate) fn unsubscribe(&self, room: RoomId, subscription: &Subscription) {
        let Some(subscribers) = self.subscribers(room) else { return };
        let mut subscribers = subscribers.borrow_mut();
        subscribers.leave(subscription);
        if subscribers.is_empty() {
            self.rooms.borrow_mut().remove(&room);
        }
    }

    /// A session sends a message to the room; [`Item::Answer`] ends what begins here.
    pub(crate) fn asked(&self, room: RoomId) {
        if let Some(subscribers) = self.subscribers(room) {
            subscribers.borrow_mut().ask();
        }
    }

    fn subscribers(&self, room: RoomId) -> Option<SharedSubscribers> {
        self.rooms.borrow().get(&room).cloned()
    }

    /// Takes deliveries and writes them to the sockets, until the ChatServer is gone.
    pub async fn run(self: Rc<Self>, mut inbox: mpsc::Receiver<Delivery>) {
        let mut runs = FanoutQueue::default();
        let mut answered = Vec::new();
        loop {
            if runs.is_idle() {
                match self.next(&mut inbox, &runs).await {
                    Next::Delivery(delivery) => self.take(delivery, &mut runs, &mut answered),
                    Next::Patience => {}
                    Next::End => return,
                }
            }
            while !runs.is_full() {
                match inbox.try_recv() {
                    Ok(delivery) => self.take(delivery, &mut runs, &mut answered),
                    Err(_) => break,
                }
            }
            runs.look_at_patient(|room| self.subscribers(room));
            self.write(&mut runs);
            answered.drain(..).for_each(|peer: Rc<Peer>| peer.outbox.release());
            self.relieve();
            if !runs.is_idle() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits for something to do.
    async fn next(&self, inbox: &mut mpsc::Receiver<Delivery>, runs: &FanoutQueue) -> Next {
        let delivery = match runs.patience_ends() {
            Some(until) => match tokio::time::timeout_at(until, inbox.recv()).await {
                Ok(delivery) => delivery,
                Err(_) => return Next::Patience,
            },
            None => {
                self.close_if_told();
                inbox.recv().await
            }
        };
        match delivery {
            Some(delivery) => Next::Delivery(delivery),
            None => match runs.patience_ends() {
                // What waits for company is written before the end.
                Some(until) => {
                    tokio::time::sleep_until(until).await;
                    Next::Patience
                }
                None => Next::End,
            },
        }
    }

    fn take(&self, delivery: Delivery, runs: &mut FanoutQueue, answered: &mut Vec<Rc<Peer>>) {
        for item in delivery {
            match item {
                Item::Entry { room, seq, event } => {
                    if let Some(frames) = self.frames(room, event) {
                        runs.entry(room, seq, frames);
                    }
                }
                Item::Event { room, event, except } => {
                    if let Some(frames) = self.frames(room, event) {
                        runs.event(room, frames, except);
                    }
                }
                Item::Answer { to, answer } => answered.extend(self.answer(to, answer)),
                Item::Own { session, event } => {
                    let peer = self.peers.borrow().get(&session).cloned();
                    if let Some(peer) = peer {
                        peer.outbox.send_text(&encoded(peer.outbox.format().wire, &event));
                    }
                }
                Item::Directory { event } => self.tell_watchers(event),
                Item::Removed { room, event } => {
                    self.forget_name(room);
                    self.end(room, event);
                }
                Item::Renamed { room } => self.forget_name(room),
                Item::Drain(step) => {
                    self.stopping.set(Some(step));
                    if let Drain::Announce { .. } = step {
                        self.drain(step);
                    }
                }
            }
        }
    }

    /// What is known of the room's name is old.
    fn forget_name(&self, room: RoomId) {
        if let Some(tell) = self.on_removed.get() {
            tell(room);
        }
    }

    /// Nobody is in the room any more, and everybody who was is told.
    fn end(&self, room: RoomId, event: SharedEvent) {
        let Some(ended) = self.rooms.borrow_mut().remove(&room) else { return };
        let renamed_to = match &*event {
            Event::Removed { renamed_to, .. } => renamed_to.clone(),
            _ => None,
        };
        ended.borrow_mut().end(&Frames::new(event), renamed_to.as_ref());
    }

    /// One slice: small rooms share it, a large one takes it whole and comes again.
    fn write(&self, runs: &mut FanoutQueue) {
        let (mut left, mut deliveries) = (SLICE, 0);
        while left > 0 && !runs.is_idle() {
            let written = runs.step(left, |room| self.subscribers(room));
            deliveries += written.deliveries;
            left = left.saturating_sub(written.sockets.max(1));
        }
        self.metrics.deliveries.inc_by(u64::try_from(deliveries).unwrap_or(u64::MAX));
    }

    /// The answer to a message. It waits for the end of this slice: where the sender is in the
    /// room, it goes with the entry in one write.
    fn answer(&self, to: SessionRef, answer: Answer) -> Option<Rc<Peer>> {
        let SessionRef { session, room, reference, .. } = to;
        if let Some(subscribers) = self.subscribers(room) {
            subscribers.borrow_mut().answer();
        }
        let peer = self.peers.borrow().get(&session).cloned()?;
        peer.outbox.hold(&answer.frame(reference));
        Some(peer)
    }

    /// An event of a room as frames for its connections here. None where nobody is in it any more:
    /// who subscribes later enters later, and has it in the replay.
    fn frames(&self, room: RoomId, event: SharedEvent) -> Option<Frames> {
        let subscribers = self.subscribers(room)?;
        let frames = subscribers.borrow().frames(event);
        Some(frames)
    }

    fn tell_watchers(&self, event: SharedEvent) {
        let watchers: Vec<Rc<Outbox>> = self.watchers.borrow().values().cloned().collect();
        if watchers.is_empty() {
            return;
        }
        let frames = Frames::new(event);
        watchers.iter().for_each(|outbox| outbox.push(frames.get(outbox.format())));
    }
}

#[cfg(test)]
mod tests;
