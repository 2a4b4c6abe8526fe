//! What outlives an open store: the log, and what lies beside it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use maru_engine::log::{MemoryLog, fold::Rejection};
use maru_protocol::{Epoch, RoomName, Seq, UserId};

use super::{files::FileTable, marks::MarkTable};
use crate::journal::{
    Append, Created, DirectoryPlace, EmptyPlace, MOST_EMPTY, MOST_HEADS, NamePlace, Outcome,
    Refused, RemoveWhen, RoomId, RoomList, RoomQuery, RoomRecord, SIGN_OUT_HOLDS, SignOut, Swept,
    projections::marks::{guests_made, is_guest},
    rows::{name_table, pages::needle},
    writer::jobs::Verdict,
};

/// What a journal in memory keeps, shared by all that are open over it. It stays for as long as one of
/// them or a clone of this is there, so that a journal can be closed and opened again.
#[derive(Clone)]
pub struct Storage {
    epoch: Epoch,
    tables: Arc<Mutex<Tables>>,
}

#[derive(Default)]
pub(crate) struct Tables {
    pub(super) log: MemoryLog,
    pub(super) marks: MarkTable,
    pub(super) files: FileTable,
    pub(super) sign_outs: BTreeMap<UserId, u64>,
}

impl Storage {
    /// An empty one. The epoch is the caller's to make, so that nothing here depends on a clock.
    #[must_use]
    pub fn new(epoch: Epoch) -> Self {
        Self { epoch, tables: Arc::default() }
    }

    /// The epoch that every journal over it has.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Makes a room at once, without an open journal; see [`Journal::create`](crate::journal::Journal::create).
    #[must_use]
    pub fn create(&self, name: RoomName, at: u64) -> Created {
        self.lock().log.create(name, at)
    }

    /// Commits at once, without an open journal, as another node would: an open journal's channel has
    /// nothing of it. As many outcomes as appends, in their order.
    #[must_use]
    pub fn commit(&self, appends: Vec<Append>) -> Vec<Outcome> {
        let mut tables = self.lock();
        let outcome = |append: Append| tables.append(&append).outcome(append);
        appends.into_iter().map(outcome).collect()
    }

    /// Reads the log at once. Whoever reads or commits meanwhile waits.
    pub fn with_log<T>(&self, read: impl FnOnce(&MemoryLog) -> T) -> T {
        read(&self.lock().log)
    }

    /// A poisoned lock guards a whole state: the rules that may panic only decide, before anything is
    /// changed.
    pub(super) fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    pub(super) fn sign_out(&mut self, SignOut { person, at }: &SignOut) {
        let kept = self.sign_outs.get(person).map_or(*at, |kept| (*at).max(kept + 1));
        self.sign_outs.insert(person.clone(), kept);
        let over = at.saturating_sub(SIGN_OUT_HOLDS);
        self.sign_outs.retain(|_, at| *at >= over);
    }

    /// See [`crate::journal::Names::release_ended`].
    pub(super) fn release_ended(&mut self, from: &NamePlace, before: u64) -> Swept<NamePlace> {
        let (signed_out, end) = (&self.sign_outs, guests_made(before));
        self.marks.release_ended(from, |person| {
            (is_guest(person) && person.0 < end) || signed_out.contains_key(person)
        })
    }

    pub(super) fn append(&mut self, append: &Append) -> Verdict {
        let decision = match self.log.decide(append) {
            Ok(_) if !self.files.are_free(append) => {
                return Rejection::from(Refused::NoFile).into();
            }
            Ok(decision) => decision,
            Err(why) => return why.into(),
        };
        let (seq, quote) = (decision.seq, decision.quote.clone());
        let erased = decision.effect.erases.then(|| append.what.target()).flatten();
        self.log.keep(append, decision);
        self.marks.mention(append, seq);
        self.files.take(append, seq);
        if let Some(erased) = erased {
            self.files.doom_of(append.room, erased);
        }
        Verdict::Committed { seq, quote }
    }

    /// See [`Removals::empty_rooms`](crate::journal::Removals::empty_rooms).
    pub(super) fn empty_rooms(&self, from: EmptyPlace, before: u64) -> Vec<RoomRecord> {
        let is_due = |room: &&&RoomRecord| {
            room.head == Seq::ZERO && room.active_at < before && EmptyPlace::of(room) > from
        };
        let all = self.log.rooms();
        let mut rooms: Vec<RoomRecord> =
            all.iter().filter(is_due).map(|&room| room.clone()).collect();
        rooms.sort_by_key(EmptyPlace::of);
        rooms.truncate(MOST_EMPTY as usize);
        rooms
    }

    /// Removes a room with all that is in it.
    pub(super) fn remove(&mut self, room: RoomId, when: RemoveWhen) -> bool {
        let goes = self.log.record(room).is_some_and(|room| match when {
            RemoveWhen::Always => true,
            RemoveWhen::Empty { before } => room.head == Seq::ZERO && room.active_at < before,
        });
        if goes {
            self.log.remove(room);
            self.marks.forget_room(room);
            self.files.doom_all_of(room);
        }
        goes
    }

    pub(super) fn heads(&self, rooms: &[RoomId]) -> Vec<(RoomId, Seq)> {
        let rooms = rooms.iter().take(MOST_HEADS);
        rooms.filter_map(|room| Some((*room, self.log.head(*room)?))).collect()
    }

    pub(super) fn directory(&self, query: &RoomQuery) -> RoomList {
        let Some(needle) = needle(query.contains.as_deref().unwrap_or_default()) else {
            return RoomList::default();
        };
        let behind =
            |room: &&RoomRecord| query.after.is_none_or(|place| DirectoryPlace::of(room) < place);
        let found = |room: &&RoomRecord| needle.is_empty() || name_table::has(room, &needle);
        let rooms = self.log.rooms().into_iter().filter(behind).filter(found);
        let most = (query.limit as usize).saturating_add(1);
        RoomList::cut(rooms.take(most).cloned().collect(), query.limit)
    }
}
