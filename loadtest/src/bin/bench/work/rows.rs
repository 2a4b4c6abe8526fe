//! The lines of the tables.

use super::{Bar, Row, Versus};
use crate::{peers::Peer, servers::Kind};

/// Where the figures stand that several lines tell.
const DELIVERY: &str = "/server/cpu_per_delivery";
const MEMORY: &str = "/server/rss_per_connection";
/// And their units.
const PER_DELIVERY: &str = "µs CPU per delivery";
const RSS_EACH: &str = "bytes of RSS each";

fn words(text: &str, seconds: u32) -> Vec<String> {
    let all = format!("{text} --duration {seconds}s");
    all.split_whitespace().map(str::to_owned).collect()
}

/// Maru beside the floor.
pub fn floor(seconds: u32) -> Vec<Row> {
    let words = |text: &str| words(text, seconds);
    let paired = |name, args: &str, kind, most| Row {
        name,
        unit: PER_DELIVERY,
        figure: DELIVERY,
        args: words(args),
        floor: Versus::Server(kind, words(args)),
        bar: Bar::TimesUpTo(most),
    };
    let alone = |name, unit, figure, args: &str, bar| Row {
        name,
        unit,
        figure,
        args: words(args),
        floor: Versus::Nothing,
        bar,
    };
    vec![
        paired("1 room × 100, one in flight", "fanout --members 100", Kind::Floor, 1.2),
        paired("1 room × 1,000, one in flight", "fanout --members 1000", Kind::Floor, 1.1),
        paired("1 room × 5,000, one in flight", "fanout --members 5000", Kind::Floor, 1.1),
        paired(
            "1 room × 1,000, 16 in flight",
            "fanout --members 1000 --in-flight 16 --senders 16",
            Kind::Coalescing,
            1.25,
        ),
        alone(
            "1 room × 1,000, 16 in flight: rate",
            "deliveries a second",
            "/deliveries_per_s",
            "fanout --members 1000 --in-flight 16 --senders 16",
            Bar::From(1_000_000.0),
        ),
        paired("1,000 rooms × 10, 5,000 messages a second", "rooms", Kind::Floor, 2.0),
        alone("10,000 idle, each in a room", RSS_EACH, MEMORY, "idle", Bar::UpTo(4_096.0)),
        Row {
            name: "connect + hello + join",
            unit: "µs CPU each",
            figure: "/server/cpu_per_connect",
            args: words("idle"),
            floor: Versus::Server(Kind::Echo, words("idle")),
            bar: Bar::TimesUpTo(3.0),
        },
        Row {
            name: "acknowledged sends, 100 in flight",
            unit: "a second",
            figure: "/messages_per_s",
            args: words("saturate --in-flight 100"),
            floor: Versus::Maru("one in flight", words("saturate --in-flight 1")),
            bar: Bar::TimesFrom(8.0),
        },
        alone(
            "acknowledged sends, 100 in flight: p99",
            "µs",
            "/answers/p99",
            "saturate --in-flight 100",
            Bar::UpTo(50_000.0),
        ),
        alone(
            "a bystander while 9,980 come back at once: p99",
            "µs",
            "/latency/p99",
            "churn --opening 10000",
            Bar::UpTo(250_000.0),
        ),
        Row {
            name: "a room that nobody is in",
            unit: RSS_EACH,
            figure: "/rss_per_room",
            args: vec!["known".to_owned(), "--rooms".to_owned(), "100000".to_owned()],
            floor: Versus::Nothing,
            bar: Bar::UpTo(300.0),
        },
    ]
}

/// Maru's clients of Socket.IO beside its native ones and those of socket.io. Rooms have one message in
/// flight.
pub fn socketio(seconds: u32) -> Vec<Row> {
    let crowd = |members: u32, dialect: &str| {
        words(&format!("fanout --members {members} --dialect {dialect}"), seconds)
    };
    let npm = |dialect| Versus::Server(Kind::Peer(Peer::SocketIo), crowd(1_000, dialect));
    let delivery = |name, args, floor, bar| Row {
        name,
        unit: PER_DELIVERY,
        figure: DELIVERY,
        args,
        floor,
        bar,
    };
    let (websocket, polling) = ("maru-socketio", "maru-polling");
    // Rooms in which all members are of one kind, as many as there are of it in the mixed room.
    let mixed = |name, members: u32, kinds: &[&str]| {
        let each = members / u32::try_from(kinds.len()).unwrap_or(1);
        let parts = kinds.iter().map(|kind| crowd(each, kind)).collect();
        let args = crowd(members, &kinds.join(","));
        delivery(name, args, Versus::Parts(parts), Bar::TimesWithin(0.95, 1.05))
    };
    vec![
        delivery(
            "1,000 by Socket.IO, WebSocket",
            crowd(1_000, websocket),
            Versus::Maru("native", crowd(1_000, "maru")),
            Bar::TimesUpTo(1.15),
        ),
        delivery(
            "1,000 by Socket.IO, WebSocket",
            crowd(1_000, websocket),
            npm("socketio"),
            Bar::TimesUpTo(0.55),
        ),
        delivery(
            "1,000 by Socket.IO, long-polling",
            crowd(1_000, polling),
            npm("socketio-polling"),
            Bar::TimesUpTo(0.5),
        ),
        mixed("500 native, 500 by Socket.IO, WebSocket", 1_000, &["maru", websocket]),
        mixed(
            "333 native, 333 by Socket.IO, WebSocket, 333 by long-polling",
            999,
            &["maru", websocket, polling],
        ),
        Row {
            name: "10,000 idle by Socket.IO, WebSocket, in rooms of ten",
            unit: RSS_EACH,
            figure: MEMORY,
            args: words("idle --dialect maru-socketio", seconds),
            floor: Versus::Nothing,
            bar: Bar::UpTo(4_096.0),
        },
    ]
}
