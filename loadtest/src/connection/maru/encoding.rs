//! How the frames of maru.v1 travel: as they are, or as events and acks of Socket.IO (docs/socketio.md).

use crate::connection::{
    outgoing::Outgoing,
    socketio::packet::{CONNECT, EVENT, Packet, packet},
};

/// How a frame becomes a message, and the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A frame is a message.
    Native,
    /// A request is an event named like its `type`, whose ack is the answer; `hello` is the auth payload.
    SocketIo,
}

/// What a message of the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// A frame.
    Frame(&'a [u8]),
    /// The server awaits a `hello`.
    Opened,
    /// A heartbeat that wants an answer.
    Ping,
    /// Nobody is let in, and why.
    Refused(&'a [u8]),
    /// Nothing that is looked at.
    Nothing,
}

impl Encoding {
    /// What a message says.
    #[inline]
    pub fn read(self, message: &[u8]) -> Said<'_> {
        if self == Self::Native {
            return Said::Frame(message);
        }
        match packet(message) {
            Packet::Event(_, frame) | Packet::Ack(frame) => Said::Frame(frame),
            Packet::Open => Said::Opened,
            Packet::Ping => Said::Ping,
            Packet::Refused(why) => Said::Refused(why),
            // A `welcome` follows.
            Packet::Connected | Packet::Other => Said::Nothing,
        }
    }

    /// Says a client's frame.
    pub fn put(self, out: &mut Outgoing, frame: &[u8]) {
        match (self, Request::of(frame)) {
            (Self::SocketIo, Some(Request { name: b"hello", fields, .. })) => {
                out.text(&[CONNECT, b"{", fields]);
            }
            (Self::SocketIo, Some(Request { name, reference, fields })) => {
                out.text(&[EVENT, reference, b"[\"", name, b"\",{", fields, b"]"]);
            }
            _ => out.text(&[frame]),
        }
    }
}

/// The parts of a client's frame: `{"type":"name","ref":7,"room":…}`.
#[derive(Debug, PartialEq, Eq)]
struct Request<'a> {
    name: &'a [u8],
    /// The digits; none where the frame has no `ref`.
    reference: &'a [u8],
    /// The other fields, and the brace behind them.
    fields: &'a [u8],
}

impl<'a> Request<'a> {
    /// serde writes the tag first, then the fields in order. `None` for what it did not write.
    fn of(frame: &'a [u8]) -> Option<Self> {
        let rest = frame.strip_prefix(br#"{"type":""#)?;
        let end = rest.iter().position(|byte| *byte == b'"')?;
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        let Some(numbered) = rest.strip_prefix(br#""ref":"#) else {
            return Some(Self { name, reference: b"", fields: rest });
        };
        let digits = numbered.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (reference, rest) = numbered.split_at(digits);
        Some(Self { name, reference, fields: rest.strip_prefix(b",").unwrap_or(rest) })
    }
}

#[cfg(test)]
mod tests {
    use maru_protocol::{Body, ClientFrame, DisplayName, MessageId, Ref, RoomName, VERSION};

    use super::*;
    use crate::connection::outgoing::Framing;

    fn said(frame: &ClientFrame) -> String {
        let mut out = Outgoing::new(Framing::Payload);
        Encoding::SocketIo.put(&mut out, &serde_json::to_vec(frame).unwrap());
        String::from_utf8(std::mem::take(out.bytes())).unwrap()
    }

    #[test]
    fn a_request_is_an_event_and_hello_the_auth_payload() {
        let name = Some(DisplayName::parse("Ada").unwrap());
        let hello = ClientFrame::Hello { version: VERSION, token: None, name };
        assert_eq!(said(&hello), r#"40{"version":1,"name":"Ada"}"#);
        let room = RoomName::parse("dev").unwrap();
        let join = ClientFrame::Join { reference: Ref(0), room: room.clone(), after: None };
        assert_eq!(said(&join), r#"420["join",{"room":"dev"}]"#);
        let (id, body) = (MessageId(uuid::Uuid::nil()), Body::parse("hi".into()).unwrap());
        let send = said(&ClientFrame::say(Ref(17), room, id, body));
        assert!(send.starts_with(r#"4217["send",{"room":"dev","id":"0"#), "{send}");
        assert!(send.ends_with(r#""body":"hi"}]"#), "{send}");
    }

    #[test]
    fn events_and_acks_are_frames() {
        let read = |text: &'static str| Encoding::SocketIo.read(text.as_bytes());
        assert_eq!(read(r#"42["bye",{"type":"bye"}]"#), Said::Frame(br#"{"type":"bye"}"#));
        assert_eq!(read(r#"437[{"type":"sent"}]"#), Said::Frame(br#"{"type":"sent"}"#));
        assert_eq!(read(r#"44{"message":"no"}"#), Said::Refused(br#"{"message":"no"}"#));
        assert_eq!(Encoding::Native.read(b"42"), Said::Frame(b"42"));
    }
}
