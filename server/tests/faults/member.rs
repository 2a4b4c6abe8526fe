//! One of the people, who behaves as the page does (`frontend/src/connection`, `frontend/src/sync`):
//! comes back after a pause of chance or the one that was asked for, resumes each room where they
//! were, says one thing a room at a time and says it again, with the same id, until it is
//! acknowledged, and notices a connection that is dead.

mod hearing;

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use maru_protocol::{
    Body, ClientFrame, DisplayName, MessageId, Position, Ref, ServerFrame, VERSION,
};
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use crate::{
    client::{Client, Ended, room},
    history::{Event, Who},
    random::Random,
    world::{Absence, Notes, Phase, World},
};

/// The page's figures.
const BACKOFF: Duration = Duration::from_secs(1);
const MOST_BACKOFF: Duration = Duration::from_secs(30);
const OPENING: Duration = Duration::from_secs(10);
const STABLE: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(15);

/// One in so many thoughts may be said in a quiet room: of thirty people some three in ten seconds.
const QUIET: usize = 30;

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
    away: Option<Absence>,
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
        self.tell(|| format!("welcome on {}", server.name));
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

    /// Goes on with the story of an absence.
    fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(away) = &mut self.away {
            away.story.push((self.world.micros(), what()));
        }
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
                ClientFrame::say(reference, room, id, Body::parse(body).unwrap())
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
            let (node, now) = (link.node, self.world.micros());
            let absence = Absence { node, span: (now, now), story: Vec::new() };
            self.away.get_or_insert(absence);
            self.tell(|| "lost".to_owned());
        } else {
            self.tell(|| "not let in".to_owned());
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
