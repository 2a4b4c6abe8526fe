//! Rooms that go.

use maru_engine::log::{RoomId, RoomRecord};

use super::StoreFuture;

/// Removing rooms. What is left of one is its number, which no other room gets, so that a lost room is
/// still noticed.
///
/// **Order.** A removal is decided in the order of the commits: an append that is committed before it
/// keeps a room that goes only when it is empty; one that comes after it is refused as
/// [`NoRoom`](maru_engine::log::Refused::NoRoom), on whichever node.
///
/// **Atomicity.** From the removal on nobody finds the room, by its name or its number, and its name
/// is free. What was in it is erased after that, a part at a time ([`Removals::erase`]), and is found by
/// nobody meanwhile.
///
/// **Loss.** An answer comes after the store promised durability. What is not erased yet when a process
/// ends is erased by the next one.
///
/// **Bounds.** A removal costs some lookups, a part of the erasing some milliseconds.
pub trait Removals: Send + Sync + 'static {
    /// Rooms without an entry behind that place that were made before that time (milliseconds since
    /// 1970, UTC), the oldest first; at most [`MOST_EMPTY`].
    fn empty_rooms(&self, from: EmptyPlace, before: u64) -> StoreFuture<Vec<RoomRecord>>;

    /// Removes a room; of the record the number and the name count. False, and nothing changed, where it
    /// is not there any more, or `when` says no.
    fn remove(&self, room: RoomRecord, when: RemoveWhen) -> StoreFuture<bool>;

    /// Erases a part of what removed rooms have left: at most [`MOST_ERASED`] rows of a kind. False when
    /// there was nothing left.
    fn erase(&self) -> StoreFuture<bool>;
}

/// Most rooms of one [`Removals::empty_rooms`].
pub const MOST_EMPTY: u32 = 100;

/// Most rows of a kind in one [`Removals::erase`]: some milliseconds of SQLite's writer, which has
/// messages to commit.
pub const MOST_ERASED: u32 = 200;

/// A place among the rooms without an entry. The default is before all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmptyPlace {
    /// When the room was made, milliseconds since 1970, UTC; below 2^63.
    pub made: u64,
    /// The room's number.
    pub room: i64,
}

impl EmptyPlace {
    /// Where a room without an entry is.
    #[must_use]
    pub fn of(room: &RoomRecord) -> Self {
        let RoomId(number) = room.id;
        Self { made: room.active_at, room: number }
    }
}

/// When a room goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveWhen {
    /// In any case.
    Always,
    /// When it has no entry and was made before that time, milliseconds since 1970, UTC.
    Empty {
        /// That time.
        before: u64,
    },
}
