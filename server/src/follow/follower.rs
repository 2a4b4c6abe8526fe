//! The task that puts what all nodes commit in order.

use std::{collections::HashMap, future::Future, mem, pin::Pin, sync::Arc};

use futures_util::{StreamExt, stream::FuturesUnordered};
use maru_protocol::{Entry, Seq};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::{Instant, sleep_until},
};

use super::{
    Follow, Soft,
    pace::{Jitter, Pace},
    room::{Heal, Piece, Room, Sink},
    schedule::Schedule,
    wishes::{Wish, Wishes},
};
use crate::{
    bus::{
        Bus, BusEvent, BusEvents, Topic,
        wire::{self, Garbage, Hint, Hints, NodeMessage},
    },
    clock::Clock,
    journal::{Batch, Journal, JournalError, Outcome, Page, RoomId},
    metrics::Metrics,
};

/// Messages taken from the bus at once: what then goes out together is handed over together.
const AT_ONCE: usize = 64;
/// Most outcomes handed over in one batch, as many as the journal's own batches have or few more.
const MOST_OUTCOMES: usize = 256;

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
    /// For the relay, in place of the commit channel. Each followed room's entries strictly by seq,
    /// each once; of the others only what this node committed. Every append that the journal took
    /// has exactly one outcome with its reply, as in the commit channel: [`Outcome::Known`] where
    /// the entry itself has to wait for what others wrote before it (it comes without a reply
    /// then). Ends after all that came out of the commit channel was handed over.
    pub batches: mpsc::Receiver<Batch>,
    /// What is never kept.
    pub soft: mpsc::Receiver<Soft>,
}

/// Makes one stream of this node's commits and of what is heard of others; see [`Output`].
pub struct Follower {
    pub(super) parts: Parts,
    pub(super) pace: Pace,
    pub(super) jitter: Jitter,
    wishes: Arc<Wishes>,
    out: mpsc::Sender<Batch>,
    soft: mpsc::Sender<Soft>,
    /// How the bus is, when that could not be told yet.
    owed: Option<Soft>,
    pub(super) rooms: HashMap<RoomId, Room>,
    pub(super) sink: Sink,
    /// When holes are read.
    pub(super) holes: Schedule,
    /// When heads are looked at.
    pub(super) checks: Schedule,
    /// What the journal was asked: `Pace::reads` pages and one look at heads at most.
    pub(super) asked: FuturesUnordered<Asked>,
    pub(super) reading: usize,
    pub(super) checking: bool,
    /// No look at heads before.
    pub(super) check_from: Instant,
    pub(super) failed_checks: u32,
    /// The bus is there.
    pub(super) here: bool,
    /// The bus ended for ever.
    deaf: bool,
    /// The journal failed and that was said.
    pub(super) trouble: bool,
}

/// A question to the journal.
pub(super) type Asked = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Its answer.
pub(super) enum Answer {
    /// What follows the entry `after`; `claimed` was said to be committed when it was asked.
    Page { room: RoomId, after: Seq, claimed: Seq, page: Result<Page, JournalError> },
    /// The heads of these rooms, and what was out of each when it was asked.
    Heads { asked: Vec<(RoomId, Seq)>, heads: Result<Vec<(RoomId, Seq)>, JournalError> },
}

/// What happens to the follower.
enum Event {
    Commits(Batch),
    Heard,
    Answer(Answer),
    /// Wishes, or a time that came: both are looked at after whatever happens.
    Other,
    End,
}

