//! What all connections of a run share: the rooms, what is on its way, what was counted.

use std::{collections::HashMap, time::Instant};

use hdrhistogram::Histogram;
use maru_protocol::{
    Body, ClientFrame, DisplayName, Entry, Epoch, Message, MessageId, Ref, RoomName, Seq,
    ServerFrame, User, UserId,
};

use crate::{args::Plan, wire::stamped};

/// A minute in microseconds, the longest latency told apart.
const LONGEST: u64 = 60_000_000;

/// One room.
#[derive(Debug)]
pub struct Room {
    /// Its name.
    pub name: RoomName,
    /// The highest seq that is known to be committed.
    pub head: u64,
    /// Messages sent to it.
    pub sent: u64,
}

/// What was counted since the run began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Messages sent.
    pub sent: u64,
    /// Messages acknowledged.
    pub acknowledged: u64,
    /// Messages refused.
    pub refused: u64,
    /// Entries that reached a connection live.
    pub deliveries: u64,
    /// Entries that reached a connection in the answer to its `join`.
    pub replayed: u64,
    /// Connections told to forget what they hold.
    pub resets: u64,
    /// Entries of a room that the connection is not in.
    pub strays: u64,
    /// Connections that the server ended.
    pub ended: u64,
    /// Connections that became ready, again ones included.
    pub ready: u64,
    /// Times that one who dropped did not get in again and has to retry.
    pub retried: u64,
}

/// What all connections of a run share.
pub struct World {
    started: Instant,
    /// Bytes in a body.
    pub body: usize,
    /// Whether the server only repeats what it is given.
    pub repeats: bool,
    /// The rooms.
    pub rooms: Vec<Room>,
    /// What was counted.
    pub counts: Counts,
    /// Whether latencies are wanted now.
    pub recording: bool,
    /// Microseconds from the sending to a sampled member, see [`crate::connection`].
    pub latency: Histogram<u64>,
    /// Microseconds from the sending to its `sent`.
    pub answers: Histogram<u64>,
    /// Messages that wait for their `sent`: their room and when they were sent.
    pub waiting: HashMap<u32, (usize, u64)>,
    /// Connections between their start and their readiness.
    pub opening: usize,
    /// The journal's epoch.
    pub epoch: Option<Epoch>,
    /// Those who want to come back and were refused or cut off.
    pub again: Vec<usize>,
    /// Those whose `join` was refused for now.
    pub put_off: Vec<usize>,
    /// Whether who does not get in tries again; before the load begins it ends the run.
    pub retrying: bool,
    /// Why the run makes no sense any more.
    pub fault: Option<String>,
    /// Why the server ended the connection that it ended last.
    pub last_end: Option<String>,
    seed: u64,
    next: u32,
    scratch: Vec<u8>,
}

impl World {
    /// The world of a plan, before its first connection.
    ///
    /// # Errors
    /// When a name can't be made: a bug.
    pub fn new(plan: &Plan, seed: u64) -> Result<Self, String> {
        let tag = seed & 0xffff_ffff;
        let room = |n| {
            let name = RoomName::parse(&format!("load-{tag:08x}-{n}"));
            name.map(|name| Room { name, head: 0, sent: 0 }).map_err(|error| error.to_string())
        };
        let rooms = (0..plan.rooms).map(room).collect::<Result<_, _>>()?;
        let histogram = || Histogram::new_with_bounds(1, LONGEST, 3).map_err(|e| e.to_string());
        Ok(Self {
            started: Instant::now(),
            body: usize::try_from(plan.options.body_bytes).unwrap_or(128),
            repeats: plan.options.dialect.repeat(),
            rooms,
            counts: Counts::default(),
            recording: false,
            latency: histogram()?,
            answers: histogram()?,
            waiting: HashMap::new(),
            opening: 0,
            epoch: None,
            again: Vec::new(),
            put_off: Vec::new(),
            retrying: false,
            fault: None,
            last_end: None,
            seed,
            next: 0,
            scratch: Vec::with_capacity(512),
        })
    }

    /// Nanoseconds since the run began.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Something that arrived now was sent then.
    pub fn record(&mut self, now: u64, sent: u64) {
        if self.recording {
            self.latency.saturating_record(now.saturating_sub(sent) / 1_000);
        }
    }

    /// Records what makes the run senseless; the first reason stands.
    pub fn fail(&mut self, why: impl Into<String>) {
        self.fault.get_or_insert_with(|| why.into());
    }

    /// A member's name: no two look alike, also not the ones of another seed.
    ///
    /// # Errors
    /// When it can't be made: a bug.
    pub fn name(&self, index: usize) -> Result<DisplayName, String> {
        let tag = self.seed & 0xffff_ffff;
        DisplayName::parse(&format!("load {tag:08x} {index}")).map_err(|error| error.to_string())
    }

    /// The next message of a room, encoded: what its sender is to put on the wire.
    pub fn message(&mut self, room: usize) -> Option<&[u8]> {
        let now = self.nanos();
        self.next = self.next.wrapping_add(1);
        let reference = self.next;
        let id = self.id(now, reference);
        let body = Body::parse(stamped(now, self.body)).ok()?;
        let place = self.rooms.get_mut(room)?;
        place.sent += 1;
        self.counts.sent += 1;
        self.scratch.clear();
        let name = place.name.clone();
        let written = if self.repeats {
            place.head += 1;
            let seq = Seq::new(place.head).ok()?;
            let sender = User { id: UserId(SENDER.to_owned()), name: self.name(0).ok()? };
            let at = now / 1_000_000 + 1_700_000_000_000;
            let message = Message::of(name, seq, id, sender, at, body);
            serde_json::to_writer(&mut self.scratch, &ServerFrame::Entry(Entry::Message(message)))
        } else {
            self.waiting.insert(reference, (room, now));
            let frame = ClientFrame::say(Ref(reference), name, id, body);
            serde_json::to_writer(&mut self.scratch, &frame)
        };
        written.ok().map(|()| self.scratch.as_slice())
    }

    /// Version 7 by form; unique by the seed and the number.
    fn id(&self, now: u64, number: u32) -> MessageId {
        let mut random = [0; 10];
        random[..6].copy_from_slice(&self.seed.to_be_bytes()[2..]);
        random[6..].copy_from_slice(&number.to_be_bytes());
        let millis = 1_700_000_000_000 + now / 1_000_000;
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        MessageId(id)
    }

    /// A message was acknowledged.
    pub fn acknowledged(&mut self, reference: Ref, seq: u64) {
        let Some((room, sent)) = self.waiting.remove(&reference.0) else { return };
        self.counts.acknowledged += 1;
        if let Some(room) = self.rooms.get_mut(room) {
            room.head = room.head.max(seq);
        }
        if self.recording {
            let micros = self.nanos().saturating_sub(sent) / 1_000;
            self.answers.saturating_record(micros);
        }
    }
}

/// Who says what servers repeat: as long as a guest's id.
const SENDER: &str = "guest-00000000-0000-7000-8000-000000000000";
