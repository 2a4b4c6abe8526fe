//! Rooms that get another name.

use maru_engine::log::{Renamed, RenamedRoom, RoomRecord};
use maru_protocol::RoomName;

use super::StoreFuture;

/// Other names for rooms. The room stays what it is: its number, its log and all that lies beside it.
///
/// **Order.** A name is decided in the order of the commits: of two rooms that are to get it, or one that
/// is made by it, one has it.
///
/// **Atomicity.** From the renaming on the room is found by its new name and by all that it had before,
/// which [`Journal::room`](super::Journal::room) shows by the name in its answer. No other room gets one of
/// them, or one that looks like them, as long as the room is there.
///
/// **Loss.** An answer comes after the store promised durability.
///
/// **Bounds.** A renaming costs some lookups. A room has at most
/// [`MOST_FORMER`](maru_engine::log::MOST_FORMER) former names.
pub trait Renames: Send + Sync + 'static {
    /// Gives a room another name; of the record the number and the name count. Nothing changes where the
    /// room has another name by now. Asked again, it comes to the same.
    fn rename(&self, room: RoomRecord, name: RoomName) -> StoreFuture<Renamed>;

    /// Rooms that got another name after the one with that number, the earliest first; at most
    /// [`MOST_RENAMED`]. A room comes with its last number only. Zero is before all of them.
    fn renamed(&self, after: u64) -> StoreFuture<Vec<RenamedRoom>>;
}

/// Most rooms of one [`Renames::renamed`]: some milliseconds.
pub const MOST_RENAMED: u32 = 100;