impl Follower {
    /// A follower that follows no room yet, and what comes out of it. Nothing happens until
    /// [`Follower::run`].
    #[must_use]
    pub fn new(parts: Parts, pace: Pace) -> (Self, Output) {
        let (out, batches) = mpsc::channel(pace.batches.max(1));
        let (soft, softs) = mpsc::channel(pace.soft.max(1));
        let wishes = Arc::new(Wishes::default());
        let (high, low) = parts.bus.node().0.as_u64_pair();
        let follower = Self {
            jitter: Jitter::new(high ^ low),
            wishes: wishes.clone(),
            out,
            soft,
            owed: None,
            rooms: HashMap::new(),
            sink: Sink::new(pace.held, parts.clock.clone(), parts.metrics.clone()),
            holes: Schedule::default(),
            checks: Schedule::default(),
            asked: FuturesUnordered::new(),
            reading: 0,
            checking: false,
            check_from: Instant::now(),
            failed_checks: 0,
            here: false,
            deaf: false,
            trouble: false,
            parts,
            pace,
        };
        (follower, Output { follow: wishes, batches, soft: softs })
    }

    /// Follows until the commit channel ends, or nobody takes what comes out.
    pub async fn run(mut self) {
        let mut heard = Vec::with_capacity(AT_ONCE);
        loop {
            let event = self.next(&mut heard).await;
            // Whoever appended had wished before: a wish counts before a commit.
            self.grant_wishes();
            match event {
                Event::Commits(batch) => self.committed(batch),
                Event::Heard => heard.drain(..).for_each(|heard| self.hear(heard)),
                Event::Answer(answer) => self.answered(answer),
                Event::Other => {}
                Event::End => return,
            }
            self.tell_owed();
            self.ask();
            if self.hand_over().await.is_err() {
                log::error!("nobody takes what was committed: it reaches nobody until a restart");
                return;
            }
        }
    }

