//! The WebSocket handshake.

use base64::{Engine, engine::general_purpose::STANDARD};
use maru_protocol::RoomName;
use sha1::{Digest, Sha1};

/// What a peer asked for.
pub struct Request {
    /// The room that the path names.
    pub room: Option<RoomName>,
    /// What it is answered.
    pub answer: String,
    /// Bytes of the request.
    pub length: usize,
}

/// The request at the front; `Some(None)` when it is not all there, `None` when it is none.
pub fn request(bytes: &[u8]) -> Option<Option<Request>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let Some(end) = text.find("\r\n\r\n") else { return Some(None) };
    let name = "sec-websocket-key:";
    let is_key =
        |line: &&str| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let key = text.lines().find(is_key)?[name.len()..].trim();
    let path = text.split(' ').nth(1)?;
    let room = path.rsplit_once("/room/").and_then(|(_, room)| RoomName::parse(room).ok());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept_key(key)
    );
    Some(Some(Request { room, answer, length: end + 4 }))
}

fn accept_key(key: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(hash.finalize())
}
