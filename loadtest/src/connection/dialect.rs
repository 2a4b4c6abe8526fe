//! Which servers can be spoken to. Besides Maru they are servers that repeat a text to all members
//! of a room, its sender included: what they are given are entries made here, whose seqs tell what
//! was lost, doubled or swapped on the way.

use std::borrow::Cow;

use clap::ValueEnum;

use super::{Member, maru::Maru, nats::Nats, socketio};
use crate::{
    wire::{self, WireError},
    world::World,
};

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// maru.v1
    Maru,
    /// Texts, repeated to the room that the path names
    Echo,
    /// socket.io over WebSocket
    Socketio,
    /// NATS over WebSocket
    Nats,
}

/// One connection's conversation.
pub enum Talk {
    /// In maru.v1.
    Maru(Maru),
    /// Texts that are entries.
    Echo,
    /// socket.io's packets.
    Socketio,
    /// The stream of bytes of NATS.
    Nats(Nats),
}

impl Dialect {
    /// Whether the server only repeats: it numbers and acknowledges nothing.
    #[must_use]
    pub fn repeats(self) -> bool {
        self != Self::Maru
    }

    /// Where a member of that room connects to.
    #[must_use]
    pub fn path(self, path: &str, room: usize) -> Cow<'_, str> {
        match self {
            Self::Maru => path.into(),
            Self::Echo => format!("{}/room/{room}", path.trim_end_matches('/')).into(),
            Self::Socketio => socketio::PATH.into(),
            Self::Nats => "/".into(),
        }
    }

    /// A conversation that has not begun.
    #[must_use]
    pub fn talk(self) -> Talk {
        match self {
            Self::Maru => Talk::Maru(Maru::default()),
            Self::Echo => Talk::Echo,
            Self::Socketio => Talk::Socketio,
            Self::Nats => Talk::Nats(Nats::default()),
        }
    }
}

impl Talk {
    /// The handshake is done.
    pub fn upgraded(&mut self, member: &mut Member, world: &mut World) {
        match self {
            Self::Maru(maru) => maru.upgraded(member, world),
            // Who is answered is in the room.
            Self::Echo => member.follow(world),
            Self::Socketio => socketio::upgraded(member),
            Self::Nats(nats) => nats.upgraded(member),
        }
    }

    /// A text or binary message came.
    ///
    /// # Errors
    /// [`WireError`] for what such a server never sends.
    #[inline]
    pub fn heard(
        &mut self,
        payload: &[u8],
        now: u64,
        member: &mut Member,
        world: &mut World,
    ) -> Result<(), WireError> {
        match self {
            Self::Maru(maru) => maru.heard(payload, now, member, world),
            // What else it says, as how many subscribers heard it, is not looked at.
            Self::Echo => _ = member.saw(payload, now, world),
            Self::Socketio => socketio::heard(payload, now, member, world),
            Self::Nats(nats) => return nats.heard(payload, now, member, world),
        }
        Ok(())
    }

    /// Says the next message of the room.
    pub fn say(&self, member: &mut Member, world: &mut World) {
        let (room, out) = (member.room, &mut member.out);
        let Some(message) = world.message(room) else { return };
        match self {
            Self::Maru(_) | Self::Echo => wire::put_frame(out, wire::TEXT, &[message]),
            Self::Socketio => socketio::say(out, message),
            Self::Nats(_) => Nats::say(out, room, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_chosen_by_the_path_where_nothing_else_can() {
        assert_eq!(Dialect::Maru.path("/ws", 7), "/ws");
        assert_eq!(Dialect::Echo.path("/ws", 7), "/ws/room/7");
        assert_eq!(Dialect::Echo.path("/", 0), "/room/0");
        assert!(Dialect::Socketio.path("/ws", 7).starts_with("/socket.io/?EIO=4"));
        assert!(!Dialect::Maru.repeats() && Dialect::Nats.repeats());
    }
}
