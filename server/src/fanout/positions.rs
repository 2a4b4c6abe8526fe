//! Where a connection is in its rooms, for a client that asked for recovery: each entry that it is given
//! says so in its last argument.

use std::cell::{Cell, RefCell};

use bytes::{Bytes, BytesMut};
use maru_engine::log::RoomId;
use maru_protocol::{Epoch, RoomKey, RoomName, Seq};

use super::pipe::Framing;
use crate::wire::socketio::Offset;

/// Where a connection is in its rooms.
#[derive(Debug)]
pub(crate) struct Positions {
    epoch: Epoch,
    /// As many as a session may have rooms.
    rooms: RefCell<Vec<Position>>,
    /// The client is being brought back: whatever it missed comes as events.
    restoring: Cell<bool>,
}

#[derive(Debug)]
struct Position {
    /// None for a room that was brought back by name and is not joined yet.
    id: Option<RoomId>,
    name: RoomName,
    key: RoomKey,
    seq: Seq,
}

impl Position {
    fn new(id: Option<RoomId>, name: &RoomName, seq: Seq) -> Self {
        Self { id, name: name.clone(), key: name.key(), seq }
    }
}

impl Positions {
    /// Of a client that comes back with these, or is in no room yet.
    pub(crate) fn new(epoch: Epoch, rooms: &[(RoomName, Seq)]) -> Self {
        let rooms = rooms.iter().map(|(name, seq)| Position::new(None, name, *seq));
        Self { epoch, rooms: RefCell::new(rooms.collect()), restoring: Cell::new(false) }
    }

    /// Whether the client is being brought back into its rooms.
    pub(crate) fn is_restoring(&self) -> bool {
        self.restoring.get()
    }

    /// Begins or ends to bring the client back into its rooms.
    pub(crate) fn set_restoring(&self, restoring: bool) {
        self.restoring.set(restoring);
    }

    /// The client is in the room and was given everything up to this entry.
    pub(crate) fn enter(&self, id: RoomId, name: &RoomName, seq: Seq) {
        let mut rooms = self.rooms.borrow_mut();
        let key = name.key();
        match rooms.iter_mut().find(|room| room.id == Some(id) || room.key == key) {
            Some(room) => {
                room.id = Some(id);
                room.seq = seq;
            }
            None => rooms.push(Position::new(Some(id), name, seq)),
        }
    }

    /// The client is not in the room any more.
    pub(crate) fn leave(&self, id: RoomId) {
        self.rooms.borrow_mut().retain(|room| room.id != Some(id));
    }

    /// Where it is now.
    pub(crate) fn offset(&self) -> String {
        let rooms = self.rooms.borrow();
        Offset::text(self.epoch, rooms.iter().map(|room| (&room.name, room.seq)))
    }

    /// The next entry of a room, as a frame with where the client is after it.
    pub(crate) fn entry(
        &self,
        id: RoomId,
        seq: Seq,
        frame: &Bytes,
        framing: &dyn Framing,
    ) -> Bytes {
        self.advance(seq, |room| room.id == Some(id));
        self.position(frame, framing)
    }

    /// As [`Positions::entry`], for a room that is not joined yet.
    pub(crate) fn replayed(
        &self,
        name: &RoomName,
        seq: Seq,
        frame: &Bytes,
        framing: &dyn Framing,
    ) -> Bytes {
        let key = name.key();
        self.advance(seq, |room| room.key == key);
        self.position(frame, framing)
    }

    fn advance(&self, seq: Seq, is_it: impl Fn(&Position) -> bool) {
        if let Some(room) = self.rooms.borrow_mut().iter_mut().find(|room| is_it(room)) {
            room.seq = seq;
        }
    }

    fn position(&self, frame: &Bytes, framing: &dyn Framing) -> Bytes {
        let mut out = BytesMut::with_capacity(frame.len() + 128);
        framing.with_offset(frame, &self.offset(), &mut out);
        out.freeze()
    }
}
