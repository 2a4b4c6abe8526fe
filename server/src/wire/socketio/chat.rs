//! Maru's events and answers as Socket.IO: the frames of maru.v1 as arguments of events and acks.
//!
//! An event is named like the `type` of its frame and has the frame as its only argument. An answer is
//! the frame as the only argument of the ack. So one description of the frames serves both wires, and a
//! frame that another client needs in maru.v1 is encoded once for both.

mod decode;

use bytes::{BufMut as _, Bytes, BytesMut};
use maru_engine::{Event, SharedEvent};
use maru_protocol::{Entry, Ref, RoomName, ServerFrame};
use serde::Serialize;

pub use decode::decode;

use crate::wire::{Joined, Wire, encoded, maru::MARU};

/// All of Maru's vocabulary.
pub const VOCABULARY: &dyn Wire = &Chat { number: 1, article: false };
/// The same for clients that only know `chat message`: what is said in the lobby comes to them as the
/// text alone.
pub const ARTICLE: &dyn Wire = &Chat { number: 2, article: true };

/// The room of those who name none.
pub const LOBBY: &str = "lobby";
/// The event of those who know no other one: a text for the lobby.
pub const CHAT_MESSAGE: &str = "chat message";

/// The `ref` of a request without an ack: its answer goes nowhere. Its refusal is an `error` event, and
/// the answer to a `join` a `joined` event. A client can't send it: ack ids end below it.
pub const NO_ACK: Ref = Ref(u32::MAX);

/// How a `joined` begins that nobody asked for an ack of.
const UNASKED_JOINED: &[u8] = br#"{"type":"joined","ref":4294967295,"#;

#[derive(Debug)]
struct Chat {
    number: usize,
    article: bool,
}

impl Wire for Chat {
    fn number(&self) -> usize {
        self.number
    }

    fn event(&self, event: &SharedEvent) -> Bytes {
        if self.article
            && let Some(text) = said_in_the_lobby(event)
        {
            return named(CHAT_MESSAGE, &json(text));
        }
        let name = match &**event {
            Event::Entry(_) => "entry",
            Event::Presence { .. } => "presence",
            Event::Typing { .. } => "typing",
            Event::Directory { .. } => "directory",
            Event::Removed { .. } => "removed",
            Event::Read(_) => "read",
        };
        named(name, &encoded(MARU, event))
    }

    fn frame(&self, frame: &ServerFrame) -> Bytes {
        match frame.reference() {
            Some(NO_ACK) => match frame.clone() {
                ServerFrame::Error { code, message, retry_after, renamed_to, .. } => {
                    let reference = None;
                    let error =
                        ServerFrame::Error { reference, code, message, retry_after, renamed_to };
                    named_frame(&error)
                }
                _ => Bytes::new(),
            },
            Some(reference) => ack(reference, &MARU.frame(frame)),
            None => named_frame(frame),
        }
    }

    fn joined(&self, joined: &Joined) -> Bytes {
        let text = MARU.joined(joined);
        if joined.reference != NO_ACK {
            return ack(joined.reference, &text);
        }
        // Without the `ref` that nobody gave.
        match text.strip_prefix(UNASKED_JOINED) {
            Some(rest) => named("joined", &[br#"{"type":"joined","#, rest].concat()),
            None => named("joined", &text),
        }
    }
}

/// Where a client is in its rooms now, for one that asked for recovery.
#[must_use]
pub fn position(offset: &str) -> Bytes {
    named("position", &json(offset))
}

/// Older messages of a room as they are now, for a client that is brought back.
#[must_use]
pub fn updated(room: &RoomName, entries: &[Entry]) -> Bytes {
    #[derive(Serialize)]
    struct Updated<'a> {
        room: &'a RoomName,
        entries: &'a [Entry],
    }
    // Texts and numbers always encode.
    named("updated", &serde_json::to_vec(&Updated { room, entries }).unwrap_or_default())
}

/// The text of a message that carries nothing else and was said in the lobby.
fn said_in_the_lobby(event: &Event) -> Option<&str> {
    let Event::Entry(Entry::Message(message)) = event else { return None };
    let body = message.body.as_ref()?;
    (message.room.key().as_str() == LOBBY).then(|| body.as_str())
}

fn named_frame(frame: &ServerFrame) -> Bytes {
    let name = match frame {
        ServerFrame::Welcome { .. } => "welcome",
        ServerFrame::Entry(_) => "entry",
        ServerFrame::Presence { .. } => "presence",
        ServerFrame::Typing { .. } => "typing",
        ServerFrame::Directory { .. } => "directory",
        ServerFrame::Removed { .. } => "removed",
        ServerFrame::Read(_) => "read",
        // Its answer is the ack, where one is asked for.
        ServerFrame::Pong => return Bytes::new(),
        ServerFrame::Bye { .. } => "bye",
        // The others are answers, which have a `ref`.
        _ => "error",
    };
    named(name, &MARU.frame(frame))
}

/// An event with one argument. `name` needs no escapes.
fn named(name: &str, argument: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(argument.len() + name.len() + 8);
    out.put_slice(b"42[\"");
    out.put_slice(name.as_bytes());
    out.put_slice(b"\",");
    out.put_slice(argument);
    out.put_u8(b']');
    out.freeze()
}

/// An answer with one argument.
fn ack(reference: Ref, argument: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(argument.len() + 16);
    out.put_slice(b"43");
    out.put_slice(reference.0.to_string().as_bytes());
    out.put_u8(b'[');
    out.put_slice(argument);
    out.put_u8(b']');
    out.freeze()
}

/// A text as JSON.
fn json(text: &str) -> Vec<u8> {
    // A text always encodes.
    serde_json::to_vec(text).unwrap_or_else(|_| b"\"\"".to_vec())
}

#[cfg(test)]
mod tests;
