//! Where a client is in its rooms, in a text: the last argument of each event that it can lose.
//!
//! Clients keep the last one, and give it back when they connect again. It says all that a server needs to
//! go on, so it is good at any node, after a restart, and before the old connection is known to be gone.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use maru_protocol::{Epoch, RoomName, Seq};
use uuid::Uuid;

/// The first byte: how the rest is to be read.
const LAYOUT: u8 = 1;
/// Most bytes that are read: 1,000 rooms, the most that an operator can allow, with the longest names.
const MAX_BYTES: usize = 512 << 10;

/// Where a client is in its rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The journal's epoch: the seqs count in it alone.
    pub epoch: Epoch,
    /// The newest entry of each room that the client was given, or the one before it came.
    pub rooms: Vec<(RoomName, Seq)>,
}

impl Offset {
    /// As base64url (RFC 4648 section 5), which JSON needs no escapes for.
    #[must_use]
    pub fn text<'a>(epoch: Epoch, rooms: impl Iterator<Item = (&'a RoomName, Seq)>) -> String {
        let mut bytes = vec![LAYOUT];
        bytes.extend_from_slice(epoch.0.as_bytes());
        for (room, seq) in rooms {
            let name = room.as_str().as_bytes();
            number(u64::try_from(name.len()).unwrap_or(u64::MAX), &mut bytes);
            bytes.extend_from_slice(name);
            number(seq.get(), &mut bytes);
        }
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// From its text. `None` for a text that no server made.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let rest = bytes.strip_prefix(&[LAYOUT])?;
        let (epoch, mut rest) = rest.split_at_checked(16)?;
        let epoch = Epoch(Uuid::from_slice(epoch).ok()?);
        let mut rooms = Vec::new();
        while !rest.is_empty() {
            let length = usize::try_from(read_number(&mut rest)?).ok()?;
            let (name, after) = rest.split_at_checked(length)?;
            rest = after;
            let room = RoomName::parse(std::str::from_utf8(name).ok()?).ok()?;
            rooms.push((room, Seq::new(read_number(&mut rest)?).ok()?));
        }
        Some(Self { epoch, rooms })
    }
}

/// Seven bits a byte, the lowest first (LEB128).
fn number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(offset: &Offset) -> String {
        Offset::text(offset.epoch, offset.rooms.iter().map(|(room, seq)| (room, *seq)))
    }

    #[test]
    fn what_no_server_made_is_none() {
        let epoch = Epoch(Uuid::from_u128(7));
        let rooms = vec![(RoomName::parse("마루").unwrap(), Seq::MAX)];
        let whole = text(&Offset { epoch, rooms });
        for wrong in ["", "x", "!", "AQ", &whole[..whole.len() - 2], &"A".repeat(1_000_000)] {
            assert_eq!(Offset::parse(wrong), None, "{}", &wrong[..wrong.len().min(20)]);
        }
    }

    proptest! {
        #[test]
        fn an_offset_comes_back(epoch: u128, rooms in proptest::collection::vec(("[a-z가]{1,20}", 0..=Seq::MAX.get()), 0..20)) {
            let rooms = rooms.iter().map(|(name, seq)| {
                (RoomName::parse(name).unwrap(), Seq::new(*seq).unwrap())
            });
            let offset = Offset { epoch: Epoch(Uuid::from_u128(epoch)), rooms: rooms.collect() };
            prop_assert_eq!(Offset::parse(&text(&offset)), Some(offset));
        }

        #[test]
        fn no_text_panics(text in "[A-Za-z0-9_-]{0,100}") {
            let _ = Offset::parse(&text);
        }
    }
}
