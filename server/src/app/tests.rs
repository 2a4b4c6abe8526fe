//! Whatever is asked of a server, on whichever wire, the policy is asked of it: walks all frames and
//! all routes of a real server.

mod client;
mod empty_rooms;
mod frames;
mod routes;
mod socketio;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix::System;
use maru_engine::{Actor, Answer};
use maru_protocol::{Body, ClientFrame, DisplayName, MessageId, Ref, User, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use self::{
    client::{Client, DOORS, Door},
    frames::{asked_by, frames, room, seq, type_of, types},
    routes::{http, request, routes},
};
use super::{Running, start};
use crate::{
    journal::RoomId,
    services::{
        Draft, MessageDraft, PublishRequest, ServiceError,
        access::{Action, Policy, PublishKind},
    },
    settings::{Settings, Variables},
};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A policy that notes what it is asked, and says no to what it is told to.
#[derive(Default)]
struct Recorder {
    denies: Mutex<Denies>,
    asked: Mutex<Vec<Action>>,
}

#[derive(Clone, Copy, Default)]
enum Denies {
    #[default]
    Nothing,
    Everything,
    Only(Action),
}

impl Policy for Recorder {
    fn allows(&self, _: &Actor, action: Action, _: Option<RoomId>) -> bool {
        self.asked.lock().unwrap().push(action);
        match *self.denies.lock().unwrap() {
            Denies::Nothing => true,
            Denies::Everything => false,
            Denies::Only(denied) => action != denied,
        }
    }
}

impl Recorder {
    fn deny(&self, denies: Denies) {
        *self.denies.lock().unwrap() = denies;
    }

    /// What was asked since.
    fn take(&self) -> Vec<Action> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
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
    async fn set(door: Door) -> Self {
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
        let mut client = Client::hello(server, door, "Min").await;
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

    /// What the client is answered, but for the `ref`.
    async fn finds(&mut self, frames: &[ClientFrame]) -> Vec<Value> {
        let mut found = Vec::new();
        for frame in frames {
            let mut answer = self.client.ask(frame).await;
            answer.as_object_mut().unwrap().remove("ref");
            found.push(answer);
        }
        found
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
        for door in DOORS {
            let mut scene = Scene::set(door).await;
            let greeted = Client::hello(scene.server(), door, "Ben").await;
            assert_eq!(scene.policy.take(), [], "hello reads nothing of rooms");
            drop(greeted);
            for frame in frames("made") {
                let answer = scene.client.ask(&frame).await;
                assert_ne!(answer["type"], "error", "{door:?} {frame:?}: {answer}");
                assert_eq!(scene.policy.take(), asked_by(&frame), "{door:?} {frame:?}");
            }
            for (route, expected, asked, status, body) in scene.walk_routes().await {
                assert_eq!(asked, expected, "{route}: {status} {body}");
                let handshake = route == "GET /ws" && status == 426;
                assert!((200..300).contains(&status) || handshake, "{route}: {status} {body}");
            }
            scene.running.stop().await;
        }
    });
}

#[test]
fn a_service_publishes_without_a_session_through_the_same_door() {
    System::new().block_on(async {
        let mut scene = Scene::set(Door::Native).await;
        let services = scene.running.state.services.clone();
        let name = DisplayName::parse("Build").unwrap();
        let build = Actor::Service(User { id: UserId("build".to_owned()), name });
        let publish = async |text: &str| {
            let body = Some(Body::parse(text.to_owned()).unwrap());
            let what = Draft::Message(MessageDraft { body, ..MessageDraft::default() });
            let request = PublishRequest { id: MessageId(Uuid::now_v7()), what };
            services.publish_and_wait(build.clone(), &room("door"), request).await
        };
        let answer = publish("main is green").await.unwrap();
        assert_eq!(scene.policy.take(), [Action::Publish(PublishKind::Message)]);
        assert!(matches!(answer, Answer::Sent { seq: sent, .. } if sent == seq(2)), "{answer:?}");
        // The scene's own message comes before it.
        assert_eq!(scene.client.next_of("entry").await["seq"], json!(1));
        let entry = scene.client.next_of("entry").await;
        assert_eq!(
            (&entry["body"], &entry["sender"]["name"]),
            (&json!("main is green"), &json!("Build"))
        );

        scene.policy.deny(Denies::Everything);
        let denied = publish("main is red").await;
        assert!(matches!(denied, Err(ServiceError::RoomNotFound(_))), "{denied:?}");
        scene.policy.deny(Denies::Nothing);
        let sent = publish("main is green again").await.unwrap();
        assert!(matches!(sent, Answer::Sent { seq: sent, .. } if sent == seq(3)), "{sent:?}");
        scene.running.stop().await;
    });
}

#[test]
fn what_the_policy_denies_is_neither_read_nor_written() {
    for door in DOORS {
        System::new().block_on(deny(door));
    }
}

/// What somebody finds who looks at everything.
fn look() -> [ClientFrame; 5] {
    let history = ClientFrame::History {
        reference: Ref(10),
        room: room("door"),
        before: None,
        after: None,
        around: None,
        limit: None,
    };
    [
        ClientFrame::Join { reference: Ref(11), room: room("door"), after: None },
        ClientFrame::Rooms { reference: Ref(12), query: None, watch: None, more: None },
        ClientFrame::Unread { reference: Ref(13), rooms: vec![room("door")] },
        ClientFrame::Pinned { reference: Ref(14), room: room("door") },
        history,
    ]
}

async fn deny(door: Door) {
    let mut scene = Scene::set(door).await;
    let mut witness = Client::hello(scene.server(), Door::Native, "Ben").await;
    let look = look();
    // Who is in the room and watches the directory is told of what happens.
    witness.ask(&look[0]).await;
    let watch = Some(true);
    witness.ask(&ClientFrame::Rooms { reference: Ref(1), query: None, watch, more: None }).await;
    let before = scene.finds(&look).await;
    let stored = scene.stored();
    // What their coming made of presence.
    tokio::time::sleep(Duration::from_millis(500)).await;
    witness.seen().await;
    scene.client.seen().await;
    scene.policy.take();

    scene.policy.deny(Denies::Everything);
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

    // Each of the two things that `read` asks for is asked for in earnest.
    scene.policy.deny(Denies::Only(Action::MoveReadPosition));
    let read = ClientFrame::Read { room: room("door"), seq: seq(1) };
    assert_eq!(scene.client.ask(&read).await["type"], "error");

    scene.policy.deny(Denies::Nothing);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(witness.seen().await, Vec::<String>::new(), "nobody was told of anything");
    assert_eq!(scene.finds(&look).await, before);
    assert_eq!(scene.stored(), stored);
    scene.running.stop().await;
}
