//! Which servers can be spoken to. Besides Maru they are servers that repeat a text to all members
//! of a room, its sender included: what they are given are entries made here, whose seqs tell what
//! was lost, doubled or swapped on the way.

use std::{borrow::Cow, str::FromStr};

use clap::ValueEnum;

use super::{
    Member,
    carrier::{Carrier, Polling, WebSocket},
    maru::{Encoding, Maru},
    nats::Nats,
    outgoing::Framing,
    socketio,
};
use crate::{wire::WireError, world::World};

/// What the server speaks, and by which carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// maru.v1
    Maru,
    /// Maru's vocabulary by Socket.IO over WebSocket
    MaruSocketio,
    /// Maru's vocabulary by Socket.IO over long-polling
    MaruPolling,
    /// Texts, repeated to the room that the path names
    Echo,
    /// socket.io over WebSocket
    Socketio,
    /// socket.io over long-polling
    SocketioPolling,
    /// NATS over WebSocket
    Nats,
}

/// What the members of each room speak, in turn: one dialect, or several of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialects(Vec<Dialect>);

/// One connection's conversation.
pub enum Talk {
    /// In the frames of maru.v1.
    Maru(Maru),
    /// Texts that are entries.
    Echo,
    /// socket.io's packets.
    Socketio,
    /// The stream of bytes of NATS.
    Nats(Nats),
}

/// Which kind of server speaks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Maru,
    Echo,
    Socketio,
    Nats,
}

impl Dialect {
    fn server(self) -> Server {
        match self {
            Self::Maru | Self::MaruSocketio | Self::MaruPolling => Server::Maru,
            Self::Echo => Server::Echo,
            Self::Socketio | Self::SocketioPolling => Server::Socketio,
            Self::Nats => Server::Nats,
        }
    }

    /// Where a member of that room connects to.
    #[must_use]
    pub fn path(self, path: &str, room: usize) -> Cow<'_, str> {
        match self {
            Self::Maru => path.into(),
            Self::Echo => format!("{}/room/{room}", path.trim_end_matches('/')).into(),
            Self::MaruSocketio | Self::Socketio => socketio::WEBSOCKET.into(),
            Self::MaruPolling | Self::SocketioPolling => socketio::POLLING.into(),
            Self::Nats => "/".into(),
        }
    }

    fn polls(self) -> bool {
        matches!(self, Self::MaruPolling | Self::SocketioPolling)
    }

    /// How its messages are told apart.
    #[must_use]
    pub fn framing(self) -> Framing {
        if self.polls() { Framing::Payload } else { Framing::WebSocket }
    }

    /// What carries it, before it begins.
    #[must_use]
    pub fn carrier(self) -> Box<dyn Carrier> {
        if self.polls() { Box::<Polling>::default() } else { Box::<WebSocket>::default() }
    }

    /// A conversation that has not begun.
    #[must_use]
    pub fn talk(self) -> Talk {
        match self {
            Self::Maru => Talk::Maru(Maru::new(Encoding::Native)),
            Self::MaruSocketio | Self::MaruPolling => Talk::Maru(Maru::new(Encoding::SocketIo)),
            Self::Echo => Talk::Echo,
            Self::Socketio | Self::SocketioPolling => Talk::Socketio,
            Self::Nats => Talk::Nats(Nats::default()),
        }
    }
}

impl Dialects {
    /// Whether the server only repeats: it numbers and acknowledges nothing.
    #[must_use]
    pub fn repeat(&self) -> bool {
        self.0.iter().all(|dialect| dialect.server() != Server::Maru)
    }

    /// What the members of a room speak, in turn.
    #[must_use]
    pub fn of(&self, member: usize) -> Dialect {
        let turn = member.checked_rem(self.0.len());
        turn.and_then(|turn| self.0.get(turn)).copied().unwrap_or(Dialect::Maru)
    }
}

impl FromStr for Dialects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let one = |name| {
            Dialect::from_str(name, false).map_err(|_| {
                let all = Dialect::value_variants().iter().filter_map(Dialect::to_possible_value);
                let all: Vec<String> = all.map(|value| value.get_name().to_owned()).collect();
                format!("“{name}” is none of {}", all.join(", "))
            })
        };
        let dialects = text.split(',').map(one).collect::<Result<Vec<_>, _>>()?;
        let first = dialects.first().map(|dialect| dialect.server());
        if dialects.iter().any(|dialect| Some(dialect.server()) != first) {
            return Err("no server speaks all of these".to_owned());
        }
        Ok(Self(dialects))
    }
}

impl Talk {
    /// The way is open.
    pub fn upgraded(&mut self, member: &mut Member, world: &mut World) {
        match self {
            Self::Maru(maru) => maru.upgraded(member, world),
            // Who is answered is in the room.
            Self::Echo => member.follow(world),
            Self::Socketio => socketio::upgraded(member),
            Self::Nats(nats) => nats.upgraded(member),
        }
    }

    /// A message came.
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
        let room = member.room;
        if let Self::Maru(maru) = self {
            return maru.say(member, world);
        }
        let Some(message) = world.message(room) else { return };
        match self {
            Self::Maru(_) | Self::Echo => member.out.text(&[message]),
            Self::Socketio => socketio::say(&mut member.out, message),
            Self::Nats(_) => Nats::say(&mut member.out, room, message),
        }
    }

    /// Asks again to be let into the room, where the server can put that off.
    pub fn join(&self, member: &mut Member, world: &World) {
        if let Self::Maru(maru) = self {
            maru.join(member, world);
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
        for socketio in [Dialect::Socketio, Dialect::MaruPolling] {
            assert!(socketio.path("/ws", 7).starts_with("/socket.io/?EIO=4&transport="));
        }
    }

    #[test]
    fn members_speak_in_turn_what_one_server_speaks() {
        let mixed: Dialects = "maru,maru-socketio,maru-polling".parse().unwrap();
        let spoken: Vec<Dialect> = (2..5).map(|member| mixed.of(member)).collect();
        assert_eq!(spoken, [Dialect::MaruPolling, Dialect::Maru, Dialect::MaruSocketio]);
        assert!(
            !mixed.repeat() && "socketio,socketio-polling".parse::<Dialects>().unwrap().repeat()
        );
        assert!("maru,socketio".parse::<Dialects>().unwrap_err().contains("no server"));
        assert!("marvin".parse::<Dialects>().unwrap_err().contains("maru-polling"));
    }
}
