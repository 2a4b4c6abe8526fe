//! What happened, as a value that is shared and encoded at most once per wire format.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use maru_protocol::{Entry, PresenceChange, ReadState, RoomInfo, RoomName, User};

/// Most wire formats: maru.v1, Socket.IO with all of Maru's vocabulary, and Socket.IO with `chat message`
/// alone. A slot costs each event 40 bytes.
pub const MAX_WIRES: usize = 3;

/// What happened, for the sessions that it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // nearly all are the large one, and each is shared
pub enum Event {
    /// An entry was committed to a room's log.
    Entry(Entry),
    /// Who is in a room changed.
    Presence {
        /// The room.
        room: RoomName,
        /// How many people are in it.
        count: u32,
        /// The difference, or all of it.
        change: PresenceChange,
    },
    /// Somebody in a room types, or stopped.
    Typing {
        /// The room.
        room: RoomName,
        /// Who types.
        user: User,
        /// Started or stopped.
        on: bool,
    },
    /// Rows of the directory changed.
    Directory {
        /// The rows as they are now.
        rooms: Vec<RoomInfo>,
        /// Rooms that are there no more.
        removed: Vec<RoomName>,
    },
    /// A room is there no more, or has another name now.
    Removed {
        /// The room, by the name that it had.
        room: RoomName,
        /// Its name now, where it is there.
        renamed_to: Option<RoomName>,
    },
    /// The user of the session read on in another one.
    Read(ReadState),
}

/// An event that everybody shares, with its encodings beside it.
///
/// An encoding is made by the first who needs it, on their thread; who asks meanwhile waits for it.
/// A format that nobody speaks costs an empty slot.
#[derive(Clone, Debug)]
pub struct SharedEvent(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    event: Event,
    encodings: [OnceLock<Bytes>; MAX_WIRES],
}

impl SharedEvent {
    /// Shares an event, not encoded yet.
    #[must_use]
    pub fn new(event: Event) -> Self {
        let encodings = [const { OnceLock::new() }; MAX_WIRES];
        Self(Arc::new(Shared { event, encodings }))
    }

    /// The event in a wire format, whose number is below [`MAX_WIRES`]. `encode` is called at most
    /// once for each format, whoever asks.
    pub fn encoded(&self, wire: usize, encode: impl FnOnce() -> Bytes) -> Bytes {
        match self.0.encodings.get(wire) {
            Some(slot) => slot.get_or_init(encode).clone(),
            // Slower, and never wrong.
            None => encode(),
        }
    }

    /// How many formats it was encoded in so far.
    #[must_use]
    pub fn encodings(&self) -> usize {
        self.0.encodings.iter().filter(|slot| slot.get().is_some()).count()
    }

    /// The entry, where it is one.
    #[must_use]
    pub fn entry(&self) -> Option<&Entry> {
        match &self.0.event {
            Event::Entry(entry) => Some(entry),
            _ => None,
        }
    }
}

/// What an event takes in memory beside the texts and lists in it.
#[cfg(test)]
pub(crate) const SHARED_BYTES: usize = size_of::<Shared>() + 2 * size_of::<usize>();

impl std::ops::Deref for SharedEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.0.event
    }
}

impl From<Entry> for SharedEvent {
    fn from(entry: Entry) -> Self {
        Self::new(Event::Entry(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_encoded_once_for_each_format_that_is_asked_for() {
        let event = SharedEvent::new(Event::Directory { rooms: Vec::new(), removed: Vec::new() });
        assert_eq!(event.encodings(), 0);
        let mut made = 0;
        for shared in [event.clone(), event.clone()] {
            for (wire, text) in [(0, "a"), (1, "b"), (0, "a")] {
                let bytes = shared.encoded(wire, || {
                    made += 1;
                    Bytes::from_static(text.as_bytes())
                });
                assert_eq!(bytes, text);
            }
        }
        assert_eq!((made, event.encodings()), (2, 2));
    }
}
