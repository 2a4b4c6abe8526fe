//! WebSocket frames (RFC 6455), and what can be read of an entry without parsing its JSON.

/// A text message's opcode.
pub const TEXT: u8 = 1;
/// A binary message's opcode.
pub const BINARY: u8 = 2;
/// The end of the conversation.
pub const CLOSE: u8 = 8;
/// A heartbeat that wants an answer.
pub const PING: u8 = 9;
/// The answer.
pub const PONG: u8 = 10;

/// The key of every handshake: the one of RFC 6455 section 1.3, whose answer is known.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The answer to [`KEY`].
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Masks guard proxies against pages (RFC 6455 section 10.3): a load generator's may be constant.
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
/// No frame of ours comes near.
const MAX_FRAME: u64 = 16 << 20;
/// No handshake's answer comes near.
const MAX_HEAD: usize = 8 * 1024;

/// Bytes that a server should not have sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The handshake was refused.
    #[error("the server refused the handshake: {0}")]
    Handshake(String),
    /// A frame that breaks the rules, or one that maru.v1 doesn't use.
    #[error("the server sent a frame that is {0}")]
    Frame(&'static str),
    /// What is no answer of HTTP, or one that refuses.
    #[error("the server's answer over HTTP: {0}")]
    Http(String),
    /// What another kind of server than the one asked for says.
    #[error("the server sent {0}")]
    Stream(&'static str),
}

/// One whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What kind.
    pub opcode: u8,
    /// What it carries.
    pub payload: &'a [u8],
    /// Bytes of the frame, header included.
    pub length: usize,
}

/// The frame at the front of the buffer; `None` when it is not all there.
///
/// # Errors
/// [`WireError::Frame`] for what a server of maru.v1 never sends.
#[inline]
pub fn next_frame(buffer: &[u8]) -> Result<Option<Frame<'_>>, WireError> {
    let [first, second, ..] = *buffer else { return Ok(None) };
    if first & 0xf0 != 0x80 {
        return Err(WireError::Frame("fragmented or compressed"));
    }
    if second & 0x80 != 0 {
        return Err(WireError::Frame("masked"));
    }
    let (start, length) = match second {
        126 => match buffer.get(2..4) {
            Some(&[high, low]) => (4, u64::from(u16::from_be_bytes([high, low]))),
            _ => return Ok(None),
        },
        127 => match buffer.get(2..10).and_then(|bytes| bytes.try_into().ok()) {
            Some(bytes) => (10, u64::from_be_bytes(bytes)),
            None => return Ok(None),
        },
        short => (2, u64::from(short)),
    };
    if length > MAX_FRAME {
        return Err(WireError::Frame("longer than 16 MiB"));
    }
    let end = start + usize::try_from(length).unwrap_or(usize::MAX);
    let payload = buffer.get(start..end);
    Ok(payload.map(|payload| Frame { opcode: first & 0x0f, payload, length: end }))
}

/// Appends one client frame, whose payload comes in parts.
pub fn put_frame(out: &mut Vec<u8>, opcode: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(0x80 | opcode);
    if let Ok(short @ 0..126) = u8::try_from(length) {
        out.push(0x80 | short);
    } else if let Ok(medium) = u16::try_from(length) {
        out.push(0x80 | 126);
        out.extend_from_slice(&medium.to_be_bytes());
    } else {
        out.push(0x80 | 127);
        out.extend_from_slice(&(length as u64).to_be_bytes());
    }
    out.extend_from_slice(&MASK);
    let payload = parts.iter().copied().flatten();
    out.extend(payload.zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// The handshake's request.
#[must_use]
pub fn request(host: &str, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )
}

/// How many bytes the handshake's answer has; `None` when it is not all there.
///
/// # Errors
/// [`WireError::Handshake`] when it is not the answer to our key.
pub fn handshake(buffer: &[u8]) -> Result<Option<usize>, WireError> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
        if buffer.len() > MAX_HEAD {
            return Err(WireError::Handshake("its answer has no end".to_owned()));
        }
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&buffer[..end]);
    let status = head.lines().next().unwrap_or_default();
    if !status.starts_with("HTTP/1.1 101") {
        return Err(WireError::Handshake(status.to_owned()));
    }
    if !head.contains(ACCEPT) {
        return Err(WireError::Handshake("Sec-WebSocket-Accept is wrong".to_owned()));
    }
    Ok(Some(end + 4))
}

/// How the server starts a message entry: serde writes the tags first, then the fields in order.
const ENTRY: &[u8] = br#"{"type":"entry","kind":"message","room":""#;
const SEQ: &[u8] = br#"","seq":"#;
const BODY: &[u8] = br#""body":""#;

/// The room and the seq of a message entry; `None` for any other frame, which is then parsed. A
/// room's name has no character that JSON escapes.
#[inline]
#[must_use]
pub fn scan_entry(payload: &[u8]) -> Option<(&[u8], u64)> {
    let rest = payload.strip_prefix(ENTRY)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    let (room, rest) = rest.split_at(end);
    let rest = rest.strip_prefix(SEQ)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=16).contains(&digits) {
        return None;
    }
    let seq = rest[..digits].iter().fold(0, |seq, digit| seq * 10 + u64::from(digit - b'0'));
    Some((room, seq))
}

