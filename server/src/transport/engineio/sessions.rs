//! The sessions of one worker thread, and what is asked of them by requests that arrived anywhere.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
};

use super::{
    Application, Options, Refusal, SecondPoll,
    door::Homes,
    framing::packet_frame,
    link::{Link, LinkPipe, PollAnswer},
    probe,
    session::{self, Post, Transport},
    sid::{Sid, Sids},
};
use crate::{
    fanout::{DisconnectReason, Outbox},
    limits::Unfinished,
    transport::{intake::Entry as Entered, socket::Socket, websocket::decoder::Decoder},
    wire::engineio::{Packet, PacketError},
};

/// Posts of one session that wait while an earlier one is handled. Clients send one after another; a
/// few more are those of a client that gave a request up and tried again.
const POSTS: usize = 4;

/// What is asked of the sessions of a thread.
pub(super) enum Request {
    /// Begin a session by polling. Answer: the body of the first poll.
    Open { entry: Entered, answer: oneshot::Sender<Bytes> },
    /// What there is for the client.
    Poll { sid: Sid, answer: oneshot::Sender<PollAnswer> },
    /// A turn to read a long body for it.
    Read { sid: Sid, answer: oneshot::Sender<Result<OwnedSemaphorePermit, Refusal>> },
    /// What the client says.
    Post { sid: Sid, packets: Packets, answer: oneshot::Sender<Result<(), Refusal>> },
    /// Whether there is such a session.
    Find { sid: Sid, answer: oneshot::Sender<bool> },
    /// A WebSocket: the session's, or the beginning of one.
    Socket(Box<NewSocket>),
}

/// The packets of a body, up to the first that breaks the protocol.
pub(super) type Packets = Vec<Result<Packet, PacketError>>;

/// A WebSocket that was let in.
pub(super) struct NewSocket {
    pub(super) whose: Whose,
    pub(super) io: Moved,
    pub(super) head: Bytes,
    pub(super) early: BytesMut,
    /// Its client reads no binary messages.
    pub(super) base64: bool,
}

/// Whose a request is.
pub(super) enum Whose {
    /// A session's.
    Session(Sid),
    /// That of one that is to begin.
    New(Entered),
}

/// A socket on its way to the thread where its session lives.
pub(super) enum Moved {
    /// It was accepted there.
    Here(TcpStream),
    /// It left the thread that accepted it.
    Elsewhere(std::net::TcpStream),
}

impl Moved {
    fn arrive(self) -> std::io::Result<TcpStream> {
        match self {
            Self::Here(io) => Ok(io),
            Self::Elsewhere(io) => TcpStream::from_std(io),
        }
    }
}

/// A session, for the requests that concern it.
pub(super) struct Entry {
    pub(super) transport: RefCell<Transport>,
    /// Turns to read long bodies. Made for the first of them.
    turns: OnceCell<Arc<Semaphore>>,
    pub(super) outbox: Rc<Outbox<LinkPipe>>,
}

/// The sessions of one worker thread.
pub struct Sessions<A: Application> {
    pub(super) application: A,
    pub(super) options: Options,
    pub(super) unfinished: Rc<Unfinished>,
    home: u16,
    sids: Sids,
    entries: RefCell<HashMap<Sid, Rc<Entry>>>,
}

/// The first packet of a session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handshake {
    sid: String,
    upgrades: &'static [&'static str],
    ping_interval: u64,
    ping_timeout: u64,
    max_payload: usize,
}

/// A thread that sessions live on, on that thread.
#[derive(Clone)]
pub struct Home {
    pub(super) number: u16,
    pub(super) unfinished: Rc<Unfinished>,
    pub(super) sessions: Rc<dyn TakesRequests>,
}

/// The sessions of this thread, for whichever application.
pub(super) trait TakesRequests {
    /// What is asked of them.
    fn take(&self, request: Request);
}

impl<A: Application> TakesRequests for Rc<Sessions<A>> {
    fn take(&self, request: Request) {
        match request {
            Request::Open { entry, answer } => self.open(entry, answer),
            Request::Poll { sid, answer } => self.poll(sid, answer),
            Request::Read { sid, answer } => {
                let _ = answer.send(self.read(sid));
            }
            Request::Post { sid, packets, answer } => self.post(sid, packets, answer),
            Request::Find { sid, answer } => {
                let _ = answer.send(self.entries.borrow().contains_key(&sid));
            }
            Request::Socket(socket) => self.socket(*socket),
        }
    }
}

impl<A: Application> Sessions<A> {
    /// Makes this thread a home of sessions. They end with it.
    pub fn start(
        application: A,
        options: Options,
        homes: &Homes,
        unfinished: &Rc<Unfinished>,
    ) -> Home {
        let (number, mut inbox) = homes.add();
        let entries = RefCell::default();
        let sids = homes.sids.clone();
        let sessions = Rc::new(Self {
            application,
            options,
            unfinished: unfinished.clone(),
            home: number,
            sids,
            entries,
        });
        let unfinished = unfinished.clone();
        let home = Home { number, unfinished, sessions: Rc::new(sessions.clone()) };
        actix_rt::spawn(async move {
            while let Some(request) = inbox.recv().await {
                sessions.take(request);
            }
        });
        home
    }

