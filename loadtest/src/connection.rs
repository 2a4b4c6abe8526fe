//! One connection: its socket, the frames on it, and the conversation that they carry.
//!
//! - [`member`]: how far it is on its way into its room, and what it has seen there
//! - [`dialect`]: which servers can be spoken to
//! - [`maru`], [`socketio`], [`nats`]: the conversations with them

mod dialect;
mod maru;
mod member;
mod nats;
mod socketio;
#[cfg(test)]
mod testing;

use std::io::{ErrorKind, Write};

use mio::net::TcpStream;

use self::dialect::Talk;
pub use self::{
    dialect::Dialect,
    member::{Member, Stage},
};
use crate::{
    target::Target,
    track::Track,
    wire::{self, WireError},
    world::World,
};

/// One connection and what it has seen; the latter outlives the former.
pub struct Connection {
    member: Member,
    talk: Talk,
    stream: Option<TcpStream>,
    /// The start of a frame whose end has not come.
    rest: Vec<u8>,
}

impl Connection {
    /// A member that is not here yet.
    #[must_use]
    pub fn new(index: usize, room: usize, creates: bool, sampled: bool, dialect: Dialect) -> Self {
        let (stage, track, out) = (Stage::Away, None, Vec::new());
        Self {
            member: Member { index, room, creates, sampled, stage, track, out },
            talk: dialect.talk(),
            stream: None,
            rest: Vec::new(),
        }
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

    /// Its socket.
    pub fn stream(&mut self) -> Option<&mut TcpStream> {
        self.stream.as_mut()
    }

    /// What it has seen.
    #[must_use]
    pub fn track(&self) -> Option<&Track> {
        self.member.track.as_ref()
    }

    /// It has a socket that is being connected.
    pub fn begin(&mut self, stream: TcpStream, world: &mut World) {
        self.stream = Some(stream);
        self.member.stage = Stage::Connecting;
        self.rest = Vec::new();
        self.member.out = Vec::new();
        world.opening += 1;
    }

    /// Gives its socket up.
    pub fn leave(&mut self, world: &mut World) -> Option<TcpStream> {
        if !matches!(self.member.stage, Stage::Ready | Stage::Away) {
            world.opening = world.opening.saturating_sub(1);
        }
        self.member.stage = Stage::Away;
        self.stream.take()
    }

    /// Its socket can be written to.
    ///
    /// # Errors
    /// When it could not be connected or failed.
    pub fn writable(&mut self, target: &Target, dialect: Dialect) -> std::io::Result<()> {
        if self.member.stage == Stage::Connecting {
            let Some(stream) = &self.stream else { return Ok(()) };
            if let Some(error) = stream.take_error()? {
                return Err(error);
            }
            match stream.peer_addr() {
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(()),
                other => other?,
            };
            self.member.stage = Stage::Upgrading;
            let path = dialect.path(&target.path, self.member.room);
            self.member.out.extend_from_slice(wire::request(&target.host, &path).as_bytes());
        }
        self.flush()
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// When the socket failed.
    pub fn flush(&mut self) -> std::io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let mut written = 0;
        while written < self.member.out.len() {
            match stream.write(&self.member.out[written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => written += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.member.out.drain(..written);
        Ok(())
    }

    /// Puts the room's next message in front of the socket; [`Connection::flush`] sends it.
    pub fn say(&mut self, world: &mut World) {
        self.talk.say(&mut self.member, world);
    }

    /// Takes what was read.
    ///
    /// # Errors
    /// [`WireError`] for what a server never sends.
    pub fn receive(&mut self, bytes: &[u8], world: &mut World) -> Result<(), WireError> {
        let now = if self.member.sampled { world.nanos() } else { 0 };
        if self.rest.is_empty() {
            let used = self.consume(bytes, now, world)?;
            self.rest = bytes[used..].to_vec();
        } else {
            let mut all = std::mem::take(&mut self.rest);
            all.extend_from_slice(bytes);
            let used = self.consume(&all, now, world)?;
            self.rest = all[used..].to_vec();
        }
        Ok(())
    }

    fn consume(&mut self, bytes: &[u8], now: u64, world: &mut World) -> Result<usize, WireError> {
        let mut used = 0;
        if self.member.stage == Stage::Upgrading {
            let Some(length) = wire::handshake(bytes)? else { return Ok(0) };
            used = length;
            self.talk.upgraded(&mut self.member, world);
        }
        while let Some(frame) = wire::next_frame(&bytes[used..])? {
            used += frame.length;
            match frame.opcode {
                wire::TEXT | wire::BINARY => {
                    self.talk.heard(frame.payload, now, &mut self.member, world)?;
                }
                wire::PING => wire::put_frame(&mut self.member.out, wire::PONG, &[frame.payload]),
                wire::CLOSE => {
                    let code = frame.payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                    let code = code.unwrap_or(1005);
                    world.last_end.get_or_insert_with(|| format!("close code {code}"));
                }
                _ => {}
            }
        }
        Ok(used)
    }

    /// Asks again to be let into the room.
    pub fn join(&mut self, world: &World) {
        maru::join(&mut self.member, world);
    }
}
