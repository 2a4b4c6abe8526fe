//! From the messages of one connection to packets: an event with attachments comes in several.

use bytes::Bytes;

use super::{Packet, PacketError};

/// Decodes the messages of one connection.
#[derive(Debug, Default)]
pub struct Decoder {
    waiting: Option<Box<Waiting>>,
}

/// A packet whose attachments are still coming.
#[derive(Debug)]
struct Waiting {
    packet: Packet,
    missing: usize,
    /// Bytes of it so far.
    bytes: usize,
}

/// What there is no going on after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A packet that breaks the protocol.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// A text where an attachment was to come.
    #[error("a text came where an attachment was to come")]
    Missing,
    /// A binary message that belongs to nothing.
    #[error("a binary message came that no packet announced")]
    Unannounced,
    /// A packet with its attachments is longer than the server takes.
    #[error("a packet with its attachments is longer than the server takes")]
    TooLarge,
}

impl Decoder {
    /// Bytes of a packet whose attachments are still coming.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.bytes)
    }

    /// A text message. The packet, unless attachments are to follow.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn text(&mut self, text: &str) -> Result<Option<Packet>, DecodeError> {
        if self.waiting.is_some() {
            return Err(DecodeError::Missing);
        }
        let (packet, missing) = Packet::from_text(text)?;
        if missing == 0 {
            return Ok(Some(packet));
        }
        self.waiting = Some(Box::new(Waiting { packet, missing, bytes: text.len() }));
        Ok(None)
    }

    /// A binary message. The packet, if this was the last of its attachments. `max` bounds the bytes
    /// of a packet with its attachments, which lie in memory until the last of them is there.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn binary(&mut self, bytes: Bytes, max: usize) -> Result<Option<Packet>, DecodeError> {
        let mut waiting = self.waiting.take().ok_or(DecodeError::Unannounced)?;
        waiting.bytes = waiting.bytes.saturating_add(bytes.len());
        if waiting.bytes > max {
            return Err(DecodeError::TooLarge);
        }
        waiting.packet.attachments.push(bytes);
        waiting.missing -= 1;
        if waiting.missing == 0 {
            return Ok(Some(waiting.packet));
        }
        self.waiting = Some(waiting);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;

    #[test]
    fn an_event_is_whole_with_its_last_attachment() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.text(EVENT), Ok(None));
        assert_eq!(decoder.binary(Bytes::from_static(&[1]), 1_000), Ok(None));
        let packet = decoder.binary(Bytes::from_static(&[2]), 1_000).unwrap().unwrap();
        assert_eq!(packet.attachments, [&[1][..], &[2]]);
        assert!(decoder.text(r#"2["b"]"#).unwrap().is_some());
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.binary(Bytes::new(), 1_000), Err(DecodeError::Unannounced));
        decoder.text(EVENT).unwrap();
        assert_eq!(decoder.text(EVENT), Err(DecodeError::Missing));
        let mut decoder = Decoder::default();
        decoder.text(EVENT).unwrap();
        let large = Bytes::from(vec![0; 100]);
        assert_eq!(decoder.binary(large, 120), Err(DecodeError::TooLarge));
    }
}
