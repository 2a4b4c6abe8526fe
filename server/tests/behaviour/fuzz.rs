//! Whatever comes, the server neither falls nor leaves an answer out, and others notice nothing.
//! One server takes all cases; its harness fails the test when its log has a panic.

use std::{collections::HashMap, time::Duration};

use maru_protocol::{
    Body, ClientFrame, Description, DisplayName, Emoji, Epoch, FileId, MessageId, Position, Ref,
    RoomName, Seq, ServerFrame, Topic, UserId,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tokio::{io::AsyncWriteExt, runtime::Runtime, sync::Mutex, time::timeout};
use uuid::Uuid;

use crate::{
    client::{Client, Ended, room},
    process::Server,
    raw::{frame, header},
    support::socketio::{Socket, TRANSPORTS},
};

const SETTINGS: [(&str, &str); 4] = [
    ("MARU_CONNECTION__RATE", "10000"),
    ("MARU_CONNECTION__BURST", "100000"),
    ("MARU_CHAT__MAX_ROOMS_PER_SESSION", "3"),
    ("MARU_CHAT__MAX_REPLAY", "20"),
];

/// A server, and somebody who talks on it whatever others do.
struct Stage {
    runtime: Runtime,
    server: Server,
    bystander: Mutex<Client>,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = Server::start(&SETTINGS);
        let bystander = runtime.block_on(async {
            let mut bystander = server.guest("Bystander").await;
            bystander.create("next door").await;
            bystander.join("next door", None).await;
            bystander
        });
        Self { runtime, server, bystander: Mutex::new(bystander) }
    }

    async fn converses(&self) {
        let mut bystander = self.bystander.lock().await;
        let seq = bystander.say("next door", "is it quiet over there?").await;
        // What strangers said there comes before it.
        while bystander.entry("next door").await.seq < seq {}
    }

    fn run<S: Strategy>(
        &self,
        cases: u32,
        strategy: S,
        case: impl AsyncFn(S::Value) -> Result<(), TestCaseError>,
    ) {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let done = TestRunner::new(config).run(&strategy, |value| {
            self.runtime.block_on(async {
                case(value).await?;
                self.converses().await;
                Ok(())
            })
        });
        if let Err(error) = done {
            panic!("{error}");
        }
    }
}

