//! Engine.IO, revision 4 of the protocol: packets, and payloads of them.
//!
//! Source: <https://github.com/socketio/engine.io-protocol>. Knows neither what messages mean nor
//! how they travel.

mod packet;
mod payload;

pub use packet::{Packet, PacketError};
pub use payload::{MAX_PACKETS, SEPARATOR, base64_packet, split};

/// The revision, `EIO` in addresses.
pub const REVISION: &str = "4";
