//! From bytes to what the client said.

use actix_codec::Decoder as _;
use actix_http::ws::{CloseCode, Codec, Frame, Item, ProtocolError};
use std::marker::PhantomData;

use bytes::{Bytes, BytesMut};

use crate::{fanout::DisconnectReason, transport::socket::Socket};

/// How a protocol reads the messages of a WebSocket. What it returns keeps nothing of the buffer.
pub(in crate::transport) trait Read {
    /// What a message becomes.
    type Message;
    /// A text message.
    fn text(text: &str) -> Self::Message;
    /// A binary message.
    fn binary(bytes: &[u8]) -> Self::Message;
}

/// Something that a client said.
#[derive(Debug)]
pub(in crate::transport) enum Inbound<M> {
    /// A text or binary message.
    Message(M),
    /// A ping; its payload is to be answered.
    Ping(Bytes),
    /// An answer to one of ours.
    Pong,
}

/// Decodes one connection's bytes. Keeps between reads only what is not a whole message yet.
pub(in crate::transport) struct Decoder<R> {
    codec: Codec,
    max: usize,
    rest: BytesMut,
    fragments: Option<Fragments>,
    read: PhantomData<R>,
}

/// A message that comes in several frames (RFC 6455 section 5.4).
struct Fragments {
    text: bool,
    bytes: BytesMut,
}

/// What one read brought: messages in order and, when there is no going on, the end after them.
pub(in crate::transport) type Decoded<M> = (Vec<Inbound<M>>, Option<DisconnectReason>);

const TOO_BIG: DisconnectReason =
    DisconnectReason::Close(1009, "a frame or message is longer than the server takes");
const NOT_UTF8: DisconnectReason = DisconnectReason::Close(1007, "a text message is not UTF-8");
const BROKEN: DisconnectReason =
    DisconnectReason::Close(1002, "the frames break the rules of WebSocket");

impl<R: Read> Decoder<R> {
    /// `max` bounds a frame and a message, in bytes.
    pub(in crate::transport) fn new(max: usize) -> Self {
        let codec = Codec::new().max_size(max);
        Self { codec, max, rest: BytesMut::new(), fragments: None, read: PhantomData }
    }

    /// Decodes what was read. `scratch` holds those bytes, is the thread's own and comes back
    /// empty: nothing that is returned or kept lives in it.
    pub(in crate::transport) fn decode(&mut self, scratch: &mut BytesMut) -> Decoded<R::Message> {
        if !self.rest.is_empty() {
            let read = std::mem::take(&mut self.rest);
            let fresh = scratch.split();
            scratch.extend_from_slice(&read);
            scratch.extend_from_slice(&fresh);
        }
        let mut messages = Vec::new();
        let end = loop {
            // The codec looks at a length only when the whole frame is buffered: a frame that
            // declares a gigabyte would be taken in first.
            if declared_length(scratch).is_some_and(|length| length > self.max as u64) {
                break Some(TOO_BIG);
            }
            match self.codec.decode(scratch) {
                Ok(Some(frame)) => match self.message(frame) {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => {}
                    Err(end) => break Some(end),
                },
                Ok(None) => break None,
                Err(error) => break Some(close_for(&error)),
            }
        };
        if end.is_none() && !scratch.is_empty() {
            self.rest = BytesMut::from(&scratch[..]);
        }
        scratch.clear();
        (messages, end)
    }

    /// Bytes in memory of what is not a whole message yet.
    pub(in crate::transport) fn kept(&self) -> usize {
        self.rest.len() + self.fragments.as_ref().map_or(0, |begun| begun.bytes.len())
    }

    /// Waits for something to be read, and decodes it.
    pub(in crate::transport) async fn next(
        &mut self,
        socket: &Socket,
    ) -> Result<Decoded<R::Message>, DisconnectReason> {
        loop {
            socket.readable().await?;
            if let Some(decoded) = socket.read(|scratch| self.decode(scratch))? {
                return Ok(decoded);
            }
        }
    }

    fn message(&mut self, frame: Frame) -> Result<Option<Inbound<R::Message>>, DisconnectReason> {
        Ok(Some(match frame {
            Frame::Text(bytes) => Self::text(&bytes)?,
            Frame::Binary(bytes) => Inbound::Message(R::binary(&bytes)),
            Frame::Ping(payload) => Inbound::Ping(Bytes::copy_from_slice(&payload)),
            Frame::Pong(_) => Inbound::Pong,
            Frame::Close(reason) => return Err(closed_by(reason.map(|reason| reason.code))),
            Frame::Continuation(item) => return self.fragment(item),
        }))
    }

    fn fragment(&mut self, item: Item) -> Result<Option<Inbound<R::Message>>, DisconnectReason> {
        let (bytes, last) = match item {
            Item::FirstText(bytes) => {
                self.fragments = Some(Fragments { text: true, bytes: BytesMut::new() });
                (bytes, false)
            }
            Item::FirstBinary(bytes) => {
                self.fragments = Some(Fragments { text: false, bytes: BytesMut::new() });
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some(fragments) = &mut self.fragments else { return Err(BROKEN) };
        if fragments.bytes.len() + bytes.len() > self.max {
            return Err(TOO_BIG);
        }
        fragments.bytes.extend_from_slice(&bytes);
        if !last {
            return Ok(None);
        }
        match self.fragments.take() {
            Some(Fragments { text: true, bytes }) => Self::text(&bytes).map(Some),
            Some(Fragments { bytes, .. }) => Ok(Some(Inbound::Message(R::binary(&bytes)))),
            None => Ok(None),
        }
    }

    fn text(bytes: &[u8]) -> Result<Inbound<R::Message>, DisconnectReason> {
        let text = std::str::from_utf8(bytes).map_err(|_| NOT_UTF8)?;
        Ok(Inbound::Message(R::text(text)))
    }
}

/// The payload length in the header at the front of the buffer, once enough of it is there.
fn declared_length(buffer: &[u8]) -> Option<u64> {
    match *buffer.get(1)? & 0x7f {
        126 => Some(u64::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?))),
        127 => Some(u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?)),
        short => Some(u64::from(short)),
    }
}

