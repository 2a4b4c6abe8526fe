//! One session's place in one room's stream.

use std::cell::{Cell, OnceCell, RefCell};

use bytes::Bytes;
use maru_engine::log::RoomId;
use maru_protocol::{ByeCode, RoomName, Seq, SessionId};

use super::{format::Frames, outbox::Outbox, queue::EntryRun};

/// A session's end of a room's stream. It makes the seam between a replay and the live stream
/// exact: from its making until it goes live it holds what comes (`Subscribers::go_live`).
pub(crate) struct Subscription {
    pub(crate) session: SessionId,
    pub(crate) room: RoomId,
    held: RefCell<Held>,
    /// The room is there no more, or not by this name: the session is not in it, and has been told.
    ended: OnceCell<RoomEnd>,
    /// Where it stands in the room's subscribers, so that leaving costs no search.
    pub(crate) slot: Cell<usize>,
}

/// Why a session is not in a room any more that it did not leave.
#[derive(Debug)]
pub(crate) struct RoomEnd {
    /// What the room is called now; none where it was removed. Boxed, as nearly no room ends so.
    pub(crate) renamed_to: Option<Box<RoomName>>,
}

/// What came while joining, bounded in bytes like the outbox it stands for.
#[derive(Default)]
struct Held {
    pieces: Vec<HeldItem>,
    bytes: usize,
}

/// Something of a room's stream, framed.
pub(crate) enum HeldItem {
    Entry(Seq, Bytes),
    Event(Bytes),
}

/// Most bytes held for a join that takes long: a join that is not done by then is behind anyway,
/// and ends as a slow reader would.
const HELD_BYTES: usize = 1 << 20;

impl Subscription {
    pub(crate) fn new(session: SessionId, room: RoomId, slot: usize) -> Self {
        let (held, ended) = (RefCell::default(), OnceCell::new());
        Self { session, room, held, ended, slot: Cell::new(slot) }
    }

    /// The session is not in the room any more.
    pub(crate) fn end(&self, renamed_to: Option<&RoomName>) {
        let renamed_to = renamed_to.cloned().map(Box::new);
        let _ = self.ended.set(RoomEnd { renamed_to });
    }

    /// Why it is not, where it is not.
    pub(crate) fn ended(&self) -> Option<&RoomEnd> {
        self.ended.get()
    }

    /// The next entries, for later.
    pub(crate) fn hold_run(&self, run: &EntryRun, outbox: &Outbox) {
        let format = outbox.format();
        let held =
            |(seq, frames): &(Seq, Frames)| HeldItem::Entry(*seq, frames.get(format).clone());
        self.hold(run.entries.iter().map(held), run.joined(format).len(), outbox);
    }

    /// Something ephemeral, for later.
    pub(crate) fn hold_event(&self, frames: &Frames, outbox: &Outbox) {
        let bytes = frames.get(outbox.format());
        self.hold(std::iter::once(HeldItem::Event(bytes.clone())), bytes.len(), outbox);
    }

    /// What was held, in its order.
    pub(crate) fn take_held(&self) -> Vec<HeldItem> {
        self.held.take().pieces
    }

    fn hold(&self, pieces: impl Iterator<Item = HeldItem>, bytes: usize, outbox: &Outbox) {
        let mut held = self.held.borrow_mut();
        held.pieces.extend(pieces);
        held.bytes += bytes;
        if held.bytes > HELD_BYTES {
            *held = Held::default();
            let why = "joining took too long for a room this busy";
            outbox.bye(ByeCode::SlowReader, why, Some(1_000));
        }
    }
}
