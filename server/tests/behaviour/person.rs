//! Somebody who uses Maru as its protocol asks: comes back after each loss, resumes every room
//! where they were, and sends again what was not acknowledged. All of it is noted for the checker.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use maru_protocol::{
    Body, ClientFrame, DisplayName, Entry, ErrorCode, MessageId, Position, Ref, ServerFrame,
    VERSION,
};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    client::{Client, Ended, PATIENCE, room},
    history::{Event, Recorder, Who},
    web::logged,
};

/// A message on its way.
#[derive(Clone)]
struct Draft {
    room: String,
    id: MessageId,
    body: String,
    reference: Option<Ref>,
}

pub struct Person {
    who: Who,
    server: SocketAddr,
    recorder: Recorder,
    token: Option<String>,
    client: Option<Client>,
    /// Rooms to be in, with the last position held there.
    places: BTreeMap<String, Option<Position>>,
    unacked: Vec<Draft>,
    /// How often a connection was lost.
    pub losses: u32,
}

impl Person {
    pub fn new(who: Who, server: SocketAddr, recorder: &Recorder, rooms: &[&str]) -> Self {
        let places = rooms.iter().map(|room| ((*room).to_owned(), None)).collect();
        let recorder = recorder.clone();
        let (token, client, unacked) = (None, None, Vec::new());
        Self { who, server, recorder, token, client, places, unacked, losses: 0 }
    }

