//! What a transport gives an outbox: a way to write, and how frames look on it.

use std::{
    io::{self, IoSlice},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};

/// A non-blocking way to write: a socket, or a test's stand-in for a network.
pub trait Pipe {
    /// Writes what it can now.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] when it can't write now, anything else when it never will.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// As [`Pipe::try_write`], from several buffers.
    ///
    /// # Errors
    /// As [`Pipe::try_write`].
    fn try_write_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Ready when a write may succeed again; otherwise the task is woken when it may.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// How a transport puts frames on its wire.
pub trait Framing {
    /// Appends one text message.
    fn text(&self, text: &[u8], out: &mut BytesMut);
    /// Appends a heartbeat that the other end answers by itself.
    fn ping(&self, out: &mut BytesMut);
    /// Appends a frame of [`Framing::text`] with one more argument, a text, for clients that asked for
    /// recovery. A wire without such clients has it as it is.
    fn with_offset(&self, frame: &[u8], _offset: &str, out: &mut BytesMut) {
        out.extend_from_slice(frame);
    }
    /// Whether the other end counts on a heartbeat at every interval, whatever else it hears and says;
    /// and learns of the end by the transport alone, without a `bye`, where it was not heard of in time.
    fn is_clocked(&self) -> bool {
        false
    }
    /// Appends the end of the conversation. `reason` is cut at what the wire can carry.
    fn close(&self, code: u16, reason: &str, out: &mut BytesMut);
}

/// One text, framed for the wire.
pub(crate) fn frame(framing: &dyn Framing, text: &[u8]) -> Bytes {
    // No framing here needs a longer header.
    let mut out = BytesMut::with_capacity(text.len() + 10);
    framing.text(text, &mut out);
    out.freeze()
}
