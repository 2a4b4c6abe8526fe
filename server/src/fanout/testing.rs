//! A network in memory, a framing that shows when a frame is torn, and settings.

use std::{
    cell::RefCell,
    io::{self, ErrorKind, IoSlice},
    num::NonZeroU32,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use maru_protocol::{Limits, ServerInfo};

use crate::{
    fanout::pipe::{Framing, Pipe, frame},
    runtime::Options,
};

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

/// A kind, a length, a payload.
pub(crate) const PLAIN: &dyn Framing = &Plain;

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
    frame(PLAIN, text.as_bytes())
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

/// Settings with these bounds of a replay; what no test here looks at is nothing.
pub(crate) fn options(max_replay: u32, max_page: u32, page_bytes: usize) -> Options {
    let one = NonZeroU32::MIN;
    let limits = Limits {
        max_frame_bytes: 1,
        max_body_chars: 1,
        max_body_bytes: 1,
        max_name_chars: 1,
        max_room_name_chars: 1,
        max_rooms: 1,
        max_page,
        max_replay,
        max_roster: 200,
        max_file_bytes: 25 << 20,
        max_files: 10,
        max_mentions: 20,
    };
    Options {
        limits,
        server: ServerInfo { name: String::new(), version: String::new() },
        heartbeat: Duration::ZERO,
        hello_timeout: Duration::ZERO,
        outbox_bytes: 0,
        frames_per_second: one,
        burst: one,
        page_bytes,
        presence_interval: Duration::from_millis(10),
        directory_interval: Duration::ZERO,
    }
}
