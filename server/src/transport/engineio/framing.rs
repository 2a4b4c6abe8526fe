//! Engine.IO's packets in frames of WebSocket.

use actix_http::ws::{OpCode, Parser};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::{BufMut as _, Bytes, BytesMut};

use super::packets::first_frame;
use crate::{fanout::Framing, transport::websocket::WEBSOCKET};

/// A packet is a text message; its type is the first character of the text.
pub const ENGINEIO: &(dyn Framing + Sync) = &EngineIo;

struct EngineIo;

impl Framing for EngineIo {
    fn text(&self, text: &[u8], out: &mut BytesMut) {
        WEBSOCKET.text(text, out);
    }

    /// The heartbeat is a packet of its own.
    fn ping(&self, out: &mut BytesMut) {
        WEBSOCKET.text(b"2", out);
    }

    /// Never Engine.IO's own `1`: over long-polling python-engineio 4.15.1 does not come back after it,
    /// and rust_socketio 0.6.0 over WebSocket ends without telling anybody.
    fn close(&self, code: u16, reason: &str, out: &mut BytesMut) {
        WEBSOCKET.close(code, reason, out);
    }

    /// The event's array goes on behind its last argument.
    fn with_offset(&self, frame: &[u8], offset: &str, out: &mut BytesMut) {
        let Some(event) = text_of(frame).and_then(|text| text.strip_suffix(b"]")) else {
            out.extend_from_slice(frame);
            return;
        };
        let mut text = BytesMut::with_capacity(event.len() + offset.len() + 4);
        text.put_slice(event);
        text.put_slice(b",\"");
        text.put_slice(offset.as_bytes());
        text.put_slice(b"\"]");
        self.text(&text, out);
    }

    fn is_clocked(&self) -> bool {
        true
    }
}

/// What a frame of ours says.
fn text_of(frame: &[u8]) -> Option<&[u8]> {
    first_frame(frame).map(|(_, text, _)| text)
}

/// A text message as a frame.
pub(super) fn text_frame(text: &str) -> Bytes {
    let mut packet = BytesMut::with_capacity(text.len() + 1);
    packet.put_u8(b'4');
    packet.put_slice(text.as_bytes());
    packet_frame(&packet)
}

/// A packet in its text form as a frame.
pub(super) fn packet_frame(packet: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(packet.len() + 10);
    WEBSOCKET.text(packet, &mut out);
    out.freeze()
}

/// A binary message as a frame; as text for a client that asked for it.
pub(super) fn binary_frame(bytes: &[u8], base64: bool) -> Bytes {
    if base64 {
        let text = format!("b{}", BASE64_STANDARD.encode(bytes));
        return packet_frame(text.as_bytes());
    }
    let mut out = BytesMut::with_capacity(bytes.len() + 10);
    Parser::write_message(&mut out, bytes, OpCode::Binary, true, false);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_the_last_argument() {
        for length in [1, 200, 70_000] {
            let event = format!(r#"42["entry",{{"a":"{}"}}]"#, "x".repeat(length));
            let mut out = BytesMut::new();
            ENGINEIO.with_offset(&packet_frame(event.as_bytes()), "Abc_-1", &mut out);
            let event = event.strip_suffix(']').unwrap();
            assert_eq!(text_of(&out).unwrap(), format!("{event},\"Abc_-1\"]").as_bytes());
        }
    }
}
