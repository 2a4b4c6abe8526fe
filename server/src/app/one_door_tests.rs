//! Whatever is asked of a server, on whichever wire, the policy is asked of it: walks all frames and
//! all routes of a real server.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::System;
use futures_util::{SinkExt, StreamExt};
use maru_engine::Actor;
use maru_protocol::{
    Body, ClientFrame, Description, DisplayName, Emoji, MessageId, Query, Ref, RoomName, Seq,
    Topic, VERSION,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};
use uuid::Uuid;

use super::{Running, start};
use crate::{
    journal::RoomId,
    services::access::{Action, Policy, PublishKind},
    settings::{Settings, Variables},
};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A policy that notes what it is asked, and says no when it is told to.
#[derive(Default)]
struct Recorder {
    denies: AtomicBool,
    asked: Mutex<Vec<Action>>,
}

impl Policy for Recorder {
    fn allows(&self, _: &Actor, action: Action, _: Option<RoomId>) -> bool {
        self.asked.lock().unwrap().push(action);
        !self.denies.load(Ordering::SeqCst)
    }
}

impl Recorder {
    fn deny(&self, on: bool) {
        self.denies.store(on, Ordering::SeqCst);
    }

    /// What was asked since.
    fn take(&self) -> Vec<Action> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// What has to be asked before a frame is answered: one action, but for `read`, which is two things.
/// A frame that is added does not compile without its line here.
fn asked_by(frame: &ClientFrame) -> &'static [Action] {
    use Action::Publish;
    match frame {
        // Nothing of rooms.
        ClientFrame::Hello { .. } | ClientFrame::Ping => &[],
        ClientFrame::Join { .. } => &[Action::Join],
        ClientFrame::Leave { .. } => &[Action::Leave],
        ClientFrame::Create { .. } => &[Action::CreateRoom],
        ClientFrame::Send { .. } => &[Publish(PublishKind::Message)],
        ClientFrame::Edit { .. } => &[Publish(PublishKind::Edit)],
        ClientFrame::Delete { .. } => &[Publish(PublishKind::Delete)],
        ClientFrame::React { .. } => &[Publish(PublishKind::React)],
        ClientFrame::Pin { .. } => &[Publish(PublishKind::Pin)],
        ClientFrame::Topic { .. } => &[Publish(PublishKind::Topic)],
        ClientFrame::Pinned { .. } => &[Action::ReadPinned],
        ClientFrame::OwnReactions { .. } => &[Action::ReadOwnReactions],
        ClientFrame::History { .. } => &[Action::ReadHistory],
        ClientFrame::Rooms { watch: Some(true), .. } => &[Action::WatchRooms],
        ClientFrame::Rooms { .. } => &[Action::ListRooms],
        ClientFrame::Read { .. } => &[Action::BecomeMember, Action::MoveReadPosition],
        ClientFrame::Unread { .. } => &[Action::ReadPositions],
        ClientFrame::Members { .. } => &[Action::ReadMembers],
        ClientFrame::Search { .. } => &[Action::Search],
        ClientFrame::Typing { .. } => &[Action::Type],
    }
}

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// All that can be said, in an order in which a server takes it: somebody is in the room `door`, its
/// entry 1 is their message, and there is a room `other`. `made` is a room that there is not yet.
#[allow(clippy::too_many_lines)] // one list
fn frames(made: &str) -> Vec<ClientFrame> {
    let mut numbers = 100_u32..;
    let mut next = || Ref(numbers.next().unwrap());
    let id = || MessageId(Uuid::now_v7());
    let (door, target) = (room("door"), seq(1));
    let body = |text: &str| Body::parse(text.to_owned()).unwrap();
    let rooms = |reference, watch| ClientFrame::Rooms { reference, query: None, watch };
    let search = |reference, room| ClientFrame::Search {
        reference,
        query: Query::parse("hello").unwrap(),
        room,
        more: None,
    };
    vec![
        ClientFrame::Ping,
        ClientFrame::Create { reference: next(), room: room(made) },
        ClientFrame::Join { reference: next(), room: room("other"), after: None },
        ClientFrame::Leave { reference: next(), room: room("other") },
        ClientFrame::say(next(), door.clone(), id(), body("hello again")),
        ClientFrame::Edit {
            reference: next(),
            room: door.clone(),
            id: id(),
            target,
            body: body("hello, edited"),
            mentions: Vec::new(),
        },
        ClientFrame::React {
            reference: next(),
            room: door.clone(),
            id: id(),
            target,
            emoji: Emoji::parse("👍".to_owned()).unwrap(),
            on: true,
        },
        ClientFrame::Pin { reference: next(), room: door.clone(), id: id(), target, on: true },
        ClientFrame::Topic {
            reference: next(),
            room: door.clone(),
            id: id(),
            topic: Topic::parse(made).unwrap(),
            description: Description::parse("").unwrap(),
        },
        ClientFrame::Pinned { reference: next(), room: door.clone() },
        ClientFrame::OwnReactions { reference: next(), room: door.clone(), targets: vec![target] },
        ClientFrame::History {
            reference: next(),
            room: door.clone(),
            before: None,
            after: None,
            around: None,
            limit: None,
        },
        search(next(), Some(door.clone())),
        search(next(), None),
        rooms(next(), None),
        rooms(next(), Some(true)),
        rooms(next(), Some(false)),
        ClientFrame::Read { room: door.clone(), seq: target },
        ClientFrame::Unread { reference: next(), rooms: vec![door.clone()] },
        ClientFrame::Members { reference: next(), room: door.clone(), query: Some("M".into()) },
        ClientFrame::Typing { room: door.clone(), on: true },
        ClientFrame::Delete { reference: next(), room: door, id: id(), target },
    ]
}

