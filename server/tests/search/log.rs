//! A journal in memory, for what an index reads of one: rooms, heads, and pages with each message as
//! it is now.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use maru_protocol::{
    About, Body, Deletion, DisplayName, Edit, Entry, Epoch, Message, MessageId, OwnReactions,
    RoomKey, RoomName, Seq, Tombstone, User, UserId,
};
use maru_server::journal::{
    Append, Batch, Created, Full, Journal, JournalError, Outcome, Page, PageRange, RoomId,
    RoomQuery, RoomRecord, StoreFuture,
};
use uuid::Uuid;

pub struct Log {
    epoch: Epoch,
    rooms: Mutex<BTreeMap<i64, Vec<Entry>>>,
}

fn name(room: RoomId) -> RoomName {
    RoomName::parse(&format!("room {}", room.0)).unwrap()
}

fn done<T: Send + 'static>(answer: T) -> StoreFuture<T> {
    Box::pin(std::future::ready(Ok(answer)))
}

impl Log {
    pub fn new(epoch: Epoch) -> Arc<Self> {
        Arc::new(Self { epoch, rooms: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Vec<Entry>>> {
        self.rooms.lock().unwrap()
    }

    /// The next number, who says it, and a fresh id.
    fn next(&self, room: RoomId) -> (Seq, User, MessageId) {
        let seq = Seq::new(self.lock().entry(room.0).or_default().len() as u64 + 1).unwrap();
        let user = User { id: UserId("u".into()), name: DisplayName::parse("민지").unwrap() };
        (seq, user, MessageId(Uuid::now_v7()))
    }

    fn push(&self, room: RoomId, entry: Entry) -> Batch {
        self.lock().get_mut(&room.0).unwrap().push(entry.clone());
        vec![Outcome::Committed { room, entry, reply: None }]
    }

    pub fn say(&self, room: RoomId, at: u64, text: &str) -> Batch {
        let (seq, sender, id) = self.next(room);
        let body = Body::parse(text.to_owned()).unwrap();
        self.push(room, Entry::Message(Message::of(name(room), seq, id, sender, at, body)))
    }

    /// As a store does: the message reads as it is from now on, and the change follows it.
    pub fn edit(&self, room: RoomId, target: Seq, at: u64, text: &str) -> Batch {
        let (seq, sender, id) = self.next(room);
        let body = Some(Body::parse(text.to_owned()).unwrap());
        if let Entry::Message(message) = self.at(room, target).unwrap() {
            let changed = Message { body: body.clone(), changed: Some(seq), ..message };
            self.replace(room, target, Entry::Message(changed));
        }
        let (room_name, mentions) = (name(room), Vec::new());
        self.push(
            room,
            Entry::Edit(Edit { room: room_name, seq, id, sender, at, target, body, mentions }),
        )
    }

    /// The texts of the message and of its edits are gone.
    pub fn delete(&self, room: RoomId, target: Seq, at: u64) -> Batch {
        let (seq, sender, id) = self.next(room);
        if let Entry::Message(Message { id, sender, at, .. }) = self.at(room, target).unwrap() {
            let (room_name, deleted_at) = (name(room), at);
            let stone = Tombstone {
                room: room_name,
                seq: target,
                id,
                sender,
                at,
                deleted_at,
                changed: seq,
            };
            self.replace(room, target, Entry::Tombstone(stone));
        }
        for entry in self.lock().get_mut(&room.0).unwrap() {
            if let Entry::Edit(edit) = entry
                && edit.target == target
            {
                edit.body = None;
            }
        }
        let room_name = name(room);
        self.push(room, Entry::Delete(Deletion { room: room_name, seq, id, sender, at, target }))
    }

    fn replace(&self, room: RoomId, seq: Seq, entry: Entry) {
        let at = usize::try_from(seq.get() - 1).unwrap();
        self.lock().get_mut(&room.0).unwrap()[at] = entry;
    }

    pub fn at(&self, room: RoomId, seq: Seq) -> Option<Entry> {
        let at = usize::try_from(seq.get().checked_sub(1)?).unwrap();
        self.lock().get(&room.0)?.get(at).cloned()
    }

    /// The messages that there are now.
    pub fn messages(&self, room: RoomId) -> Vec<Message> {
        let message = |entry: &Entry| match entry {
            Entry::Message(message) => Some(message.clone()),
            _ => None,
        };
        self.lock().get(&room.0).into_iter().flatten().filter_map(message).collect()
    }

    pub fn entries(&self) -> u64 {
        self.lock().values().map(|entries| entries.len() as u64).sum()
    }

    fn head(&self, room: RoomId) -> Option<Seq> {
        self.lock().get(&room.0).map(|entries| Seq::new(entries.len() as u64).unwrap())
    }

    fn record(&self, room: RoomId) -> Option<RoomRecord> {
        Some(RoomRecord { id: room, name: name(room), head: self.head(room)?, active_at: 0 })
    }
}

impl Journal for Log {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn append(&self, _: Append) -> Result<(), Full> {
        Err(Full)
    }

    fn room(&self, _: RoomKey) -> StoreFuture<Option<RoomRecord>> {
        done(None)
    }

    fn create(&self, _: RoomName, _: u64) -> StoreFuture<Created> {
        Box::pin(std::future::ready(Err(JournalError::Busy)))
    }

    fn page(&self, room: RoomId, range: PageRange) -> StoreFuture<Page> {
        let PageRange::After { after, limit } = range else { panic!("nobody asks for {range:?}") };
        let entries = self.lock().get(&room.0).cloned().unwrap_or_default();
        let head = Seq::new(entries.len() as u64).unwrap();
        let (skip, take) = (usize::try_from(after.get()).unwrap(), limit as usize);
        let entries = entries.into_iter().skip(skip).take(take).collect();
        done(Page { entries, head, about: About::default() })
    }

    fn locate(&self, _: RoomId, _: MessageId) -> StoreFuture<Option<Seq>> {
        done(None)
    }

    fn pinned(&self, _: RoomId) -> StoreFuture<Vec<Message>> {
        done(Vec::new())
    }

    fn own_reactions(
        &self,
        _: RoomId,
        _: UserId,
        _: Vec<Seq>,
    ) -> StoreFuture<(Seq, Vec<OwnReactions>)> {
        done((Seq::ZERO, Vec::new()))
    }

    fn heads(&self, rooms: Vec<RoomId>) -> StoreFuture<Vec<(RoomId, Seq)>> {
        done(rooms.into_iter().filter_map(|room| Some((room, self.head(room)?))).collect())
    }

    fn rooms(&self, query: RoomQuery) -> StoreFuture<Vec<RoomRecord>> {
        let rooms: Vec<i64> = self.lock().keys().rev().copied().collect();
        let records = rooms.into_iter().filter_map(|room| self.record(RoomId(room)));
        done(records.take(query.limit as usize).collect())
    }

    fn probe(&self) -> StoreFuture<()> {
        done(())
    }

    fn close(&self) -> StoreFuture<()> {
        done(())
    }
}
