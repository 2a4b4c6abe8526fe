//! Servers' bytes, made up: what a connection says of them must not depend on where reads end.

use clap::Parser;

use super::{Connection, Dialect};
use crate::{
    args::{Cli, Task},
    wire,
    world::World,
};

/// A connection of a dialect, and what it is given.
pub struct Script {
    /// What all share.
    pub world: World,
    connection: Connection,
}

impl Script {
    /// The handshake is done.
    pub fn new(dialect: Dialect) -> Self {
        let name = format!("{dialect:?}").to_lowercase();
        let cli = Cli::parse_from(["maru-load", "fanout", "--dialect", &name]);
        let Task::Load(plan) = cli.work.task() else { unreachable!("fanout is a load") };
        let mut world = World::new(&plan, 7).unwrap();
        let mut connection = Connection::new(0, 0, true, true, dialect);
        connection.talk.upgraded(&mut connection.member, &mut world);
        Self { world, connection }
    }

    /// A connection that is in its room.
    pub fn inside(dialect: Dialect) -> Self {
        let mut script = Self::new(dialect);
        script.connection.member.follow(&mut script.world);
        script
    }

    /// The next message of the room, as the server repeats it: the content of a frame.
    pub fn entry(&mut self, dialect: Dialect) -> Vec<u8> {
        let entry = self.world.message(0).unwrap();
        match dialect {
            Dialect::Maru | Dialect::Echo => entry.to_vec(),
            Dialect::Socketio => [br#"42["entry","#, entry, b"]"].concat(),
            Dialect::Nats => {
                let head = format!("MSG room.0 1 {}\r\n", entry.len());
                [head.as_bytes(), entry, b"\r\n"].concat()
            }
        }
    }

    /// One frame comes.
    pub fn text(&mut self, payload: &[u8]) {
        self.bytes(&framed(payload));
    }

    /// Bytes come.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.connection.receive(bytes, &mut self.world).unwrap();
    }

    /// What the connection says, frame by frame.
    pub fn said(&mut self) -> Vec<Vec<u8>> {
        let out = std::mem::take(&mut self.connection.member.out);
        let (mut at, mut said) = (0, Vec::new());
        while at < out.len() {
            let mut frame = out[at..].to_vec();
            frame[1] &= 0x7f;
            // Behind the header come four bytes of mask.
            let (head, length) = if frame[1] < 126 {
                (2, usize::from(frame[1]))
            } else {
                (4, usize::from(u16::from_be_bytes([frame[2], frame[3]])))
            };
            let (mask, text) = (&frame[head..head + 4], &frame[head + 4..head + 4 + length]);
            said.push(text.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b).collect());
            at += head + 4 + length;
        }
        said
    }

    /// How often somebody got in.
    pub fn ready(&self) -> u64 {
        self.world.counts.ready
    }

    /// Delivered, lost, duplicated, reordered.
    pub fn verdict(&self) -> (u64, u64, u64, u64) {
        let track = self.connection.track().unwrap();
        let lost = track.missing(self.world.rooms[0].head);
        (self.world.counts.deliveries, lost, track.duplicated(), track.reordered())
    }
}

/// A server's frame.
pub fn framed(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | wire::TEXT];
    match u16::try_from(payload.len()).unwrap() {
        short @ 0..126 => frame.push(short.to_le_bytes()[0]),
        medium => {
            frame.push(126);
            frame.extend_from_slice(&medium.to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

/// What the connection says of five messages in this order, cut at some place: between the reads,
/// and where the dialect allows it between the frames.
fn judged(dialect: Dialect, order: &[usize], cut: usize) -> (u64, u64, u64, u64) {
    let mut script = Script::inside(dialect);
    let entries: Vec<Vec<u8>> = (0..5).map(|_| script.entry(dialect)).collect();
    let stream: Vec<u8> = match dialect {
        Dialect::Nats => {
            let bytes: Vec<u8> = order.iter().flat_map(|n| entries[*n].clone()).collect();
            let (first, second) = bytes.split_at(cut % bytes.len());
            [framed(first), framed(second)].concat()
        }
        _ => order.iter().flat_map(|n| framed(&entries[*n])).collect(),
    };
    // Not where the frames are cut.
    let (first, second) = stream.split_at((cut * 3) % stream.len());
    script.bytes(first);
    script.bytes(second);
    script.verdict()
}

#[test]
fn faults_in_the_bytes_are_found_wherever_reads_end() {
    for dialect in [Dialect::Echo, Dialect::Socketio, Dialect::Nats] {
        for cut in (1..2_200).step_by(7) {
            let verdict = |order: &[usize]| judged(dialect, order, cut);
            assert_eq!(verdict(&[0, 1, 2, 3, 4]), (5, 0, 0, 0), "{dialect:?}, {cut}");
            assert_eq!(verdict(&[0, 1, 3, 4]), (4, 1, 0, 0), "{dialect:?}, {cut}");
            assert_eq!(verdict(&[0, 1, 2, 3]), (4, 1, 0, 0), "{dialect:?}, {cut}");
            assert_eq!(verdict(&[0, 1, 1, 2, 3, 4]), (6, 0, 1, 0), "{dialect:?}, {cut}");
            assert_eq!(verdict(&[0, 2, 1, 3, 4]), (5, 0, 0, 1), "{dialect:?}, {cut}");
        }
    }
}

#[test]
fn an_entry_of_another_room_is_a_stray() {
    for dialect in [Dialect::Echo, Dialect::Socketio, Dialect::Nats] {
        let mut script = Script::inside(dialect);
        let mut entry = script.entry(dialect);
        let at = entry.windows(5).position(|five| five == b"load-").unwrap();
        entry[at] = b'L';
        script.text(&entry);
        let counts = script.world.counts;
        assert_eq!((counts.strays, counts.deliveries), (1, 0), "{dialect:?}");
    }
}

#[test]
fn latencies_are_recorded_while_asked_for() {
    for dialect in [Dialect::Echo, Dialect::Socketio, Dialect::Nats] {
        let mut script = Script::inside(dialect);
        let entry = script.entry(dialect);
        script.text(&entry);
        assert_eq!(script.world.latency.len(), 0);
        script.world.recording = true;
        let entry = script.entry(dialect);
        script.text(&entry);
        assert_eq!(script.world.latency.len(), 1, "{dialect:?}");
    }
}

#[test]
fn what_is_said_is_what_servers_repeat() {
    for (dialect, said, repeated) in [
        (Dialect::Echo, "", ""),
        (Dialect::Socketio, "42[\"say\",", "42[\"entry\","),
        (Dialect::Nats, "PUB room.0 ", "MSG room.0 1 "),
    ] {
        let mut script = Script::inside(dialect);
        script.connection.say(&mut script.world);
        let said_now = String::from_utf8(script.said().remove(0)).unwrap();
        script.text(said_now.replacen(said, repeated, 1).as_bytes());
        assert_eq!(script.verdict(), (1, 0, 0, 0), "{dialect:?}");
    }
}