/// Bytes for the socket: noise, frames of any kind, and headers that promise.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let json = prop_oneof![
        Just(br#"{"type":"ping"}"#.to_vec()),
        Just(br#"{"type":"hello","version":1,"name":"Fuzz"}"#.to_vec()),
        Just(br#"{"type":"join","ref":1,"room":"lobby"}"#.to_vec()),
        r#"\{"type":"(join|send|rooms)","ref":[0-9]{1,12},"[a-z]{1,5}":.{0,20}\}"#
            .prop_map(String::into_bytes),
    ];
    let payload = prop_oneof![vec(any::<u8>(), 0..300), json];
    // The opcodes that exist come often enough to get somewhere.
    let first = prop_oneof![
        3 => select(vec![0x81_u8, 0x01, 0x00, 0x80, 0x89, 0x8a]),
        1 => select(vec![0x82_u8, 0x02, 0x88]),
        1 => any::<u8>(),
    ];
    let framed = (first.clone(), payload).prop_map(|(first, payload)| frame(first, &payload));
    let promise = (first, any::<u64>()).prop_map(|(first, length)| header(first, length));
    prop_oneof![8 => framed, 1 => promise, 1 => vec(any::<u8>(), 0..200)]
}

#[test]
fn no_bytes_break_the_server() {
    let stage = Stage::new();
    stage.run(300, (any::<bool>(), vec(bytes(), 1..20)), async |(greeted, chunks)| {
        let mut client = stage.server.connect().await;
        if greeted {
            client.hello("Fuzz").await;
        }
        for chunk in chunks {
            // The server may have closed meanwhile: the rest is not to its taste.
            if client.raw().write_all(&chunk).await.is_err() {
                break;
            }
        }
        let _ = client.raw().shutdown().await;
        // It ends, in whatever way: the server lets nobody hang.
        let end = timeout(Duration::from_secs(15), client.drained()).await;
        prop_assert!(end.is_ok(), "the connection never ended");
        Ok(())
    });
}

fn a_room() -> impl Strategy<Value = RoomName> {
    select(vec!["lobby", "LOBBY", "방", "one", "two", "three", "next door"]).prop_map(room)
}

fn a_seq() -> impl Strategy<Value = Seq> {
    prop_oneof![0..40_u64, Just(Seq::MAX.get())].prop_map(|number| Seq::new(number).unwrap())
}

/// Any frame with a right form. Refs are given when it is sent.
fn any_frame() -> impl Strategy<Value = ClientFrame> {
    let reference = Ref(0);
    let hello = (option::of(Just("forged".to_owned())), option::of("[a-z]{1,8}"), 1..20_u32)
        .prop_map(|(token, name, version)| ClientFrame::Hello {
            // Another version ends the connection: seldom.
            version: if version == 19 { 2 } else { 1 },
            token,
            name: name.map(|name| DisplayName::parse(&name).unwrap()),
        });
    let after = option::of((any::<u128>(), a_seq())).prop_map(|position| {
        position.map(|(epoch, seq)| Position { epoch: Epoch(Uuid::from_u128(epoch)), seq })
    });
    // Few ids: retries, and other people's ids, come up.
    let id = (0..30_u128).prop_map(|id| MessageId(Uuid::from_u128(id)));
    let any_id = id.clone();
    let body = "[a-z가-힣 ]{1,200}x".prop_map(|text| Body::parse(text).unwrap());
    let query = option::of("[a-z%_']{0,4}");
    let text = body.clone();
    let send = (a_room(), id.clone(), option::of(body), option::of(a_seq()), 0..9_u8).prop_map(
        move |(room, id, body, reply_to, more)| {
            let odd = ["nobody", "", "a\0b", "guest-%"].map(|id| UserId(id.to_owned()));
            // Some of them more than there can be.
            let count = if more == 7 { 1 + id.0.as_u128() as usize * 5 } else { 0 };
            let mentions = odd.iter().cycle().take(count).cloned().collect();
            let files = if more == 8 { vec![FileId(Uuid::nil())] } else { Vec::new() };
            ClientFrame::Send { reference, room, id, body, reply_to, mentions, files }
        },
    );
    let face = select(vec!["👍", "❤️", "😀", "🇰🇷"]);
    let face = face.prop_map(|face| Emoji::parse(face.to_owned()).unwrap());
    let changes = prop_oneof![
        2 => (a_room(), id.clone(), a_seq(), text).prop_map(move |(room, id, target, body)| {
            ClientFrame::Edit { reference, room, id, target, body, mentions: Vec::new() }
        }),
        1 => (a_room(), id.clone(), a_seq()).prop_map(move |(room, id, target)| {
            ClientFrame::Delete { reference, room, id, target }
        }),
        4 => (a_room(), id.clone(), a_seq(), face, any::<bool>()).prop_map(
            move |(room, id, target, emoji, on)| {
                ClientFrame::React { reference, room, id, target, emoji, on }
            }
        ),
        2 => (a_room(), id.clone(), a_seq(), any::<bool>()).prop_map(
            move |(room, id, target, on)| ClientFrame::Pin { reference, room, id, target, on }
        ),
        1 => (a_room(), id, "[a-z ]{0,20}", "[a-z\n]{0,20}").prop_map(
            move |(room, id, topic, description)| {
                let topic = Topic::parse(&topic).unwrap();
                let description = Description::parse(&description).unwrap();
                ClientFrame::Topic { reference, room, id, topic, description }
            }
        ),
        1 => a_room().prop_map(move |room| ClientFrame::Pinned { reference, room }),
        1 => (a_room(), vec(a_seq(), 0..5)).prop_map(
            move |(room, targets)| ClientFrame::OwnReactions { reference, room, targets }
        ),
    ];
    prop_oneof![
        6 => changes,
        1 => hello,
        4 => (a_room(), after)
            .prop_map(move |(room, after)| ClientFrame::Join { reference, room, after }),
        2 => a_room().prop_map(move |room| ClientFrame::Leave { reference, room }),
        1 => a_room().prop_map(move |room| ClientFrame::Create { reference, room }),
        6 => send,
        2 => (a_room(), option::of(a_seq()), option::of(a_seq()), option::of(0..200_u32))
            .prop_map(move |(room, before, after, limit)| {
                ClientFrame::History { reference, room, before, after, around: None, limit }
            }),
        1 => (a_room(), any_id, option::of(0..200_u32)).prop_map(move |(room, id, limit)| {
            let (before, after, around) = (None, None, Some(id));
            ClientFrame::History { reference, room, before, after, around, limit }
        }),
        1 => (query, option::of(any::<bool>()))
            .prop_map(move |(query, watch)| ClientFrame::Rooms { reference, query, watch, more: None }),
        2 => (a_room(), any::<bool>()).prop_map(|(room, on)| ClientFrame::Typing { room, on }),
        3 => (a_room(), a_seq()).prop_map(|(room, seq)| ClientFrame::Read { room, seq }),
        2 => vec(a_room(), 0..5)
            .prop_map(move |rooms| ClientFrame::Unread { reference, rooms }),
        2 => (a_room(), option::of(".{0,6}"))
            .prop_map(move |(room, query)| ClientFrame::Members { reference, room, query }),
        1 => Just(ClientFrame::Ping),
    ]
}

/// Gives a frame its `ref`, if it is of a kind that has one.
fn with_ref(frame: ClientFrame, fresh: Ref) -> (ClientFrame, Option<Ref>) {
    if frame.reference().is_none() {
        return (frame, None);
    }
    let mut value = serde_json::to_value(&frame).unwrap();
    value["ref"] = fresh.0.into();
    (serde_json::from_value(value).unwrap(), Some(fresh))
}

#[test]
fn any_order_of_frames_gets_one_answer_each() {
    let stage = Stage::new();
    stage.run(150, (any::<bool>(), vec(any_frame(), 1..60)), async |(greeted, frames)| {
        let mut client = stage.server.connect().await;
        if greeted {
            client.hello("Fuzz").await;
        }
        let mut asked: HashMap<Ref, u32> = HashMap::new();
        let mut pings = 0;
        for (n, frame) in (1..).zip(frames) {
            let (frame, reference) = with_ref(frame, Ref(n));
            asked.extend(reference.map(|reference| (reference, 0)));
            pings += u32::from(matches!(frame, ClientFrame::Ping));
            if client.try_send(&frame).await.is_err() {
                break;
            }
        }
        // Until every answer is there; then one more round trip, which brings none.
        let (mut pongs, mut left, mut last) = (0, asked.len(), false);
        loop {
            if left == 0 && pongs == pings {
                if last {
                    break;
                }
                last = true;
                pings += 1;
                let _ = client.try_send(&ClientFrame::Ping).await;
            }
            let frame = match client.receive().await {
                Ok(frame) => frame,
                // Only for a version that is not spoken here; what came before it was answered.
                Err(Ended::Closed(1008, _)) => break,
                Err(ended) => return Err(TestCaseError::fail(format!("{ended:?}"))),
            };
            pongs += u32::from(matches!(frame, ServerFrame::Pong));
            if let Some(reference) = frame.reference() {
                let Some(answers) = asked.get_mut(&reference) else {
                    return Err(TestCaseError::fail(format!("nobody asked for {frame:?}")));
                };
                *answers += 1;
                prop_assert_eq!(*answers, 1, "a second answer: {:?}", frame);
                left -= 1;
            }
        }
        Ok(())
    });
}

/// Packets of Engine.IO and Socket.IO: right ones, nearly right ones, and noise.
fn packet() -> impl Strategy<Value = String> {
    let right = select(vec![
        r#"40{"version":1,"name":"Fuzz"}"#,
        r#"40{"version":1,"recover":true,"pid":"x","offset":"AQ"}"#,
        "40",
        "41",
        "3",
        "6",
        "5",
        "2probe",
        r#"420["join","lobby"]"#,
        r#"42["send",{"room":"lobby","body":"x"}]"#,
        r#"42["chat message","x"]"#,
        r#"451-1["send",{"room":"lobby","files":[{"_placeholder":true,"num":0}]}]"#,
        "bAQID",
        r#"430["x"]"#,
    ]);
    let nearly = "4[0-9]?[0-9]{0,3}-?(/[a-z]{0,3},)?[0-9]{0,20}(\\[\"[a-z_]{0,8}\",.{0,20}\\]|\\{.{0,10}\\}|.{0,20})";
    prop_oneof![
        6 => right.prop_map(str::to_owned),
        4 => nearly,
        1 => ".{0,40}",
    ]
}

#[test]
fn no_packets_of_socket_io_break_the_server() {
    let stage = Stage::new();
    let transport = select(TRANSPORTS.to_vec());
    let cases = (transport, any::<bool>(), vec(packet(), 1..12));
    stage.run(300, cases, async |(transport, together, packets)| {
        let mut socket = Socket::open(stage.server.http, transport).await;
        let packets: Vec<&str> = packets.iter().map(String::as_str).collect();
        let bodies: Vec<&[&str]> =
            if together { vec![&packets] } else { packets.chunks(1).collect() };
        for body in bodies {
            // The server may have closed meanwhile: the rest is not to its taste.
            if socket.try_send(body).await.is_err() {
                break;
            }
        }
        // It ends when the client closes, if it did not before.
        let _ = socket.try_send(&["1"]).await;
        let end = timeout(Duration::from_secs(15), socket.ended()).await;
        prop_assert!(end.is_ok(), "the connection never ended");
        Ok(())
    });
}
