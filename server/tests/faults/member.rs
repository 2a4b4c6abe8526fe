//! One of the people, who behaves as the page does (`frontend/src/connection`, `frontend/src/sync`):
//! comes back after a pause of chance or the one that was asked for, resumes each room where they
//! were, says one thing a room at a time and says it again, with the same id, until it is
//! acknowledged, and notices a connection that is dead.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use maru_protocol::{
    Body, ClientFrame, DisplayName, Entry, ErrorCode, MessageId, Position, Ref, ServerFrame,
    VERSION,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use uuid::Uuid;

use crate::{
    client::{Client, Ended, room},
    gateway::Doors,
    history::{Event, Recorder, Who},
    random::Random,
    web::logged,
};

/// The page's figures.
const BACKOFF: Duration = Duration::from_secs(1);
const MOST_BACKOFF: Duration = Duration::from_secs(30);
const OPENING: Duration = Duration::from_secs(10);
const STABLE: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(15);

/// One in so many thoughts may be said in a quiet room: of thirty people some three in ten seconds.
const QUIET: usize = 30;

/// What everybody is told to do.
#[derive(Clone)]
pub enum Phase {
    /// Come in, and be silent.
    Gather,
    Talk,
    /// Say nothing new.
    Finish,
    /// Go home, once these are seen; or, at that time, without.
    Leave(Arc<BTreeMap<String, u64>>, Instant),
}

/// What all of them share.
pub struct World {
    pub doors: Doors,
    pub recorder: Recorder,
    /// The zero of all times that are noted.
    pub start: Instant,
    pub phase: watch::Sender<Phase>,
    /// Between two messages of one person, on average.
    pub gap: Duration,
    /// Messages that are not acknowledged.
    pub waiting: AtomicUsize,
    /// How many were in all of their rooms once.
    pub gathered: AtomicUsize,
}

impl World {
    /// Microseconds since the start.
    pub fn micros(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap()
    }
}

/// From when to when, in microseconds since the start.
pub type Span = (u64, u64);

/// What somebody noted beside the history.
#[derive(Default)]
pub struct Notes {
    pub said: u64,
    pub retries: u64,
    /// Entries that came by themselves, and with a join.
    pub delivered: u64,
    pub replayed: u64,
    pub reconnects: u64,
    pub resumes: u64,
    /// From a message's first sending to its acknowledgement.
    pub acks: Vec<(MessageId, Span)>,
    /// From a message's first sending to its coming to somebody on another node.
    pub crossings: Vec<(MessageId, Span)>,
    /// From the loss of a connection to that node until in every room again.
    pub absences: Vec<(usize, Span)>,
    /// What should not have been said to a client.
    pub troubles: Vec<String>,
    pub converged: bool,
}

struct Draft {
    id: MessageId,
    /// Made when it is first sent: it says when and from which node that was.
    body: Option<String>,
    said_at: u64,
}

/// A room to be in.
struct Place {
    name: String,
    /// Hardly anybody speaks there: what is lost on the way is not found by what follows.
    quiet: bool,
    held: Option<Position>,
    joined: bool,
    /// What was asked and is not answered: a join or a send, never both.
    asked: Option<(Ref, Instant)>,
    /// Not before.
    pause: Instant,
    tries: u32,
    drafts: VecDeque<Draft>,
}

struct Link {
    client: Client,
    node: usize,
    since: Instant,
    heard: Instant,
    pinged: bool,
    interval: Duration,
    silence: Duration,
    /// The server said goodbye, and when to come back.
    bye: Option<Option<u32>>,
}

pub struct Member {
    who: Who,
    world: Arc<World>,
    random: Random,
    places: Vec<Place>,
    token: Option<String>,
    link: Option<Link>,
    attempt: u32,
    come_at: Instant,
    speak_at: Instant,
    notes: Notes,
    away: Option<(usize, u64)>,
    gathered: bool,
}

impl Member {
    pub fn new(
        who: Who,
        world: &Arc<World>,
        mut random: Random,
        rooms: Vec<(String, bool)>,
    ) -> Self {
        let now = Instant::now();
        let place = |(name, quiet)| Place {
            name,
            quiet,
            held: None,
            joined: false,
            asked: None,
            pause: now,
            tries: 0,
            drafts: VecDeque::new(),
        };
        let speak_at = now + share(world.gap, &mut random);
        Self {
            who,
            world: world.clone(),
            random,
            places: rooms.into_iter().map(place).collect(),
            token: None,
            link: None,
            attempt: 0,
            come_at: now,
            speak_at,
            notes: Notes::default(),
            away: None,
            gathered: false,
        }
    }