    /// Connects, again and again, until in every room and with everything sent again.
    pub async fn come(&mut self) {
        let until = Instant::now() + PATIENCE;
        while self.try_come().await.is_err() {
            assert!(Instant::now() < until, "{} can't come back", self.who);
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn try_come(&mut self) -> Result<(), Ended> {
        self.client = None;
        let mut client = Client::try_connect(self.server).await.map_err(|_| Ended::Lost)?;
        let name = DisplayName::parse(&format!("person {} of many", self.who)).unwrap();
        let name = self.token.is_none().then_some(name);
        let hello = ClientFrame::Hello { version: VERSION, token: self.token.clone(), name };
        client.try_send(&hello).await?;
        match client.receive().await? {
            ServerFrame::Welcome { token, .. } => self.token = Some(token),
            other => return other_end(other),
        }
        self.client = Some(client);
        let rooms: Vec<String> = self.places.keys().cloned().collect();
        for room in rooms {
            self.join(&room).await?;
        }
        for n in 0..self.unacked.len() {
            self.put(n).await?;
        }
        Ok(())
    }

    /// Enters a room, from where they were when they were there before.
    pub async fn join(&mut self, name: &str) -> Result<(), Ended> {
        let after = *self.places.entry(name.to_owned()).or_default();
        let reference = self.client()?.fresh_ref();
        let join = ClientFrame::Join { reference, room: room(name), after };
        self.client()?.try_send(&join).await?;
        loop {
            match self.receive().await? {
                ServerFrame::Joined { reference: of, epoch, head, entries, reset, .. }
                    if of == reference =>
                {
                    let newest = entries.first().map_or(head.next(), Entry::seq);
                    let next = after.filter(|_| !reset).map_or(newest, |after| after.seq.next());
                    let (who, room) = (self.who, name.to_owned());
                    let place = Position { epoch, seq: next.previous() };
                    self.places.insert(room.clone(), Some(place));
                    self.recorder.note(Event::Joined { who, room, next: next.get() });
                    entries.into_iter().for_each(|entry| self.take_entry(name, &entry));
                    return Ok(());
                }
                other => self.take(other)?,
            }
        }
    }

    /// Goes out of a room, to be in it no more.
    pub async fn leave(&mut self, name: &str) -> Result<(), Ended> {
        let reference = self.client()?.fresh_ref();
        self.client()?.try_send(&ClientFrame::Leave { reference, room: room(name) }).await?;
        loop {
            match self.receive().await? {
                ServerFrame::Ok { reference: of } if of == reference => break,
                other => self.take(other)?,
            }
        }
        self.places.remove(name);
        self.recorder.note(Event::Left { who: self.who, room: name.to_owned() });
        Ok(())
    }

    /// Loses the connection, as in a tunnel.
    pub fn lose(&mut self) {
        self.client = None;
        self.losses += 1;
    }

    /// Reads until the connection is lost.
    pub async fn until_lost(&mut self) {
        while self.read().await.is_ok() {}
        self.lose();
    }

    /// Sends a new message without waiting.
    pub async fn say(&mut self, room: &str, body: String) -> Result<(), Ended> {
        let id = MessageId(Uuid::now_v7());
        self.unacked.push(Draft { room: room.to_owned(), id, body, reference: None });
        self.put(self.unacked.len() - 1).await
    }

    async fn put(&mut self, n: usize) -> Result<(), Ended> {
        let client = self.client.as_mut().ok_or(Ended::Lost)?;
        let reference = client.fresh_ref();
        let draft = &mut self.unacked[n];
        draft.reference = Some(reference);
        let Draft { room: name, id, body, .. } = draft.clone();
        let (who, text) = (self.who, Body::parse(body.clone()).unwrap());
        self.recorder.note(Event::Sends { who, room: name.clone(), id, body });
        client.try_send(&ClientFrame::say(reference, room(&name), id, text)).await
    }

    /// So many round trips.
    pub async fn settle(&mut self, times: usize) -> Result<(), Ended> {
        for _ in 0..times {
            self.client()?.try_send(&ClientFrame::Ping).await?;
            loop {
                match self.receive().await? {
                    ServerFrame::Pong => break,
                    other => self.take(other)?,
                }
            }
        }
        Ok(())
    }

    /// How many messages are not acknowledged.
    pub fn waiting(&self) -> usize {
        self.unacked.len()
    }

    /// Reads until at most this many messages are unacknowledged.
    pub async fn until_waiting(&mut self, at_most: usize) -> Result<(), Ended> {
        while self.unacked.len() > at_most {
            self.read().await?;
        }
        Ok(())
    }

    /// Reads until this is held of every room that this one is in; comes back when lost.
    pub async fn until_seen(&mut self, heads: &BTreeMap<String, u64>) {
        let behind = |places: &BTreeMap<String, Option<Position>>| {
            let seq = |place: &Option<Position>| place.map_or(0, |place| place.seq.get());
            places.iter().any(|(room, place)| seq(place) < heads[room])
        };
        while behind(&self.places) {
            if self.read().await.is_err() {
                self.lose();
                self.come().await;
            }
        }
    }

    /// Takes one frame.
    pub async fn read(&mut self) -> Result<(), Ended> {
        let frame = self.receive().await?;
        self.take(frame)
    }

    fn client(&mut self) -> Result<&mut Client, Ended> {
        self.client.as_mut().ok_or(Ended::Lost)
    }

    async fn receive(&mut self) -> Result<ServerFrame, Ended> {
        self.client()?.receive().await
    }

    fn take(&mut self, frame: ServerFrame) -> Result<(), Ended> {
        match frame {
            ServerFrame::Entry(entry) => {
                let name = entry.head().room.as_str().to_owned();
                self.take_entry(&name, &entry);
            }
            ServerFrame::Sent { reference, room, id, seq, .. } => {
                let at = self.unacked.iter().position(|draft| draft.id == id);
                let draft = self.unacked.remove(at.expect("one answer a send"));
                assert_eq!(draft.reference, Some(reference), "the answer to another send");
                let room = room.as_str().to_owned();
                self.recorder.note(Event::Acked { room, id, seq: seq.get() });
            }
            // Nothing was kept; it is sent again on the next connection.
            ServerFrame::Error { code: ErrorCode::ShuttingDown, .. } => {}
            ServerFrame::Error { .. } => panic!("{} is refused: {frame:?}", self.who),
            _ => {}
        }
        Ok(())
    }

    fn take_entry(&mut self, name: &str, entry: &Entry) {
        let (who, room) = (self.who, name.to_owned());
        self.recorder.note(Event::Received { who, room, entry: logged(entry) });
        if let Some(Some(place)) = self.places.get_mut(name) {
            place.seq = place.seq.max(entry.seq());
        }
    }
}

fn other_end(frame: ServerFrame) -> Result<(), Ended> {
    match frame {
        ServerFrame::Bye { .. } | ServerFrame::Error { code: ErrorCode::ShuttingDown, .. } => {
            Err(Ended::Lost)
        }
        other => panic!("no welcome but {other:?}"),
    }
}
