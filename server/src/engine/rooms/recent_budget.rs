//! The tails of all rooms within one budget.

use std::collections::{BTreeMap, HashMap};

use crate::{
    engine::rooms::{recent::Tail, room::Room},
    journal::RoomId,
};

/// Most bytes that all tails have together: a thousand lively rooms. Beyond, the rooms that were
/// joined longest ago forget theirs, and their next join reads the journal.
const BUDGET: usize = 32 << 20;

/// What the tails cost together, and in which order they were last of use to a join.
pub(crate) struct Tails {
    budget: usize,
    bytes: usize,
    clock: u64,
    by_use: BTreeMap<u64, RoomId>,
}

impl Default for Tails {
    fn default() -> Self {
        Self::within(BUDGET)
    }
}

impl Tails {
    fn within(budget: usize) -> Self {
        Self { budget, bytes: 0, clock: 0, by_use: BTreeMap::new() }
    }

    /// Changes a room's tail; others may have to make room for it.
    pub(crate) fn change(
        &mut self,
        rooms: &mut HashMap<RoomId, Room>,
        id: RoomId,
        change: impl FnOnce(&mut Tail),
    ) {
        let Some(room) = rooms.get_mut(&id) else { return };
        let tail = room.tail_mut();
        self.bytes -= tail.bytes();
        change(tail);
        self.bytes += tail.bytes();
        if tail.used == 0 && tail.bytes() > 0 {
            self.used(id, tail);
        }
        while self.bytes > self.budget {
            let Some((_, oldest)) = self.by_use.pop_first() else { return };
            let Some(room) = rooms.get_mut(&oldest) else { continue };
            let tail = room.tail_mut();
            self.bytes -= tail.bytes();
            tail.clear();
            tail.used = 0;
        }
    }

    /// A join was answered from it.
    pub(crate) fn used(&mut self, id: RoomId, tail: &mut Tail) {
        self.by_use.remove(&tail.used);
        tail.used = 0;
        if tail.bytes() > 0 {
            self.clock += 1;
            tail.used = self.clock;
            self.by_use.insert(self.clock, id);
        }
    }

    /// The room goes out of memory.
    pub(crate) fn forget(&mut self, tail: &Tail) {
        self.by_use.remove(&tail.used);
        self.bytes -= tail.bytes();
    }
}

#[cfg(test)]
mod tests;