    pub async fn run(mut self) -> Notes {
        let mut phases = self.world.phase.subscribe();
        loop {
            let phase = phases.borrow_and_update().clone();
            if let Phase::Leave(heads, until) = &phase {
                self.notes.converged = self.places.iter().all(|place| {
                    place.drafts.is_empty()
                        && place.held.is_some_and(|it| it.seq.get() >= heads[&place.name])
                });
                if self.notes.converged || Instant::now() >= *until {
                    return self.notes;
                }
            }
            let talking = matches!(phase, Phase::Talk);
            self.act(talking).await;
            let due = self.due(&phase);
            let came = match &mut self.link {
                Some(link) => tokio::select! {
                    came = link.client.receive() => Some(came),
                    () = sleep_until(due) => None,
                    _ = phases.changed() => None,
                },
                None => tokio::select! {
                    () = sleep_until(due) => None,
                    _ = phases.changed() => None,
                },
            };
            match came {
                Some(Ok(frame)) => self.take(frame),
                Some(Err(_)) => self.lost(),
                None => {}
            }
        }
    }

    /// When there is something to do, unless something comes.
    fn due(&self, phase: &Phase) -> Instant {
        let mut due = match &self.link {
            None => self.come_at,
            Some(link) if link.pinged => link.heard + link.silence,
            Some(link) => link.heard + link.interval,
        };
        match phase {
            Phase::Talk => due = due.min(self.speak_at),
            Phase::Leave(_, until) => due = due.min(*until),
            Phase::Gather | Phase::Finish => {}
        }
        if self.link.is_some() {
            for place in &self.places {
                match place.asked {
                    Some((_, until)) => due = due.min(until),
                    None if !place.joined || !place.drafts.is_empty() => due = due.min(place.pause),
                    None => {}
                }
            }
        }
        due
    }

    /// Does what is due.
    async fn act(&mut self, talking: bool) {
        let now = Instant::now();
        if talking && now >= self.speak_at {
            self.speak_at = now + share(self.world.gap, &mut self.random);
            self.think();
        }
        if self.link.is_none() {
            if now < self.come_at {
                return;
            }
            if self.come().await.is_err() {
                return self.lost();
            }
        }
        if self.ask(Instant::now()).await.is_err() {
            self.lost();
        }
    }

    /// Has something to say, in some room.
    fn think(&mut self) {
        let quietly = self.random.below(QUIET) == 0;
        let fit: Vec<usize> =
            (0..self.places.len()).filter(|n| quietly || !self.places[*n].quiet).collect();
        if fit.is_empty() {
            return;
        }
        let n = *self.random.pick(&fit);
        let draft = Draft { id: MessageId(Uuid::now_v7()), body: None, said_at: 0 };
        self.places[n].drafts.push_back(draft);
        self.world.waiting.fetch_add(1, Ordering::SeqCst);
    }

    /// Connects and says hello.
    async fn come(&mut self) -> Result<(), Ended> {
        let door = self.world.doors.pick(&mut self.random);
        let name = DisplayName::parse(&format!("person {} of many", self.who)).unwrap();
        let name = self.token.is_none().then_some(name);
        let hello = ClientFrame::Hello { version: VERSION, token: self.token.clone(), name };
        let opened = timeout(OPENING, async {
            let mut client = Client::try_connect(door).await.map_err(|_| Ended::Lost)?;
            client.try_send(&hello).await?;
            let frame = client.receive().await?;
            Ok::<_, Ended>((client, frame))
        });
        let (client, frame) = opened.await.unwrap_or(Err(Ended::Lost))?;
        let ServerFrame::Welcome { token, heartbeat, server, .. } = frame else {
            match frame {
                ServerFrame::Bye { code, .. } if code.retryable() => {}
                ServerFrame::Error { code, .. } if code.retryable() => {}
                other => self.trouble(format!("no welcome but {other:?}")),
            }
            return Err(Ended::Lost);
        };
        self.notes.reconnects += u64::from(self.token.is_some());
        self.token = Some(token);
        let (since, heard) = (Instant::now(), Instant::now());
        self.link = Some(Link {
            client,
            node: server.name.trim_start_matches("node ").parse::<usize>().unwrap() - 1,
            since,
            heard,
            pinged: false,
            interval: Duration::from_millis(heartbeat.interval.into()),
            silence: Duration::from_millis(heartbeat.timeout.into()),
            bye: None,
        });
        Ok(())
    }

