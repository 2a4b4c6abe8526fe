//! One connection: its socket, the frames on it, and the conversation that they carry.
//!
//! - [`member`]: how far it is on its way into its room, and what it has seen there
//! - [`maru`]: the conversation in maru.v1

pub mod maru;
pub mod member;

use std::io::{ErrorKind, Write};

use mio::net::TcpStream;

use self::maru::Maru;
pub use self::member::{Member, Stage};
use crate::{
    track::Track,
    wire::{self, WireError},
    world::World,
};

/// One connection and what it has seen; the latter outlives the former.
pub struct Connection {
    member: Member,
    talk: Maru,
    stream: Option<TcpStream>,
    /// The start of a frame whose end has not come.
    rest: Vec<u8>,
}

impl Connection {
    /// A member that is not here yet.
    #[must_use]
    pub fn new(index: usize, room: usize, creates: bool, sampled: bool) -> Self {
        let (stage, track, out) = (Stage::Away, None, Vec::new());
        Self {
            member: Member { index, room, creates, sampled, stage, track, out },
            talk: Maru::default(),
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
    pub fn writable(&mut self, host: &str, path: &str) -> std::io::Result<()> {
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
            self.member.out.extend_from_slice(wire::request(host, path).as_bytes());
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
        if let Some(message) = world.message(self.member.room) {
            wire::put_frame(&mut self.member.out, wire::TEXT, message);
        }
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
            self.upgraded(world);
        }
        while let Some(frame) = wire::next_frame(&bytes[used..])? {
            used += frame.length;
            match frame.opcode {
                wire::TEXT => self.talk.heard(frame.payload, now, &mut self.member, world),
                wire::PING => wire::put_frame(&mut self.member.out, wire::PONG, frame.payload),
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

    fn upgraded(&mut self, world: &mut World) {
        if world.raw {
            self.member.track.get_or_insert_default();
            self.member.ready(world);
        } else {
            self.talk.upgraded(&mut self.member, world);
        }
    }

    /// Asks again to be let into the room.
    pub fn join(&mut self, world: &World) {
        maru::join(&mut self.member, world);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args::Cli, wire::stamped};
    use clap::Parser;

    fn raw() -> (World, Connection) {
        let cli = Cli::parse_from(["maru-load", "fanout", "--raw"]);
        let world = World::new(&cli.work.plan(), 7).unwrap();
        let mut connection = Connection::new(0, 0, true, true);
        connection.member.track = Some(Track::default());
        connection.member.stage = Stage::Ready;
        (world, connection)
    }

    fn entry(world: &mut World) -> Vec<u8> {
        let text = world.message(0).unwrap().to_vec();
        let mut frame = vec![0x81, 126];
        frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        frame.extend_from_slice(&text);
        frame
    }

    /// What the connection says of a stream that was cut anywhere.
    fn verdict(order: &[usize], cut: usize) -> (u64, u64, u64, u64) {
        let (mut world, mut connection) = raw();
        let frames: Vec<Vec<u8>> = (0..5).map(|_| entry(&mut world)).collect();
        let stream: Vec<u8> = order.iter().flat_map(|n| frames[*n].clone()).collect();
        let cut = cut % stream.len();
        connection.receive(&stream[..cut], &mut world).unwrap();
        connection.receive(&stream[cut..], &mut world).unwrap();
        let track = connection.track().unwrap();
        (
            world.counts.deliveries,
            track.missing(world.rooms[0].head),
            track.duplicated(),
            track.reordered(),
        )
    }

    #[test]
    fn faults_in_the_bytes_are_found_wherever_reads_end() {
        for cut in (1..1_500).step_by(7) {
            assert_eq!(verdict(&[0, 1, 2, 3, 4], cut), (5, 0, 0, 0));
            assert_eq!(verdict(&[0, 1, 3, 4], cut), (4, 1, 0, 0));
            assert_eq!(verdict(&[0, 1, 2, 3], cut), (4, 1, 0, 0));
            assert_eq!(verdict(&[0, 1, 1, 2, 3, 4], cut), (6, 0, 1, 0));
            assert_eq!(verdict(&[0, 2, 1, 3, 4], cut), (5, 0, 0, 1));
        }
    }

    #[test]
    fn an_entry_of_another_room_is_a_stray() {
        let (mut world, mut connection) = raw();
        let text = String::from_utf8(entry(&mut world)).unwrap_or_default();
        assert!(text.is_empty(), "the header is no text");
        let mut frame = entry(&mut world);
        let at = frame.windows(5).position(|five| five == b"load-").unwrap();
        frame[at] = b'L';
        connection.receive(&frame, &mut world).unwrap();
        assert_eq!((world.counts.strays, world.counts.deliveries), (1, 0));
    }

    #[test]
    fn latencies_are_recorded_while_asked_for() {
        let (mut world, mut connection) = raw();
        let frame = entry(&mut world);
        connection.receive(&frame, &mut world).unwrap();
        assert_eq!(world.latency.len(), 0);
        world.recording = true;
        let frame = entry(&mut world);
        connection.receive(&frame, &mut world).unwrap();
        assert_eq!(world.latency.len(), 1);
        assert_eq!(stamped(1, 128).len(), 128);
    }
}
