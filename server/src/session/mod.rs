//! One connection's conversation: what a frame means, and its answer.
//!
//! The transport reads frames and calls [`Session::handle`] with one at a time; answers go to the
//! outbox. Dropping the session ends its memberships, whatever ended it.

mod admission;
mod asking;
mod files;
mod joining;
mod mentions;
pub(crate) mod pages;
mod reading;
pub(crate) mod refusal;
mod saying;

use std::{rc::Rc, sync::Arc};

use actix::Addr;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use maru_engine::Visitor;
use maru_protocol::{
    ByeCode, ClientFrame, DisplayName, ErrorCode, FrameError, Heartbeat, Ref, RoomKey, RoomName,
    ServerFrame, SessionId, User, VERSION,
};

pub(crate) use self::refusal::{Refusal, label};
use crate::{
    auth::{Admit, Admitted},
    clock::Clock,
    fanout::{Hub, Peer, Subscription},
    journal::{Files, Journal, RoomId, RoomRecord},
    metrics::Metrics,
    runtime::{
        ChatServer, CommandBatcher, Options,
        messages::{SessionCommand, Type},
    },
    search::Search,
    services::{ReadMarkers, RoomNames},
};
pub use admission::AdmissionQueue;

/// What every session of a worker thread shares.
pub struct Worker {
    /// The thread's hub.
    pub hub: Rc<Hub>,
    /// This thread's number at the ChatServer.
    pub number: usize,
    /// The engine.
    pub server: Addr<ChatServer>,
    /// Where the log is read.
    pub journal: Arc<dyn Journal>,
    /// How far people have read.
    pub markers: Arc<ReadMarkers>,
    /// What is known of files.
    pub files: Arc<dyn Files>,
    /// Where it is searched; none where that is switched off.
    pub search: Option<Arc<dyn Search>>,
    /// Who is who.
    pub admit: Arc<dyn Admit>,
    /// What the operator set.
    pub options: Arc<Options>,
    /// What the operator sees.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Which rooms the thread's sessions found.
    pub names: RoomNames,
    /// What the thread's sessions do, on its way to the engine.
    pub(crate) batcher: Rc<CommandBatcher>,
    /// Who comes next of those who are not in a room.
    pub turns: Rc<AdmissionQueue>,
}

/// Frames that are refused one after another before the connection is ended: a client that learns
/// nothing from that many errors is not going to.
const STRIKES: u32 = 200;

type Limiter =
    RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// One connection's conversation.
pub struct Session {
    worker: Rc<Worker>,
    id: SessionId,
    peer: Rc<Peer>,
    visitor: Option<Arc<Visitor>>,
    /// They may go by another name than before: the rooms that know them are to learn it.
    renamed: bool,
    /// The ChatServer was told of this session: it must be told of its end.
    known: bool,
    rooms: Vec<Joined>,
    limiter: Limiter,
    strikes: u32,
}

struct Joined {
    key: RoomKey,
    id: RoomId,
    subscription: Rc<Subscription>,
}

impl Session {
    /// A conversation about to begin, on the peer's worker.
    #[must_use]
    pub fn new(worker: Rc<Worker>, id: SessionId, peer: Rc<Peer>) -> Self {
        let options = &worker.options;
        let quota = Quota::per_second(options.frames_per_second).allow_burst(options.burst);
        let limiter = RateLimiter::direct_with_clock(quota, MonotonicClock);
        Self {
            worker,
            id,
            peer,
            visitor: None,
            renamed: false,
            known: false,
            rooms: Vec::new(),
            limiter,
            strikes: 0,
        }
    }