    /// Sends what may be sent.
    async fn ask(&mut self, now: Instant) -> Result<(), Ended> {
        let Some(link) = &mut self.link else { return Ok(()) };
        if link.pinged && now >= link.heard + link.silence {
            return Err(Ended::Lost);
        }
        if !link.pinged && now >= link.heard + link.interval {
            link.pinged = true;
            send(&mut link.client, &ClientFrame::Ping).await?;
        }
        for place in &mut self.places {
            if place.asked.is_some_and(|(_, until)| now >= until) {
                // An answer slower than this is not coming.
                place.asked = None;
                place.rest(None, &mut self.random);
            }
            if place.asked.is_some() || now < place.pause {
                continue;
            }
            let reference = link.client.fresh_ref();
            let room = room(&place.name);
            let frame = if !place.joined {
                self.notes.resumes += u64::from(place.held.is_some());
                ClientFrame::Join { reference, room, after: place.held }
            } else if let Some(draft) = place.drafts.front_mut() {
                let retry = draft.body.is_some();
                let body = draft.body.get_or_insert_with(|| {
                    let at = self.world.micros();
                    draft.said_at = at;
                    self.notes.said += 1;
                    format!("{at} {} message {} of {}", link.node, self.notes.said, self.who)
                });
                self.notes.retries += u64::from(retry);
                let (id, body) = (draft.id, body.clone());
                let (who, name) = (self.who, place.name.clone());
                let sends = Event::Sends { who, room: name, id, body: body.clone() };
                self.world.recorder.note(sends);
                ClientFrame::Send { reference, room, id, body: Body::parse(body).unwrap() }
            } else {
                continue;
            };
            place.asked = Some((reference, now + ANSWER));
            send(&mut link.client, &frame).await?;
        }
        Ok(())
    }

    /// The connection is gone, or was not to be had.
    fn lost(&mut self) {
        let mut asked_for = None;
        let mut stable = false;
        if let Some(link) = self.link.take() {
            stable = link.since.elapsed() >= STABLE;
            asked_for = link.bye.flatten();
            // Lost again before it was in every room: it is still the same absence.
            self.away.get_or_insert((link.node, self.world.micros()));
        }
        self.attempt = if stable { 1 } else { self.attempt + 1 };
        let wait = asked_for.map(|ms| Duration::from_millis(ms.into()));
        self.come_at =
            Instant::now() + wait.unwrap_or_else(|| backoff(self.attempt, &mut self.random));
        for place in &mut self.places {
            (place.joined, place.asked, place.tries) = (false, None, 0);
            place.pause = Instant::now();
        }
    }

    fn take(&mut self, frame: ServerFrame) {
        let Some(link) = &mut self.link else { return };
        (link.heard, link.pinged) = (Instant::now(), false);
        match frame {
            ServerFrame::Entry(entry) => self.live(&entry),
            ServerFrame::Sent { reference, room, id, seq, .. } => {
                let event = Event::Acked { room: room.as_str().to_owned(), id, seq: seq.get() };
                self.world.recorder.note(event);
                self.acknowledged(reference, id);
            }
            ServerFrame::Joined { reference, epoch, head, entries, reset, .. } => {
                let Some(n) = self.asked(reference) else { return };
                self.joined(n, Position { epoch, seq: head }, &entries, reset);
            }
            ServerFrame::Error { reference: Some(reference), code, message, retry_after } => {
                let Some(n) = self.asked(reference) else { return };
                self.refused(n, code, &message, retry_after);
            }
            ServerFrame::Error { code, message, .. } if !code.retryable() => {
                self.trouble(format!("{code:?}: {message}"));
            }
            ServerFrame::Bye { code, retry_after, .. } => {
                link.bye = Some(retry_after);
                if !code.retryable() {
                    self.trouble(format!("sent away: {code:?}"));
                }
            }
            _ => {}
        }
    }

    /// The room that asked this.
    fn asked(&self, reference: Ref) -> Option<usize> {
        self.places.iter().position(|it| it.asked.is_some_and(|(asked, _)| asked == reference))
    }

