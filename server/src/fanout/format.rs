//! How frames of one kind of connection look: a wire format inside of a transport's framing.

use std::cell::OnceCell;

use bytes::Bytes;
use maru_engine::SharedEvent;

use super::pipe::{Framing, frame};
use crate::wire::{Wire, encoded};

/// Most formats of one server: maru.v1 in WebSocket messages, and room for another wire over two
/// transports. A slot costs each entry on its way through a worker 40 bytes.
pub const MAX_FORMATS: usize = 3;

/// How frames of one kind of connection look.
#[derive(Clone, Copy)]
pub struct Format {
    number: usize,
    /// How events and answers become bytes.
    pub wire: &'static dyn Wire,
    /// How these become frames of the transport.
    pub framing: &'static (dyn Framing + Sync),
}

impl Format {
    /// A format; `number` is where a worker keeps what it made for it, and no other format's. One
    /// that is not below [`MAX_FORMATS`] does not compile.
    #[must_use]
    pub const fn new(
        number: usize,
        wire: &'static dyn Wire,
        framing: &'static (dyn Framing + Sync),
    ) -> Self {
        assert!(number < MAX_FORMATS, "raise MAX_FORMATS");
        Self { number, wire, framing }
    }

    /// Where a worker keeps what it made for this format: below [`MAX_FORMATS`].
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Bytes of the wire, as a frame of the transport.
    pub(crate) fn frame(&self, text: &[u8]) -> Bytes {
        frame(self.framing, text)
    }
}

/// One event as frames for a worker's connections: made at most once for each format, and only for
/// those that somebody has.
#[derive(Debug)]
pub(crate) struct Frames {
    event: SharedEvent,
    framed: [OnceCell<Bytes>; MAX_FORMATS],
}

impl Frames {
    pub(crate) fn new(event: SharedEvent) -> Self {
        Self { event, framed: [const { OnceCell::new() }; MAX_FORMATS] }
    }

    /// The event as a frame of that format.
    pub(crate) fn get(&self, format: &Format) -> &Bytes {
        let make = || format.frame(&encoded(format.wire, &self.event));
        self.framed[format.number()].get_or_init(make)
    }

    /// Bytes of the longest frame that was made of it.
    pub(crate) fn size(&self) -> usize {
        self.framed.iter().filter_map(OnceCell::get).map(Bytes::len).max().unwrap_or(0)
    }
}
