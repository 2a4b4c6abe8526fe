//! Fifty people who talk, each in one of five rooms.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use maru_protocol::{Body, ClientFrame, Entry, MessageId, Position, Ref, ServerFrame};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::client::{Client, room};

/// How many.
pub const PEOPLE: usize = 50;
/// In so many rooms.
pub const ROOMS: usize = 5;
/// Each says something as often: 25 messages a second, all together.
const PAUSE: Duration = Duration::from_secs(2);
/// One of them goes away as often, and comes back after as long.
const AWAY: Duration = Duration::from_secs(3);

/// Their room.
pub fn room_of(person: usize) -> String {
    format!("team {}", person % ROOMS)
}

/// Their name.
pub fn name_of(person: usize) -> String {
    format!("Person {person}")
}

/// What all note.
pub struct Notes {
    start: Instant,
    over: AtomicBool,
    /// How long each delivery took, in microseconds, since it was last taken.
    latencies: Mutex<Vec<u32>>,
    /// The same of a page of history.
    pages: Mutex<Vec<u32>>,
    /// What was acknowledged.
    pub acknowledged: AtomicU64,
    /// Who came back to their room after having been away.
    pub returns: AtomicU64,
    /// What went wrong.
    pub wrongs: Mutex<Vec<String>>,
}

impl Notes {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            over: AtomicBool::new(false),
            latencies: Mutex::default(),
            pages: Mutex::default(),
            acknowledged: AtomicU64::new(0),
            returns: AtomicU64::new(0),
            wrongs: Mutex::default(),
        })
    }

    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// What deliveries and pages took since the last time, sorted.
    pub fn latencies(&self) -> [Vec<u32>; 2] {
        [&self.latencies, &self.pages].map(|all| {
            let mut taken = std::mem::take(&mut *all.lock().unwrap());
            taken.sort_unstable();
            taken
        })
    }

    fn wrong(&self, what: String) {
        self.wrongs.lock().unwrap().push(what);
    }
}

/// Somebody, and where they are in their room.
struct Person {
    number: usize,
    server: SocketAddr,
    client: Client,
    place: Position,
    /// The page that they wait for, and since when.
    asked: Option<(Ref, Instant)>,
    notes: Arc<Notes>,
}

/// All come in, and talk until the notes say that it is over.
pub async fn talk(server: SocketAddr, notes: &Arc<Notes>) -> JoinSet<()> {
    let mut all = JoinSet::new();
    for number in 0..PEOPLE {
        let mut client = Client::connect(server).await;
        client.hello(&name_of(number)).await;
        let place = client.join(&room_of(number), None).await.position;
        // Who has spoken has their name there.
        client.say(&room_of(number), "hello").await;
        notes.acknowledged.fetch_add(1, Ordering::Relaxed);
        let person = Person { number, server, client, place, asked: None, notes: notes.clone() };
        all.spawn(person.live());
    }
    all
}

impl Person {
    async fn live(mut self) {
        // Each at their own moment.
        let offset = PAUSE * u32::try_from(self.number).unwrap() / u32::try_from(PEOPLE).unwrap();
        let first = tokio::time::Instant::now() + offset;
        let mut turns = tokio::time::interval_at(first, PAUSE);
        let mut turn: usize = 0;
        while !self.notes.over.load(Ordering::Relaxed) {
            tokio::select! {
                _ = turns.tick() => {
                    turn += 1;
                    if turn % PEOPLE == self.number && !self.go_and_return().await {
                        return;
                    }
                    self.say().await;
                    self.look_back().await;
                }
                frame = self.client.receive() => match frame {
                    Ok(frame) => self.hear(frame),
                    Err(ended) => {
                        self.notes.wrong(format!("{} was cut off: {ended:?}", self.number));
                        return;
                    }
                },
            }
        }
        // At the end each comes back once more, to their name and their room.
        self.go_and_return().await;
    }

    async fn say(&mut self) {
        let now = self.notes.start.elapsed().as_micros();
        let reference = self.client.fresh_ref();
        let body = Body::parse(format!("at {now}")).unwrap();
        let id = MessageId(Uuid::now_v7());
        let said = ClientFrame::say(reference, room(&room_of(self.number)), id, body);
        if let Err(ended) = self.client.try_send(&said).await {
            self.notes.wrong(format!("{} could not speak: {ended:?}", self.number));
        }
    }

    /// Asks for a page of history.
    async fn look_back(&mut self) {
        let reference = self.client.fresh_ref();
        self.asked = Some((reference, Instant::now()));
        let what = json!({
            "type": "history", "ref": reference, "room": room_of(self.number),
            "before": self.place.seq.get() + 1,
        });
        let asked = serde_json::from_value(what).unwrap();
        if let Err(ended) = self.client.try_send(&asked).await {
            self.notes.wrong(format!("{} could not look back: {ended:?}", self.number));
        }
    }

    fn hear(&mut self, frame: ServerFrame) {
        if let Some((_, since)) = self.asked.take_if(|it| frame.reference() == Some(it.0)) {
            let took = u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
            self.notes.pages.lock().unwrap().push(took);
        }
        match frame {
            ServerFrame::Sent { .. } => {
                self.notes.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            ServerFrame::Error { code, message, .. } => {
                self.notes.wrong(format!("{} was refused: {code:?}: {message}", self.number));
            }
            ServerFrame::Entry(entry) => {
                self.place.seq = entry.seq();
                let Entry::Message(said) = entry else { return };
                let at = said.text().strip_prefix("at ").and_then(|at| at.parse::<u128>().ok());
                let is_one_of_us = said.sender.name.as_str().starts_with("Person ");
                if let Some(at) = at.filter(|_| is_one_of_us) {
                    let late = self.notes.start.elapsed().as_micros().saturating_sub(at);
                    let late = u32::try_from(late).unwrap_or(u32::MAX);
                    self.notes.latencies.lock().unwrap().push(late);
                }
            }
            _ => {}
        }
    }

    /// Away for a while, in which others may try to be them. False when they are not let back in.
    async fn go_and_return(&mut self) -> bool {
        let token = self.client.token.clone().unwrap();
        // What is on its way to them is heard first: what they said is acknowledged.
        let quiet = tokio::time::timeout(Duration::from_secs(10), self.settle()).await;
        if quiet.is_err() {
            self.notes.wrong(format!("{} waited 10 s for an answer", self.number));
        }
        let fresh = Client::try_connect(self.server).await;
        self.client = match fresh {
            Ok(client) => client,
            Err(error) => {
                self.notes.wrong(format!("{} was not let in: {error}", self.number));
                return false;
            }
        };
        // The old connection went with it; the new one says nothing yet.
        tokio::time::sleep(AWAY).await;
        self.client.hello_again(&token).await;
        let user = self.client.user.clone().unwrap();
        if user.name.as_str() != name_of(self.number) {
            self.notes.wrong(format!("{} is {} now", self.number, user.name));
        }
        match self.client.try_join(&room_of(self.number), Some(self.place)).await {
            ServerFrame::Joined { head, .. } => {
                self.place.seq = head;
                self.notes.returns.fetch_add(1, Ordering::Relaxed);
                true
            }
            other => {
                self.notes.wrong(format!("{} is not let into their room: {other:?}", self.number));
                false
            }
        }
    }

    async fn settle(&mut self) {
        if self.client.try_send(&ClientFrame::Ping).await.is_err() {
            return;
        }
        while let Ok(frame) = self.client.receive().await {
            if matches!(frame, ServerFrame::Pong) {
                return;
            }
            self.hear(frame);
        }
    }
}