    /// A session that begins by polling.
    fn open(self: &Rc<Self>, entry: Entered, answer: oneshot::Sender<Bytes>) {
        let sid = Sid::new(self.home);
        // Who asked may be gone: then there is nobody to begin with.
        if answer.send(self.handshake(sid, &["websocket"])).is_err() {
            return;
        }
        let (posts, inbox) = mpsc::channel(POSTS);
        let transport = Transport::Polling { posts, probing: false };
        let source = session::Source::Polling(inbox);
        self.begin((sid, entry), LinkPipe::default(), transport, source, |_| {});
    }

    fn poll(&self, sid: Sid, answer: oneshot::Sender<PollAnswer>) {
        // An answer that is dropped says that there is no such session.
        let Some(entry) = self.entries.borrow().get(&sid).cloned() else { return };
        let pipe = entry.outbox.pipe();
        if matches!(*entry.transport.borrow(), Transport::WebSocket) {
            let _ = answer.send(PollAnswer::Misplaced);
            return;
        }
        if pipe.is_polled() && self.options.second_poll == SecondPoll::Closes {
            pipe.end_poll(b"1");
            entry.outbox.close(DisconnectReason::Gone("polled twice at once"));
            return;
        }
        pipe.poll(answer, entry.outbox.queued() > 0);
    }

    fn read(&self, sid: Sid) -> Result<OwnedSemaphorePermit, Refusal> {
        let entries = self.entries.borrow();
        let entry = entries.get(&sid).ok_or(Refusal::UnknownSession)?;
        if matches!(*entry.transport.borrow(), Transport::WebSocket) {
            return Err(Refusal::Bad);
        }
        let turns = entry.turns.get_or_init(|| Arc::new(Semaphore::new(POSTS)));
        turns.clone().try_acquire_owned().map_err(|_| Refusal::Bad)
    }

    fn post(&self, sid: Sid, packets: Packets, answer: oneshot::Sender<Result<(), Refusal>>) {
        let entry = self.entries.borrow().get(&sid).cloned();
        let refusal = match entry {
            None => Refusal::UnknownSession,
            Some(entry) => match &*entry.transport.borrow() {
                Transport::WebSocket => Refusal::Bad,
                Transport::Polling { posts, .. } => {
                    match posts.try_send(session::Input::Post(Post { packets, answer })) {
                        Ok(()) => return,
                        Err(mpsc::error::TrySendError::Full(session::Input::Post(post))) => {
                            let _ = post.answer.send(Err(Refusal::Bad));
                        }
                        // It is over: the answer is dropped with the post.
                        Err(_) => {}
                    }
                    return;
                }
            },
        };
        let _ = answer.send(Err(refusal));
    }

    fn socket(self: &Rc<Self>, NewSocket { whose, io, head, mut early, base64 }: NewSocket) {
        let Ok(io) = io.arrive() else { return };
        let socket = Socket(io);
        let mut decoder = Decoder::new(self.options.max_payload);
        let sid = match whose {
            Whose::Session(sid) => sid,
            Whose::New(entry) => {
                let sid = Sid::new(self.home);
                let decoded = decoder.decode(&mut early);
                let handshake = packet_frame(&self.handshake(sid, &[]));
                let pipe = LinkPipe::websocket(socket, base64);
                let source = session::Source::WebSocket { decoder, decoded };
                self.begin((sid, entry), pipe, Transport::WebSocket, source, |outbox| {
                    outbox.push(&head);
                    outbox.push(&handshake);
                });
                return;
            }
        };
        let entry = self.entries.borrow().get(&sid).cloned();
        actix_rt::spawn(probe::run(entry, probe::Probe { socket, head, early, decoder, base64 }));
    }

    fn begin(
        self: &Rc<Self>,
        (sid, entered): (Sid, Entered),
        pipe: LinkPipe,
        transport: Transport,
        source: session::Source,
        greet: impl FnOnce(&Outbox<LinkPipe>),
    ) {
        let (format, budget) = (self.application.format(), self.options.outbox_bytes);
        let outbox = Rc::new(Outbox::new(pipe, format, budget));
        greet(&outbox);
        let (transport, turns) = (RefCell::new(transport), OnceCell::new());
        let entry = Entry { transport, turns, outbox: outbox.clone() };
        self.entries.borrow_mut().insert(sid, Rc::new(entry));
        let conversation = self.application.open(Link { outbox: outbox.clone() }, entered);
        actix_rt::spawn(session::run(self.clone(), sid, outbox, conversation, source));
    }

    /// The session is over: whatever still names it is answered so.
    pub(super) fn remove(&self, sid: Sid) {
        self.entries.borrow_mut().remove(&sid);
    }

    fn handshake(&self, sid: Sid, upgrades: &'static [&'static str]) -> Bytes {
        let Options { ping_interval, ping_timeout, max_payload, .. } = self.options;
        let millis =
            |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let handshake = Handshake {
            sid: self.sids.text(sid),
            upgrades,
            ping_interval: millis(ping_interval),
            ping_timeout: millis(ping_timeout),
            max_payload,
        };
        let mut out = b"0".to_vec();
        // Texts and numbers always encode.
        let _ = serde_json::to_writer(&mut out, &handshake);
        out.into()
    }
}
