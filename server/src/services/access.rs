//! Who may do what where. Today rooms are open to everybody with an identity; whoever changes that,
//! does it here.

use maru_protocol::UserId;

use crate::journal::RoomId;

/// Whether a person may read what is in a room, and so what files were sent there.
#[must_use]
pub fn may_read(_person: &UserId, _room: RoomId) -> bool {
    true
}

/// Whether a person may bring something into a room.
#[must_use]
pub fn may_write(person: &UserId, room: RoomId) -> bool {
    may_read(person, room)
}
