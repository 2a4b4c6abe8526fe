//! The native wire, `maru.v1`, over WebSocket (RFC 6455).
//!
//! actix-ws answers the handshake, and the codec it is made of (`actix_http::ws`) decodes and
//! encodes. What this module does itself is what a chat server lives on: it owns the socket, so
//! that the hub writes to it without waking anybody, and it looks at a frame's declared length
//! before a byte of it is buffered.

mod connection;
pub(super) mod decoder;
pub(super) mod framing;
mod handshake;
pub mod plain;

pub use framing::WEBSOCKET;
pub use handshake::route;
