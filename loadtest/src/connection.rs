//! One connection's conversation, from the handshake to the last entry.

use std::io::{ErrorKind, Write};

use maru_protocol::{
    ClientFrame, Entry, Epoch, ErrorCode, Position, Ref, Seq, ServerFrame, VERSION,
};
use mio::net::TcpStream;

use crate::{
    track::Track,
    wire::{self, Frame, WireError},
    world::World,
};

/// How far a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No socket.
    Away,
    /// The socket is being connected.
    Connecting,
    /// The handshake's answer is awaited.
    Upgrading,
    /// `welcome` is awaited.
    Greeting,
    /// The answer to `create` is awaited.
    Creating,
    /// `joined` is awaited.
    Joining,
    /// In the room.
    Ready,
}

/// One connection and what it has seen; the latter outlives the former.
pub struct Connection {
    index: usize,
    room: usize,
    /// Makes the room first.
    creates: bool,
    /// Says when entries reached it.
    pub sampled: bool,
    stage: Stage,
    stream: Option<TcpStream>,
    /// The start of a frame whose end has not come.
    rest: Vec<u8>,
    /// What the socket has not taken.
    out: Vec<u8>,
    track: Option<Track>,
    token: Option<String>,
}

impl Connection {
    /// A member that is not here yet.
    #[must_use]
    pub fn new(index: usize, room: usize, creates: bool, sampled: bool) -> Self {
        Self {
            index,
            room,
            creates,
            sampled,
            stage: Stage::Away,
            stream: None,
            rest: Vec::new(),
            out: Vec::new(),
            track: None,
            token: None,
        }
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Its room's number.
    #[must_use]
    pub fn room(&self) -> usize {
        self.room
    }

    /// Its socket.
    pub fn stream(&mut self) -> Option<&mut TcpStream> {
        self.stream.as_mut()
    }

    /// What it has seen.
    #[must_use]
    pub fn track(&self) -> Option<&Track> {
        self.track.as_ref()
    }

    /// It has a socket that is being connected.
    pub fn begin(&mut self, stream: TcpStream, world: &mut World) {
        self.stream = Some(stream);
        self.stage = Stage::Connecting;
        self.rest = Vec::new();
        self.out = Vec::new();
        world.opening += 1;
    }

    /// Gives its socket up.
    pub fn leave(&mut self, world: &mut World) -> Option<TcpStream> {
        if !matches!(self.stage, Stage::Ready | Stage::Away) {
            world.opening = world.opening.saturating_sub(1);
        }
        self.stage = Stage::Away;
        self.stream.take()
    }

    /// Its socket can be written to.
    ///
    /// # Errors
    /// When it could not be connected or failed.
    pub fn writable(&mut self, host: &str, path: &str) -> std::io::Result<()> {
        if self.stage == Stage::Connecting {
            let Some(stream) = &self.stream else { return Ok(()) };
            if let Some(error) = stream.take_error()? {
                return Err(error);
            }
            match stream.peer_addr() {
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(()),
                other => other?,
            };
            self.stage = Stage::Upgrading;
            self.out.extend_from_slice(wire::request(host, path).as_bytes());
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
        while written < self.out.len() {
            match stream.write(&self.out[written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => written += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.drain(..written);
        Ok(())
    }

    /// Puts the room's next message in front of the socket; [`Connection::flush`] sends it.
    pub fn say(&mut self, world: &mut World) {
        if let Some(message) = world.message(self.room) {
            wire::put_frame(&mut self.out, wire::TEXT, message);
        }
    }

    /// Takes what was read.
    ///
    /// # Errors
    /// [`WireError`] for what a server never sends.
    pub fn receive(&mut self, bytes: &[u8], world: &mut World) -> Result<(), WireError> {
        let now = if self.sampled { world.nanos() } else { 0 };
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
        if self.stage == Stage::Upgrading {
            let Some(length) = wire::handshake(bytes)? else { return Ok(0) };
            used = length;
            self.upgraded(world);
        }
        while let Some(frame) = wire::next_frame(&bytes[used..])? {
            used += frame.length;
            match frame.opcode {
                wire::TEXT => self.text(frame, now, world),
                wire::PING => wire::put_frame(&mut self.out, wire::PONG, frame.payload),
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

    #[inline]
    fn text(&mut self, frame: Frame<'_>, now: u64, world: &mut World) {
        let Some((room, seq)) = wire::scan_entry(frame.payload) else {
            return self.parsed(frame.payload, now, world);
        };
        let own =
            world.rooms.get(self.room).is_some_and(|own| own.name.as_str().as_bytes() == room);
        self.entry(own, seq, world);
        if self.sampled
            && let Some(sent) = wire::scan_stamp(frame.payload, world.body)
        {
            world.record(now, sent);
        }
    }

    #[inline]
    fn entry(&mut self, own: bool, seq: u64, world: &mut World) {
        match &mut self.track {
            Some(track) if own => {
                world.counts.deliveries += 1;
                track.saw(seq);
            }
            _ => world.counts.strays += 1,
        }
    }

    fn upgraded(&mut self, world: &mut World) {
        if world.raw {
            self.track.get_or_insert_default();
            return self.ready(world);
        }
        self.stage = Stage::Greeting;
        let name = match world.name(self.index) {
            Ok(name) => Some(name),
            Err(why) => return world.fail(why),
        };
        let token = self.token.clone();
        self.request(&ClientFrame::Hello { version: VERSION, token, name });
    }

    fn ready(&mut self, world: &mut World) {
        self.stage = Stage::Ready;
        world.opening = world.opening.saturating_sub(1);
        world.counts.ready += 1;
    }

    fn request(&mut self, frame: &ClientFrame) {
        // A frame of ours always encodes.
        if let Ok(text) = serde_json::to_vec(frame) {
            wire::put_frame(&mut self.out, wire::TEXT, &text);
        }
    }

    fn parsed(&mut self, payload: &[u8], now: u64, world: &mut World) {
        // What a newer server says beside is not ours to judge.
        let Ok(frame) = serde_json::from_slice::<ServerFrame>(payload) else { return };
        match frame {
            ServerFrame::Entry(Entry::Message(message)) => {
                let own = world.rooms.get(self.room).is_some_and(|own| own.name == message.room);
                self.entry(own, message.seq.get(), world);
                let stamp = message.body.as_str().get(..wire::STAMP);
                let sent = stamp.and_then(|stamp| u64::from_str_radix(stamp, 16).ok());
                if let Some(sent) = sent.filter(|_| self.sampled) {
                    world.record(now, sent);
                }
            }
            ServerFrame::Sent { reference, seq, .. } => world.acknowledged(reference, seq.get()),
            ServerFrame::Welcome { token, .. } => {
                // Long, and needed only by those who come back with it.
                self.token = Some(token);
                if self.creates {
                    self.create(world);
                } else {
                    self.join(world);
                }
            }
            ServerFrame::Ok { .. } if self.stage == Stage::Creating => self.join(world),
            ServerFrame::Joined { epoch, head, entries, reset, .. } => {
                let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq().get()).collect();
                self.joined(epoch, head.get(), &seqs, reset, world);
            }
            ServerFrame::Error { reference, code, message, .. } => {
                self.refused(reference, code, &message, world);
            }
            ServerFrame::Bye { reason, .. } => world.last_end = Some(reason),
            _ => {}
        }
    }

    fn create(&mut self, world: &mut World) {
        self.stage = Stage::Creating;
        let Some(room) = world.rooms.get(self.room) else { return };
        self.request(&ClientFrame::Create { reference: Ref(0), room: room.name.clone() });
    }

    /// Asks to be let into the room, again where it was put off.
    pub fn join(&mut self, world: &mut World) {
        if !matches!(self.stage, Stage::Greeting | Stage::Creating | Stage::Joining) {
            return;
        }
        self.stage = Stage::Joining;
        let Some(room) = world.rooms.get(self.room) else { return };
        let after = match (&self.track, world.epoch) {
            (Some(track), Some(epoch)) => {
                Seq::new(track.position()).ok().map(|seq| Position { epoch, seq })
            }
            _ => None,
        };
        self.request(&ClientFrame::Join { reference: Ref(0), room: room.name.clone(), after });
    }

    fn joined(&mut self, epoch: Epoch, head: u64, seqs: &[u64], reset: bool, world: &mut World) {
        if world.epoch.is_some_and(|known| known != epoch) {
            world.fail("the server changed its epoch: it lost its history while this ran");
        }
        world.epoch = Some(epoch);
        if let Some(room) = world.rooms.get_mut(self.room) {
            room.head = room.head.max(head);
        }
        match &mut self.track {
            None => self.track = Some(Track::after(head)),
            Some(track) if reset => {
                world.counts.resets += 1;
                track.restart(head);
            }
            Some(track) => {
                world.counts.replayed += seqs.len() as u64;
                seqs.iter().for_each(|seq| track.saw(*seq));
            }
        }
        self.ready(world);
    }

    fn refused(&mut self, to: Option<Ref>, code: ErrorCode, message: &str, world: &mut World) {
        if code == ErrorCode::RoomExists && self.stage == Stage::Creating {
            return self.join(world);
        }
        if code == ErrorCode::RateLimited {
            return world.fail(
                "the server limits how much one client sends: start it with \
                 MARU_CONNECTION__RATE=10000 MARU_CONNECTION__BURST=100000, or use more --senders",
            );
        }
        if self.stage == Stage::Joining && code.retryable() {
            world.counts.retried += 1;
            return world.put_off.push(self.index);
        }
        if self.stage != Stage::Ready {
            return world.fail(format!("the server refused member {}: {message}", self.index));
        }
        if to.is_some_and(|to| world.waiting.remove(&to.0).is_some()) {
            world.counts.refused += 1;
        }
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
        connection.track = Some(Track::default());
        connection.stage = Stage::Ready;
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
