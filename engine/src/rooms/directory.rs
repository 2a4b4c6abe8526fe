//! The directory: what is told to those who watch it. Where nobody does, it costs nothing.

use std::collections::VecDeque;

use maru_protocol::{RoomInfo, RoomName, SessionId};

use super::fair_queue::{FairQueue, Lane};
use crate::{
    Instant,
    collections::{Seed, Set},
    effect::{Effects, Item},
    event::{Event, SharedEvent},
    log::{RoomId, RoomRecord},
    rooms::room::{Room, info_of},
    state::Engine,
};

/// Most rooms in one `directory` event; more wait for the next one.
const MAX_ROWS: usize = 200;

/// Most rooms that are there no more and wait to be told of.
const MAX_REMOVED: usize = 10_000;

/// Who watches, and what they have not been told yet.
#[derive(Debug)]
pub(crate) struct Directory {
    /// No more than there are sessions: each one's end takes it out.
    watchers: Set<SessionId>,
    changed: FairQueue<RoomInfo>,
    /// Rooms that are there no more, in the order in which they went. Beyond [`MAX_REMOVED`] they are
    /// not told of: a list that has one for longer leads to a room that is not there.
    removed: VecDeque<RoomName>,
    /// When the watchers are told next.
    pub(crate) due: Option<Instant>,
}

impl Directory {
    pub(crate) fn new(seed: Seed) -> Self {
        Self {
            watchers: Set::with_hasher(seed),
            changed: FairQueue::new(seed),
            removed: VecDeque::new(),
            due: None,
        }
    }

    /// Starts or stops with a session; what changed before concerns nobody who comes after.
    pub(crate) fn watch(&mut self, session: SessionId, on: bool) {
        if on {
            self.watchers.insert(session);
        } else if self.watchers.remove(&session) && self.watchers.is_empty() {
            self.changed.clear();
            self.removed = VecDeque::new();
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        !self.watchers.is_empty()
    }
}

impl Engine {
    /// Somebody of this node came to a room in use or went, or an entry of this node was committed
    /// there: for the watchers here and on other nodes.
    pub(crate) fn room_changed(&mut self, now: Instant, id: RoomId) {
        self.show_room(now, id);
        if self.cluster.is_some()
            && let Some(record) = self.rooms.get(&id).map(|room| room.record().clone())
        {
            self.tell_activity_elsewhere(now, &record);
        }
    }

    /// The same for what another node did, which tells of it itself.
    pub(crate) fn show_room(&mut self, now: Instant, id: RoomId) {
        if self.directory.is_watched()
            && let Some(info) = self.rooms.get(&id).map(Room::info)
        {
            self.show(now, id, info);
        }
    }

    /// A row for the watchers.
    pub(crate) fn show(&mut self, now: Instant, id: RoomId, info: RoomInfo) {
        self.directory.changed.put(id, Lane::of(info.head), info);
        self.directory.due.get_or_insert(now + self.options.directory_interval);
    }

    /// Tells the watchers, when it is time.
    pub(crate) fn tell_directory(&mut self, now: Instant, effects: &mut Effects) {
        let directory = &mut self.directory;
        directory.due = None;
        let rooms = directory.changed.take(MAX_ROWS);
        let gone = directory.removed.len().min(MAX_ROWS);
        let removed: Vec<RoomName> = directory.removed.drain(..gone).collect();
        if rooms.is_empty() && removed.is_empty() {
            return;
        }
        if !directory.changed.is_empty() || !directory.removed.is_empty() {
            directory.due = Some(now + self.options.directory_interval);
        }
        let event = SharedEvent::new(Event::Directory { rooms, removed });
        for worker in 0..self.workers {
            effects.tell(worker, Item::Directory { event: event.clone() });
        }
    }

