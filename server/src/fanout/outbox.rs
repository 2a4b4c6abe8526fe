//! The bounded queue of bytes towards one connection.
//!
//! While nothing waits, a frame is written straight to the socket by whoever has it: no task is
//! woken, nothing is queued. What the socket doesn't take is queued and left to the connection's
//! own task, which writes when the socket says so.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes, BytesMut};
use maru_engine::{SharedEvent, log::RoomId};
use maru_protocol::{ByeCode, RoomName, Seq, ServerFrame};

use super::{
    counters,
    disconnect_reason::{Broken, DisconnectReason},
    format::Format,
    pipe::Pipe,
    positions::Positions,
};
use crate::wire::{Joined, encoded};

/// The queue of bytes towards one connection. Lives on its worker's thread.
///
/// The pipe lies inside, behind what a write looks at first: a fan-out that finds the outbox has
/// its socket too, without another step through memory. Hence also `repr(C)`.
#[repr(C)]
pub struct Outbox<P: ?Sized = dyn Pipe> {
    /// Where the client is in its rooms, if it asked for recovery. First, as it is looked at last.
    positions: RefCell<Option<Rc<Positions>>>,
    queue: RefCell<VecDeque<Bytes>>,
    end: RefCell<Option<DisconnectReason>>,
    waker: RefCell<Option<Waker>>,
    format: Cell<&'static Format>,
    budget: usize,
    queued: Cell<usize>,
    /// The front of the queue lost its first bytes to the socket: it must be finished.
    torn: Cell<bool>,
    /// What waits does so for company, not for the socket.
    held: Cell<bool>,
    ending: Cell<bool>,
    pipe: P,
}

/// Most buffers in one vectored write: what a `writev` of this size carries fills a socket buffer,
/// and the array of slices stays on the stack.
const SLICES: usize = 32;

impl<P: Pipe> Outbox<P> {
    /// An empty outbox. `budget` bounds the bytes that wait; a single frame larger than that still
    /// goes out when nothing waits before it.
    #[must_use]
    pub fn new(pipe: P, format: &'static Format, budget: usize) -> Self {
        Self {
            queue: RefCell::default(),
            end: RefCell::new(None),
            waker: RefCell::new(None),
            format: Cell::new(format),
            budget,
            queued: Cell::new(0),
            torn: Cell::new(false),
            held: Cell::new(false),
            ending: Cell::new(false),
            positions: RefCell::default(),
            pipe,
        }
    }

    /// What it writes to.
    pub fn pipe(&self) -> &P {
        &self.pipe
    }
}

