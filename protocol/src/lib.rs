//! The wire contract of `maru.v1`.
//!
//! Everything that two ends must agree on lives here, and nothing else: no I/O, no clock, no
//! randomness. Start at [`ClientFrame`] and [`ServerFrame`], one closed enum per direction; the
//! values they carry ([`RoomName`], [`DisplayName`], [`Body`], [`Seq`]) can only be built valid, so
//! code that holds one never checks it again.
//!
//! `PROTOCOL.md` tells the same story to people who write clients. `golden/` holds frames that the
//! Rust and the TypeScript tests both decode and encode.

pub mod apply;
mod body;
mod change;
mod client;
mod decode;
mod emoji;
mod entry;
mod error;
mod file;
#[cfg(feature = "generate")]
pub mod generate;
mod ids;
mod limits;
mod message;
mod names;
mod search;
mod server;
mod topic;
mod unicode;

pub use body::{Body, BodyError};
pub use change::{Deletion, Edit, Pinning, Reaction, TopicChange};
pub use client::ClientFrame;
pub use decode::{FrameError, decode_client};
pub use emoji::{Emoji, EmojiError, MAX_EMOJI_BYTES};
pub use entry::{Entry, Head, User};
pub use error::{ByeCode, ErrorCode};
pub use file::{FileInfo, FileName};
pub use ids::{Covers, Epoch, FileId, MessageId, Position, Ref, Seq, SeqError, SessionId, UserId};
pub use limits::*;
pub use message::{Edited, Message, OwnReactions, Quote, Reacted, Tombstone};
pub use names::{Beginning, DisplayName, MAX_MARKS, NameError, RoomKey, RoomName, Skeletons};
pub use search::{Hit, Query, QueryError, Run};
pub use server::{
    Heartbeat, Presence, PresenceChange, ReadState, RoomInfo, ServerFrame, ServerInfo,
};
pub use topic::{About, Description, Topic, TopicError};

/// The version a `hello` must name. A change that an older peer cannot read raises it.
pub const VERSION: u32 = 1;

/// The protocol's name, as `/api/v1/info` and the documents give it.
pub const NAME: &str = "maru.v1";
