//! The directory: which rooms there are, and in which order.

use maru_engine::log::{RoomId, RoomRecord};
use maru_protocol::Seq;

/// Which rooms of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoomQuery {
    /// Only names whose folded form contains this one's folded form.
    pub contains: Option<String>,
    /// Only those behind this place.
    pub after: Option<DirectoryPlace>,
    /// The most rooms that are answered.
    pub limit: u32,
}

impl RoomQuery {
    /// The first of all rooms.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { contains: None, after: None, limit }
    }
}

/// A place in the directory: what comes first is the greatest.
///
/// A room moves up only, so what is behind a place was never before it: who goes on from the place of
/// the last room of a page meets none of the page again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectoryPlace {
    /// There is an entry in the room.
    pub spoken: bool,
    /// As the room's record has it; below 2^63.
    pub active_at: u64,
    /// Of rooms that were active at the same time the newest comes first.
    pub room: RoomId,
}

impl DirectoryPlace {
    /// Where a room is.
    #[must_use]
    pub fn of(room: &RoomRecord) -> Self {
        Self { spoken: room.head > Seq::ZERO, active_at: room.active_at, room: room.id }
    }
}

/// A part of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomList {
    /// The first comes first.
    pub rooms: Vec<RoomRecord>,
    /// There may be more rooms, behind this place. A list that has it may be shorter than it was asked
    /// for, and even empty: a store looks at so many rooms at once and no more.
    pub more: Option<DirectoryPlace>,
}

impl RoomList {
    /// Those of these rooms, which are in no order, that are wanted.
    #[must_use]
    pub fn of(mut rooms: Vec<RoomRecord>, query: &RoomQuery) -> Self {
        if let Some(after) = query.after {
            rooms.retain(|room| DirectoryPlace::of(room) < after);
        }
        rooms.sort_unstable_by_key(|room| std::cmp::Reverse(DirectoryPlace::of(room)));
        Self::cut(rooms, query.limit)
    }

    /// Of rooms in the order of the directory the first `limit`; the store looked for one more.
    #[must_use]
    pub fn cut(mut rooms: Vec<RoomRecord>, limit: u32) -> Self {
        let limit = limit as usize;
        let is_longer = rooms.len() > limit;
        rooms.truncate(limit);
        let more = rooms.last().filter(|_| is_longer).map(DirectoryPlace::of);
        Self { rooms, more }
    }
}
