//! The requests of Engine.IO, at whichever thread they arrive.

use std::{
    rc::{Rc, Weak},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    dev::RequestHead,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web,
};
use futures_util::StreamExt as _;
use tokio::sync::{
    Notify, OwnedSemaphorePermit,
    mpsc::{self, error::TrySendError},
    oneshot,
};

use super::{
    Refusal,
    link::PollAnswer,
    polls::{PollBody, text},
    query::Query,
    sessions::{Home, Moved, NewSocket, Packets, Request, Whose},
    sid::{Sid, Sids},
};
use crate::{
    limits::{Begun, GiveUp},
    transport::{
        intake::Entry,
        upgrade::{Taken, Takeover},
    },
    wire::engineio::{REVISION, split},
};

/// Requests that wait for one thread. Each is held by a connection, which waits when there are more.
const QUEUE: usize = 1_024;

/// How long a body may take: one of 1 MiB at 35 KiB a second. What came of it lies in memory.
const BODY: Duration = Duration::from_secs(30);

/// A body that is said to be no longer is read before anybody looks for its session: no more than what a
/// connection has in its buffers anyway.
const SHORT: u64 = 16 << 10;

/// The threads that sessions live on, shared by all.
#[derive(Clone, Default)]
pub struct Homes {
    pub(super) sids: Sids,
    queues: Arc<RwLock<Vec<mpsc::Sender<Request>>>>,
}

impl Homes {
    /// Those of a server of this name, with which its sessions' ids begin; empty for none.
    #[must_use]
    pub fn of(node: &str) -> Self {
        Self { sids: Sids::of(node), queues: Arc::default() }
    }

    pub(super) fn add(&self) -> (u16, mpsc::Receiver<Request>) {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let mut homes = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        homes.push(queue);
        // Workers are at most 512.
        (u16::try_from(homes.len() - 1).unwrap_or(u16::MAX), inbox)
    }

    fn get(&self, home: u16) -> Option<mpsc::Sender<Request>> {
        let homes = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        homes.get(usize::from(home)).cloned()
    }
}

/// Says who may come in.
pub trait Admission {
    /// Whether the request may be looked at. Returns the page that asks, by its origin, if it is one that
    /// may read the answer.
    ///
    /// # Errors
    /// [`Refusal`].
    fn admit<'a>(&self, head: &'a RequestHead) -> Result<Option<&'a HeaderValue>, Refusal>;

    /// Whether a session may begin.
    ///
    /// # Errors
    /// [`Refusal`].
    fn enter(&self, request: &HttpRequest) -> Result<Entry, Refusal>;
}

/// What the requests of one thread need. Lies in the `app_data` of the resource, in an `Rc`.
pub struct Door {
    /// All threads.
    pub homes: Homes,
    /// This one.
    pub home: Home,
    /// Most bytes of a body.
    pub max_payload: usize,
    /// Who may come in.
    pub admission: Box<dyn Admission>,
}

/// What a request asks for.
enum Asked {
    /// To begin a session by polling.
    Open(Entry),
    /// What there is for the client.
    Poll(Sid),
    /// To take what the client says.
    Post(Sid),
    /// A WebSocket: the session's, or the beginning of one.
    Socket { whose: Whose, base64: bool },
}

/// Every request of Engine.IO, whatever its method.
///
/// # Errors
/// [`Refusal`].
pub async fn route(request: HttpRequest, payload: web::Payload) -> actix_web::Result<HttpResponse> {
    let door = request.app_data::<Rc<Door>>().cloned().ok_or(Refusal::Unavailable)?;
    match door.asked(&request)? {
        Asked::Poll(sid) => Ok(routed(door.poll(sid).await?)),
        Asked::Open(entry) => Ok(door.open(entry).await?),
        Asked::Post(sid) => Ok(door.post(sid, request, payload).await?),
        Asked::Socket { whose, base64 } => door.upgrade(request, payload, whose, base64).await,
    }
}

/// An answer to a route.
fn routed(body: impl MessageBody + 'static) -> HttpResponse {
    text(body).map_into_boxed_body().into()
}

/// A body that is being read.
#[derive(Default)]
struct Reading(Notify);

impl GiveUp for Reading {
    fn give_up(&self) {
        self.0.notify_one();
    }
}

