//! A network in memory, and a format that shows when a frame is torn.

use std::{
    cell::RefCell,
    io::{self, ErrorKind, IoSlice},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::{BufMut, Bytes, BytesMut};
use maru_engine::{Event, SharedEvent};
use maru_protocol::ServerFrame;

use super::{
    format::{Format, Frames},
    pipe::{Framing, Pipe},
};
use crate::wire;

/// A socket's other side: takes as many bytes as it has room for.
#[derive(Clone, Default)]
pub(crate) struct Wire(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    taken: Vec<u8>,
    room: usize,
    broken: bool,
    writes: usize,
    waker: Option<Waker>,
}

impl Wire {
    /// Takes everything.
    pub(crate) fn wide() -> Self {
        Self::with_room(usize::MAX)
    }

    /// Takes this many bytes and then no more.
    pub(crate) fn with_room(room: usize) -> Self {
        let wire = Self::default();
        wire.widen(room);
        wire
    }

    /// Takes this many more, and says so.
    pub(crate) fn widen(&self, by: usize) {
        let mut inner = self.0.borrow_mut();
        inner.room = inner.room.saturating_add(by);
        if let Some(waker) = inner.waker.take() {
            waker.wake();
        }
    }

    /// Every write fails from now on.
    pub(crate) fn break_off(&self) {
        self.0.borrow_mut().broken = true;
        self.widen(0);
    }

    /// What it took, frame by frame. Panics at a torn one.
    pub(crate) fn frames(&self) -> Vec<Shown> {
        let inner = self.0.borrow();
        let mut rest = &inner.taken[..];
        let mut frames = Vec::new();
        while let [kind, a, b, c, d, tail @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            assert!(tail.len() >= length, "a torn frame at the end");
            let text = String::from_utf8(tail[..length].to_vec()).unwrap();
            frames.push(match kind {
                b'T' => Shown::Text(text),
                b'P' => Shown::Ping,
                b'C' => Shown::Close(text),
                other => panic!("{other} begins no frame: one before it was torn"),
            });
            rest = &tail[length..];
        }
        assert!(rest.is_empty(), "a torn header at the end");
        frames
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |frame| match frame {
            Shown::Text(text) => Some(text),
            _ => None,
        };
        self.frames().into_iter().filter_map(text).collect()
    }

    /// How many bytes it took.
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().taken.len()
    }

    /// How often it was written to with success.
    pub(crate) fn writes(&self) -> usize {
        self.0.borrow().writes
    }
}

impl Pipe for Wire {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.0.borrow_mut();
        if inner.broken {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if inner.room == 0 && !bytes.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let n = bytes.len().min(inner.room);
        inner.room -= if inner.room == usize::MAX { 0 } else { n };
        inner.writes += 1;
        inner.taken.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn try_write_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        let all: Vec<u8> = bytes.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.try_write(&all)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut inner = self.0.borrow_mut();
        if inner.room > 0 || inner.broken {
            return Poll::Ready(Ok(()));
        }
        inner.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A frame as the other side sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Text(String),
    Ping,
    Close(String),
}

/// A kind, a length, a payload; with texts that show what they say.
pub(crate) const PLAIN: &Format = &Format::new(0, &PlainWire(0), &Plain);
/// Another wire in the same frames.
pub(crate) const OTHER: &Format = &Format::new(1, &PlainWire(1), &Plain);

/// A wire that says of an event which wire it is; answers are their seq or their sentence.
struct PlainWire(usize);

impl wire::Wire for PlainWire {
    fn number(&self) -> usize {
        self.0
    }
    fn event(&self, _: &SharedEvent) -> Bytes {
        Bytes::from(format!("wire {}", self.0))
    }
    fn frame(&self, frame: &ServerFrame) -> Bytes {
        match frame {
            ServerFrame::Sent { seq, .. } => Bytes::from(format!("sent {seq}")),
            ServerFrame::Error { message, .. } => Bytes::from(message.clone()),
            other => Bytes::from(serde_json::to_vec(other).unwrap()),
        }
    }
    fn joined(&self, joined: &wire::Joined) -> Bytes {
        Bytes::from(format!("joined at {}", joined.head))
    }
}

/// An event that is this text on the first wire.
pub(crate) fn said(text: &str) -> SharedEvent {
    let event = SharedEvent::new(Event::Directory { rooms: Vec::new(), removed: Vec::new() });
    event.encoded(0, || Bytes::from(text.to_owned()));
    event
}

/// The same as frames.
pub(crate) fn frames(text: &str) -> Frames {
    let frames = Frames::new(said(text));
    frames.get(PLAIN);
    frames
}

struct Plain;

impl Plain {
    fn put(kind: u8, payload: &[u8], out: &mut BytesMut) {
        out.put_u8(kind);
        out.put_u32(u32::try_from(payload.len()).unwrap());
        out.put_slice(payload);
    }
}

impl Framing for Plain {
    fn text(&self, text: &[u8], out: &mut BytesMut) {
        Self::put(b'T', text, out);
    }
    fn ping(&self, out: &mut BytesMut) {
        Self::put(b'P', b"", out);
    }
    fn close(&self, code: u16, reason: &str, out: &mut BytesMut) {
        Self::put(b'C', format!("{code} {reason}").as_bytes(), out);
    }
}

/// A text as a frame.
pub(crate) fn framed(text: &str) -> Bytes {
    PLAIN.frame(text.as_bytes())
}

/// Counts how often its task would have been woken.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        self.clone().into()
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
