//! The directory's order in the terms of the tables that have an index of it.
//!
//! The index is over slots of time: a room that is spoken in moves within its slot nearly always, which
//! leaves the index as it is. Within a slot the rooms are sorted when they are asked for. Rooms without
//! an entry come last: their slots are below those of all others, a millisecond each, as nobody speaks
//! there and they do not move.

use crate::journal::{DirectoryPlace, RoomId, projections::files::signed};

/// A slot is some 16 seconds: as many rooms as are spoken in within that time are sorted at most
/// beyond those that are asked for.
pub(crate) const SLOT_BITS: u32 = 14;

/// The slot of a room in which something was last said at that time.
pub(crate) fn slot(at: i64) -> i64 {
    at >> SLOT_BITS
}

/// The slot of a room that was made at that time, at 0 or later, and has no entry.
pub(crate) fn empty_slot(at: i64) -> i64 {
    i64::MIN.saturating_add(at)
}

/// A place as a query compares it: rooms behind it are below it by slot, time and number.
pub(crate) struct PlaceBounds {
    pub(crate) slot: i64,
    pub(crate) at: i64,
    pub(crate) room: i64,
}

impl PlaceBounds {
    /// Of none: everything is behind it.
    pub(crate) fn of(place: Option<DirectoryPlace>) -> Self {
        let Some(DirectoryPlace { spoken, active_at, room }) = place else {
            return Self { slot: i64::MAX, at: i64::MAX, room: i64::MAX };
        };
        let at = signed(active_at);
        Self { slot: if spoken { slot(at) } else { empty_slot(at) }, at, room: room.0 }
    }
}

/// Where the room of a row is, by its head, its latest activity and its number.
pub(crate) fn place(head: i64, active_at: i64, room: i64) -> DirectoryPlace {
    let active_at = u64::try_from(active_at).unwrap_or(0);
    DirectoryPlace { spoken: head > 0, active_at, room: RoomId(room) }
}
