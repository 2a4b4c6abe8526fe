//! TCP connections that speak HTTP: how many there are, and which of them wait for a request.
//!
//! A connection in which no request is under way costs memory and says nothing, or says it byte by
//! byte. So each worker thread has a bound on those, and what has waited longest makes room: a request
//! takes as long as one round trip, so it is whoever dallies.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io,
    net::IpAddr,
    pin::Pin,
    rc::{Rc, Weak},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use actix_web::{
    body::{BodySize, MessageBody},
    dev::RequestHead,
};
use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

use super::intake::Intake;
use crate::limits::{Caller, Held, Pace, TooSlow};

/// Most connections of one worker thread beyond those that there may be. Each is answered once and closed,
/// or gives its place to the next one: a probe always gets its answer.
const SPARE: usize = 16;

/// A worker thread's connections in which no request is under way, the longest first.
pub(super) struct Lines {
    most: usize,
    idle: Cell<usize>,
    spare: Cell<usize>,
    next: Cell<u64>,
    /// What went on since is behind, under another number, or gone.
    queue: RefCell<VecDeque<(u64, Weak<Line>)>>,
}

/// The place of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// One of those that there may be.
    Regular,
    /// For one request, and that only to be told that there is no room, unless it is a probe.
    Spare,
}

/// What is known of a TCP connection.
pub(super) struct Line {
    peer: IpAddr,
    caller: Option<Caller>,
    lines: Rc<Lines>,
    intake: Arc<Intake>,
    room: Room,
    /// Requests under way, with their answers.
    busy: Cell<u32>,
    /// Its number in the queue.
    waits: Cell<u64>,
    shed: Cell<bool>,
    reader: RefCell<Option<Waker>>,
}

impl Lines {
    pub(super) fn new(most: usize) -> Rc<Self> {
        let (idle, spare, next) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Rc::new(Self { most, idle, spare, next, queue: RefCell::default() })
    }

    fn wait(&self, line: &Rc<Line>) {
        let number = self.next.get();
        self.next.set(number + 1);
        line.waits.set(number);
        self.idle.set(self.idle.get() + 1);
        self.queue.borrow_mut().push_back((number, Rc::downgrade(line)));
        if self.idle.get() > self.most && self.shed_oldest().is_some() {
            line.intake.shed("unfinished");
        }
        self.forget();
    }

    /// Where there is room for one more when all places are taken: in the place of what has waited longest,
    /// which is closed, or in a spare one. None where there is neither.
    pub(super) fn make_room(&self) -> Option<Room> {
        match self.shed_oldest() {
            Some(room) => Some(room),
            None => (self.spare.get() < SPARE).then_some(Room::Spare),
        }
    }

    /// Closes what has waited longest, and says which place that had. None when none waits.
    fn shed_oldest(&self) -> Option<Room> {
        loop {
            let (number, line) = self.queue.borrow_mut().pop_front()?;
            let line = line.upgrade().filter(|line| line.is_waiting(number));
            if let Some(line) = line {
                line.close();
                return Some(line.room);
            }
        }
    }

    /// Keeps the queue as short as what it is of.
    fn forget(&self) {
        let mut queue = self.queue.borrow_mut();
        if queue.len() > 64 + 2 * self.idle.get() {
            queue.retain(|(number, line)| {
                line.upgrade().is_some_and(|line| line.is_waiting(*number))
            });
        }
    }
}

impl Line {
    pub(super) fn new(
        peer: IpAddr,
        caller: Option<Caller>,
        lines: Rc<Lines>,
        intake: Arc<Intake>,
        room: Room,
    ) -> Rc<Self> {
        let line = Rc::new(Self {
            peer,
            caller,
            lines: lines.clone(),
            intake,
            room,
            busy: Cell::new(0),
            waits: Cell::new(0),
            shed: Cell::new(false),
            reader: RefCell::new(None),
        });
        lines.spare.set(lines.spare.get() + usize::from(line.is_spare()));
        lines.wait(&line);
        line
    }

    /// The other end of the socket, or whom a proxy named in front of it.
    pub(super) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Who calls, where it is not for each request to say.
    pub(super) fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// Whether it is there for one request only.
    pub(super) fn is_spare(&self) -> bool {
        self.room == Room::Spare
    }

    /// Looks at a request for what the operator should know of it.
    pub(super) fn look_at(&self, head: &RequestHead) {
        // A proxy that is trusted says for whom it asks.
        if self.caller.is_some() {
            self.intake.look_for_proxy(head, self.peer);
        }
    }