    fn acknowledged(&mut self, reference: Ref, id: MessageId) {
        let of = |place: &Place| place.drafts.front().is_some_and(|draft| draft.id == id);
        // A late answer counts as well as the one to the last try.
        let Some(place) = self.places.iter_mut().find(|place| of(place)) else { return };
        let draft = place.drafts.pop_front().unwrap();
        if place.asked.is_some_and(|(asked, _)| asked == reference) {
            place.asked = None;
        }
        (place.tries, place.pause) = (0, Instant::now());
        self.world.waiting.fetch_sub(1, Ordering::SeqCst);
        self.notes.acks.push((id, (draft.said_at, self.world.micros())));
    }

    fn refused(&mut self, n: usize, code: ErrorCode, message: &str, retry_after: Option<u32>) {
        let place = &mut self.places[n];
        place.asked = None;
        if code.retryable() {
            place.rest(retry_after, &mut self.random);
        } else if code == ErrorCode::NotJoined && place.joined {
            place.joined = false;
        } else {
            self.trouble(format!("{code:?}: {message}"));
            self.places[n].rest(None, &mut self.random);
        }
    }

    fn joined(&mut self, n: usize, head: Position, entries: &[Entry], reset: bool) {
        let (who, name, epoch) = (self.who, self.places[n].name.clone(), head.epoch);
        let place = &mut self.places[n];
        (place.joined, place.asked, place.tries) = (true, None, 0);
        self.world.recorder.note(Event::Told { who, room: name.clone(), epoch, reset });
        // Somebody who resumes is owed what follows what they hold, whatever the answer says.
        if place.held.is_none() || reset {
            let next = entries.first().map_or(head.seq.next(), Entry::seq);
            place.held = Some(Position { epoch, seq: next.previous() });
            self.world.recorder.note(Event::Joined { who, room: name, next: next.get() });
        }
        self.notes.replayed += entries.len() as u64;
        entries.iter().for_each(|entry| self.hold(entry));
        if self.places.iter().all(|place| place.joined) {
            if !std::mem::replace(&mut self.gathered, true) {
                self.world.gathered.fetch_add(1, Ordering::SeqCst);
            }
            if let Some((node, from)) = self.away.take() {
                self.notes.absences.push((node, (from, self.world.micros())));
            }
        }
    }

    /// An entry that came by itself.
    fn live(&mut self, entry: &Entry) {
        self.notes.delivered += 1;
        let Entry::Message(said) = entry;
        let mut words = said.body.as_str().split(' ').map(str::parse::<u64>);
        let node = self.link.as_ref().map(|link| link.node as u64);
        if let (Some(Ok(at)), Some(Ok(from))) = (words.next(), words.next())
            && Some(from) != node
        {
            self.notes.crossings.push((said.id, (at, self.world.micros())));
        }
        self.hold(entry);
    }

    fn hold(&mut self, entry: &Entry) {
        let Entry::Message(said) = entry;
        let (who, name) = (self.who, said.room.as_str());
        let event = Event::Received { who, room: name.to_owned(), entry: logged(entry) };
        self.world.recorder.note(event);
        let held = self.places.iter_mut().find(|place| place.name == name);
        if let Some(held) = held.and_then(|place| place.held.as_mut()) {
            held.seq = held.seq.max(entry.seq());
        }
    }

    fn trouble(&mut self, what: String) {
        self.notes.troubles.push(format!("{}: {what}", self.who));
    }
}

impl Place {
    /// Asks again later: as told, or after a pause of chance.
    fn rest(&mut self, told: Option<u32>, random: &mut Random) {
        self.tries += 1;
        let told = told.map(|ms| Duration::from_millis(ms.into()));
        self.pause = Instant::now() + told.unwrap_or_else(|| backoff(self.tries, random));
    }
}

async fn send(client: &mut Client, frame: &ClientFrame) -> Result<(), Ended> {
    timeout(OPENING, client.try_send(frame)).await.unwrap_or(Err(Ended::Lost))
}

/// Exponential, with full jitter.
fn backoff(attempt: u32, random: &mut Random) -> Duration {
    let most = MOST_BACKOFF.min(BACKOFF * 2_u32.pow(attempt.saturating_sub(1).min(10)));
    share(most / 2, random)
}

/// Between nothing and twice this.
fn share(average: Duration, random: &mut Random) -> Duration {
    average * u32::try_from(random.below(2_001)).unwrap() / 1_000
}
