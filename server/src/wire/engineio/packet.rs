//! One packet: a type, and what it carries.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;

/// A packet as a client can send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `1`: the client closes the session.
    Close,
    /// `2`: a probe while a transport is upgraded; `2probe` as all clients say it.
    Ping(String),
    /// `3`: the answer to our heartbeat.
    Pong,
    /// `4`: a text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
    /// `5`: the session goes on with this transport.
    Upgrade,
    /// `6`: nothing. `0`, which only servers say, is read as one too.
    Noop,
}

/// A packet that breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// It is empty, or of a type that there isn't.
    #[error("a packet begins with its type, a digit from 0 to 6, or with b")]
    Type,
    /// A binary message that is no base64 (RFC 4648 section 4).
    #[error("what follows b is base64")]
    Base64,
}

impl Packet {
    /// A packet from its text form.
    ///
    /// # Errors
    /// [`PacketError`].
    pub fn from_text(text: &str) -> Result<Self, PacketError> {
        let mut rest = text.chars();
        let kind = rest.next().ok_or(PacketError::Type)?;
        let data = rest.as_str();
        Ok(match kind {
            '0' | '6' => Self::Noop,
            '1' => Self::Close,
            '2' => Self::Ping(data.to_owned()),
            '3' => Self::Pong,
            '4' => Self::Text(data.to_owned()),
            '5' => Self::Upgrade,
            'b' => {
                let bytes = BASE64_STANDARD.decode(data).map_err(|_| PacketError::Base64)?;
                Self::Binary(bytes.into())
            }
            _ => return Err(PacketError::Type),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_type_is_read() {
        let read = |text| Packet::from_text(text).unwrap();
        assert_eq!(read("1"), Packet::Close);
        assert_eq!(read("2probe"), Packet::Ping("probe".into()));
        assert_eq!(read("3"), Packet::Pong);
        assert_eq!(read("3anything"), Packet::Pong);
        assert_eq!(read("4"), Packet::Text(String::new()));
        assert_eq!(read("4가\u{1f600}"), Packet::Text("가\u{1f600}".into()));
        assert_eq!(read("5"), Packet::Upgrade);
        assert_eq!((read("6"), read("0{}")), (Packet::Noop, Packet::Noop));
        assert_eq!(read("bAQIDBA=="), Packet::Binary(Bytes::from_static(&[1, 2, 3, 4])));
        assert_eq!(read("b"), Packet::Binary(Bytes::new()));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "7", "abc", "é", "\u{1e}"] {
            assert_eq!(Packet::from_text(text), Err(PacketError::Type), "{text:?}");
        }
        for text in ["b!", "bAQ", "bAQI=x"] {
            assert_eq!(Packet::from_text(text), Err(PacketError::Base64), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,100}") {
            let _ = Packet::from_text(&text);
        }
    }
}