impl Door {
    fn asked(&self, request: &HttpRequest) -> Result<Asked, Refusal> {
        let query = Query::parse(request.query_string())?;
        let socket = match query.transport.as_deref() {
            Some("polling") => false,
            Some("websocket") => true,
            _ => return Err(Refusal::Transport),
        };
        // An empty one is none, as for the reference implementation.
        let sid = match query.sid.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(self.homes.sids.parse(text).ok_or(Refusal::UnknownSession)?),
            None => None,
        };
        self.admission.admit(request.head())?;
        let whose = match sid {
            Some(sid) => Whose::Session(sid),
            None => Whose::New(self.admission.enter(request)?),
        };
        if query.revision.as_deref() != Some(REVISION) {
            return Err(Refusal::Version);
        }
        match (request.method(), whose, socket) {
            (&Method::GET, Whose::New(entry), false) => Ok(Asked::Open(entry)),
            (&Method::GET, Whose::Session(sid), false) => Ok(Asked::Poll(sid)),
            (&Method::POST, Whose::Session(sid), false) => Ok(Asked::Post(sid)),
            (&Method::GET, whose, true) | (&Method::POST, whose @ Whose::Session(_), true) => {
                Ok(Asked::Socket { whose, base64: query.base64() })
            }
            _ => Err(Refusal::Method),
        }
    }

    async fn ask(&self, home: u16, request: Request) -> Result<(), Refusal> {
        if home == self.home.number {
            self.home.sessions.take(request);
            return Ok(());
        }
        let home = self.homes.get(home).ok_or(Refusal::UnknownSession)?;
        match home.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(request)) => {
                Box::pin(home.send(request)).await.map_err(|_| Refusal::Unavailable)
            }
            Err(TrySendError::Closed(_)) => Err(Refusal::Unavailable),
        }
    }

    async fn open(&self, entry: Entry) -> Result<HttpResponse, Refusal> {
        let (answer, opened) = oneshot::channel();
        self.ask(self.home.number, Request::Open { entry, answer }).await?;
        let handshake = opened.await.map_err(|_| Refusal::Unavailable)?;
        Ok(routed(handshake))
    }

    pub(super) async fn poll(&self, sid: Sid) -> Result<PollBody, Refusal> {
        let (answer, polled) = oneshot::channel();
        self.ask(sid.home(), Request::Poll { sid, answer }).await?;
        match polled.await {
            Ok(PollAnswer::Packets(packets, unwritten)) => Ok(PollBody::new(packets, unwritten)),
            Ok(PollAnswer::Misplaced) => Err(Refusal::Bad),
            Ok(PollAnswer::Over) | Err(_) => Err(Refusal::UnknownSession),
        }
    }

    async fn post(
        &self,
        sid: Sid,
        request: HttpRequest,
        payload: web::Payload,
    ) -> Result<HttpResponse, Refusal> {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length: Option<u64> = length.and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > self.max_payload as u64) {
            return Err(Refusal::TooLarge);
        }
        let _turn = match length {
            Some(..=SHORT) => None,
            _ => Some(self.turn(sid).await?),
        };
        let reading = Rc::new(Reading::default());
        let packets = tokio::select! {
            packets = self.packets(payload, &reading) => packets?,
            () = tokio::time::sleep(BODY) => return Err(Refusal::Bad),
            () = reading.0.notified() => return Err(Refusal::Unavailable),
        };
        let (answer, posted) = oneshot::channel();
        self.ask(sid.home(), Request::Post { sid, packets, answer }).await?;
        posted.await.map_err(|_| Refusal::UnknownSession)??;
        // Always exactly this: python-engineio takes any other success for a failure.
        Ok(routed("ok"))
    }

    /// Whoever reads a long body for a session has a turn: without a session nobody fills the memory.
    async fn turn(&self, sid: Sid) -> Result<OwnedSemaphorePermit, Refusal> {
        let (answer, found) = oneshot::channel();
        self.ask(sid.home(), Request::Read { sid, answer }).await?;
        found.await.map_err(|_| Refusal::UnknownSession)?
    }

    /// Reads a body to its bound.
    async fn packets(
        &self,
        mut payload: web::Payload,
        reading: &Rc<Reading>,
    ) -> Result<Packets, Refusal> {
        let mut begun = Begun::new(&self.home.unfinished);
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::Bad)?;
            if body.len() + chunk.len() > self.max_payload {
                return Err(Refusal::TooLarge);
            }
            body.extend_from_slice(&chunk);
            begun.holds(body.len(), || {
                let reading: Weak<Reading> = Rc::downgrade(reading);
                reading
            });
        }
        let body = String::from_utf8(body).map_err(|_| Refusal::Bad)?;
        Ok(split(&body).collect())
    }

    async fn upgrade(
        &self,
        request: HttpRequest,
        payload: web::Payload,
        whose: Whose,
        base64: bool,
    ) -> actix_web::Result<HttpResponse> {
        let home = match whose {
            Whose::Session(sid) => sid.home(),
            Whose::New(_) => self.home.number,
        };
        if let Whose::Session(sid) = whose {
            let (answer, found) = oneshot::channel();
            self.ask(home, Request::Find { sid, answer }).await?;
            if found.await != Ok(true) {
                return Err(Refusal::UnknownSession.into());
            }
        }
        let queue = self.homes.get(home).ok_or(Refusal::UnknownSession)?;
        let is_here = home == self.home.number;
        let (response, _, _) = actix_ws::handle(&request, payload).map_err(|_| Refusal::Bad)?;
        let mut response = response.drop_body().map_into_boxed_body();
        response.extensions_mut().insert(Takeover::new(move |Taken { io, head, early }| {
            let io = if is_here {
                Moved::Here(io)
            } else {
                // A socket that can't be moved is dropped: its client comes back.
                let Ok(io) = io.into_std() else { return };
                Moved::Elsewhere(io)
            };
            let socket = Box::new(NewSocket { whose, io, head, early, base64 });
            actix_rt::spawn(async move {
                let _ = queue.send(Request::Socket(socket)).await;
            });
        }));
        Ok(response)
    }
}
