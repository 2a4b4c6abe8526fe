//! The journal as it is outside of the engine: a log for all nodes that outlives each of them, and
//! what of it a client's view is compared to.

use std::collections::{BTreeMap, BTreeSet};

use maru_engine::log::{Append, MemoryLog, Outcome, Page, PageRange, RoomId, RoomRecord};
use maru_protocol::{About, Covers, Entry, MessageId, RoomName, Seq, apply};

/// What was committed to one room.
pub struct RoomLog {
    pub id: RoomId,
    pub name: RoomName,
    /// As they were committed.
    entries: Vec<Entry>,
    by_id: BTreeMap<MessageId, Seq>,
    /// Messages that were deleted, and the entries that did it.
    deleted: BTreeMap<Seq, Seq>,
    /// What a client holds that heard all of it.
    pub heard: BTreeMap<Seq, Entry>,
}

/// All rooms.
pub struct Store {
    /// By the rules that all stores go by.
    log: MemoryLog,
    pub rooms: Vec<RoomLog>,
    /// It answers.
    pub up: bool,
}

pub fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

impl Store {
    pub fn new(rooms: usize) -> Self {
        let mut log = MemoryLog::new();
        let room = |number: usize| {
            let name = RoomName::parse(&format!("room {number}")).unwrap();
            log.create(name.clone(), 0);
            RoomLog {
                id: RoomId(i64::try_from(number).unwrap() + 1),
                name,
                entries: Vec::new(),
                by_id: BTreeMap::new(),
                deleted: BTreeMap::new(),
                heard: BTreeMap::new(),
            }
        };
        let rooms = (0..rooms).map(room).collect();
        Self { log, rooms, up: true }
    }

    pub fn room(&self, id: RoomId) -> &RoomLog {
        &self.rooms[usize::try_from(id.0).unwrap() - 1]
    }

    pub fn record(&self, id: RoomId) -> RoomRecord {
        self.log.record(id).unwrap()
    }

    pub fn page(&self, id: RoomId, range: PageRange) -> Page {
        self.log.page(id, range).unwrap()
    }

    /// What a client missed at that position, unless it is too much.
    pub fn missed(&self, id: RoomId, after: Seq, most: usize) -> Option<Page> {
        self.log.missed(id, after, u32::try_from(most).unwrap()).unwrap()
    }

    /// The newest page.
    pub fn newest(&self, id: RoomId, limit: u32) -> Page {
        self.log.history(id, PageRange::Newest { limit }).unwrap()
    }

    /// Commits them all, in order.
    pub fn commit(&mut self, appends: Vec<Append>) -> Vec<Outcome> {
        let outcomes = self.log.commit(appends);
        for outcome in &outcomes {
            if let Outcome::Committed { room, entry, .. } = outcome {
                self.rooms[usize::try_from(room.0).unwrap() - 1].note(entry);
            }
        }
        outcomes
    }
}

impl RoomLog {
    pub fn head(&self) -> Seq {
        seq(self.entries.len() as u64)
    }

    pub fn entry(&self, seq: Seq) -> Option<&Entry> {
        self.entries.get(usize::try_from(seq.get()).unwrap().checked_sub(1)?)
    }

    pub fn seq_of(&self, id: MessageId) -> Option<Seq> {
        self.by_id.get(&id).copied()
    }

    /// The entry that deleted a message.
    pub fn deleted_by(&self, target: Seq) -> Option<Seq> {
        self.deleted.get(&target).copied()
    }

    fn note(&mut self, entry: &Entry) {
        let head = entry.head();
        assert_eq!(head.seq, self.head().next(), "the log itself has no holes");
        if let Entry::Delete(deletion) = entry {
            self.deleted.insert(deletion.target, head.seq);
        }
        self.by_id.insert(head.id, head.seq);
        hear(&mut self.heard, entry);
        self.entries.push(entry.clone());
    }

    /// The messages in a range that were not deleted when an entry was the newest.
    pub fn said(&self, covers: Covers, head: Seq) -> impl Iterator<Item = Seq> {
        let gone = move |seq| self.deleted_by(seq).is_some_and(|by| by <= head);
        let seqs = (covers.from.get()..=covers.to.get()).map(seq);
        let said = move |seq: &Seq| matches!(self.entry(*seq), Some(Entry::Message(_)));
        seqs.filter(move |seq| said(seq) && !gone(*seq))
    }

    /// How many messages, and messages that changed, lie above a position: deleted or not.
    pub fn weight(&self, position: Seq, head: Seq) -> (usize, usize) {
        let mut targets = BTreeSet::new();
        let mut messages = 0;
        for number in position.get() + 1..=head.get() {
            match self.entry(seq(number)) {
                Some(Entry::Message(_)) => messages += 1,
                Some(change) => targets.extend(change.target()),
                None => {}
            }
        }
        (messages, targets.len())
    }

    /// What the room was about as of an entry: the fold of the log up to it.
    pub fn about(&self, head: Seq) -> About {
        let mut about = About::default();
        for entry in self.entries.iter().take(usize::try_from(head.get()).unwrap()) {
            match entry {
                Entry::Topic(change) => {
                    about.topic = change.topic.clone();
                    about.description = change.description.clone();
                }
                Entry::Pin(pinning) => {
                    about.pins.retain(|pin| *pin != pinning.target);
                    if pinning.on {
                        about.pins.insert(0, pinning.target);
                    }
                }
                Entry::Delete(deletion) => about.pins.retain(|pin| *pin != deletion.target),
                _ => {}
            }
        }
        about
    }
}

/// What a client does with an entry that it hears, or is told to have missed.
pub fn hear(held: &mut BTreeMap<Seq, Entry>, entry: &Entry) {
    match entry {
        Entry::Message(_) | Entry::Tombstone(_) => apply::put(held, entry.clone()),
        change => apply::apply(held, change),
    }
}

/// The messages from a seq on that are not deleted.
pub fn live(held: &BTreeMap<Seq, Entry>, from: Seq) -> Vec<&Entry> {
    let held = held.range(from..).map(|(_, entry)| entry);
    held.filter(|entry| matches!(entry, Entry::Message(_))).collect()
}