impl<P: Pipe + ?Sized> Outbox<P> {
    /// How its frames look.
    #[must_use]
    pub fn format(&self) -> &'static Format {
        self.format.get()
    }

    /// How its frames look from now on. Before it is in any room, as rooms count the formats of those
    /// who are in them.
    pub(crate) fn set_format(&self, format: &'static Format) {
        self.format.set(format);
    }

    /// From now on each entry says where the client is after it, or does so no more. While it is in no
    /// room.
    pub(crate) fn set_positions(&self, positions: Option<Positions>) {
        *self.positions.borrow_mut() = positions.map(Rc::new);
    }

    /// Where the client is in its rooms, if it asked for recovery.
    pub(crate) fn positions(&self) -> Option<Rc<Positions>> {
        self.positions.borrow().clone()
    }

    /// Sends an entry that is framed already, and says where the client is after it.
    pub(crate) fn push_positioned(&self, room: RoomId, seq: Seq, frame: &Bytes) {
        match self.positions() {
            Some(positions) => {
                let frame = positions.entry(room, seq, frame, self.format().framing);
                self.push(&frame);
            }
            None => self.push(frame),
        }
    }

    /// As [`Outbox::push_positioned`], for an entry of a room that is not joined yet.
    pub(crate) fn replay(&self, room: &RoomName, seq: Seq, entry: &SharedEvent) {
        if let Some(positions) = self.positions() {
            let format = self.format();
            let frame = format.frame(&encoded(format.wire, entry));
            self.push(&positions.replayed(room, seq, &frame, format.framing));
        }
    }

    /// Sends bytes that are framed already. Drops them when the connection is ending, and ends it
    /// as a slow reader when they don't fit the budget.
    pub fn push(&self, bytes: &Bytes) {
        self.push_frames(bytes, 1);
    }

    /// As [`Outbox::push`], for several frames that lie in one buffer.
    #[inline]
    pub(crate) fn push_frames(&self, bytes: &Bytes, frames: usize) {
        if self.ending.get() {
            return;
        }
        counters::sent(frames);
        if self.queued.get() > 0 {
            if self.add(bytes.clone()) && self.held.get() {
                self.release();
            }
            return;
        }
        match self.pipe.try_write(bytes) {
            Ok(n) if n == bytes.len() => {}
            Ok(n) => {
                self.torn.set(n > 0);
                self.enqueue(bytes.slice(n..));
                self.wake();
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.enqueue(bytes.clone());
                self.wake();
            }
            Err(error) => self.broke(&error),
        }
    }

    /// Sends a text that is encoded already. An empty one is none: the wire had nothing to say.
    pub fn send_text(&self, text: &[u8]) {
        if !text.is_empty() {
            self.push(&self.format().frame(text));
        }
    }

    /// Sends a frame with what is pushed next, in one write. Whoever calls this calls
    /// [`Outbox::release`] before other tasks of the thread have their turn.
    pub fn hold(&self, frame: &ServerFrame) {
        self.hold_text(&self.format().wire.frame(frame));
    }

    /// As [`Outbox::hold`], for a frame that is encoded already.
    pub fn hold_text(&self, text: &[u8]) {
        if self.ending.get() || text.is_empty() {
            return;
        }
        counters::sent(1);
        let waits = self.queued.get() > 0;
        if self.add(self.format().frame(text)) && !waits {
            self.held.set(true);
        }
    }

    /// Writes what was held, if nothing took it along meanwhile.
    pub fn release(&self) {
        if !self.held.replace(false) || self.queued.get() == 0 {
            return;
        }
        match self.write_queue() {
            Ok(written) => self.advance(written),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => {
                // What was held waited for company, not for the socket.
                self.end_now(DisconnectReason::Broken((&error).into()));
            }
        }
        if self.queued.get() > 0 {
            self.wake();
        }
    }

    /// Encodes and sends one frame to this connection only.
    pub fn send(&self, frame: &ServerFrame) {
        self.send_text(&self.format().wire.frame(frame));
    }

    /// Sends the answer to a join.
    pub fn send_joined(&self, joined: &Joined) {
        self.send_text(&self.format().wire.joined(joined));
    }

    /// Sends a heartbeat.
    pub fn ping(&self) {
        let mut out = BytesMut::new();
        self.format().framing.ping(&mut out);
        self.push(&out.freeze());
    }

    /// Says why, then closes: the last two frames of this connection. What waits before them is
    /// still written.
    pub fn bye(&self, code: ByeCode, reason: &'static str, retry_after: Option<u32>) {
        if self.is_ending() {
            return;
        }
        self.announce(code, reason, retry_after);
        self.close(DisconnectReason::Bye(code, reason));
    }

    /// Says that the end is near without closing yet.
    pub fn announce(&self, code: ByeCode, reason: &str, retry_after: Option<u32>) {
        self.send(&ServerFrame::Bye { code, reason: reason.to_owned(), retry_after });
    }

    /// Closes: nothing is taken any more, what waits is written, then the transport's close.
    pub fn close(&self, end: DisconnectReason) {
        if self.is_ending() {
            return;
        }
        let (code, reason) = match &end {
            DisconnectReason::Bye(code, reason) => (code.close_code(), *reason),
            DisconnectReason::Close(code, reason) => (*code, *reason),
            DisconnectReason::Broken(_) | DisconnectReason::Gone(_) => {
                self.end_now(self.judge(end));
                return;
            }
        };
        let mut out = BytesMut::new();
        self.format().framing.close(code, reason, &mut out);
        self.enqueue(out.freeze());
        self.end.replace(Some(end));
        self.ending.set(true);
        self.wake();
    }

    /// Why this connection ends, once it does.
    #[must_use]
    pub fn end(&self) -> Option<DisconnectReason> {
        self.end.borrow().clone()
    }

    /// Whether nothing more is taken.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.ending.get()
    }

    /// Bytes that wait for the socket.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queued.get()
    }

    /// Writes what waits whenever the socket takes it. Ready only when the connection is ending
    /// and everything is written, or nothing can be.
    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.queued.get() == 0 {
                if self.is_ending() {
                    return Poll::Ready(());
                }
                let mut waker = self.waker.borrow_mut();
                if !waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                    *waker = Some(cx.waker().clone());
                }
                return Poll::Pending;
            }
            match self.write_queue() {
                Ok(n) => self.advance(n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    match self.pipe.poll_writable(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => self.broke(&error),
                        Poll::Pending => {
                            // The end may be declared by others meanwhile.
                            *self.waker.borrow_mut() = Some(cx.waker().clone());
                            return Poll::Pending;
                        }
                    }
                }
                Err(error) => self.broke(&error),
            }
        }
    }

    /// As [`Outbox::poll_flush`], but ready as soon as the connection is ending: what waits may
    /// never be taken by a peer that reads nothing, and its session must not wait for that.
    pub fn poll_ending(&self, cx: &mut Context<'_>) -> Poll<()> {
        let flushed = self.poll_flush(cx);
        if self.is_ending() { Poll::Ready(()) } else { flushed }
    }

    /// Queues within the budget. False when that was the end of a slow reader.
    fn add(&self, bytes: Bytes) -> bool {
        let waiting = self.queued.get();
        let fits = waiting == 0 || waiting + bytes.len() <= self.budget;
        if fits {
            self.enqueue(bytes);
        } else {
            self.end_slow();
        }
        fits
    }

    fn enqueue(&self, bytes: Bytes) {
        self.set_queued(self.queued.get() + bytes.len());
        self.queue.borrow_mut().push_back(bytes);
    }

    fn write_queue(&self) -> io::Result<usize> {
        let queue = self.queue.borrow();
        if queue.len() == 1 {
            return self.pipe.try_write(&queue[0]);
        }
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(queue.iter()) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        self.pipe.try_write_vectored(&slices[..count])
    }

    fn advance(&self, mut written: usize) {
        let mut queue = self.queue.borrow_mut();
        self.set_queued(self.queued.get().saturating_sub(written));
        while let Some(front) = queue.front_mut() {
            if written < front.len() {
                front.advance(written);
                self.torn.set(written > 0 || self.torn.get());
                return;
            }
            written -= front.len();
            queue.pop_front();
            self.torn.set(false);
        }
        // A burst's worth of capacity is not kept by an idle connection.
        if queue.capacity() > SLICES {
            queue.shrink_to(4);
        }
    }

    /// Ends it as a slow reader for others' sake.
    pub(crate) fn shed(&self) {
        if !self.is_ending() {
            self.end_slow();
        }
    }

    /// Too slow: what waits is dropped, but for a frame that is half written.
    fn end_slow(&self) {
        {
            let mut queue = self.queue.borrow_mut();
            queue.truncate(usize::from(self.torn.get()));
            self.set_queued(queue.iter().map(Bytes::len).sum());
        }
        let reason = "you read too slowly: what waited for you exceeded the server's bound";
        let bye = ServerFrame::Bye {
            code: ByeCode::SlowReader,
            reason: reason.to_owned(),
            retry_after: Some(1_000),
        };
        let text = self.format().wire.frame(&bye);
        self.enqueue(self.format().frame(&text));
        self.close(DisconnectReason::Bye(ByeCode::SlowReader, reason));
    }

    /// A socket that failed with bytes that waited for it is a slow reader's ([`Broken`]).
    #[must_use]
    pub fn judge(&self, end: DisconnectReason) -> DisconnectReason {
        let behind = self.queued.get() > 0 && !self.held.get();
        match end {
            DisconnectReason::Broken(_) if behind => DisconnectReason::Broken(Broken::Behind),
            end => end,
        }
    }

    fn broke(&self, error: &io::Error) {
        self.end_now(self.judge(DisconnectReason::Broken(error.into())));
    }

    fn end_now(&self, end: DisconnectReason) {
        self.queue.borrow_mut().clear();
        self.set_queued(0);
        self.end.borrow_mut().get_or_insert(end);
        self.ending.set(true);
        self.wake();
    }

    fn set_queued(&self, bytes: usize) {
        counters::waits(self.queued.replace(bytes), bytes);
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }
}

impl<P: ?Sized> Drop for Outbox<P> {
    fn drop(&mut self) {
        counters::waits(self.queued.get(), 0);
    }
}

#[cfg(test)]
mod tests;