    /// Who is on the other end, once it said hello.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.visitor.as_ref().map(|visitor| &visitor.user)
    }

    /// Whose turn it is, for who is in no room yet: those who are in go first.
    #[must_use]
    pub fn queue(&self) -> Option<Rc<AdmissionQueue>> {
        self.rooms.is_empty().then(|| self.worker.turns.clone())
    }

    /// Most bytes that one of its messages may have.
    #[must_use]
    pub fn max_frame(&self) -> usize {
        usize::try_from(self.worker.options.limits.max_frame_bytes).unwrap_or(usize::MAX)
    }

    /// Something came from the other end.
    pub fn heard(&self) {
        self.worker.hub.heard(&self.peer);
    }

    /// Handles one frame, or what could not be read as one. Answers in order: the next frame waits
    /// until this one is answered, but for what is to be kept, whose answer comes after the commit.
    pub async fn handle(&mut self, frame: Result<ClientFrame, FrameError>) {
        self.worker.metrics.frames_in.inc();
        let reference = match &frame {
            Ok(frame) => frame.reference(),
            Err(error) => error.reference,
        };
        let handled = match (self.within_rate(), frame) {
            (Err(refusal), _) => Err(refusal),
            (Ok(()), Err(error)) => Err(Refusal::new(error.code, error.message)),
            (Ok(()), Ok(frame)) => {
                self.strikes = 0;
                self.act(frame).await
            }
        };
        if let Err(refusal) = handled {
            self.refuse(reference, refusal);
        }
    }

    /// Refuses what is not even a frame.
    pub fn refuse_binary(&mut self) {
        let message = "binary messages are not part of this protocol: send text";
        self.refuse(None, Refusal::new(ErrorCode::BinaryFrame, message));
    }

    fn within_rate(&self) -> Result<(), Refusal> {
        self.limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(MonotonicClock.now());
            let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1);
            let message = "too many frames: slow down";
            Refusal {
                code: ErrorCode::RateLimited,
                message: message.to_owned(),
                retry_after: Some(wait),
            }
        })
    }

    fn refuse(&mut self, reference: Option<Ref>, refusal: Refusal) {
        let code = refusal.code;
        self.worker.metrics.refusals.with_label_values(&[&label(code)]).inc();
        self.answer(&refusal.answer(reference));
        self.strikes += 1;
        if code == ErrorCode::UnsupportedVersion {
            let why = "this server speaks version 1 of maru.v1";
            self.peer.outbox().bye(ByeCode::UnsupportedVersion, why, None);
        } else if self.strikes >= STRIKES {
            let why = "too many frames in a row were refused";
            self.peer.outbox().bye(ByeCode::TooManyErrors, why, None);
        }
    }

    fn answer(&self, frame: &ServerFrame) {
        self.peer.outbox().send(frame);
    }

    async fn act(&mut self, frame: ClientFrame) -> Result<(), Refusal> {
        match frame {
            ClientFrame::Hello { version, token, name } => {
                return self.hello(version, token, name);
            }
            ClientFrame::Ping => {
                self.answer(&ServerFrame::Pong);
                return Ok(());
            }
            _ if self.visitor.is_none() => return Err(ErrorCode::HelloRequired.into()),
            ClientFrame::Join { reference, room, after } => {
                self.join(reference, &room, after).await?;
            }
            ClientFrame::Leave { reference, room } => self.leave(reference, &room).await?,
            ClientFrame::Create { reference, room } => self.create(reference, room).await?,
            ClientFrame::Send { .. }
            | ClientFrame::Edit { .. }
            | ClientFrame::Delete { .. }
            | ClientFrame::React { .. }
            | ClientFrame::Pin { .. }
            | ClientFrame::Topic { .. } => self.say(frame).await?,
            ClientFrame::Pinned { reference, room } => self.pinned(reference, &room).await?,
            ClientFrame::OwnReactions { reference, room, targets } => {
                self.own_reactions(reference, &room, targets).await?;
            }
            ClientFrame::History { reference, room, before, after, around, limit } => {
                let place = pages::Place { before, after, around, limit };
                self.history(reference, &room, place).await?;
            }
            ClientFrame::Search { reference, query, room, more } => {
                self.search(reference, query, room.as_ref(), more).await?;
            }
            ClientFrame::Rooms { reference, query, watch } => {
                self.directory(reference, query, watch).await?;
            }
            ClientFrame::Read { room, seq } => self.read_on(&room, seq)?,
            ClientFrame::Unread { reference, rooms } => self.unread(reference, rooms).await?,
            ClientFrame::Members { reference, room, query } => {
                self.members(reference, room, query).await?;
            }
            ClientFrame::Typing { room, on } => {
                let room = self.joined(&room)?;
                // Ephemeral: a mailbox that is full does without.
                let _ = self.worker.server.try_send(Type { session: self.id, room, on });
            }
        }
        Ok(())
    }

    fn hello(
        &mut self,
        version: u32,
        token: Option<String>,
        name: Option<DisplayName>,
    ) -> Result<(), Refusal> {
        if version != VERSION {
            let message = format!("this server speaks version {VERSION}, not {version}");
            return Err(Refusal::new(ErrorCode::UnsupportedVersion, message));
        }
        if self.visitor.is_some() {
            let message = "hello comes once: open a new connection to be somebody else";
            return Err(Refusal::new(ErrorCode::AlreadyGreeted, message));
        }
        self.renamed = token.is_some() && name.is_some();
        let admitted = self.worker.admit.admit(token.as_deref(), name);
        let Admitted { user, token, ticket } = admitted.map_err(|error| {
            self.worker.metrics.auth_failures.inc();
            Refusal::new(error.code(), error.to_string())
        })?;
        let (session, worker) = (self.id, self.worker.number);
        let skeletons = user.name.skeletons();
        // It is introduced to the ChatServer by its first `join`, which alone needs that.
        self.visitor = Some(Arc::new(Visitor { worker, user: user.clone(), skeletons }));
        self.worker.metrics.sessions.inc();
        self.peer.greet();
        log::debug!(session:% = session, user:% = user.id; "connected");
        let options = &self.worker.options;
        let interval = u32::try_from(options.heartbeat.as_millis()).unwrap_or(u32::MAX);
        self.answer(&ServerFrame::Welcome {
            session,
            user,
            token,
            limits: options.limits,
            heartbeat: Heartbeat { interval, timeout: interval.saturating_mul(2) },
            server: options.server.clone(),
            ticket,
        });
        Ok(())
    }

    async fn find(&self, name: &RoomName) -> Result<RoomRecord, Refusal> {
        let found = self.worker.journal.room(name.key()).await?;
        found.ok_or_else(|| {
            let message = format!("there is no room “{name}”: create it");
            Refusal::new(ErrorCode::RoomNotFound, message)
        })
    }

    fn joined(&self, name: &RoomName) -> Result<RoomId, Refusal> {
        let key = name.key();
        let found = self.rooms.iter().find(|joined| joined.key == key);
        found.map(|joined| joined.id).ok_or_else(|| ErrorCode::NotJoined.into())
    }

    fn drop_room(&mut self, key: &RoomKey) -> Option<RoomId> {
        let place = self.rooms.iter().position(|joined| joined.key == *key)?;
        let joined = self.rooms.swap_remove(place);
        self.worker.hub.unsubscribe(joined.id, &joined.subscription);
        Some(joined.id)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for joined in self.rooms.drain(..) {
            self.worker.hub.unsubscribe(joined.id, &joined.subscription);
        }
        self.worker.hub.remove(self.id);
        if self.visitor.is_some() {
            self.worker.metrics.sessions.dec();
        }
        if self.known {
            self.worker.batcher.put(SessionCommand::Disconnect(self.id));
        }
    }
}
