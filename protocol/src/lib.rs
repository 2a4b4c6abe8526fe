//! The wire contract of `maru.v1`.
//!
//! Everything that two ends must agree on lives here, and nothing else: no I/O, no clock, no
//! randomness. Start at [`ClientFrame`] and [`ServerFrame`], one closed enum per direction; the
//! values they carry ([`RoomName`], [`DisplayName`], [`Body`], [`Seq`]) can only be built valid, so
//! code that holds one never checks it again.
//!
//! `PROTOCOL.md` tells the same story to people who write clients. `golden/` holds frames that the
//! Rust and the TypeScript tests both decode and encode.

mod body;
mod client;
mod decode;
mod entry;
mod error;
#[cfg(feature = "generate")]
pub mod generate;
mod ids;
mod limits;
mod names;
mod server;
mod unicode;

pub use body::{Body, BodyError};
pub use client::ClientFrame;
pub use decode::{FrameError, decode_client};
pub use entry::{Entry, Message, User};
pub use error::{ByeCode, ErrorCode};
pub use ids::{Epoch, MessageId, Position, Ref, Seq, SeqError, SessionId, UserId};
pub use limits::{Limits, MAX_BODY_BYTES, MAX_BODY_CHARS, MAX_NAME_CHARS, MAX_ROOM_NAME_CHARS};
pub use names::{DisplayName, NameError, RoomKey, RoomName, Skeletons};
pub use server::{Heartbeat, Presence, PresenceChange, RoomInfo, ServerFrame, ServerInfo};

/// The version a `hello` must name. A change that an older peer cannot read raises it.
pub const VERSION: u32 = 1;

/// The protocol's name, as `/api/v1/info` and the documents give it.
pub const NAME: &str = "maru.v1";
