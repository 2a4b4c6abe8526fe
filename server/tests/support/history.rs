//! Checks what clients sent, saw acknowledged and received against the log that is there in the
//! end. Linear in the history: a numbered log per room needs no search for an order.
//!
//! The place of an event in the history is its time: it is noted *before* a message goes out and
//! *after* something came in, by clients of one process.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use maru_protocol::{Epoch, MessageId};
use tokio::sync::watch;

/// Which client.
pub type Who = u32;

/// What a client did or saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Is about to put a message on the wire, for the first time or again.
    Sends { who: Who, room: String, id: MessageId, body: String },
    /// Was told that it is kept.
    Acked { room: String, id: MessageId, seq: u64 },
    /// Was told that it is not, and never will be.
    Refused { room: String, id: MessageId },
    /// Came into a room; the next entry it is owed.
    Joined { who: Who, room: String, next: u64 },
    /// Went out: nothing is owed any more.
    Left { who: Who, room: String },
    /// Got an entry.
    Received { who: Who, room: String, entry: Logged },
    /// Was told with its coming in of which epoch the room's seqs are, and whether to forget what
    /// it holds. For histories in which nothing is lost and nobody misses too much.
    Told { who: Who, room: String, epoch: Epoch, reset: bool },
}

/// An entry of a room's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub seq: u64,
    pub id: MessageId,
    pub body: String,
}

/// Each room's log, as it is in the end.
pub type Logs = BTreeMap<String, Vec<Logged>>;

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Acknowledged, and not in the log.
    LostAcked,
    /// Acknowledged with two seqs, or with another one than the log's.
    AckSeqDiffers,
    /// Refused for good, and in the log.
    RefusedButKept,
    /// The log's seqs are not 1, 2, 3 …
    LogHole,
    /// One message twice in the log.
    KeptTwice,
    /// Nobody sent it.
    Phantom,
    /// Not the text that was sent.
    Altered,
    /// An entry again, or after a later one.
    AgainOrLate,
    /// An entry before the one that was owed.
    ReceivedHole,
    /// An entry other than the log's of that seq: it was shown and then lost, or two saw two.
    Fork,
    /// An entry of a room that the client is not in.
    Uninvited,
    /// Not received to the end by somebody who stayed.
    MissingEnd,
    /// Sent after another one was acknowledged, and before it in the log.
    RealTimeOrder,
    /// One sender's messages not in the order of their sending.
    SenderOrder,
    /// Told to forget what it holds.
    Reset,
    /// Told of another epoch than before.
    OtherEpoch,
}

/// Notes events in order.
#[derive(Clone)]
pub struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
    acks: Arc<watch::Sender<usize>>,
}

impl Recorder {
    pub fn new() -> Self {
        Self { events: Arc::default(), acks: Arc::new(watch::Sender::new(0)) }
    }

    pub fn note(&self, event: Event) {
        let acked = matches!(event, Event::Acked { .. });
        self.events.lock().unwrap().push(event);
        self.acks.send_modify(|count| *count += usize::from(acked));
    }

    /// Waits until this many acknowledgements came.
    pub async fn acks(&self, count: usize) {
        self.acks.subscribe().wait_for(|acks| *acks >= count).await.unwrap();
    }

    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }
}

/// What [`check`] found: each fault with where it was seen.
pub type Found = BTreeMap<Fault, Vec<String>>;

struct Sent {
    who: Who,
    at: usize,
    body: String,
}

type Key = (String, MessageId);

