//! `maru-floor`: the least that a delivery can cost. One thread, one poll, and for each message the
//! same bytes written to each member's socket; no log, no identities, no limits, no clean-up.
//!
//! It answers enough of maru.v1 for `maru-load` to talk to it, with frames as long as Maru's, so
//! that one generator does the same work against both.

use std::{
    collections::HashMap,
    io::{self, ErrorKind, Read, Write},
    process::ExitCode,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Parser;
use maru_load::{proc::raise_open_files, wire};
use maru_protocol::{
    ClientFrame, DisplayName, Entry, Epoch, Heartbeat, Limits, Message, Presence, RoomName, Seq,
    ServerFrame, ServerInfo, SessionId, User, UserId, decode_client,
};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use sha1::{Digest, Sha1};
use uuid::Uuid;

/// The raw floor that Maru is compared to.
#[derive(Parser)]
struct Args {
    /// The port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Join what is read at once into one write per socket
    #[arg(long)]
    coalesce: bool,
    /// Repeat each text to every connection, for `maru-load --raw`: no hello, no rooms
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
        let peer = self.peers.get_mut(index)?.as_mut()?;
        if !peer.upgraded {
            let text = std::str::from_utf8(bytes).ok()?;
            let Some(end) = text.find("\r\n\r\n") else { return Some(0) };
            let name = "sec-websocket-key:";
            let is_key = |line: &&str| {
                line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            };
            let key = text.lines().find(is_key)?[name.len()..].trim();
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {}\r\n\r\n",
                accept_key(key)
            );
            used = end + 4;
            peer.upgraded = true;
            if !peer.write(answer.as_bytes()) {
                return None;
            }
            if self.args.echo {
                self.enter(index, 0);
            }
        }
        while let Some((opcode, payload, length)) = unmask(&mut bytes[used..]) {
            match opcode {
                wire::TEXT if self.args.echo => self.pending.push((0, framed(payload))),
                wire::TEXT => self.text(index, payload)?,
                wire::CLOSE => return None,
                _ => {}
            }
            used += length;
        }
        Some(used)
    }

    fn text(&mut self, index: usize, payload: &[u8]) -> Option<()> {
        let frame = decode_client(std::str::from_utf8(payload).ok()?).ok()?;
        let answer = match frame {
            ClientFrame::Hello { name, .. } => self.welcome(index, name?)?,
            ClientFrame::Create { reference, room } => {
                self.room(room);
                ServerFrame::Ok { reference }
            }
            ClientFrame::Join { reference, room, .. } => {
                let number = self.room(room.clone());
                self.enter(index, number);
                let epoch = Epoch(Uuid::from_u128(1));
                let head = Seq::new(self.rooms[number].head).ok()?;
                let members = Presence { count: 1, users: Vec::new(), complete: false };
                let entries = Vec::new();
                ServerFrame::Joined { reference, room, epoch, head, members, entries, reset: false }
            }
            ClientFrame::Send { reference, room, id, body } => {
                let number = *self.names.get(&room)?;
                let place = &mut self.rooms[number];
                place.head += 1;
                let (seq, at) = (Seq::new(place.head).ok()?, 1_700_000_000_000);
                let sender = self.peers.get(index)?.as_ref()?.user.clone()?;
                let entry = Message { room: room.clone(), seq, id, sender, at, body };
                let text = serde_json::to_vec(&ServerFrame::Entry(Entry::Message(entry))).ok()?;
                self.pending.push((number, framed(&text)));
                ServerFrame::Sent { reference, room, id, seq, at }
            }
            _ => return Some(()),
        };
        let answer = framed(&serde_json::to_vec(&answer).ok()?);
        self.peers.get_mut(index)?.as_mut()?.write(&answer).then_some(())
    }

    fn welcome(&mut self, index: usize, name: DisplayName) -> Option<ServerFrame> {
        let id = UserId(format!("guest-{}", Uuid::from_u128(index as u128)));
        let user = User { id, name };
        self.peers.get_mut(index)?.as_mut()?.user = Some(user.clone());
        Some(ServerFrame::Welcome {
            session: SessionId(Uuid::from_u128(index as u128)),
            user,
            // As long as Maru's.
            token: "x".repeat(300),
            limits: Limits {
                max_frame_bytes: 65_536,
                max_body_chars: 4_000,
                max_body_bytes: 16_384,
                max_name_chars: 40,
                max_room_name_chars: 64,
                max_rooms: 100,
                max_page: 100,
                max_replay: 500,
                max_roster: 200,
            },
            heartbeat: Heartbeat { interval: 25_000, timeout: 50_000 },
            server: ServerInfo { name: "floor".to_owned(), version: "0".to_owned() },
        })
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

/// The frames of each room in one piece.
fn joined(pending: Vec<(usize, Vec<u8>)>) -> Vec<(usize, Vec<u8>)> {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut pieces: Vec<(usize, Vec<u8>)> = Vec::new();
    for (room, frame) in pending {
        match places.get(&room) {
            Some(place) => pieces[*place].1.extend_from_slice(&frame),
            None => {
                places.insert(room, pieces.len());
                pieces.push((room, frame));
            }
        }
    }
    pieces
}

fn accept_key(key: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(hash.finalize())
}

/// A server's text frame.
fn framed(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 4);
    out.push(0x80 | wire::TEXT);
    match u16::try_from(payload.len()) {
        Ok(short @ 0..126) => out.push(short.to_le_bytes()[0]),
        Ok(medium) => {
            out.push(126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        Err(_) => {
            out.push(127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
    out
}

/// The client's frame at the front: opcode, payload, and the length of it all.
fn unmask(bytes: &mut [u8]) -> Option<(u8, &[u8], usize)> {
    let opcode = bytes.first()? & 0x0f;
    let (start, length) = match bytes.get(1)? & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => return None,
        short => (2, usize::from(short)),
    };
    let mask: [u8; 4] = bytes.get(start..start + 4)?.try_into().ok()?;
    let end = start + 4 + length;
    let payload = bytes.get_mut(start + 4..end)?;
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Some((opcode, payload, end))
}
