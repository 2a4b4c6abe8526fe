//! A server that says back what it hears, by Engine.IO (`/engine.io/`) and by Socket.IO (`/socket.io/`,
//! namespaces `/` and `/custom`): something that a conformance suite can be pointed at, and a second
//! application of `transport::engineio` beside the chat.
//!
//! `message` is answered by `message-back`, `message-with-ack` by its ack. `ask` makes the server ask in
//! its turn, by a `question` that wants an ack: an `answer` says what came, `no-answer` that nothing did.
//! The chat asks its clients nothing.
//!
//! `cargo run --example socketio_echo -- 127.0.0.1:3000`

#![allow(clippy::print_stdout)] // it has no log

use std::{
    cell::RefCell, collections::BTreeSet, error::Error, net::TcpListener, rc::Rc, sync::Arc,
    time::Duration,
};

use actix_web::{HttpRequest, dev::RequestHead, http::header::HeaderValue, web};
use maru_protocol::SessionId;
use maru_server::{
    clock::SystemClock,
    fanout::{DisconnectReason, Format, Heartbeat, Hub, Peer},
    limits::{self, Limits, Unfinished},
    metrics::Metrics,
    session::AdmissionQueue,
    transport::{
        engineio::{
            Admission, Application, Conversation, Door, ENGINEIO, Home, Homes, Link, Message,
            Options, Polls, Refusal, SecondPoll, Sessions, route,
        },
        intake::{Entry, Intake},
        listener::{Site, serve},
    },
    wire::socketio::{Decoder, Encoded, Kind, Packet, chat::VOCABULARY},
};
use uuid::Uuid;

/// What both public suites expect.
const OPTIONS: Options = Options {
    ping_interval: Duration::from_millis(300),
    ping_timeout: Duration::from_millis(200),
    max_payload: 1_000_000,
    outbox_bytes: 4 << 20,
    second_poll: SecondPoll::Closes,
};
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a client may take to answer a question.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// Most questions that wait for one client: it asks for each of them.
const MOST_QUESTIONS: usize = 100;
/// Between two messages that a suite waits for one after the other.
const APART: Duration = Duration::from_millis(5);

static FORMAT: Format = Format::new(1, VOCABULARY, ENGINEIO);

#[actix_rt::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address)?;
    println!("listening on {}", listener.local_addr()?);
    let (raw, chat) = (Homes::default(), Homes::default());
    let metrics = Arc::new(Metrics::new()?);
    let limits = Limits::new(limits::Options::default(), Arc::new(SystemClock), metrics.clone());
    let intake = Intake::simple(limits, metrics.clone());
    let server = serve(listener, 1, &intake.clone(), move || {
        let heartbeat = Heartbeat {
            interval: OPTIONS.ping_interval,
            timeout: OPTIONS.ping_timeout,
            hello_timeout: CONNECT_TIMEOUT,
        };
        let hub = Hub::new(metrics.clone(), heartbeat, 64 << 20);
        actix_rt::spawn(hub.clone().beat());
        let turns = AdmissionQueue::new();
        actix_rt::spawn(turns.clone().run());
        let unfinished = Unfinished::new(64 << 20, metrics.clone());
        let home = |hub, raw, homes: &Homes| {
            Sessions::start(Echo { hub, raw }, OPTIONS, homes, &unfinished)
        };
        let raw = door(&raw, home(hub.clone(), true, &raw), &intake);
        let chat = door(&chat, home(hub, false, &chat), &intake);
        let polls = |path: &'static [&'static str], door: &Rc<Door>| Polls {
            paths: path,
            door: door.clone(),
        };
        let polls = [polls(&["/engine.io/"], &raw), polls(&["/socket.io/"], &chat)].into();
        let routes = move |config: &mut web::ServiceConfig| {
            let resource = |path, door: &Rc<Door>| {
                web::resource(path).app_data(door.clone()).route(web::route().to(route))
            };
            config.service(resource("/engine.io/", &raw)).service(resource("/socket.io/", &chat));
        };
        Site { routes, polls, turns }
    })?;
    Ok(server.await?)
}

fn door(homes: &Homes, home: Home, intake: &Arc<Intake>) -> Rc<Door> {
    let (homes, max_payload) = (homes.clone(), OPTIONS.max_payload);
    Rc::new(Door { homes, home, max_payload, admission: Box::new(Anybody(intake.clone())) })
}

struct Anybody(Arc<Intake>);

impl Admission for Anybody {
    fn admit<'a>(&self, _: &'a RequestHead) -> Result<Option<&'a HeaderValue>, Refusal> {
        Ok(None)
    }

    fn enter(&self, request: &HttpRequest) -> Result<Entry, Refusal> {
        self.0.enter(request).map_err(Refusal::Limited)
    }
}

/// Sessions that hear what they say.
struct Echo {
    hub: Rc<Hub>,
    /// Without Socket.IO on top.
    raw: bool,
}

struct Talk {
    hub: Rc<Hub>,
    raw: bool,
    link: Link,
    id: SessionId,
    peer: Rc<Peer>,
    decoder: Decoder,
    namespaces: BTreeSet<String>,
    questions: Rc<RefCell<Questions>>,
}

/// The ack ids of questions that have no answer yet.
#[derive(Default)]
struct Questions {
    next: u64,
    waiting: BTreeSet<u64>,
}

