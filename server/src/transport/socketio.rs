//! The chat by Socket.IO, at `/socket.io/`: [`engineio`](super::engineio) carries it, the session says
//! what it means.

use std::{rc::Rc, sync::Arc};

use actix_web::{
    HttpRequest,
    dev::RequestHead,
    http::header::{self, HeaderValue},
    web,
};

use super::{
    engineio::{
        self, Admission, Application, Door, ENGINEIO, Homes, Link, Message, Options, Polls,
        Refusal, SecondPoll, Sessions,
    },
    http::{State, at, socketio_pages},
    intake::Entry,
    open::Open,
};
use crate::{
    fanout::{DisconnectReason, Format},
    session::{
        Worker,
        socketio::{Formats, SocketIo},
    },
    settings::Hosts,
    wire::socketio::chat::{ARTICLE, VOCABULARY},
};

/// All of the vocabulary, in the framing of Engine.IO.
static VOCABULARY_FORMAT: Format = Format::new(1, VOCABULARY, ENGINEIO);
/// `chat message` for what is said in the lobby.
static ARTICLE_FORMAT: Format = Format::new(2, ARTICLE, ENGINEIO);

const FORMATS: Formats = Formats { vocabulary: &VOCABULARY_FORMAT, article: &ARTICLE_FORMAT };

/// Some clients are told to leave the last slash out.
const PATHS: &[&str] = &["/socket.io/", "/socket.io"];

/// The chat, as an application of Engine.IO.
struct Chat {
    worker: Rc<Worker>,
    state: web::Data<State>,
    max_payload: usize,
}

/// One session of it.
struct Talk {
    open: Open,
    chat: SocketIo,
}

/// Makes a worker thread a home of sessions.
pub(super) fn door(
    homes: &Homes,
    max_payload: usize,
    worker: Rc<Worker>,
    state: web::Data<State>,
) -> Rc<Door> {
    let set = &state.services.options;
    let options = Options {
        ping_interval: set.heartbeat,
        ping_timeout: set.heartbeat,
        max_payload,
        outbox_bytes: set.outbox_bytes,
        second_poll: SecondPoll::Replaces,
    };
    let admission = Box::new(Gate(state.clone()));
    let unfinished = worker.unfinished.clone();
    let chat = Chat { worker, state, max_payload };
    let home = Sessions::start(chat, options, homes, &unfinished);
    Rc::new(Door { homes: homes.clone(), home, max_payload, admission })
}

/// What is looked for before the routes are.
pub(super) fn polls(door: &Rc<Door>) -> Polls {
    Polls { paths: PATHS, door: door.clone() }
}

/// The routes of it.
pub(super) fn routes(config: &mut web::ServiceConfig, door: &Rc<Door>, state: &web::Data<State>) {
    for path in PATHS {
        config.service(
            // Engine.IO says itself which methods it takes.
            at(path, "GET, POST")
                .app_data(door.clone())
                .wrap(socketio_pages(state.origins.clone()))
                .route(web::route().to(engineio::route)),
        );
    }
}

/// Pages of foreign origins stay out; nobody begins while the server is full or stops.
struct Gate(web::Data<State>);

/// Whether the origin is the address that is asked: websocket-client, by which python-socketio connects,
/// says so of itself. Only where the address has no name: a name of an attacker's page can be pointed at
/// any server (DNS rebinding), and its origin would be the address then.
fn is_own(head: &RequestHead) -> bool {
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    own == Some(host) && Hosts::default().allows(host)
}

impl Admission for Gate {
    fn admit<'a>(&self, head: &'a RequestHead) -> Result<Option<&'a HeaderValue>, Refusal> {
        match self.0.check_origin(head) {
            Ok(()) => Ok(head.headers.get(header::ORIGIN)),
            Err(_) if is_own(head) => Ok(None),
            Err(_) => Err(Refusal::Forbidden),
        }
    }

    fn enter(&self, request: &HttpRequest) -> Result<Entry, Refusal> {
        if self.0.stopping() || self.0.is_full() {
            return Err(Refusal::Unavailable);
        }
        self.0.intake.enter(request).map_err(Refusal::Limited)
    }
}

impl Application for Chat {
    type Conversation = Talk;

    fn format(&self) -> &'static Format {
        FORMATS.vocabulary
    }

    fn open(&self, link: Link, Entry { caller, place }: Entry) -> Talk {
        let (count, from) = (Arc::clone(&self.state.connections), caller.shown());
        let open = Open::new(self.worker.clone(), count, place, from);
        let (outbox, worker) = (link.outbox(), self.worker.clone());
        let chat = SocketIo::new(worker, outbox, FORMATS, self.max_payload, caller);
        Talk { open, chat }
    }
}

impl engineio::Conversation for Talk {
    /// A stop waits for it.
    type Rest = Open;

    async fn turn(&self) {
        if let Some(queue) = self.chat.queue() {
            queue.turn().await;
        }
    }

    fn heard(&self) {
        self.chat.heard();
    }

    fn kept(&self) -> usize {
        self.chat.kept()
    }

    async fn take(&mut self, message: Message) -> Result<(), DisconnectReason> {
        match message {
            Message::Text(text) => self.chat.text(&text).await,
            Message::Binary(bytes) => self.chat.binary(bytes).await,
        }
    }

    async fn end(self, why: &DisconnectReason) -> Open {
        let Self { open, chat } = self;
        let user = chat.user().map(|user| user.id.to_string()).unwrap_or_default();
        let id = chat.id();
        // A crowd that goes at once takes turns as one that comes does.
        open.worker().turns.turn().await;
        // Memberships end here, before the polite part.
        drop(chat);
        open.ended("socket.io", id, &user, why);
        open
    }
}
