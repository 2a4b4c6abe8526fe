//! maru.v1: each frame is one JSON object (PROTOCOL.md).

mod joined;

use bytes::Bytes;
use maru_engine::{Event, SharedEvent};
use maru_protocol::{Entry, RoomInfo, RoomName, ServerFrame, User};
use serde::Serialize;

use super::{Joined, Wire};

/// The wire format maru.v1.
pub const MARU: &dyn Wire = &Maru;

/// Where shared events keep their JSON.
const NUMBER: usize = 0;

#[derive(Debug)]
struct Maru;

impl Wire for Maru {
    fn number(&self) -> usize {
        NUMBER
    }

    fn event(&self, event: &SharedEvent) -> Bytes {
        encode(&Frame::of(event))
    }

    fn frame(&self, frame: &ServerFrame) -> Bytes {
        encode(frame)
    }

    fn joined(&self, joined: &Joined) -> Bytes {
        joined::encode(joined)
    }
}

/// An event as the frame that it is on this wire, without a copy: [`ServerFrame`] with borrowed
/// fields. A test holds the two against one another.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame<'a> {
    Entry(&'a Entry),
    Presence {
        room: &'a RoomName,
        count: u32,
        change: &'a maru_protocol::PresenceChange,
    },
    Typing {
        room: &'a RoomName,
        user: &'a User,
        on: bool,
    },
    Directory {
        rooms: &'a [RoomInfo],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        removed: &'a [RoomName],
    },
    Removed {
        room: &'a RoomName,
        #[serde(skip_serializing_if = "Option::is_none")]
        renamed_to: Option<&'a RoomName>,
    },
    Read(&'a maru_protocol::ReadState),
}

impl<'a> Frame<'a> {
    fn of(event: &'a Event) -> Self {
        match event {
            Event::Entry(entry) => Self::Entry(entry),
            Event::Presence { room, count, change } => {
                Self::Presence { room, count: *count, change }
            }
            Event::Typing { room, user, on } => Self::Typing { room, user, on: *on },
            Event::Directory { rooms, removed } => Self::Directory { rooms, removed },
            Event::Removed { room, renamed_to } => {
                Self::Removed { room, renamed_to: renamed_to.as_ref() }
            }
            Event::Read(state) => Self::Read(state),
        }
    }
}

/// As JSON text. A frame of ours always encodes; if a bug made one that does not, the client is told
/// so instead of being left to wait.
fn encode(frame: &impl Serialize) -> Bytes {
    match serde_json::to_vec(frame) {
        Ok(text) => Bytes::from(text),
        Err(error) => {
            log::error!(error:% = error; "a frame could not be encoded");
            Bytes::from_static(
                br#"{"type":"error","code":"internal","message":"the server could not encode its answer"}"#,
            )
        }
    }
}

#[cfg(test)]
mod tests;
