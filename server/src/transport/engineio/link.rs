//! A session's way to its client: a WebSocket, or what waits for the next poll.

use std::{
    cell::{Cell, OnceCell, RefCell},
    io::{self, ErrorKind, IoSlice},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use tokio::sync::oneshot;

use super::{
    framing::{binary_frame, text_frame},
    packets::{is_close, payload},
};
use crate::{
    fanout::{Outbox, Pipe},
    transport::socket::Socket,
};

/// The answer to a poll.
#[derive(Debug)]
pub(super) enum PollAnswer {
    /// Packets.
    Packets(Vec<u8>, Unwritten),
    /// The session is over.
    Over,
    /// The session goes on by a WebSocket.
    Misplaced,
}

/// An answer that is not written to its socket yet: it is when this is dropped.
#[derive(Debug)]
pub(super) struct Unwritten(#[allow(dead_code)] oneshot::Sender<()>);

/// Nothing: the answer to a poll that is to end without any news.
const NOOP: &[u8] = b"6";

/// What an outbox of a session writes to.
#[derive(Default)]
pub(super) struct LinkPipe {
    /// Set once: a session never goes back to polling.
    socket: OnceCell<Socket>,
    poll: RefCell<Waiting>,
    /// Ends when the last answer is written.
    written: RefCell<Option<oneshot::Receiver<()>>>,
    /// A WebSocket is being tried: polls are answered at once.
    probing: Cell<bool>,
    base64: Cell<bool>,
}

/// A poll that has no answer yet, or who waits for one.
#[derive(Default)]
struct Waiting {
    poll: Option<oneshot::Sender<PollAnswer>>,
    writer: Option<Waker>,
}

impl LinkPipe {
    /// A session that begins with this WebSocket. `base64`: its client reads no binary messages.
    pub(super) fn websocket(socket: Socket, base64: bool) -> Self {
        Self { socket: socket.into(), base64: Cell::new(base64), ..Self::default() }
    }

    /// The WebSocket, once there is one.
    pub(super) fn socket(&self) -> Option<&Socket> {
        self.socket.get()
    }

    /// Whether a poll waits whose client is still there.
    pub(super) fn is_polled(&self) -> bool {
        self.poll.borrow().poll.as_ref().is_some_and(|poll| !poll.is_closed())
    }

    /// A poll came. An older one has no answer any more: its client gave it up.
    pub(super) fn poll(&self, answer: oneshot::Sender<PollAnswer>, has_news: bool) {
        self.release_poll();
        self.poll.borrow_mut().poll = Some(answer);
        if self.probing.get() && !has_news {
            self.release_poll();
            return;
        }
        self.wake();
    }

    /// Answers the poll that waits, if one does, with one packet.
    pub(super) fn end_poll(&self, packet: &[u8]) {
        if let Some(poll) = self.poll.borrow_mut().poll.take() {
            // Whoever gave it up needs no answer.
            let _ = poll.send(self.packets(packet.to_vec()));
        }
    }

    fn packets(&self, body: Vec<u8>) -> PollAnswer {
        let (unwritten, written) = oneshot::channel();
        *self.written.borrow_mut() = Some(written);
        PollAnswer::Packets(body, Unwritten(unwritten))
    }

    /// Waits until the last answer is written, or nobody is there to write it to.
    pub(super) async fn written(&self) {
        let written = self.written.borrow_mut().take();
        if let Some(written) = written {
            // Its other end says nothing, it goes.
            let _ = written.await;
        }
    }

    /// As [`LinkPipe::end_poll`], with nothing in it.
    pub(super) fn release_poll(&self) {
        self.end_poll(NOOP);
    }

    /// A WebSocket is tried, or is so no more. Polls end meanwhile: clients wait for that before they
    /// go over to it.
    pub(super) fn probing(&self, on: bool) {
        self.probing.set(on);
        if on {
            self.release_poll();
        }
    }

    /// From here on everything goes to the WebSocket.
    pub(super) fn upgrade(&self, socket: Socket, base64: bool) {
        self.base64.set(base64);
        self.release_poll();
        // There is none before: one probe at a time, and none after it.
        let _ = self.socket.set(socket);
        self.wake();
    }

    fn wake(&self) {
        if let Some(writer) = self.poll.borrow_mut().writer.take() {
            writer.wake();
        }
    }

    /// Answers the poll that waits with frames from the front; says how many bytes of them.
    fn answer<'a>(&self, buffers: impl IntoIterator<Item = &'a [u8]>) -> io::Result<usize> {
        let poll = self.poll.borrow_mut().poll.take().filter(|poll| !poll.is_closed());
        let mut buffers = buffers.into_iter().peekable();
        let Some(poll) = poll else {
            // The end needs nobody to be told: the next poll finds no session.
            let end = buffers.next_if(|first| is_close(first));
            return end.map(<[u8]>::len).ok_or_else(|| ErrorKind::WouldBlock.into());
        };
        let payload = payload(buffers);
        let taken = payload.taken;
        let answer = match (payload.body.is_empty(), payload.closes) {
            (true, true) => PollAnswer::Over,
            (true, false) => self.packets(NOOP.to_vec()),
            (false, _) => self.packets(payload.body),
        };
        // A poll that was given up just now takes nothing along.
        poll.send(answer).map(|()| taken).map_err(|_| ErrorKind::WouldBlock.into())
    }
}

impl Pipe for LinkPipe {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.socket.get() {
            Some(socket) => socket.try_write(bytes),
            None => self.answer([bytes]),
        }
    }

    fn try_write_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.socket.get() {
            Some(socket) => socket.try_write_vectored(bytes),
            None => self.answer(bytes.iter().map(|slice| &slice[..])),
        }
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(socket) = self.socket.get() {
            return socket.poll_writable(cx);
        }
        if self.is_polled() {
            return Poll::Ready(Ok(()));
        }
        self.poll.borrow_mut().writer = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A session, for its application to answer by. Lives on the session's thread.
#[derive(Clone)]
pub struct Link {
    pub(super) outbox: Rc<Outbox<LinkPipe>>,
}

impl Link {
    /// Where what is framed already goes.
    #[must_use]
    pub fn outbox(&self) -> Rc<Outbox> {
        self.outbox.clone()
    }

    /// Sends a text message.
    pub fn text(&self, text: &str) {
        self.outbox.push(&text_frame(text));
    }

    /// Sends a binary message.
    pub fn binary(&self, bytes: &[u8]) {
        self.outbox.push(&binary_frame(bytes, self.outbox.pipe().base64.get()));
    }
}
