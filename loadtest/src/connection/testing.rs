//! Servers' bytes, made up: what a connection says of them must not depend on where reads end.

use clap::{Parser, ValueEnum as _};

use super::{
    Connection, Dialect, Line,
    outgoing::{Framing, SEPARATOR},
};
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
    dialect: Dialect,
}

impl Script {
    /// The way is open.
    pub fn new(dialect: Dialect) -> Self {
        let name = dialect.to_possible_value().unwrap();
        let cli = Cli::parse_from(["maru-load", "fanout", "--dialect", name.get_name()]);
        let Task::Load(plan) = cli.work.task() else { unreachable!("fanout is a load") };
        let world = World::new(&plan, 7).unwrap();
        let connection = Connection::new(0, 0, true, true, dialect);
        let mut script = Self { world, connection, dialect };
        script.connection.begin(&plan.options.url[0], &mut script.world);
        if dialect.framing() == Framing::Payload {
            script.bytes(&answered(br#"0{"sid":"abc"}"#));
        } else {
            let accepted = format!(
                "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {}\r\n\r\n",
                wire::ACCEPT
            );
            script.bytes(accepted.as_bytes());
        }
        script.connection.member.out.bytes().clear();
        script
    }

    /// A connection that is in its room.
    pub fn inside(dialect: Dialect) -> Self {
        let mut script = Self::new(dialect);
        script.connection.member.follow(&mut script.world);
        script
    }

    /// The next message of the room, as a server gives it to its members.
    pub fn entry(&mut self, dialect: Dialect) -> Vec<u8> {
        // A server of maru.v1 makes an entry of what it is given, as this does.
        let repeats = std::mem::replace(&mut self.world.repeats, true);
        let entry = self.world.message(0).unwrap().to_vec();
        self.world.repeats = repeats;
        match dialect {
            Dialect::Maru | Dialect::Echo => entry,
            Dialect::MaruSocketio
            | Dialect::MaruPolling
            | Dialect::Socketio
            | Dialect::SocketioPolling => [br#"42["entry","#, &entry[..], b"]"].concat(),
            Dialect::Nats => {
                let head = format!("MSG room.0 1 {}\r\n", entry.len());
                [head.as_bytes(), &entry, b"\r\n"].concat()
            }
        }
    }

    /// One message comes.
    pub fn text(&mut self, payload: &[u8]) {
        let bytes = match self.dialect.framing() {
            Framing::WebSocket => framed(payload),
            Framing::Payload => answered(payload),
        };
        self.bytes(&bytes);
    }

    /// Bytes come.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.connection.receive(Line::First, bytes, &mut self.world).unwrap();
    }

    /// What the connection says, message by message.
    pub fn said(&mut self) -> Vec<Vec<u8>> {
        let out = std::mem::take(self.connection.member.out.bytes());
        if self.dialect.framing() == Framing::Payload {
            let packets = out.split(|byte| *byte == SEPARATOR).filter(|packet| !packet.is_empty());
            return packets.map(<[u8]>::to_vec).collect();
        }
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

/// A server's answer to a poll.
pub fn answered(payload: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", payload.len());
    [head.as_bytes(), payload].concat()
}

/// The dialects whose members are given entries here.
const ALL: [Dialect; 7] = [
    Dialect::Maru,
    Dialect::MaruSocketio,
    Dialect::MaruPolling,
    Dialect::Echo,
    Dialect::Socketio,
    Dialect::SocketioPolling,
    Dialect::Nats,
];

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
        _ if dialect.framing() == Framing::Payload => {
            // Some in one answer, the others in the next.
            let packets: Vec<&[u8]> = order.iter().map(|n| &entries[*n][..]).collect();
            let (first, second) = packets.split_at(1 + cut % (packets.len() - 1));
            [first, second].map(|some| answered(&some.join(&SEPARATOR))).concat()
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
    for dialect in ALL {
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
    for dialect in ALL {
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
    for dialect in ALL {
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
        (Dialect::SocketioPolling, "42[\"say\",", "42[\"entry\","),
        (Dialect::Nats, "PUB room.0 ", "MSG room.0 1 "),
    ] {
        let mut script = Script::inside(dialect);
        script.connection.say(&mut script.world);
        let said_now = String::from_utf8(script.said().remove(0)).unwrap();
        script.text(said_now.replacen(said, repeated, 1).as_bytes());
        assert_eq!(script.verdict(), (1, 0, 0, 0), "{dialect:?}");
    }
}

/// Golden frames of the server: a `welcome`, then a `joined` of a room with one entry.
fn golden(at: usize) -> String {
    let frames = include_str!("../../../protocol/golden/server.json");
    let frames: Vec<serde_json::Value> = serde_json::from_str(frames).unwrap();
    frames[at].to_string()
}

#[test]
fn members_of_maru_get_in_alike_however_their_frames_travel() {
    let (welcome, joined, ok) = (golden(0), golden(1), r#"{"type":"ok","ref":0}"#);
    for dialect in [Dialect::MaruSocketio, Dialect::MaruPolling] {
        let mut script = Script::new(dialect);
        script.text(br#"0{"sid":"abc"}"#);
        let hello = script.said().remove(0);
        assert!(hello.starts_with(br#"40{"version":1,"name":"load "#), "{dialect:?}");
        script.text(br#"40{"sid":"x"}"#);
        script.text(format!(r#"42["welcome",{welcome}]"#).as_bytes());
        assert_eq!(script.said(), [br#"420["create",{"room":"load-00000007-0"}]"#]);
        script.text(format!("430[{ok}]").as_bytes());
        assert_eq!(script.said(), [br#"420["join",{"room":"load-00000007-0"}]"#]);
        script.text(b"2");
        assert_eq!((script.said(), script.ready()), (vec![b"3".to_vec()], 0), "{dialect:?}");
        script.text(format!("430[{joined}]").as_bytes());
        assert_eq!(script.ready(), 1, "{dialect:?}");
    }
}

#[test]
fn who_polls_asks_again_after_each_answer_and_speaks_by_one_post_at_a_time() {
    let mut script = Script::inside(Dialect::SocketioPolling);
    let entry = script.entry(Dialect::SocketioPolling);
    script.text(&entry);
    script.connection.say(&mut script.world);
    script.connection.flush().unwrap();
    assert_eq!(script.connection.wants(), Some(Line::First), "the tests have no sockets");
    let mut posted =
        |bytes: &[u8]| script.connection.receive(Line::Second, bytes, &mut script.world);
    posted(&answered(b"ok")).unwrap();
    let refused = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\ngone";
    assert!(posted(refused).unwrap_err().to_string().contains("nobody asked"));
    let polled = script.connection.receive(Line::First, refused, &mut script.world);
    assert!(polled.unwrap_err().to_string().contains("status 400: gone"));
}