    fn is_idle(&self) -> bool {
        self.busy.get() == 0 && !self.shed.get()
    }

    fn is_waiting(&self, number: u64) -> bool {
        self.is_idle() && self.waits.get() == number
    }

    fn leave_idle(&self) {
        self.lines.idle.set(self.lines.idle.get().saturating_sub(1));
    }

    /// A request is under way, until what is returned is dropped.
    pub(super) fn begin(self: &Rc<Self>) -> Underway {
        if self.is_idle() {
            self.leave_idle();
        }
        self.busy.set(self.busy.get() + 1);
        Underway(self.clone())
    }

    fn close(&self) {
        if self.is_idle() {
            self.leave_idle();
        }
        self.shed.set(true);
        if let Some(reader) = self.reader.borrow_mut().take() {
            reader.wake();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.is_idle() {
            self.leave_idle();
        }
        let spare = &self.lines.spare;
        spare.set(spare.get().saturating_sub(usize::from(self.is_spare())));
        self.intake.left();
    }
}

/// A request and its answer.
pub(super) struct Underway(Rc<Line>);

impl Drop for Underway {
    fn drop(&mut self) {
        let line = &self.0;
        line.busy.set(line.busy.get() - 1);
        // The last one that has it is this, where the connection is gone.
        if line.is_idle() && Rc::strong_count(line) > 1 {
            line.lines.clone().wait(line);
        } else if line.is_idle() {
            line.lines.idle.set(line.lines.idle.get() + 1);
        }
    }
}

/// An answer's body, whose request is under way until it is written.
pub(super) struct Answering<B> {
    pub(super) body: B,
    pub(super) _underway: Option<Underway>,
}

impl<B: MessageBody + Unpin> MessageBody for Answering<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}

/// A TCP connection that speaks HTTP.
pub(super) struct Accepted {
    io: TcpStream,
    line: Rc<Line>,
    _place: Option<Held>,
    /// From the first time that the socket took nothing. In a box, as most take all.
    backlog: Option<Box<Backlog>>,
}

/// An answer that the socket does not take at once.
struct Backlog {
    pace: Pace,
    /// Since when it takes nothing.
    since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Backlog {
    fn new(pace: Pace) -> Self {
        Self { pace, since: None, timer: Box::pin(sleep(pace.left())) }
    }

    fn moved(&mut self, bytes: usize) -> Result<(), TooSlow> {
        self.pace.moved(bytes);
        match self.since.take() {
            Some(since) => self.pace.waited(since.elapsed()),
            None => Ok(()),
        }
    }

    /// Wakes the task when it was waited for too long.
    fn wait(&mut self, cx: &mut Context<'_>) -> Result<(), TooSlow> {
        loop {
            let since = *self.since.get_or_insert_with(|| {
                let now = Instant::now();
                self.timer.as_mut().reset(now + self.pace.left());
                now
            });
            if self.timer.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            self.since = None;
            self.pace.waited(since.elapsed())?;
        }
    }
}

impl Accepted {
    pub(super) fn new(io: TcpStream, line: Rc<Line>, place: Option<Held>) -> Self {
        Self { io, line, _place: place, backlog: None }
    }

    pub(super) fn line(&self) -> &Rc<Line> {
        &self.line
    }

    /// The socket, which leaves HTTP.
    pub(super) fn into_socket(self) -> TcpStream {
        self.io
    }

    fn check(&self) -> io::Result<()> {
        if self.line.shed.get() { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Accepted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check()?;
        let read = Pin::new(&mut this.io).poll_read(cx, buf);
        if read.is_pending() {
            let mut reader = this.line.reader.borrow_mut();
            if !reader.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                *reader = Some(cx.waker().clone());
            }
        }
        read
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check()?;
        let written = Pin::new(&mut this.io).poll_write(cx, buf);
        let is_slow = match (&written, &mut this.backlog) {
            (Poll::Ready(Ok(bytes)), Some(backlog)) => backlog.moved(*bytes),
            (Poll::Pending, backlog) => {
                let pace = || Box::new(Backlog::new(this.line.intake.pace()));
                backlog.get_or_insert_with(pace).wait(cx)
            }
            _ => Ok(()),
        };
        match is_slow {
            Ok(()) => written,
            Err(TooSlow) => {
                this.line.intake.shed("slow");
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