/// Characters of a body that say when it was sent.
pub const STAMP: usize = 16;

/// A body of `length` bytes that says when it was sent.
#[must_use]
pub fn stamped(nanos: u64, length: usize) -> String {
    let mut body = format!("{nanos:016x}");
    body.extend(std::iter::repeat_n('x', length.saturating_sub(STAMP)));
    body
}

/// When the entry's message was sent, where its body is of ours and of that length.
#[inline]
#[must_use]
pub fn scan_stamp(payload: &[u8], body: usize) -> Option<u64> {
    let text = payload.strip_suffix(br#""}"#)?;
    let start = text.len().checked_sub(body)?;
    if !text[..start].ends_with(BODY) {
        return None;
    }
    let stamp = text.get(start..start + STAMP)?;
    u64::from_str_radix(std::str::from_utf8(stamp).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use maru_protocol::{
        Body, DisplayName, Entry, Message, MessageId, RoomName, Seq, ServerFrame, User, UserId,
    };

    fn entry(room: &str, seq: u64, body: String) -> Vec<u8> {
        let frame = ServerFrame::Entry(Entry::Message(Message::of(
            RoomName::parse(room).unwrap(),
            Seq::new(seq).unwrap(),
            MessageId(uuid::Uuid::from_u128(7)),
            User { id: UserId("u".into()), name: DisplayName::parse("Ada").unwrap() },
            1,
            Body::parse(body).unwrap(),
        )));
        serde_json::to_vec(&frame).unwrap()
    }

    #[test]
    fn the_scanner_reads_what_the_server_writes() {
        for (room, seq) in [("lobby", 1), ("사랑방 2", 42), ("a", (1 << 53) - 1)] {
            let text = entry(room, seq, stamped(77, 128));
            assert_eq!(scan_entry(&text), Some((room.as_bytes(), seq)));
            assert_eq!(scan_stamp(&text, 128), Some(77));
            assert_eq!(scan_stamp(&text, 127), None);
        }
    }

    #[test]
    fn a_body_cannot_pass_for_an_entry() {
        let text = entry("lobby", 5, r#"{"type":"entry","room":"x","seq":9}"#.into());
        assert_eq!(scan_entry(&text), Some((&b"lobby"[..], 5)));
        assert_eq!(scan_entry(br#"{"type":"sent","room":"lobby","seq":9}"#), None);
        assert_eq!(scan_entry(br#"{"type":"entry","kind":"message","room":"a","seq":}"#), None);
        assert_eq!(scan_stamp(&text, 128), None);
    }

    #[test]
    fn every_cut_of_a_stream_splits_alike() {
        let mut stream = Vec::new();
        for length in [0_usize, 5, 125, 126, 300, 70_000] {
            let payload = vec![b'a'; length];
            let mut frame = Vec::new();
            put_frame(&mut frame, TEXT, &[&payload]);
            // A client's frame without its mask is a server's.
            let header = frame.len() - length - 4;
            frame[1] &= 0x7f;
            frame.drain(header..);
            frame.extend_from_slice(&payload);
            for cut in 0..frame.len() {
                assert_eq!(next_frame(&frame[..cut]), Ok(None));
            }
            let whole = next_frame(&frame).unwrap().unwrap();
            assert_eq!((whole.opcode, whole.payload.len()), (TEXT, length));
            assert_eq!(whole.length, frame.len());
            stream.extend(frame);
        }
        let (mut count, mut at) = (0, 0);
        while let Some(frame) = next_frame(&stream[at..]).unwrap() {
            at += frame.length;
            count += 1;
        }
        assert_eq!((count, at), (6, stream.len()));
    }

    #[test]
    fn what_no_server_sends_is_refused() {
        assert!(next_frame(&[0x01, 0]).is_err(), "fragmented");
        assert!(next_frame(&[0xc1, 0]).is_err(), "compressed");
        assert!(next_frame(&[0x81, 0x80]).is_err(), "masked");
        assert!(next_frame(&[0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0]).is_err(), "endless");
    }

    #[test]
    fn masks_come_off() {
        let mut out = Vec::new();
        put_frame(&mut out, TEXT, &[b"he", b"", b"llo"]);
        let plain: Vec<u8> = out[6..].iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b).collect();
        assert_eq!((out[0], out[1], &plain[..]), (0x81, 0x85, &b"hello"[..]));
    }

    #[test]
    fn handshakes() {
        let answer = format!("HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\nrest");
        assert_eq!(handshake(answer.as_bytes()), Ok(Some(answer.len() - 4)));
        assert_eq!(handshake(&answer.as_bytes()[..40]), Ok(None));
        assert!(handshake(b"HTTP/1.1 503 Full\r\n\r\n").is_err());
        assert!(handshake(b"HTTP/1.1 101 OK\r\n\r\n").is_err());
    }
}
