//! Socket.IO, revision 5 of the protocol, on top of Engine.IO.
//!
//! Source: <https://github.com/socketio/socket.io-protocol>. The packets and their decoder know nothing
//! of chat; [`chat`] is how Maru's events and answers look on it.

pub mod chat;
mod decoder;
mod offset;
mod packet;

pub use decoder::{DecodeError, Decoder};
pub use offset::Offset;
pub use packet::{Encoded, Kind, MAX_ATTACHMENTS, Packet, PacketError};
