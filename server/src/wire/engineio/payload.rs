//! A payload: packets in one body of HTTP long-polling.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{Packet, PacketError};

/// Stands between two packets. No text of JSON has it unescaped.
pub const SEPARATOR: u8 = 0x1e;

/// Most packets in one answer to a poll. python-engineio 4.15.1 ends the connection at more than 16,
/// and all of them are lost.
pub const MAX_PACKETS: usize = 16;

/// The packets of a body, in order. After one that breaks the protocol nothing more is read.
pub fn split(body: &str) -> impl Iterator<Item = Result<Packet, PacketError>> {
    let mut broken = false;
    body.split(char::from(SEPARATOR)).map_while(move |text| {
        if broken {
            return None;
        }
        let packet = Packet::from_text(text);
        broken = packet.is_err();
        Some(packet)
    })
}

/// Appends a binary message in its text form.
pub fn base64_packet(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'b');
    out.extend_from_slice(BASE64_STANDARD.encode(bytes).as_bytes());
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_came_before_a_broken_packet_is_read_and_nothing_after_it() {
        let read: Vec<_> = split("4a\u{1e}bAQ==\u{1e}x\u{1e}4b").collect();
        let binary = Packet::Binary(Bytes::from_static(&[1]));
        assert_eq!(read, [Ok(Packet::Text("a".into())), Ok(binary), Err(PacketError::Type)]);
        assert_eq!(split("").collect::<Vec<_>>(), [Err(PacketError::Type)]);
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut out = Vec::new();
            base64_packet(&bytes, &mut out);
            let text = String::from_utf8(out).unwrap();
            prop_assert_eq!(Packet::from_text(&text), Ok(Packet::Binary(bytes.into())));
        }
    }
}
