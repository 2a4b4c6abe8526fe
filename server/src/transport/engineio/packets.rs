//! From frames of WebSocket back to packets, for an answer to a poll.

use crate::wire::engineio::{MAX_PACKETS, SEPARATOR, base64_packet};

/// What goes into one answer to a poll.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Payload {
    /// The packets, with separators.
    pub(super) body: Vec<u8>,
    packets: usize,
    /// Bytes of the frames that it was made of.
    pub(super) taken: usize,
    /// The connection ends behind it.
    pub(super) closes: bool,
}

/// RFC 6455 section 5.2.
const OPCODE: u8 = 0x0f;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;

/// Takes whole frames from the front, as many as one answer may have. A buffer holds whole frames of
/// ours, unmasked and not fragmented; what does not look like one is left.
pub(super) fn payload<'a>(buffers: impl IntoIterator<Item = &'a [u8]>) -> Payload {
    let mut payload = Payload::default();
    for mut rest in buffers {
        while let Some((opcode, data, after)) = first_frame(rest) {
            if payload.packets == MAX_PACKETS {
                return payload;
            }
            payload.add(opcode, data);
            payload.taken += rest.len() - after.len();
            rest = after;
        }
        if !rest.is_empty() {
            return payload;
        }
    }
    payload
}

/// Whether it begins with the end of the connection.
pub(super) fn is_close(buffer: &[u8]) -> bool {
    buffer.first().is_some_and(|first| first & OPCODE == CLOSE)
}

impl Payload {
    fn add(&mut self, opcode: u8, data: &[u8]) {
        if opcode == CLOSE {
            self.closes = true;
            return;
        }
        if opcode != TEXT && opcode != BINARY {
            return;
        }
        if self.packets > 0 {
            self.body.push(SEPARATOR);
        }
        self.packets += 1;
        if opcode == BINARY {
            base64_packet(data, &mut self.body);
        } else {
            self.body.extend_from_slice(data);
        }
    }
}

/// The kind of the first frame, what it carries, and what follows it.
pub(super) fn first_frame(buffer: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let opcode = buffer.first()? & OPCODE;
    let (header, length) = match *buffer.get(1)? {
        126 => (4, u64::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?)),
        short => (2, u64::from(short)),
    };
    let end = usize::try_from(length).ok()?.checked_add(header)?;
    Some((opcode, buffer.get(header..end)?, buffer.get(end..)?))
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{super::framing, *};

    fn close() -> Bytes {
        let mut out = BytesMut::new();
        framing::ENGINEIO.close(1000, "", &mut out);
        out.freeze()
    }

    #[test]
    fn frames_of_any_length_become_packets() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let text = "x".repeat(length);
            let frames =
                [framing::text_frame(&text), framing::binary_frame(&[1, 2], false)].concat();
            let payload = payload([&frames[..]]);
            assert_eq!(payload.body, format!("4{text}\u{1e}bAQI=").as_bytes());
            assert_eq!((payload.taken, payload.closes), (frames.len(), false));
        }
    }

    #[test]
    fn an_answer_has_at_most_sixteen_packets() {
        let frame = framing::text_frame("x");
        let buffers = [frame.repeat(5), frame.repeat(20)];
        let payload = payload(buffers.iter().map(|buffer| &buffer[..]));
        assert_eq!(payload.body.split(|byte| *byte == SEPARATOR).count(), MAX_PACKETS);
        assert_eq!(payload.taken, 16 * frame.len());
    }

    #[test]
    fn the_end_of_the_connection_is_no_packet() {
        let frames = [framing::text_frame("x"), close()].concat();
        let both = payload([&frames[..]]);
        assert_eq!((&both.body[..], both.taken, both.closes), (&b"4x"[..], frames.len(), true));
        let end = payload([&close()[..]]);
        assert!(end.body.is_empty() && end.closes);
    }
}
