//! What a member says, on its way to a socket.

use crate::wire;

/// What stands between two packets of one payload of Engine.IO.
pub const SEPARATOR: u8 = 0x1e;

/// What a member says and no socket has taken.
#[derive(Debug)]
pub struct Outgoing {
    framing: Framing,
    bytes: Vec<u8>,
}

/// How messages are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each is a frame of WebSocket.
    WebSocket,
    /// Each is a packet in the body of a POST of Engine.IO. All of them are texts.
    Payload,
}

impl Outgoing {
    /// Nothing is said yet.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self { framing, bytes: Vec::new() }
    }

    /// Appends a text message, which comes in parts.
    pub fn text(&mut self, parts: &[&[u8]]) {
        self.message(wire::TEXT, parts);
    }

    /// Appends a message of that opcode.
    pub fn message(&mut self, opcode: u8, parts: &[&[u8]]) {
        match self.framing {
            Framing::WebSocket => wire::put_frame(&mut self.bytes, opcode, parts),
            Framing::Payload => {
                if !self.bytes.is_empty() {
                    self.bytes.push(SEPARATOR);
                }
                parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
            }
        }
    }

    /// The bytes, for who takes them off.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_a_payload_are_told_apart() {
        let mut out = Outgoing::new(Framing::Payload);
        out.text(&[b"40"]);
        out.text(&[b"42", b"[\"a\"]"]);
        assert_eq!(out.bytes(), b"40\x1e42[\"a\"]");
    }
}