/// RFC 6455 section 7.4.1.
fn close_for(error: &ProtocolError) -> DisconnectReason {
    match error {
        ProtocolError::Overflow => TOO_BIG,
        _ => BROKEN,
    }
}

/// The close code goes back as it came (RFC 6455 section 5.5.1).
fn closed_by(code: Option<CloseCode>) -> DisconnectReason {
    DisconnectReason::Close(code.map_or(1000, u16::from), "closed by the client")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame: masked with zeros, so that the payload reads as it is.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..126 => bytes.push(0x80 | short as u8),
            long => {
                bytes.push(0x80 | 126);
                bytes.extend_from_slice(&u16::try_from(long).unwrap().to_be_bytes());
            }
        }
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(payload);
        bytes
    }

    /// Texts as they are.
    enum Plain {}

    impl Read for Plain {
        type Message = Result<String, Bytes>;
        fn text(text: &str) -> Self::Message {
            Ok(text.to_owned())
        }
        fn binary(bytes: &[u8]) -> Self::Message {
            Err(Bytes::copy_from_slice(bytes))
        }
    }

    type Message = <Plain as Read>::Message;

    fn decode(decoder: &mut Decoder<Plain>, bytes: &[u8]) -> Decoded<Message> {
        let mut scratch = BytesMut::from(bytes);
        let decoded = decoder.decode(&mut scratch);
        assert!(scratch.is_empty());
        decoded
    }

    fn pings(messages: &[Inbound<Message>]) -> usize {
        let ping = |m: &&Inbound<Message>| matches!(m, Inbound::Message(Ok(text)) if text.as_bytes() == PING);
        messages.iter().filter(ping).count()
    }

    #[test]
    fn a_binary_message_comes_whole() {
        let mut decoder = Decoder::new(1_024);
        let mut stream = frame(0x02, b"ab");
        stream.extend(frame(0x80, b"c"));
        stream.extend(frame(0x82, b"d"));
        let (messages, end) = decode(&mut decoder, &stream);
        let bytes: Vec<&[u8]> = messages
            .iter()
            .map(|message| match message {
                Inbound::Message(Err(bytes)) => &bytes[..],
                other => unreachable!("{other:?}"),
            })
            .collect();
        assert_eq!((bytes, end), (vec![&b"abc"[..], b"d"], None));
    }

    const PING: &[u8] = br#"{"type":"ping"}"#;

    #[test]
    fn any_split_decodes_alike() {
        let mut stream = frame(0x81, PING);
        stream.extend(frame(0x89, b"hi"));
        stream.extend(frame(0x01, &PING[..4]));
        stream.extend(frame(0x8a, b""));
        stream.extend(frame(0x80, &PING[4..]));
        for cut in 0..=stream.len() {
            let mut decoder = Decoder::new(1_024);
            let (mut messages, end) = decode(&mut decoder, &stream[..cut]);
            assert_eq!(end, None);
            let (more, end) = decode(&mut decoder, &stream[cut..]);
            assert_eq!(end, None);
            messages.extend(more);
            assert_eq!((messages.len(), pings(&messages)), (4, 2), "cut at {cut}");
            assert!(decoder.rest.is_empty());
        }
    }

    #[test]
    fn a_declared_gigabyte_is_refused_at_its_header() {
        let mut header = vec![0x81, 0x80 | 127];
        header.extend_from_slice(&(1_u64 << 30).to_be_bytes());
        let (messages, end) = decode(&mut Decoder::new(65_536), &header);
        assert!(messages.is_empty());
        assert_eq!(end, Some(TOO_BIG));
    }

    #[test]
    fn fragments_are_bounded_together() {
        let mut decoder = Decoder::new(100);
        assert_eq!(decode(&mut decoder, &frame(0x01, &[b'x'; 60])).1, None);
        assert_eq!(decode(&mut decoder, &frame(0x00, &[b'x'; 60])).1, Some(TOO_BIG));
    }

    #[test]
    fn each_fault_has_its_close_code() {
        let end = |bytes: &[u8]| decode(&mut Decoder::new(1_024), bytes).1;
        assert_eq!(end(&frame(0x81, &[0xff])), Some(NOT_UTF8));
        assert_eq!(end(&frame(0xc1, PING)), Some(BROKEN), "reserved bit");
        assert_eq!(end(&frame(0x83, PING)), Some(BROKEN), "unknown opcode");
        assert_eq!(end(&frame(0x80, PING)), Some(BROKEN), "a continuation of nothing");
        assert_eq!(end(&[0x81, 0x01, b'x']), Some(BROKEN), "not masked");
        let closed = DisconnectReason::Close(1001, "closed by the client");
        assert_eq!(end(&frame(0x88, &[0x03, 0xe9])), Some(closed));
    }

    #[test]
    fn what_came_before_a_fault_is_still_decoded() {
        let mut stream = frame(0x81, PING);
        stream.extend(frame(0x81, &[0xff]));
        let (messages, end) = decode(&mut Decoder::new(1_024), &stream);
        assert_eq!((pings(&messages), end), (1, Some(NOT_UTF8)));
    }
}
