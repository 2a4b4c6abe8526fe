//! A followed room, and the way of its entries out.

use std::sync::Arc;

use maru_protocol::{Entry, Seq};
use tokio::time::Instant;

use super::order::Order;
use crate::{
    clock::Clock,
    journal::{Outcome, ReplyTo, RoomId},
    metrics::Metrics,
};

/// What holding an entry costs beside its body: names, ids, its place.
const PIECE_BYTES: usize = 256;

/// A committed entry on its way out.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) entry: Entry,
    pub(super) reply: Option<ReplyTo>,
    /// It was not heard from this node's own commits.
    pub(super) foreign: bool,
}

/// A room that is followed.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) order: Order<Piece>,
    pub(super) heal: Heal,
    /// Reads that failed in a row, and until when there is no further one.
    pub(super) failures: u32,
    pub(super) rest: Option<Instant>,
    /// The journal's head is behind what went out, and that was said.
    pub(super) astray: bool,
}

/// What is done about the first hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heal {
    /// There is none.
    Whole,
    /// The one after this entry is read when its time comes.
    Due(Seq),
    /// A page is being read.
    Reading,
}

impl Room {
    pub(super) fn new(head: Seq) -> Self {
        let order = Order::new(head);
        Self { order, heal: Heal::Whole, failures: 0, rest: None, astray: false }
    }
}

/// Where entries come together that may go out.
pub(super) struct Sink {
    /// What goes out next.
    pub(super) ready: Vec<Outcome>,
    pieces: Vec<Piece>,
    /// Bytes held in all rooms, and most of them.
    held: usize,
    most: usize,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

impl Sink {
    pub(super) fn new(most: usize, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        Self { ready: Vec::new(), pieces: Vec::new(), held: 0, most, clock, metrics }
    }

    /// An entry of the room; what may go out now does.
    pub(super) fn offer(&mut self, id: RoomId, order: &mut Order<Piece>, piece: Piece) {
        let (seq, bytes) = (piece.entry.seq(), piece.entry.text_bytes() + PIECE_BYTES);
        let free = self.most.saturating_sub(self.held);
        self.held -= order.bytes();
        order.offer(seq, piece, bytes, free, &mut self.pieces);
        self.held += order.bytes();
        if self.pieces.iter().any(|piece| piece.foreign) {
            let now = self.clock.now_ms();
            for Piece { entry, foreign, .. } in &self.pieces {
                if *foreign {
                    let lag = now.saturating_sub(entry.head().at);
                    self.metrics.hint_lag.observe(lag as f64 / 1_000.0);
                }
            }
        }
        let out = self.pieces.drain(..);
        self.ready.extend(out.map(|Piece { entry, reply, .. }| Outcome::Committed {
            room: id,
            entry,
            reply,
        }));
    }

    /// Its sender is answered now: the entry itself comes later, or came before, without a reply.
    pub(super) fn answer(&mut self, entry: &Entry, reply: ReplyTo) {
        let head = entry.head();
        // What the engine counts of a committed entry with a reply.
        self.metrics.messages.inc();
        let waited = self.clock.now_ms().saturating_sub(head.at);
        self.metrics.commit.observe(waited as f64 / 1_000.0);
        self.ready.push(Outcome::Known {
            seq: head.seq,
            at: head.at,
            room: head.room.clone(),
            id: head.id,
            reply,
        });
    }

    /// What the journal has not; see [`Order::doubt`].
    pub(super) fn doubt(&mut self, order: &mut Order<Piece>, head: Seq, claimed: Seq) -> bool {
        self.held -= order.bytes();
        let doubted = order.doubt(head, claimed);
        self.held += order.bytes();
        doubted
    }

    /// The room is followed no more.
    pub(super) fn forget(&mut self, order: &Order<Piece>) {
        self.held -= order.bytes();
    }
}