    /// There is a new room.
    pub(crate) fn room_made(&mut self, now: Instant, record: &RoomRecord) {
        self.tell_activity_elsewhere(now, record);
        if self.directory.is_watched() {
            let in_use = self.rooms.get(&record.id).map(Room::info);
            self.show(now, record.id, in_use.unwrap_or_else(|| info_of(record, 0)));
        }
    }

    /// A room is there no more by these names: nothing is to be told of it but that.
    pub(crate) fn show_removed(
        &mut self,
        now: Instant,
        id: RoomId,
        names: impl IntoIterator<Item = RoomName>,
    ) {
        let directory = &mut self.directory;
        directory.changed.remove(id);
        if !directory.is_watched() {
            return;
        }
        let left = MAX_REMOVED.saturating_sub(directory.removed.len());
        directory.removed.extend(names.into_iter().take(left));
        if !directory.removed.is_empty() {
            directory.due.get_or_insert(now + self.options.directory_interval);
        }
    }

    /// The rooms with the figures that only the engine has.
    #[must_use]
    pub fn describe(&self, records: Vec<RoomRecord>) -> Vec<RoomInfo> {
        let info = |record: RoomRecord| match self.rooms.get(&record.id) {
            // The journal may be a moment ahead or behind of what was handed over: never tell less.
            Some(room) => {
                let RoomInfo { room, members, head, active_at } = room.info();
                let (head, active_at) = (head.max(record.head), active_at.max(record.active_at));
                RoomInfo { room, members, head, active_at }
            }
            None => info_of(&record, self.people_elsewhere(record.id)),
        };
        records.into_iter().map(info).collect()
    }
}

#[cfg(test)]
mod tests {
    use maru_protocol::Seq;
    use uuid::Uuid;

    use super::*;
    use crate::testing::options;

    fn session(n: u128) -> SessionId {
        SessionId(Uuid::from_u128(n))
    }

    /// However many rooms somebody makes: a message is told of with the next event.
    #[test]
    fn a_room_in_which_something_was_said_is_told_of_before_those_that_were_made() {
        let (now, seed) = (Instant::START, Seed::default());
        let mut engine = Engine::new(options(500, 100, 1 << 20), None, seed, now);
        engine.directory.watch(session(1), true);
        let record = |id: i64, head: u64| RoomRecord {
            id: RoomId(id),
            name: RoomName::parse(&format!("room {id}")).unwrap(),
            head: Seq::new(head).unwrap(),
            active_at: 0,
        };
        for id in 0..1_000 {
            engine.room_made(now, &record(id, 0));
        }
        let spoken = record(5_000, 3);
        engine.show(now, spoken.id, info_of(&spoken, 1));
        engine.workers = 1;
        let mut effects = Effects::default();
        engine.tell_directory(now, &mut effects);
        let told = effects.ephemeral.iter().flat_map(|told| &told.items);
        let mut rooms = told.filter_map(|item| match item {
            Item::Directory { event } => match &**event {
                Event::Directory { rooms, .. } => Some(rooms),
                _ => None,
            },
            _ => None,
        });
        let rooms = rooms.next().unwrap();
        assert_eq!((rooms.len(), &rooms[0].room), (MAX_ROWS, &spoken.name));
    }

    #[test]
    fn the_last_one_to_look_away_takes_what_was_to_be_told_along() {
        let mut directory = Directory::new(Seed::default());
        assert!(!directory.is_watched());
        directory.watch(session(1), true);
        directory.watch(session(1), true);
        directory.watch(session(2), true);
        let name = RoomName::parse("lobby").unwrap();
        let record = RoomRecord { id: RoomId(1), name, head: Seq::ZERO, active_at: 0 };
        directory.changed.put(record.id, Lane::Empty, info_of(&record, 0));
        directory.watch(session(1), false);
        // One who never watched ends.
        directory.watch(session(3), false);
        assert!(directory.is_watched() && !directory.changed.is_empty());
        directory.watch(session(2), false);
        assert!(!directory.is_watched() && directory.changed.is_empty());
    }
}
