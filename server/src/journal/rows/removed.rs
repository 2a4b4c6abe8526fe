//! The row of a removed room: its number is taken, and nothing else is left of it.
//!
//! It has no name, which no room has, no slot, and a key that no name comes to. Rooms that are there are
//! those that have a slot.

use crate::journal::RoomId;

/// The key of a removed room: no name has this character.
pub(crate) fn key(room: RoomId) -> String {
    format!("/{}", room.0)
}
