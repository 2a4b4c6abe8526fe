//! A journal in memory, and somebody who writes in its rooms.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use maru_protocol::{
    Body, DisplayName, Entry, Epoch, Message, MessageId, RoomName, Seq, User, UserId,
};
use maru_server::journal::{
    Append, Batch, Change, Created, Journal, PageRange, ReplyTo, RoomId,
    memory::{Memory, MemoryOptions, Storage},
};
use uuid::Uuid;

pub struct Log {
    storage: Storage,
    journal: Arc<Memory>,
    /// Rooms that were made, whose numbers run from 1.
    made: AtomicI64,
}

fn name(room: RoomId) -> RoomName {
    RoomName::parse(&format!("room {}", room.0)).unwrap()
}

impl Log {
    pub fn new(epoch: Epoch) -> Arc<Self> {
        let storage = Storage::new(epoch);
        let (journal, _) = Memory::open(&storage, MemoryOptions::default()).unwrap();
        Arc::new(Self { storage, journal, made: AtomicI64::new(0) })
    }

    /// As an index reads it.
    pub fn journal(&self) -> Arc<dyn Journal> {
        self.journal.clone()
    }

    /// Commits as another node would, with a fresh id; the room and those before it are made if need be.
    fn commit(&self, room: RoomId, at: u64, what: Change) -> Batch {
        while self.made.load(Ordering::Relaxed) < room.0 {
            let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
            let made = self.storage.create(name(RoomId(number)), 0);
            assert!(matches!(made, Created::New(record) if record.id == RoomId(number)));
        }
        let sender = User { id: UserId("u".into()), name: DisplayName::parse("민지").unwrap() };
        self.storage.commit(vec![Append {
            room,
            room_name: name(room),
            id: MessageId(Uuid::now_v7()),
            sender,
            at,
            what,
            reply: ReplyTo::Nobody,
        }])
    }

    pub fn say(&self, room: RoomId, at: u64, text: &str) -> Batch {
        self.commit(room, at, Change::say(Body::parse(text.to_owned()).unwrap()))
    }

    pub fn edit(&self, room: RoomId, target: Seq, at: u64, text: &str) -> Batch {
        let body = Body::parse(text.to_owned()).unwrap();
        self.commit(room, at, Change::Edit { target, body, mentions: Vec::new() })
    }

    pub fn delete(&self, room: RoomId, target: Seq, at: u64) -> Batch {
        self.commit(room, at, Change::Delete { target })
    }

    /// The messages that there are now.
    pub fn messages(&self, room: RoomId) -> Vec<Message> {
        let all = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
        let page = self.storage.with_log(|log| log.page(room, all));
        let message = |entry: Entry| match entry {
            Entry::Message(message) => Some(message),
            _ => None,
        };
        page.into_iter().flat_map(|page| page.entries).filter_map(message).collect()
    }

    pub fn entries(&self) -> u64 {
        self.storage.with_log(|log| log.rooms().iter().map(|room| room.head.get()).sum())
    }
}
