//! What a frame counts for, of the limits of a person and of an address.

use maru_protocol::ClientFrame;

use crate::limits::{Caller, Limited, Rate};

/// Takes a frame of what its sender has left, before anything is done for it.
///
/// What has no line here is bounded by the frames of its connection alone. That a room is made counts
/// where it is known to be a new one (`services::directory`).
pub(super) fn charge(caller: &Caller, frame: &ClientFrame) -> Result<(), Limited> {
    match frame {
        ClientFrame::Hello { .. } | ClientFrame::Ping | ClientFrame::Leave { .. } => Ok(()),
        ClientFrame::Join { .. } => caller.take(Rate::Joins),
        ClientFrame::Send { body, .. } => {
            caller.take(Rate::Messages)?;
            bytes(caller, body.as_ref().map_or(0, |body| body.as_str().len()))
        }
        ClientFrame::Edit { body, .. } => {
            caller.take(Rate::Changes)?;
            bytes(caller, body.as_str().len())
        }
        ClientFrame::Topic { topic, description, .. } => {
            caller.take(Rate::Changes)?;
            bytes(caller, topic.as_str().len() + description.as_str().len())
        }
        ClientFrame::Delete { .. } | ClientFrame::React { .. } | ClientFrame::Pin { .. } => {
            caller.take(Rate::Changes)
        }
        ClientFrame::Typing { .. } => caller.take(Rate::Typing),
        ClientFrame::Read { .. } => caller.take(Rate::Marks),
        ClientFrame::Search { .. } | ClientFrame::Rooms { query: Some(_), .. } => {
            caller.take(Rate::Searches)
        }
        ClientFrame::Create { .. }
        | ClientFrame::Pinned { .. }
        | ClientFrame::OwnReactions { .. }
        | ClientFrame::History { .. }
        | ClientFrame::Rooms { query: None, .. }
        | ClientFrame::Unread { .. }
        | ClientFrame::Members { .. } => caller.take(Rate::Reads),
    }
}

fn bytes(caller: &Caller, length: usize) -> Result<(), Limited> {
    caller.take_many(Rate::Bytes, u32::try_from(length).unwrap_or(u32::MAX))
}
