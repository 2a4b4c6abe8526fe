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
use rustix::{io::Errno, net::SendFlags};
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream};
use uuid::Uuid;

use super::{
    decoder::{Decoded, Decoder, Inbound},
    framing::{FORMAT, pong},
};
use crate::{
    fanout::{DisconnectReason, Outbox, Pipe},
    runtime::OpenCount,
    session::{AdmissionQueue, Conversation, Worker},
};

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

struct Socket(TcpStream);

/// Never a SIGPIPE: a peer that is gone is an error like others. (Where there is no such flag, the
/// standard library sets the same on the socket.)
#[cfg(not(target_vendor = "apple"))]
const SEND: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const SEND: SendFlags = SendFlags::empty();

impl Pipe for Socket {
    /// Straight to the system. tokio's own asks its record of the socket first, which lies elsewhere
    /// in memory and nearly always says yes; it is told only of a no, so that it waits for the poll.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::net::send(&self.0, bytes, SEND) {
            Ok(written) => Ok(written),
            Err(Errno::AGAIN) => self.0.try_io(Interest::WRITABLE, || Err(Errno::AGAIN.into())),
            Err(error) => Err(error.into()),
        }
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
    tally: std::sync::Arc<OpenCount>,
}

impl Open {
    fn new(worker: Rc<Worker>, tally: std::sync::Arc<OpenCount>) -> Self {
        tally.add();
        worker.services.metrics.connections.inc();
        Self { worker, tally }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.worker.services.metrics.connections.dec();
        self.tally.remove();
    }
}

/// Serves one connection. `head` is the handshake's answer, `early` what the client sent right
/// behind its request; neither is kept for the hours that the connection may last.
pub fn serve(
    io: TcpStream,
    head: &Bytes,
    mut early: BytesMut,
    worker: Rc<Worker>,
    tally: std::sync::Arc<OpenCount>,
) -> impl Future<Output = ()> + use<> {
    let open = Open::new(worker, tally);
    let worker = &open.worker;
    let outbox = Rc::new(Outbox::new(Socket(io), &FORMAT, worker.services.options.outbox_bytes));
    outbox.push(head);
    let id = SessionId(Uuid::now_v7());
    let peer = worker.hub.add(id, outbox.clone());
    let mut conversation = Conversation::new(worker.clone(), id, peer);
    let mut decoder = Decoder::new(conversation.max_frame());
    let mut decoded = decoder.decode(&mut early);
    async move {
        let end = tokio::select! {
            biased;
            () = poll_fn(|cx| outbox.poll_ending(cx)) => outbox.end(),
            end = converse(&outbox, &mut conversation, &mut decoder, &mut decoded) => Some(end),
        };
        let user = conversation.user().map(|user| user.id.to_string()).unwrap_or_default();
        // A crowd that goes at once takes turns as one that comes does.
        Box::pin(open.worker.turns.turn()).await;
        // Memberships end here, before the polite part.
        drop(conversation);
        outbox.close(end.unwrap_or(DisconnectReason::Gone("ended")));
        let end = outbox.end().unwrap_or(DisconnectReason::Gone("ended"));
        let reason = end.reason();
        log::info!(session:% = id, user = user.as_str(), reason; "disconnected");
        open.worker.services.metrics.ended.with_label_values(&[reason]).inc();
        // In a box of its own, as what follows takes more than a whole idle connection.
        Box::pin(part(&outbox, &end)).await;
    }
}

/// Writes what waits, then closes as politely as the end allows.
async fn part(outbox: &Outbox<Socket>, end: &DisconnectReason) {
    let flushed = tokio::time::timeout(FLUSH, poll_fn(|cx| outbox.poll_flush(cx))).await;
    if flushed.is_ok() && !matches!(end, DisconnectReason::Gone(_)) {
        let _ = tokio::time::timeout(LINGER, linger(&outbox.pipe().0)).await;
    }
}

/// Reads and handles frames until one end gives up. The clean-up after it is the caller's, and
/// has no ways to fail.
async fn converse(
    outbox: &Outbox<Socket>,
    conversation: &mut Conversation,
    decoder: &mut Decoder,
    decoded: &mut Decoded,
) -> DisconnectReason {
    loop {
        if !decoded.0.is_empty() {
            // In a box of its own: what handling takes is not kept by a connection that is idle.
            Box::pin(handle(std::mem::take(&mut decoded.0), conversation, outbox)).await;
        }
        if let Some(end) = decoded.1.take() {
            return end;
        }
        *decoded = match read(&outbox.pipe().0, decoder, conversation.queue()).await {
            Ok(decoded) => decoded,
            Err(end) => return end,
        };
        conversation.heard();
    }
}

async fn handle(messages: Vec<Inbound>, conversation: &mut Conversation, outbox: &Outbox<Socket>) {
    for message in messages {
        match message {
            Inbound::Frame(frame) => conversation.handle(*frame).await,
            Inbound::Binary => conversation.refuse_binary(),
            Inbound::Ping(payload) => {
                let mut out = BytesMut::new();
                pong(&payload, &mut out);
                outbox.push(&out.freeze());
            }
            Inbound::Pong => {}
        }
    }
}

async fn read(
    io: &TcpStream,
    decoder: &mut Decoder,
    mut queue: Option<Rc<AdmissionQueue>>,
) -> Result<Decoded, DisconnectReason> {
    loop {
        if poll_fn(|cx| io.poll_read_ready(cx)).await.is_err() {
            return Err(DisconnectReason::Gone("connection reset"));
        }
        if let Some(queue) = queue.take() {
            // In a box, as few ever wait here.
            Box::pin(queue.turn()).await;
        }
        let read = SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            scratch.reserve(READ);
            io.try_read_buf(scratch).map(|n| (n, decoder.decode(scratch)))
        });
        match read {
            Ok((0, _)) => return Err(DisconnectReason::Gone("connection lost")),
            Ok((n, decoded)) => {
                if n < READ {
                    emptied(io);
                }
                return Ok(decoded);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return Err(DisconnectReason::Gone("connection reset")),
        }
    }
}

/// A short read emptied the socket: the next look waits for the poll instead of asking the system
/// in vain. What came in between is told again, as is the peer's end.
fn emptied(io: &TcpStream) {
    let nothing = || Err::<(), _>(ErrorKind::WouldBlock.into());
    let _ = io.try_io(Interest::READABLE, nothing);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<F: Future>(
        _: impl FnOnce(TcpStream, &'static Bytes, BytesMut, Rc<Worker>, std::sync::Arc<OpenCount>) -> F,
    ) -> usize {
        size_of::<F>()
    }

    /// What it holds while nothing happens is much of a connection's memory: 504 bytes, and some room
    /// for what a compiler makes of it.
    #[test]
    fn the_task_of_an_idle_connection_is_small() {
        let size = size_of_future(serve);
        assert!(size <= 640, "{size} bytes");
    }
}
