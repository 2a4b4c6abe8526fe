//! One WebSocket connection, from the handshake's last byte to the socket's end.
//!
//! A connection is one task. It reads, and writes what the socket did not take at once; whoever
//! else has something for it (the hub, its own session) writes to the socket directly while
//! nothing waits.

use std::{
    cell::RefCell,
    future::poll_fn,
    io::{self, ErrorKind, IoSlice},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use maru_protocol::SessionId;
use socket2::SockRef;
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{
    decoder::{Decoded, Decoder, Inbound},
    framing::{WEBSOCKET, pong},
};
use crate::chat::{End, Outbox, Peer, Pipe, Session, Tally, Turns, Worker};

/// How long the last frames may take to be written.
const FLUSH: Duration = Duration::from_secs(5);
/// How long the peer may take to close after us. Closing with its bytes unread would reset the
/// connection, and the reset can overtake our last frames.
const LINGER: Duration = Duration::from_secs(1);
/// Bytes asked of the socket at once; the buffer is the thread's, not the connection's.
const READ: usize = 16 * 1024;

thread_local! {
    static SCRATCH: RefCell<BytesMut> = RefCell::new(BytesMut::with_capacity(READ));
}

struct Socket(Rc<TcpStream>);

impl Pipe for Socket {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }
    fn try_write_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bytes)
    }
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_write_ready(cx)
    }
}

/// Counts a connection for as long as it lives, whatever ends it.
struct Open {
    worker: Rc<Worker>,
    tally: std::sync::Arc<Tally>,
}

impl Open {
    fn new(worker: Rc<Worker>, tally: std::sync::Arc<Tally>) -> Self {
        tally.add();
        worker.metrics.connections.inc();
        Self { worker, tally }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.worker.metrics.connections.dec();
        self.tally.remove();
    }
}

/// Serves one connection. `head` is the handshake's answer, `early` what the client sent right
/// behind its request.
pub async fn serve(
    io: TcpStream,
    head: Bytes,
    early: BytesMut,
    worker: Rc<Worker>,
    tally: std::sync::Arc<Tally>,
) {
    let open = Open::new(worker.clone(), tally);
    let io = Rc::new(io);
    let budget = worker.options.outbox_bytes;
    let outbox = Rc::new(Outbox::new(Box::new(Socket(io.clone())), WEBSOCKET, budget));
    outbox.push(&head);
    let id = SessionId(Uuid::now_v7());
    let peer = worker.hub.add(id, outbox.clone());
    let mut session = Session::new(worker.clone(), id, peer.clone());
    let end = tokio::select! {
        biased;
        () = poll_fn(|cx| outbox.poll_ending(cx)) => outbox.end(),
        end = converse(&io, early, &mut session, &peer) => Some(end),
    };
    let user = session.user().map(|user| user.id.to_string()).unwrap_or_default();
    // A crowd that goes at once takes turns as one that comes does.
    worker.turns.turn().await;
    // Memberships end here, before the polite part.
    drop(session);
    outbox.close(end.unwrap_or(End::Gone("ended")));
    let end = outbox.end().unwrap_or(End::Gone("ended"));
    let reason = end.reason();
    log::info!(session:% = id, user = user.as_str(), reason; "disconnected");
    open.worker.metrics.ended.with_label_values(&[reason]).inc();
    let flushed = tokio::time::timeout(FLUSH, poll_fn(|cx| outbox.poll_flush(cx))).await;
    if flushed.is_ok() && !matches!(end, End::Gone(_)) {
        let _ = tokio::time::timeout(LINGER, linger(&io)).await;
    }
}

/// Reads and handles frames until one end gives up. The clean-up after it is the caller's, and
/// has no ways to fail.
async fn converse(io: &TcpStream, early: BytesMut, session: &mut Session, peer: &Peer) -> End {
    let mut decoder = Decoder::new(session.max_frame());
    let mut decoded = {
        let mut early = early;
        decoder.decode(&mut early)
    };
    loop {
        let (messages, end) = decoded;
        for message in messages {
            handle(message, session, peer).await;
        }
        if let Some(end) = end {
            return end;
        }
        decoded = match read(io, &mut decoder, session.queue()).await {
            Ok(decoded) => decoded,
            Err(end) => return end,
        };
        session.heard();
    }
}

async fn handle(message: Inbound, session: &mut Session, peer: &Peer) {
    match message {
        // In a box of its own: what handling takes is not kept by a connection that is idle.
        Inbound::Frame(frame) => Box::pin(session.handle(*frame)).await,
        Inbound::Binary => session.refuse_binary(),
        Inbound::Ping(payload) => {
            let mut out = BytesMut::new();
            pong(&payload, &mut out);
            peer.outbox().push(&out.freeze());
        }
        Inbound::Pong => {}
    }
}

async fn read(
    io: &TcpStream,
    decoder: &mut Decoder,
    queue: Option<Rc<Turns>>,
) -> Result<Decoded, End> {
    loop {
        if poll_fn(|cx| io.poll_read_ready(cx)).await.is_err() {
            return Err(End::Gone("connection reset"));
        }
        if let Some(queue) = &queue {
            queue.turn().await;
        }
        let read = SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            scratch.reserve(READ);
            io.try_read_buf(scratch).map(|n| (n, decoder.decode(scratch)))
        });
        match read {
            Ok((0, _)) => return Err(End::Gone("connection lost")),
            Ok((_, decoded)) => return Ok(decoded),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return Err(End::Gone("connection reset")),
        }
    }
}

/// Says that nothing more comes, and waits for the peer to say the same.
async fn linger(io: &TcpStream) {
    if SockRef::from(io).shutdown(std::net::Shutdown::Write).is_err() {
        return;
    }
    let mut rest = 256_usize << 10;
    while rest > 0 && poll_fn(|cx| io.poll_read_ready(cx)).await.is_ok() {
        let read = SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            scratch.reserve(READ);
            io.try_read_buf(scratch)
        });
        match read {
            Ok(0) => return,
            Ok(n) => rest = rest.saturating_sub(n),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
