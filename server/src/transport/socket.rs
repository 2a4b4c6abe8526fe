//! A TCP socket that left HTTP: written to by whoever has something for it, read by its own task.

use std::{
    cell::RefCell,
    future::poll_fn,
    io::{self, ErrorKind, IoSlice},
    task::{Context, Poll},
    time::Duration,
};

use bytes::BytesMut;
use rustix::{io::Errno, net::SendFlags};
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream};

use crate::{
    fanout::{DisconnectReason, Outbox, Pipe},
    limits::GiveUp,
};

/// How long the last frames may take to be written.
const FLUSH: Duration = Duration::from_secs(5);
/// How long the peer may take to close after us. Closing with its bytes unread would reset the
/// connection, and the reset can overtake our last frames.
pub(super) const LINGER: Duration = Duration::from_secs(1);
/// Bytes asked of the socket at once; the buffer is the thread's, not the connection's.
const READ: usize = 16 * 1024;

thread_local! {
    static SCRATCH: RefCell<BytesMut> = RefCell::new(BytesMut::with_capacity(READ));
}

/// Never a SIGPIPE: a peer that is gone is an error like others. (Where there is no such flag, the
/// standard library sets the same on the socket.)
#[cfg(not(target_vendor = "apple"))]
const SEND: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const SEND: SendFlags = SendFlags::empty();

/// The socket of one connection.
pub(super) struct Socket(pub(super) TcpStream);

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

impl Socket {
    /// Waits until there is something to read, or the end of it.
    pub(super) async fn readable(&self) -> Result<(), DisconnectReason> {
        let ready = poll_fn(|cx| self.0.poll_read_ready(cx)).await;
        ready.map_err(|error| DisconnectReason::Broken((&error).into()))
    }

    /// Decodes what is there to be read. `None` when there is nothing: wait again.
    pub(super) fn read<D>(
        &self,
        decode: impl FnOnce(&mut BytesMut) -> D,
    ) -> Result<Option<D>, DisconnectReason> {
        let read = SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            scratch.reserve(READ);
            self.0.try_read_buf(scratch).map(|n| (n, decode(scratch)))
        });
        match read {
            Ok((0, _)) => Err(DisconnectReason::Gone("connection lost")),
            Ok((n, decoded)) => {
                if n < READ {
                    self.emptied();
                }
                Ok(Some(decoded))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(DisconnectReason::Broken((&error).into())),
        }
    }

    /// A short read emptied the socket: the next look waits for the poll instead of asking the system
    /// in vain. What came in between is told again, as is the peer's end.
    fn emptied(&self) {
        let nothing = || Err::<(), _>(ErrorKind::WouldBlock.into());
        let _ = self.0.try_io(Interest::READABLE, nothing);
    }

    /// Says that nothing more comes, and waits for the peer to say the same.
    async fn linger(&self) {
        if SockRef::from(&self.0).shutdown(std::net::Shutdown::Write).is_err() {
            return;
        }
        let mut rest = 256_usize << 10;
        while rest > 0 && self.readable().await.is_ok() {
            let read = SCRATCH.with_borrow_mut(|scratch| {
                scratch.clear();
                scratch.reserve(READ);
                self.0.try_read_buf(scratch)
            });
            match read {
                Ok(0) => return,
                Ok(n) => rest = rest.saturating_sub(n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }
}

/// A client that does not end what it began to say.
impl<P: Pipe + 'static> GiveUp for Outbox<P> {
    fn give_up(&self) {
        let why = "the server has too much of what is not ended: send again";
        self.close(DisconnectReason::Close(1013, why));
    }
}

/// Writes what waits in the outbox, then closes as politely as the end allows. `socket` is the one
/// that the outbox writes to, if it writes to one.
pub(super) async fn part<P: Pipe>(
    outbox: &Outbox<P>,
    socket: Option<&Socket>,
    end: &DisconnectReason,
) {
    let flushed = tokio::time::timeout(FLUSH, poll_fn(|cx| outbox.poll_flush(cx))).await;
    if flushed.is_ok()
        && !matches!(end, DisconnectReason::Broken(_) | DisconnectReason::Gone(_))
        && let Some(socket) = socket
    {
        let _ = tokio::time::timeout(LINGER, socket.linger()).await;
    }
}