/// The `type` of every frame that the protocol has, as its own decoder names them.
fn types() -> BTreeSet<String> {
    let why = serde_json::from_str::<ClientFrame>(r#"{"type":"?"}"#).unwrap_err().to_string();
    let (_, names) = why.split_once("expected one of").unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn type_of(frame: &ClientFrame) -> String {
    serde_json::to_value(frame).unwrap()["type"].as_str().unwrap().to_owned()
}

/// Somebody with a connection.
struct Client {
    socket: WebSocketStream<TcpStream>,
    token: String,
    ticket: String,
}

impl Client {
    async fn hello(server: SocketAddr, name: &str) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        let (socket, _) = client_async(format!("ws://{server}/ws"), stream).await.unwrap();
        let mut client = Self { socket, token: String::new(), ticket: String::new() };
        let name = Some(DisplayName::parse(name).unwrap());
        client.say(&ClientFrame::Hello { version: VERSION, token: None, name }).await;
        let welcome = client.next().await;
        let text = |key: &str| welcome[key].as_str().unwrap().to_owned();
        (client.token, client.ticket) = (text("token"), text("ticket"));
        client
    }

    async fn say(&mut self, frame: &ClientFrame) {
        let text = serde_json::to_string(frame).unwrap();
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("an answer");
            if let Message::Text(text) = next.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The answer to a frame. What has none is followed by a `ping`: an error before the `pong` is
    /// its answer.
    async fn ask(&mut self, frame: &ClientFrame) -> Value {
        self.say(frame).await;
        let reference = frame.reference().map(|it| serde_json::to_value(it).unwrap());
        if reference.is_none() && *frame != ClientFrame::Ping {
            self.say(&ClientFrame::Ping).await;
        }
        loop {
            let answer = self.next().await;
            let fits = match &reference {
                Some(reference) => answer["ref"] == *reference,
                None => answer["type"] == "pong" || answer["type"] == "error",
            };
            if fits && answer["type"] == "error" && reference.is_none() {
                assert_eq!(self.next().await["type"], "pong");
            }
            if fits {
                return answer;
            }
        }
    }

    /// What came until now.
    async fn seen(&mut self) -> Vec<String> {
        self.say(&ClientFrame::Ping).await;
        let mut seen = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "pong" {
                return seen;
            }
            seen.push(frame["type"].as_str().unwrap().to_owned());
        }
    }
}

/// One request on a connection of its own: status and body.
async fn http(server: SocketAddr, method: &str, target: &str, token: &str) -> (u16, String) {
    let body = if method == "POST" { "some bytes" } else { "" };
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nAuthorization: Bearer \
         {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer").unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// A request of each route, and what has to be asked before it is answered. Nothing for what reads
/// and writes nothing of rooms.
fn request(route: &str, file: &str, ticket: &str) -> (String, &'static [Action]) {
    let fetch = format!("{file}?ticket={ticket}");
    let (target, asked): (&str, &[Action]) = match route {
        "GET /healthz" | "GET /readyz" | "GET /api/v1/info" | "GET /api/v1/openapi.json" => {
            (route.split_once(' ').unwrap().1, &[])
        }
        // The handshake alone; what is said on it are frames.
        "GET /ws" => ("/ws", &[]),
        "GET /api/v1/rooms" => ("/api/v1/rooms", &[Action::ListRooms]),
        "GET /api/v1/rooms/{room}/messages" => {
            ("/api/v1/rooms/door/messages", &[Action::ReadHistory])
        }
        "GET /api/v1/search" => ("/api/v1/search?room=door&query=hello", &[Action::Search]),
        "POST /api/v1/rooms/{room}/files" => {
            ("/api/v1/rooms/door/files?name=a.txt", &[Action::UploadFile])
        }
        "GET /api/v1/files/{id}" | "HEAD /api/v1/files/{id}" => {
            return (format!("/api/v1/files/{fetch}"), &[Action::DownloadFile]);
        }
        "GET /api/v1/files/{id}/{name}" => {
            let target = format!("/api/v1/files/{}", fetch.replace('?', "/a.txt?"));
            return (target, &[Action::DownloadFile]);
        }
        unknown => panic!("{unknown} is a route that this test knows nothing of"),
    };
    (target.to_owned(), asked)
}

/// The routes that the server describes, those that it does not, and whatever else is written where
/// routes are made.
async fn routes(server: SocketAddr) -> BTreeSet<String> {
    let (_, document) = http(server, "GET", "/api/v1/openapi.json", "").await;
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut routes = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert!(routes.len() >= 6, "{routes:?}");
    let undescribed = [
        "GET /healthz",
        "GET /readyz",
        "GET /ws",
        "GET /api/v1/openapi.json",
        "GET /api/v1/files/{id}/{name}",
        "HEAD /api/v1/files/{id}",
    ];
    routes.extend(undescribed.map(str::to_owned));
    for path in include_str!("../transport/http/mod.rs").split('"').skip(1).step_by(2) {
        let scope = path == "/api/v1";
        let known = routes.iter().any(|route| route.ends_with(path));
        assert!(scope || known || !path.starts_with('/'), "{path} is a route and not in the walk");
    }
    routes
}

/// A server with a room `door`, in which somebody said hello, and a room `other`.
struct Scene {
    running: Running,
    policy: Arc<Recorder>,
    client: Client,
    file: String,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let variables: Variables = [
            ("MARU_HTTP__HOST", "127.0.0.1".to_owned()),
            ("MARU_HTTP__PORT", "0".to_owned()),
            ("MARU_METRICS__ENABLED", "false".to_owned()),
            ("MARU_FRONTEND__DIR", String::new()),
            ("MARU_JOURNAL__PATH", path("journal.db")),
            ("MARU_FILES__PATH", path("files")),
            ("MARU_AUTH__SECRET", "a secret of thirty-two bytes and more".to_owned()),
            ("MARU_SERVER__WORKERS", "2".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        let settings = Settings::load(&variables).unwrap();
        let policy = Arc::new(Recorder::default());
        let running = start(settings, policy.clone()).await.unwrap();
        let server = running.addresses.http;
        let mut client = Client::hello(server, "Min").await;
        for (number, name) in [(1, "door"), (2, "other")] {
            let (reference, room) = (Ref(number), room(name));
            client.ask(&ClientFrame::Create { reference, room }).await;
        }
        let (reference, door) = (Ref(3), room("door"));
        let join = ClientFrame::Join { reference, room: door.clone(), after: None };
        assert_eq!(client.ask(&join).await["type"], "joined");
        let (id, body) = (MessageId(Uuid::now_v7()), Body::parse("hello".to_owned()).unwrap());
        let sent = client.ask(&ClientFrame::say(Ref(4), door, id, body)).await;
        assert_eq!(sent["seq"], 1);
        let (_, stored) =
            http(server, "POST", "/api/v1/rooms/door/files?name=a.txt", &client.token).await;
        let stored: Value = serde_json::from_str(&stored).unwrap();
        let file = stored["id"].as_str().unwrap().to_owned();
        policy.take();
        Self { running, policy, client, file, _folder: folder }
    }

    fn server(&self) -> SocketAddr {
        self.running.addresses.http
    }

    /// Every route once: what it asked, its status and its body.
    async fn walk_routes(&self) -> Vec<(String, &'static [Action], Vec<Action>, u16, String)> {
        let mut walked = Vec::new();
        for route in routes(self.server()).await {
            let (method, _) = route.split_once(' ').unwrap();
            let (target, expected) = request(&route, &self.file, &self.client.ticket);
            self.policy.take();
            let (status, body) = http(self.server(), method, &target, &self.client.token).await;
            walked.push((route, expected, self.policy.take(), status, body));
        }
        walked
    }

    /// Files that were stored.
    fn stored(&self) -> u64 {
        self.running.state.services.metrics.uploads.with_label_values(&["stored"]).get()
    }
}

#[test]
fn every_frame_has_a_sample() {
    let mut sampled: BTreeSet<String> = frames("new").iter().map(type_of).collect();
    // The first frame of each connection here.
    sampled.insert("hello".to_owned());
    assert_eq!(sampled, types());
}

#[test]
fn every_frame_and_route_asks_the_policy() {
    System::new().block_on(async {
        let mut scene = Scene::set().await;
        let greeted = Client::hello(scene.server(), "Ben").await;
        assert_eq!(scene.policy.take(), [], "hello reads nothing of rooms");
        drop(greeted);
        for frame in frames("made") {
            let answer = scene.client.ask(&frame).await;
            assert_ne!(answer["type"], "error", "{frame:?}: {answer}");
            assert_eq!(scene.policy.take(), asked_by(&frame), "{frame:?}");
        }
        for (route, expected, asked, status, body) in scene.walk_routes().await {
            assert_eq!(asked, expected, "{route}: {status} {body}");
            let handshake = route == "GET /ws" && status == 426;
            assert!((200..300).contains(&status) || handshake, "{route}: {status} {body}");
        }
        scene.running.stop().await;
    });
}

#[test]
fn what_the_policy_denies_is_neither_read_nor_written() {
    System::new().block_on(async {
        let mut scene = Scene::set().await;
        let mut witness = Client::hello(scene.server(), "Ben").await;
        let history = ClientFrame::History {
            reference: Ref(10),
            room: room("door"),
            before: None,
            after: None,
            around: None,
            limit: None,
        };
        let look = [
            ClientFrame::Join { reference: Ref(11), room: room("door"), after: None },
            ClientFrame::Rooms { reference: Ref(12), query: None, watch: None },
            ClientFrame::Unread { reference: Ref(13), rooms: vec![room("door")] },
            ClientFrame::Pinned { reference: Ref(14), room: room("door") },
            history,
        ];
        // Who is in the room and watches the directory is told of what happens.
        witness.ask(&look[0]).await;
        let watch = Some(true);
        witness.ask(&ClientFrame::Rooms { reference: Ref(1), query: None, watch }).await;
        let mut before = Vec::new();
        for frame in &look {
            before.push(scene.client.ask(frame).await);
        }
        let stored = scene.stored();
        // What their coming made of presence.
        tokio::time::sleep(Duration::from_millis(500)).await;
        witness.seen().await;
        scene.client.seen().await;
        scene.policy.take();

        scene.policy.deny(true);
        for frame in frames("denied") {
            let expected = asked_by(&frame);
            let answer = scene.client.ask(&frame).await;
            let asked = scene.policy.take();
            assert_eq!(asked, expected[..expected.len().min(1)], "{frame:?}: asked until the no");
            assert_eq!(answer["type"] == "error", !expected.is_empty(), "{frame:?}: {answer}");
        }
        for (route, expected, asked, status, body) in scene.walk_routes().await {
            assert_eq!(asked, expected, "{route}: {status} {body}");
            if !expected.is_empty() {
                assert!((400..500).contains(&status), "{route}: {status} {body}");
                assert!(!body.contains("hello") && !body.contains("some bytes"), "{route}: {body}");
            }
        }

        scene.policy.deny(false);
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(witness.seen().await, Vec::<String>::new(), "nobody was told of anything");
        for (frame, before) in look.iter().zip(before) {
            assert_eq!(scene.client.ask(frame).await, before, "{frame:?}");
        }
        assert_eq!(scene.stored(), stored);
        scene.running.stop().await;
    });
}
