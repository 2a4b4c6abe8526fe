//! One session's place in one room's stream.

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use maru_protocol::{ByeCode, Seq, SessionId};

use super::{outbox::Outbox, runs::Run};

/// A session's end of a room's stream. It makes the seam between a replay and the live stream
/// exact: from its making until it goes live it holds what comes (`Audience::go_live`).
pub(crate) struct Subscription {
    pub(crate) session: SessionId,
    held: RefCell<Held>,
    /// Where it stands in the room's audience, so that leaving costs no search.
    pub(super) place: Cell<usize>,
}

/// What came while joining, bounded in bytes like the outbox it stands for.
#[derive(Default)]
struct Held {
    pieces: Vec<Piece>,
    bytes: usize,
}

/// Something of a room's stream, framed.
pub(super) enum Piece {
    Entry(Seq, Bytes),
    Event(Bytes),
}

/// Most bytes held for a join that takes long: a join that is not done by then is behind anyway,
/// and ends as a slow reader would.
const HELD_BYTES: usize = 1 << 20;

impl Subscription {
    pub(super) fn new(session: SessionId, place: usize) -> Self {
        Self { session, held: RefCell::default(), place: Cell::new(place) }
    }

    /// The next entries, for later.
    pub(super) fn hold_run(&self, run: &Run, outbox: &Outbox) {
        let pieces = run.entries.iter().map(|(seq, bytes)| Piece::Entry(*seq, bytes.clone()));
        self.hold(pieces, run.joined.len(), outbox);
    }

    /// Something ephemeral, for later.
    pub(super) fn hold_event(&self, bytes: &Bytes, outbox: &Outbox) {
        self.hold(std::iter::once(Piece::Event(bytes.clone())), bytes.len(), outbox);
    }

    /// What was held, in its order.
    pub(super) fn take_held(&self) -> Vec<Piece> {
        self.held.take().pieces
    }

    fn hold(&self, pieces: impl Iterator<Item = Piece>, bytes: usize, outbox: &Outbox) {
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
