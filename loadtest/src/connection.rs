//! One connection: its sockets, the messages on them, and the conversation that they carry.
//!
//! - [`member`]: how far it is on its way into its room, and what it has seen there
//! - [`dialect`]: which servers can be spoken to, and how
//! - [`maru`], [`socketio`], [`nats`]: the conversations with them
//! - [`carrier`]: WebSocket and long-polling, which carry them

mod carrier;
mod dialect;
mod maru;
mod member;
mod nats;
mod outgoing;
mod socketio;
#[cfg(test)]
mod testing;

use mio::net::TcpStream;

pub use self::{
    carrier::Line,
    dialect::{Dialect, Dialects},
    member::{Member, Stage},
};
use self::{
    carrier::{Carrier, Listener},
    dialect::Talk,
};
use crate::{target::Target, track::Track, wire::WireError, world::World};

/// One connection and what it has seen; the latter outlives the former.
pub struct Connection {
    member: Member,
    dialect: Dialect,
    talk: Talk,
    carrier: Box<dyn Carrier>,
}

impl Connection {
    /// A member that is not here yet.
    #[must_use]
    pub fn new(index: usize, room: usize, creates: bool, sampled: bool, dialect: Dialect) -> Self {
        let member = Member::new(index, room, creates, sampled, dialect.framing());
        Self { member, dialect, talk: dialect.talk(), carrier: dialect.carrier() }
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.member.stage
    }

    /// Its room's number.
    #[must_use]
    pub fn room(&self) -> usize {
        self.member.room
    }

    /// What it has seen.
    #[must_use]
    pub fn track(&self) -> Option<&Track> {
        self.member.track.as_ref()
    }

    /// Begins to come in. [`Connection::wants`] says what it needs for that.
    pub fn begin(&mut self, target: &Target, world: &mut World) {
        self.member.stage = Stage::Upgrading;
        self.member.out.bytes().clear();
        let path = self.dialect.path(&target.path, self.member.room);
        self.carrier.begin(target, &path, &mut self.member.out);
        world.opening += 1;
    }

    /// A TCP connection that it needs.
    #[must_use]
    pub fn wants(&self) -> Option<Line> {
        self.carrier.wants().filter(|_| self.member.stage != Stage::Away)
    }

    /// A TCP connection that is being made.
    pub fn give(&mut self, line: Line, stream: TcpStream) {
        self.carrier.give(line, stream);
    }

    /// One of its sockets.
    pub fn stream(&mut self, line: Line) -> Option<&mut TcpStream> {
        self.carrier.stream(line)
    }

    /// Gives its sockets up. Closing them takes them off their poll.
    pub fn leave(&mut self, world: &mut World) {
        if !matches!(self.member.stage, Stage::Ready | Stage::Away) {
            world.opening = world.opening.saturating_sub(1);
        }
        self.member.stage = Stage::Away;
        self.carrier.drop_lines();
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// When a socket could not be connected or failed.
    pub fn flush(&mut self) -> std::io::Result<()> {
        self.carrier.flush(&mut self.member.out)
    }

    /// Puts the room's next message in front of the socket; [`Connection::flush`] sends it.
    pub fn say(&mut self, world: &mut World) {
        self.talk.say(&mut self.member, world);
    }

    /// Takes what was read.
    ///
    /// # Errors
    /// [`WireError`] for what a server never sends.
    pub fn receive(
        &mut self,
        line: Line,
        bytes: &[u8],
        world: &mut World,
    ) -> Result<(), WireError> {
        let now = if self.member.sampled { world.nanos() } else { 0 };
        let Self { member, talk, carrier, .. } = self;
        carrier.receive(line, bytes, &mut Listener { talk, member, world, now })
    }

    /// The server closed one of its TCP connections: whether it is still there without.
    pub fn hung_up(&mut self, line: Line) -> bool {
        self.carrier.hung_up(line)
    }

    /// Asks again to be let into the room.
    pub fn join(&mut self, world: &World) {
        self.talk.join(&mut self.member, world);
    }
}
