//! How events and answers become bytes, by wire format. Names no transport.
//!
//! [`maru`] is maru.v1, JSON. [`socketio`] is Socket.IO, on top of [`engineio`]. `docs/design/delivery.md` says what another one takes.

pub mod engineio;
pub mod maru;
pub mod socketio;

use bytes::Bytes;
use maru_engine::SharedEvent;
use maru_protocol::ServerFrame;

/// A wire format.
pub trait Wire: Sync {
    /// Its number, below [`maru_engine::MAX_WIRES`]: where a shared event keeps its encoding.
    fn number(&self) -> usize;

    /// What happened, for those whom it concerns.
    fn event(&self, event: &SharedEvent) -> Bytes;

    /// An answer, or what concerns one connection. Empty where the wire has none.
    fn frame(&self, frame: &ServerFrame) -> Bytes;

    /// The answer to a join, with entries that may be encoded already.
    fn joined(&self, joined: &Joined) -> Bytes;
}

/// The answer to a join: [`ServerFrame::Joined`], with its entries as shared events.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Pairs the request.
    pub reference: maru_protocol::Ref,
    /// The room, spelled as its maker did.
    pub room: maru_protocol::RoomName,
    /// The journal's epoch.
    pub epoch: maru_protocol::Epoch,
    /// The newest seq.
    pub head: maru_protocol::Seq,
    /// Who is in the room.
    pub members: maru_protocol::Presence,
    /// What the room is about, as of `head`.
    pub about: maru_protocol::About,
    /// Entries, ascending.
    pub entries: Entries,
    /// The seqs that these and `updated` speak of.
    pub covers: maru_protocol::Covers,
    /// Messages below these as they are now.
    pub updated: Vec<maru_protocol::Entry>,
    /// They do not continue what the client holds.
    pub reset: bool,
}

/// The entries of an answer to a join.
#[derive(Clone, Debug)]
pub enum Entries {
    /// Others have them too: their encodings are kept with them.
    Shared(Vec<SharedEvent>),
    /// Read for this answer alone: they are encoded into it.
    Read(Vec<maru_protocol::Entry>),
}

impl Entries {
    /// Leaves none of them.
    pub fn take(&mut self) -> Vec<SharedEvent> {
        match std::mem::replace(self, Self::Shared(Vec::new())) {
            Self::Shared(entries) => entries,
            Self::Read(entries) => entries.into_iter().map(SharedEvent::from).collect(),
        }
    }
}

/// A shared event in a wire format: encoded by the first who asks, for everybody.
pub fn encoded(wire: &dyn Wire, event: &SharedEvent) -> Bytes {
    event.encoded(wire.number(), || wire.event(event))
}
