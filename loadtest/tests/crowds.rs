//! The delivery path under crowds: who stalls, who comes and goes meanwhile, and who is in a quiet
//! room beside a loud one. `maru-load` holds every entry of every member against what was sent, and
//! fails at one lost, doubled or out of order.

#![allow(clippy::unwrap_used)] // tests may

mod server;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use maru_load::wire;
use maru_protocol::{ClientFrame, DisplayName, Ref, RoomName, ServerFrame, VERSION};
use server::{Server, UNBOUND};
use socket2::{Domain, Protocol, Socket, Type};

/// A member that will read nothing once it is in, with as little room on the way to it as a socket
/// can have: a small window in small segments.
struct Deaf {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Deaf {
    fn join(server: &Server, room: &str) -> Self {
        let host = server.url.strip_prefix("ws://").unwrap().split('/').next().unwrap();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        socket.set_tcp_mss(536).unwrap();
        socket.connect(&host.parse::<SocketAddr>().unwrap().into()).unwrap();
        let mut deaf = Self { stream: socket.into(), rest: Vec::new() };
        deaf.stream.write_all(wire::request(host, "/ws").as_bytes()).unwrap();
        let head = deaf.until(|bytes| wire::handshake(bytes).unwrap());
        deaf.rest.drain(..head);
        let (name, room) = (DisplayName::parse("Deaf").unwrap(), RoomName::parse(room).unwrap());
        deaf.say(&ClientFrame::Hello { version: VERSION, token: None, name: Some(name) });
        assert!(matches!(deaf.frame(), ServerFrame::Welcome { .. }));
        deaf.say(&ClientFrame::Create { reference: Ref(1), room: room.clone() });
        assert!(matches!(deaf.frame(), ServerFrame::Ok { .. }));
        deaf.say(&ClientFrame::Join { reference: Ref(2), room, after: None });
        assert!(matches!(deaf.frame(), ServerFrame::Joined { .. }));
        deaf
    }

    fn say(&mut self, frame: &ClientFrame) {
        let mut out = Vec::new();
        wire::put_frame(&mut out, wire::TEXT, &[&serde_json::to_vec(frame).unwrap()]);
        self.stream.write_all(&out).unwrap();
    }

    fn frame(&mut self) -> ServerFrame {
        let length = self.until(|bytes| Some(wire::next_frame(bytes).unwrap()?.length));
        let bytes: Vec<u8> = self.rest.drain(..length).collect();
        let frame = wire::next_frame(&bytes).unwrap().unwrap();
        serde_json::from_slice(frame.payload).unwrap()
    }

    /// Reads until something is found in what was read.
    fn until<T>(&mut self, found: impl Fn(&[u8]) -> Option<T>) -> T {
        let mut buffer = [0; 4_096];
        loop {
            if let Some(found) = found(&self.rest) {
                return found;
            }
            let read = self.stream.read(&mut buffer).unwrap();
            assert!(read > 0, "the server closed the connection");
            self.rest.extend_from_slice(&buffer[..read]);
        }
    }
}

#[test]
fn one_who_stalls_among_a_thousand_is_closed_and_nobody_else_notices() {
    let settings = [
        UNBOUND,
        &[("MARU_CONNECTION__OUTBOX", "128 KiB"), ("MARU_CHAT__MAX_REPLAY_BYTES", "64 KiB")],
    ]
    .concat();
    let server = Server::start(&settings);
    // The room that a load of this seed is in.
    let deaf = Deaf::join(&server, "load-00000007-0");
    let told = server.figures(
        "fanout --members 999 --seed 7 --body-bytes 4000 --in-flight 16 --senders 8 --duration 4s",
    );
    assert_eq!(told["ended"], 0, "{told}");
    // What the sockets on the way hold and the outbox's budget are a tenth of what was said.
    assert!(told["deliveries"].as_u64() > Some(999 * 100), "{told}");
    let until = Instant::now() + Duration::from_secs(60);
    while !server.has_logged("slow reader") {
        assert!(Instant::now() < until, "the deaf one is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(deaf);
}

#[test]
fn who_comes_and_goes_in_the_middle_of_fan_outs_misses_nothing() {
    let server = Server::start(&[UNBOUND, &[("MARU_SERVER__WORKERS", "2")]].concat());
    let told = server
        .figures("soak --rooms 2 --members 300 --rate 300 --drops 150 --away 20ms --duration 3s");
    assert!(told["replayed"].as_u64() > Some(0), "{told}");
    assert_eq!(told["ended"], 0, "{told}");
}

#[test]
fn a_crowd_in_full_cry_and_a_quiet_room_beside_it_both_get_everything() {
    let server = Server::start(&[UNBOUND, &[("MARU_SERVER__WORKERS", "1")]].concat());
    std::thread::scope(|scope| {
        let loud = scope.spawn(|| {
            server.figures("fanout --members 2000 --in-flight 64 --senders 32 --duration 3s")
        });
        let quiet = server.figures("rooms --rooms 1 --members 3 --rate 40 --duration 5s --seed 99");
        let loud = loud.join().unwrap();
        assert!(loud["deliveries"].as_u64() > Some(2_000), "{loud}");
        assert!(quiet["deliveries"].as_u64() > Some(0), "{quiet}");
    });
}