    async fn next(&mut self, heard: &mut Vec<BusEvent>) -> Event {
        let due = self.next_due();
        let due = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            batch = self.parts.commits.recv() => batch.map_or(Event::End, Event::Commits),
            count = self.parts.ears.recv_many(heard, AT_ONCE), if !self.deaf => {
                if count == 0 {
                    self.deaf = true;
                    heard.push(BusEvent::Disconnected);
                }
                Event::Heard
            }
            Some(answer) = self.asked.next() => Event::Answer(answer),
            () = self.wishes.changed() => Event::Other,
            () = due => Event::Other,
        }
    }

    /// Hands over what is ready, waiting where the relay does not keep up.
    async fn hand_over(&mut self) -> Result<(), mpsc::error::SendError<Batch>> {
        while !self.sink.ready.is_empty() {
            let mut batch = mem::take(&mut self.sink.ready);
            if batch.len() > MOST_OUTCOMES {
                self.sink.ready = batch.split_off(MOST_OUTCOMES);
            }
            self.out.send(batch).await?;
        }
        Ok(())
    }

    fn grant_wishes(&mut self) {
        for (id, wish) in self.wishes.take() {
            match wish {
                Wish::Follow(head) if !self.rooms.contains_key(&id) => {
                    self.rooms.insert(id, Room::new(head));
                    self.parts.bus.follow(id);
                    // What was said until the bus hears for the room is found by a look at the
                    // head, at once when it does.
                    let interval = self.check_interval();
                    let first = Instant::now() + self.jitter.between(interval / 4, interval);
                    self.checks.set(id, first);
                }
                Wish::Follow(_) => {}
                Wish::Leave => {
                    if let Some(room) = self.rooms.remove(&id) {
                        self.sink.forget(&room.order);
                        self.holes.remove(id);
                        self.checks.remove(id);
                        self.parts.bus.unfollow(id);
                    }
                }
            }
        }
    }

    /// This node's own commits: told to the others, answered, and passed on when their turn comes.
    fn committed(&mut self, batch: Batch) {
        let mut hints: HashMap<RoomId, Hints> = HashMap::new();
        for outcome in batch {
            let Outcome::Committed { room: id, entry, mut reply } = outcome else {
                self.sink.ready.push(outcome);
                continue;
            };
            hints.entry(id).or_default().add(&entry);
            let Some(room) = self.rooms.get_mut(&id) else {
                self.sink.ready.push(Outcome::Committed { room: id, entry, reply });
                continue;
            };
            if !room.order.is_next(entry.seq())
                && let Some(reply) = reply.take()
            {
                self.sink.answer(&entry, reply);
            }
            self.sink.offer(id, &mut room.order, Piece { entry, reply, foreign: false });
            self.mend(id);
        }
        for (id, hints) in hints {
            for message in hints.messages() {
                self.parts.bus.send(Topic::Room(id), message);
            }
        }
    }

    fn hear(&mut self, heard: BusEvent) {
        match heard {
            BusEvent::Message { from, topic, message } => match (wire::open(message), topic) {
                (Ok(NodeMessage::Entries(hint)), Topic::Room(room)) => self.hint(room, hint),
                (Ok(NodeMessage::Soft(says)), topic) => {
                    self.tell(Soft::Message { from, topic, says })
                }
                (Ok(NodeMessage::Entries(_)), Topic::Nodes) | (Err(Garbage), _) => {
                    self.dropped("garbage")
                }
            },
            BusEvent::Following(room) => {
                if self.rooms.contains_key(&room) {
                    self.checks.hurry(room, Instant::now());
                    self.tell(Soft::Following(room));
                }
            }
            BusEvent::Connected => {
                self.here = true;
                self.owed = Some(Soft::Connected);
                self.tell_owed();
            }
            BusEvent::Disconnected => {
                self.here = false;
                self.owed = Some(Soft::Disconnected);
                self.tell_owed();
                self.check_all_soon();
            }
        }
    }

    fn hint(&mut self, id: RoomId, hint: Hint) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let mut garbage = 0;
        for hinted in hint {
            let entry = match hinted {
                Ok(hinted) if room.order.has(hinted.seq) => continue,
                Ok(hinted) => hinted.entry(),
                Err(error) => Err(error),
            };
            match entry {
                Ok(entry) => {
                    let piece = Piece { entry, reply: None, foreign: true };
                    self.sink.offer(id, &mut room.order, piece);
                }
                Err(Garbage) => garbage += 1,
            }
        }
        for _ in 0..garbage {
            self.dropped("garbage");
        }
        self.mend(id);
    }

    fn tell(&mut self, soft: Soft) {
        if let Err(TrySendError::Full(_)) = self.soft.try_send(soft) {
            self.dropped("soft");
        }
    }

    fn tell_owed(&mut self) {
        if let Some(owed) = self.owed.take()
            && let Err(TrySendError::Full(owed)) = self.soft.try_send(owed)
        {
            self.owed = Some(owed);
        }
    }

    fn dropped(&self, what: &str) {
        self.parts.metrics.bus_dropped.with_label_values(&[what]).inc();
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Page { room, after, claimed, page } => self.page(room, after, claimed, page),
            Answer::Heads { asked, heads } => self.heads(&asked, heads),
        }
    }

    /// Entries of a page are offered like any other.
    pub(super) fn offer_read(&mut self, id: RoomId, entries: Vec<Entry>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        for entry in entries {
            self.sink.offer(id, &mut room.order, Piece { entry, reply: None, foreign: true });
        }
    }

    /// Something about the room changed: a hole is looked after, or none is there any more.
    pub(super) fn mend(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        match (room.order.hole(), room.heal) {
            (_, Heal::Reading) | (None, Heal::Whole) => {}
            (None, Heal::Due(_)) => {
                room.heal = Heal::Whole;
                self.holes.remove(id);
            }
            (Some(hole), Heal::Due(after)) if hole.after == after => {}
            (Some(hole), _) => {
                room.heal = Heal::Due(hole.after);
                let grace = match self.here {
                    true => self.jitter.between(self.pace.grace, self.pace.grace * 5 / 4),
                    // No hint will come.
                    false => std::time::Duration::ZERO,
                };
                let at = Instant::now() + grace;
                self.holes.set(id, room.rest.map_or(at, |rest| rest.max(at)));
            }
        }
    }
}

#[cfg(test)]
#[path = "follower_tests.rs"]
mod tests;
