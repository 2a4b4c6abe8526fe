//! The newest entries of all rooms, within one budget of memory.

use std::collections::BTreeMap;

use crate::{
    collections::Map,
    log::RoomId,
    rooms::{recent::RecentEntries, room::Room},
};

/// Most bytes that the newest entries of all rooms have together: some 400 lively rooms. Beyond, the rooms that were
/// joined longest ago forget theirs, and their next join reads the journal.
const BUDGET: usize = 32 << 20;

/// What they cost together, and in which order they were last of use to a join.
#[derive(Debug)]
pub(crate) struct RecentBudget {
    budget: usize,
    bytes: usize,
    clock: u64,
    by_use: BTreeMap<u64, RoomId>,
}

impl Default for RecentBudget {
    fn default() -> Self {
        Self::within(BUDGET)
    }
}

impl RecentBudget {
    fn within(budget: usize) -> Self {
        Self { budget, bytes: 0, clock: 0, by_use: BTreeMap::new() }
    }

    /// Changes a room's recent; others may have to make room for it.
    pub(crate) fn change(
        &mut self,
        rooms: &mut Map<RoomId, Room>,
        id: RoomId,
        change: impl FnOnce(&mut RecentEntries),
    ) {
        let Some(room) = rooms.get_mut(&id) else { return };
        let recent = room.recent_mut();
        self.bytes -= recent.bytes();
        change(recent);
        self.bytes += recent.bytes();
        if recent.used == 0 && recent.bytes() > 0 {
            self.used(id, recent);
        }
        while self.bytes > self.budget {
            let Some((_, oldest)) = self.by_use.pop_first() else { return };
            let Some(room) = rooms.get_mut(&oldest) else { continue };
            let recent = room.recent_mut();
            self.bytes -= recent.bytes();
            recent.clear();
            recent.used = 0;
        }
    }

    /// A join was answered from it.
    pub(crate) fn used(&mut self, id: RoomId, recent: &mut RecentEntries) {
        self.by_use.remove(&recent.used);
        recent.used = 0;
        if recent.bytes() > 0 {
            self.clock += 1;
            recent.used = self.clock;
            self.by_use.insert(self.clock, id);
        }
    }

    /// The room goes out of memory.
    pub(crate) fn forget(&mut self, recent: &RecentEntries) {
        self.by_use.remove(&recent.used);
        self.bytes -= recent.bytes();
    }
}

#[cfg(test)]
mod tests;
