//! A member of a room: how far it is on its way in, and what it has seen.

use super::outgoing::{Framing, Outgoing};
use crate::{track::Track, wire, world::World};

/// How far a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No socket.
    Away,
    /// The handshake's answer is awaited.
    Upgrading,
    /// The server's greeting is awaited.
    Greeting,
    /// The answer to `create` is awaited.
    Creating,
    /// The answer to the joining is awaited.
    Joining,
    /// In the room.
    Ready,
}

/// Who a connection is, and what it has seen; the latter outlives the connection.
pub struct Member {
    /// Its number.
    pub index: usize,
    /// Its room's number.
    pub room: usize,
    /// Makes the room first.
    pub creates: bool,
    /// Says when entries reached it.
    pub sampled: bool,
    /// How far it is.
    pub stage: Stage,
    /// What it has seen of its room, once it was in.
    pub track: Option<Track>,
    /// What it says and no socket has taken.
    pub out: Outgoing,
}

impl Member {
    /// One that is not here yet.
    #[must_use]
    pub fn new(index: usize, room: usize, creates: bool, sampled: bool, framing: Framing) -> Self {
        let (stage, track, out) = (Stage::Away, None, Outgoing::new(framing));
        Self { index, room, creates, sampled, stage, track, out }
    }

    /// It is in the room.
    pub fn ready(&mut self, world: &mut World) {
        self.stage = Stage::Ready;
        world.opening = world.opening.saturating_sub(1);
        world.counts.ready += 1;
    }

    /// It is in a room whose server numbers nothing: everything from its first message on counts.
    pub fn follow(&mut self, world: &mut World) {
        self.track.get_or_insert_default();
        self.ready(world);
    }

    /// Takes a message entry in without parsing its JSON; false when the text is none.
    #[inline]
    pub fn saw(&mut self, text: &[u8], now: u64, world: &mut World) -> bool {
        let Some((room, seq)) = wire::scan_entry(text) else { return false };
        let own =
            world.rooms.get(self.room).is_some_and(|own| own.name.as_str().as_bytes() == room);
        self.entry(own, seq, world);
        if self.sampled
            && let Some(sent) = wire::scan_stamp(text, world.body)
        {
            world.record(now, sent);
        }
        true
    }

    /// An entry came, of its own room or of another one.
    #[inline]
    pub fn entry(&mut self, own: bool, seq: u64, world: &mut World) {
        match &mut self.track {
            Some(track) if own => {
                world.counts.deliveries += 1;
                track.saw(seq);
            }
            _ => world.counts.strays += 1,
        }
    }
}
