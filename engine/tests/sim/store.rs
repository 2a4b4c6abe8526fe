//! The journal as it is outside of the engine: a log for all nodes that outlives each of them, and
//! what of it a client's view is compared to.

use std::collections::BTreeMap;

use maru_engine::log::{Append, MemoryLog, Outcome, Page, PageRange, RoomId, RoomRecord};
use maru_protocol::{About, Entry, MessageId, RoomName, Seq};

/// What was committed to one room.
pub struct RoomLog {
    pub id: RoomId,
    pub name: RoomName,
    /// As they were committed.
    entries: Vec<Entry>,
    by_id: BTreeMap<MessageId, Seq>,
    /// Messages that were deleted, and the entries that did it.
    deleted: BTreeMap<Seq, Seq>,
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
        self.entries.push(entry.clone());
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
