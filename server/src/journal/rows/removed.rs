//! The row of a removed room: its number is taken, and nothing else is left of it.
//!
//! It has no name, which no room has, no slot, and a key that no name comes to. Rooms that are there are
//! those that have a slot.

use crate::journal::{RemoveWhen, RoomId, projections::files::signed};

/// The key of a removed room: no name has this character.
pub(crate) fn key(room: RoomId) -> String {
    format!("/{}", room.0)
}

/// Whether a room's row says so.
pub(crate) fn is_so(room: RoomId, row_key: &str, name: &str) -> bool {
    name.is_empty() && row_key == key(room)
}

/// Whether a room goes only when it is empty, and before when it was made then.
pub(crate) fn condition(when: RemoveWhen) -> (bool, i64) {
    match when {
        RemoveWhen::Always => (false, 0),
        RemoveWhen::Empty { before } => (true, signed(before)),
    }
}
