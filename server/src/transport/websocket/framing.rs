//! Frames towards the client (RFC 6455 section 5.2): never masked, never fragmented.

use actix_http::ws::{CloseCode, CloseReason, OpCode, Parser};
use bytes::{Bytes, BytesMut};

use crate::{
    fanout::{Format, Framing},
    wire::maru::MARU,
};

/// The WebSocket framing, for outboxes.
pub const WEBSOCKET: &(dyn Framing + Sync) = &WebSocket;

/// maru.v1 in WebSocket messages.
pub static FORMAT: Format = Format::new(0, MARU, WEBSOCKET);

struct WebSocket;

/// A control frame carries 125 bytes (RFC 6455 section 5.5), two of them the close code.
const REASON_BYTES: usize = 123;

impl Framing for WebSocket {
    fn text(&self, text: &[u8], out: &mut BytesMut) {
        Parser::write_message(out, text, OpCode::Text, true, false);
    }

    fn ping(&self, out: &mut BytesMut) {
        Parser::write_message(out, b"", OpCode::Ping, true, false);
    }

    fn close(&self, code: u16, reason: &str, out: &mut BytesMut) {
        let mut end = reason.len().min(REASON_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let reason = CloseReason {
            code: CloseCode::from(code),
            description: Some(reason[..end].to_owned()).filter(|text| !text.is_empty()),
        };
        Parser::write_close(out, Some(reason), false);
    }
}

/// The answer to a client's ping.
pub(in crate::transport) fn pong(payload: &[u8]) -> Bytes {
    frame(payload, OpCode::Pong)
}

/// A text message, which may be empty.
pub(super) fn text(text: &str) -> Bytes {
    frame(text.as_bytes(), OpCode::Text)
}

/// A binary message.
pub(super) fn binary(bytes: &[u8]) -> Bytes {
    frame(bytes, OpCode::Binary)
}

fn frame(payload: &[u8], opcode: OpCode) -> Bytes {
    let mut out = BytesMut::new();
    Parser::write_message(&mut out, payload, opcode, true, false);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut out = BytesMut::new();
        WEBSOCKET.close(1012, &"가".repeat(100), &mut out);
        assert_eq!(out[..2], [0x88, 2 + 123], "123 bytes are 41 characters of three");
        assert!(std::str::from_utf8(&out[4..]).is_ok());
    }
}
