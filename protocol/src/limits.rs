//! The bounds that both ends know.

use serde::{Deserialize, Serialize};

/// Most characters in a message: what a person types, or a long paste; more belongs into a file.
pub const MAX_BODY_CHARS: usize = 4_000;
/// Most UTF-8 bytes in a message: 4,000 characters of the widest kind, rounded up.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// Most characters in a person's name: one line of a phone's roster.
pub const MAX_NAME_CHARS: usize = 40;
/// Most characters in a room's name: one line of the directory.
pub const MAX_ROOM_NAME_CHARS: usize = 64;
/// Most people that one message mentions: more are a notice to the room.
pub const MAX_MENTIONS: usize = 20;
/// Most files that one message carries.
pub const MAX_FILES: usize = 10;
/// Most different emoji on one message: two lines of them.
pub const MAX_REACTIONS: usize = 20;
/// Most people that are listed for an emoji on a message; more are only counted.
pub const MAX_REACTED_USERS: usize = 50;
/// Most pinned messages of a room: more are a list that nobody reads.
pub const MAX_PINS: usize = 50;
/// Most characters of a quoted message: two lines.
pub const MAX_EXCERPT_CHARS: usize = 140;
/// Most characters in a room's topic: one line under its name.
pub const MAX_TOPIC_CHARS: usize = 120;
/// Most characters in a room's description: half a page.
pub const MAX_DESCRIPTION_CHARS: usize = 2_000;
/// Most characters in a file's name: what a card shows in two lines.
pub const MAX_FILE_NAME_CHARS: usize = 120;
/// Most characters in a search.
pub const MAX_QUERY_CHARS: usize = 100;
/// Unread messages and mentions are counted up to here: a badge says "99+" then.
pub const MAX_UNREAD: u32 = 100;

/// The bounds of one server, told in `welcome` and `/api/v1/info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Most bytes in one frame from a client; a longer one closes the connection with 1009.
    pub max_frame_bytes: u32,
    /// Most characters in a message's body.
    pub max_body_chars: u32,
    /// Most UTF-8 bytes in a message's body.
    pub max_body_bytes: u32,
    /// Most characters in a display name.
    pub max_name_chars: u32,
    /// Most characters in a room's name.
    pub max_room_name_chars: u32,
    /// Most rooms that one session can be in at a time.
    pub max_rooms: u32,
    /// Most entries in a `page`.
    pub max_page: u32,
    /// Most entries that a `join` with `after` replays; a client that missed more is `reset`.
    pub max_replay: u32,
    /// Up to this many people `members` lists all; above it is a count and a sample.
    pub max_roster: u32,
    /// Most bytes of a file.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub max_file_bytes: u64,
    /// Most files that one message carries.
    pub max_files: u32,
    /// Most people that one message mentions.
    pub max_mentions: u32,
}