impl Application for Echo {
    type Conversation = Talk;

    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn open(&self, link: Link, _: Entry) -> Talk {
        let id = SessionId(Uuid::new_v4());
        let peer = self.hub.add(id, link.outbox());
        if self.raw {
            peer.greet();
        }
        let (hub, raw) = (self.hub.clone(), self.raw);
        let (decoder, namespaces) = (Decoder::default(), BTreeSet::new());
        Talk { hub, raw, link, id, peer, decoder, namespaces, questions: Rc::default() }
    }
}

const BROKEN: DisconnectReason = DisconnectReason::Close(1002, "a packet breaks the protocol");

impl Conversation for Talk {
    type Rest = ();

    async fn turn(&self) {}

    fn heard(&self) {
        self.hub.heard(&self.peer);
    }

    async fn take(&mut self, message: Message) -> Result<(), DisconnectReason> {
        let packet = match message {
            Message::Text(text) if self.raw => {
                self.link.text(&text);
                return Ok(());
            }
            Message::Binary(bytes) if self.raw => {
                self.link.binary(&bytes);
                return Ok(());
            }
            Message::Text(text) => self.decoder.text(&text),
            Message::Binary(bytes) => self.decoder.binary(bytes, OPTIONS.max_payload),
        };
        match packet {
            Ok(Some(packet)) => self.act(packet).await,
            Ok(None) => Ok(()),
            Err(_) => Err(BROKEN),
        }
    }

    async fn end(self, _: &DisconnectReason) {
        self.hub.remove(self.id);
    }
}

impl Talk {
    async fn act(&mut self, packet: Packet) -> Result<(), DisconnectReason> {
        let namespace = packet.namespace.clone();
        match packet.kind {
            Kind::Connect => self.connect(&packet).await,
            Kind::Disconnect => {
                self.namespaces.remove(&namespace);
            }
            Kind::Event if self.namespaces.contains(&namespace) => self.answer(packet)?,
            Kind::Event | Kind::ConnectError => return Err(BROKEN),
            Kind::Ack => self.answered(packet),
        }
        Ok(())
    }

    /// Asks the client. An answer that comes too late, or a second one, is nothing.
    fn ask(&self, namespace: &str, arguments: &str, attachments: Vec<bytes::Bytes>) {
        let id = {
            let questions = &mut *self.questions.borrow_mut();
            if questions.waiting.len() >= MOST_QUESTIONS {
                return;
            }
            questions.next += 1;
            questions.waiting.insert(questions.next);
            questions.next
        };
        let data = format!(r#"["question",{arguments}]"#);
        let mut question = Packet::new(Kind::Event, namespace, Some(id), data);
        question.attachments = attachments;
        send(&self.link, question);
        let (questions, link) = (self.questions.clone(), self.link.clone());
        let nothing = Packet::new(Kind::Event, namespace, None, r#"["no-answer"]"#);
        actix_rt::spawn(async move {
            tokio::time::sleep(ANSWER_TIMEOUT).await;
            if questions.borrow_mut().waiting.remove(&id) {
                send(&link, nothing);
            }
        });
    }

    fn answered(&self, packet: Packet) {
        let is_waited_for = |id| self.questions.borrow_mut().waiting.remove(&id);
        if !packet.id.is_some_and(is_waited_for) {
            return;
        }
        let answer = format!(r#"["answer",{}]"#, packet.data);
        let mut answer = Packet::new(Kind::Event, &packet.namespace, None, answer);
        answer.attachments = packet.attachments;
        send(&self.link, answer);
    }

    async fn connect(&mut self, packet: &Packet) {
        let namespace = &packet.namespace;
        if namespace != "/" && namespace != "/custom" {
            let error = r#"{"message":"Invalid namespace"}"#;
            send(&self.link, Packet::new(Kind::ConnectError, namespace, None, error));
            return;
        }
        self.peer.greet();
        self.namespaces.insert(namespace.clone());
        let sid = format!(r#"{{"sid":"{}"}}"#, Uuid::new_v4().simple());
        send(&self.link, Packet::new(Kind::Connect, namespace, None, sid));
        // The suites listen for one message at a time: this one must not come in the same read.
        tokio::time::sleep(APART).await;
        let auth = if packet.data.is_empty() { "{}" } else { &packet.data };
        let event = format!(r#"["auth",{auth}]"#);
        send(&self.link, Packet::new(Kind::Event, namespace, None, event));
    }

    fn answer(&self, packet: Packet) -> Result<(), DisconnectReason> {
        let (name, arguments) = packet.event().ok_or(BROKEN)?;
        let arguments: Vec<&str> = arguments.iter().map(|argument| argument.get()).collect();
        let arguments = arguments.join(",");
        let (kind, data) = match name.as_str() {
            "message" => (Kind::Event, format!(r#"["message-back",{arguments}]"#)),
            "message-with-ack" => (Kind::Ack, format!("[{arguments}]")),
            "ask" => {
                self.ask(&packet.namespace, &arguments, packet.attachments);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let id = packet.id.filter(|_| kind == Kind::Ack);
        let mut answer = Packet::new(kind, &packet.namespace, id, data);
        answer.attachments = packet.attachments;
        send(&self.link, answer);
        Ok(())
    }
}

fn send(link: &Link, packet: Packet) {
    let Encoded { text, attachments } = packet.encode();
    link.text(&text);
    attachments.iter().for_each(|bytes| link.binary(bytes));
}
