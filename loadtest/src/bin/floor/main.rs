//! `maru-floor`: the least that a delivery can cost. One thread, one poll, and for each message the
//! same bytes written to each member's socket; no log, no identities, no limits, no clean-up.
//!
//! It answers enough of maru.v1 for `maru-load` to talk to it, with frames as long as Maru's, so
//! that one generator does the same work against both.

mod answers;
mod frames;
mod handshake;

use std::{
    collections::HashMap,
    io::{self, ErrorKind, Read, Write},
    process::ExitCode,
};

use clap::Parser;
use maru_load::{proc::raise_open_files, wire};
use maru_protocol::{RoomName, User};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

use crate::frames::{framed, joined, unmask};

/// The raw floor that Maru is compared to.
#[derive(Parser)]
struct Args {
    /// The port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Join what is read at once into one write per socket
    #[arg(long)]
    coalesce: bool,
    /// Repeat each text to the room that the path names, for `maru-load --dialect echo`: no hello
    #[arg(long)]
    echo: bool,
}

const LISTENER: Token = Token(usize::MAX);

struct Peer {
    stream: TcpStream,
    upgraded: bool,
    rest: Vec<u8>,
    out: Vec<u8>,
    user: Option<User>,
    room: Option<usize>,
}

#[derive(Default)]
struct Room {
    head: u64,
    members: Vec<usize>,
}

struct Floor {
    args: Args,
    poll: Poll,
    listener: TcpListener,
    peers: Vec<Option<Peer>>,
    free: Vec<usize>,
    names: HashMap<RoomName, usize>,
    rooms: Vec<Room>,
    /// Frames to be written to a room's members.
    pending: Vec<(usize, Vec<u8>)>,
    buffer: Vec<u8>,
}

fn main() -> ExitCode {
    match Floor::new(Args::parse()).and_then(Floor::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "maru-floor: {error}");
            ExitCode::from(2)
        }
    }
}

impl Floor {
    fn new(args: Args) -> io::Result<Self> {
        raise_open_files(0).map_err(io::Error::other)?;
        let mut listener = TcpListener::bind(([127, 0, 0, 1], args.port).into())?;
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let address = listener.local_addr()?;
        writeln!(io::stdout(), "floor on ws://{address}/ws")?;
        Ok(Self {
            args,
            poll,
            listener,
            peers: Vec::new(),
            free: Vec::new(),
            names: HashMap::new(),
            rooms: vec![Room::default()],
            pending: Vec::new(),
            buffer: vec![0; 1 << 16],
        })
    }

    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1_024);
        loop {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            for event in &events {
                if event.token() == LISTENER {
                    self.accept()?;
                    continue;
                }
                let index = event.token().0;
                let alive = (!event.is_writable() || self.flush(index))
                    && (!event.is_readable() || self.read(index));
                if !alive {
                    self.gone(index);
                }
                if !self.args.coalesce {
                    self.fan_out();
                }
            }
            self.fan_out();
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            let index = self.free.pop().unwrap_or(self.peers.len());
            let both = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream, Token(index), both)?;
            let (rest, out) = (Vec::new(), Vec::new());
            let peer = Peer { stream, upgraded: false, rest, out, user: None, room: None };
            if index == self.peers.len() {
                self.peers.push(Some(peer));
            } else {
                self.peers[index] = Some(peer);
            }
        }
    }

    fn flush(&mut self, index: usize) -> bool {
        let Some(Some(peer)) = self.peers.get_mut(index) else { return true };
        if peer.out.is_empty() {
            return true;
        }
        let waiting = std::mem::take(&mut peer.out);
        peer.write(&waiting)
    }

    /// False when the peer is gone.
    fn read(&mut self, index: usize) -> bool {
        loop {
            let Some(Some(peer)) = self.peers.get_mut(index) else { return true };
            let read = match peer.stream.read(&mut self.buffer) {
                Ok(0) => return false,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return false,
            };
            let mut bytes = std::mem::take(&mut peer.rest);
            bytes.extend_from_slice(&self.buffer[..read]);
            let Some(used) = self.take(index, &mut bytes) else { return false };
            bytes.drain(..used);
            if let Some(Some(peer)) = self.peers.get_mut(index)
                && !bytes.is_empty()
            {
                peer.rest = bytes;
            }
            if read < self.buffer.len() {
                return true;
            }
        }
    }

    /// How many bytes were used; `None` ends the peer.
    fn take(&mut self, index: usize, bytes: &mut [u8]) -> Option<usize> {
        let mut used = 0;
        if !self.peers.get(index)?.as_ref()?.upgraded {
            let Some(request) = handshake::request(bytes)? else { return Some(0) };
            used = request.length;
            let peer = self.peers.get_mut(index)?.as_mut()?;
            peer.upgraded = true;
            if !peer.write(request.answer.as_bytes()) {
                return None;
            }
            if self.args.echo {
                let room = self.room(request.room?);
                self.enter(index, room);
            }
        }
        let room = self.peers.get(index)?.as_ref()?.room;
        while let Some((opcode, payload, length)) = unmask(&mut bytes[used..]) {
            match opcode {
                wire::TEXT if self.args.echo => self.pending.push((room?, framed(payload))),
                wire::TEXT => self.text(index, payload)?,
                wire::CLOSE => return None,
                _ => {}
            }
            used += length;
        }
        Some(used)
    }

    fn room(&mut self, name: RoomName) -> usize {
        *self.names.entry(name).or_insert_with(|| {
            self.rooms.push(Room::default());
            self.rooms.len() - 1
        })
    }

    fn enter(&mut self, index: usize, room: usize) {
        self.rooms[room].members.push(index);
        if let Some(Some(peer)) = self.peers.get_mut(index) {
            peer.room = Some(room);
        }
    }

    fn gone(&mut self, index: usize) {
        let Some(Some(peer)) = self.peers.get_mut(index).map(Option::take) else { return };
        if let Some(room) = peer.room {
            self.rooms[room].members.retain(|member| *member != index);
        }
        self.free.push(index);
    }

    /// What it is all about: one write per member.
    fn fan_out(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        if self.args.coalesce && pending.len() > 1 {
            pending = joined(pending);
        }
        for (room, frame) in &pending {
            for member in &self.rooms[*room].members {
                if let Some(Some(peer)) = self.peers.get_mut(*member) {
                    // Who is gone is noticed by a read.
                    peer.write(frame);
                }
            }
        }
        pending.clear();
        self.pending = pending;
    }
}

impl Peer {
    /// Writes what the socket takes and keeps the rest. False when the socket is broken.
    fn write(&mut self, bytes: &[u8]) -> bool {
        if !self.out.is_empty() {
            self.out.extend_from_slice(bytes);
            return true;
        }
        match self.stream.write(bytes) {
            Ok(written) => {
                self.out.extend_from_slice(&bytes[written..]);
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.out.extend_from_slice(bytes);
                true
            }
            Err(_) => false,
        }
    }
}