/// Holds a history against the logs.
pub fn check(events: &[Event], logs: &Logs) -> Found {
    let mut found = Found::new();
    let mut sent: HashMap<Key, Sent> = HashMap::new();
    let mut acked: HashMap<Key, (u64, usize)> = HashMap::new();
    let mut refused: BTreeSet<Key> = BTreeSet::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Sends { who, room, id, body } => {
                let first = Sent { who: *who, at, body: body.clone() };
                sent.entry((room.clone(), *id)).or_insert(first);
            }
            Event::Acked { room, id, seq } => {
                let first = *acked.entry((room.clone(), *id)).or_insert((*seq, at));
                if first.0 != *seq {
                    note(&mut found, Fault::AckSeqDiffers, format!("{id}: {} and {seq}", first.0));
                }
            }
            Event::Refused { room, id } => {
                refused.insert((room.clone(), *id));
            }
            _ => {}
        }
    }
    let mut kept: HashMap<Key, u64> = HashMap::new();
    for (room, log) in logs {
        for (entry, due) in log.iter().zip(1..) {
            let here = || format!("{room} {} {}", entry.seq, entry.id);
            let key = (room.clone(), entry.id);
            if entry.seq != due {
                note(&mut found, Fault::LogHole, here());
            }
            match sent.get(&key) {
                None => note(&mut found, Fault::Phantom, here()),
                Some(sent) if sent.body != entry.body => note(&mut found, Fault::Altered, here()),
                Some(_) => {}
            }
            if refused.contains(&key) {
                note(&mut found, Fault::RefusedButKept, here());
            }
            if kept.insert(key, entry.seq).is_some() {
                note(&mut found, Fault::KeptTwice, here());
            }
        }
        order(room, log, &sent, &acked, &mut found);
    }
    for ((room, id), (seq, _)) in &acked {
        match kept.get(&(room.clone(), *id)) {
            None => note(&mut found, Fault::LostAcked, format!("{room} {seq} {id}")),
            Some(at) if at != seq => {
                note(&mut found, Fault::AckSeqDiffers, format!("{room} {id}: {seq}, is at {at}"));
            }
            Some(_) => {}
        }
    }
    receivers(events, logs, &mut found);
    tellings(events, &mut found);
    found
}

fn note(found: &mut Found, fault: Fault, place: String) {
    found.entry(fault).or_default().push(place);
}

/// Real time, and each sender's own order.
fn order(
    room: &str,
    log: &[Logged],
    sent: &HashMap<Key, Sent>,
    acked: &HashMap<Key, (u64, usize)>,
    found: &mut Found,
) {
    let mut log: Vec<&Logged> = log.iter().collect();
    log.sort_by_key(|entry| entry.seq);
    // From the end: nothing later in the log was acknowledged before this one was sent.
    let mut earliest = usize::MAX;
    for entry in log.iter().rev() {
        let key = (room.to_owned(), entry.id);
        if sent.get(&key).is_some_and(|sent| sent.at > earliest) {
            note(found, Fault::RealTimeOrder, format!("{room} {}", entry.seq));
        }
        earliest = earliest.min(acked.get(&key).map_or(usize::MAX, |(_, at)| *at));
    }
    let mut last: HashMap<Who, usize> = HashMap::new();
    for entry in log {
        let Some(Sent { who, at, .. }) = sent.get(&(room.to_owned(), entry.id)) else { continue };
        if last.insert(*who, *at).is_some_and(|before| before > *at) {
            note(found, Fault::SenderOrder, format!("{room} {} of {who}", entry.seq));
        }
    }
}

/// What each receiver got, from each coming in to its going out.
fn receivers(events: &[Event], logs: &Logs, found: &mut Found) {
    let mut owed: HashMap<(Who, &str), u64> = HashMap::new();
    for event in events {
        match event {
            Event::Joined { who, room, next } => {
                owed.insert((*who, room), *next);
            }
            Event::Left { who, room } => {
                owed.remove(&(*who, room));
            }
            Event::Received { who, room, entry } => {
                let here = || format!("{who} in {room}: {} {}", entry.seq, entry.id);
                let log = logs.get(room).map_or(&[][..], Vec::as_slice);
                let kept = log.binary_search_by_key(&entry.seq, |kept| kept.seq).ok();
                if kept.and_then(|n| log.get(n)) != Some(entry) {
                    note(found, Fault::Fork, here());
                }
                let Some(next) = owed.get_mut(&(*who, room)) else {
                    note(found, Fault::Uninvited, here());
                    continue;
                };
                match entry.seq.cmp(next) {
                    std::cmp::Ordering::Less => note(found, Fault::AgainOrLate, here()),
                    std::cmp::Ordering::Greater => note(found, Fault::ReceivedHole, here()),
                    std::cmp::Ordering::Equal => {}
                }
                *next = (*next).max(entry.seq + 1);
            }
            _ => {}
        }
    }
    for ((who, room), next) in owed {
        let end = logs.get(room).map_or(0, |log| log.len() as u64);
        if next != end + 1 {
            note(found, Fault::MissingEnd, format!("{who} in {room}: {next} of {end}"));
        }
    }
}

/// One epoch, and nobody is told to start anew.
fn tellings(events: &[Event], found: &mut Found) {
    let mut first = None;
    for event in events {
        let Event::Told { who, room, epoch, reset } = event else { continue };
        if *reset {
            note(found, Fault::Reset, format!("{who} in {room}"));
        }
        if *first.get_or_insert(epoch) != epoch {
            note(found, Fault::OtherEpoch, format!("{who} in {room}: {epoch:?}"));
        }
    }
}
