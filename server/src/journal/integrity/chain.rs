//! The checksums that chain a room's entries.
//!
//! A disk, a restore or a hand in the file can change, drop or swap rows without SQLite noticing.
//! Each entry's checksum covers the one before it, so any of these breaks the chain at its place;
//! the room keeps the newest one, so a missing tail is found as well. This finds damage, not an
//! attacker: whoever can write the file can also compute the sums.

use maru_protocol::{MessageId, Seq};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::journal::RoomId;

/// Names the encoding below. Another encoding gets another number, and old rows keep theirs.
const VERSION: u8 = 1;

/// The same with what only some rows have behind it: what they refer to, and what they carry beside
/// their text. A row that has neither is of version 1.
const WITH_MORE: u8 = 2;

/// Names what a room's chain starts from, which is never that of an entry.
const START: &[u8] = b"maru room";

/// The first 16 bytes of a SHA-256: damage goes unseen once in 2^128.
pub(crate) type Sum = [u8; 16];

/// What all chains of one journal start from, so that no other journal's rows fit into them. Made
/// with the journal and never changed, as every sum rests on it: what tells clients that history
/// was lost is the epoch, which can be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Root(pub(crate) Uuid);

/// Everything of an entry that is kept, as it lies in the file: not parsed, so that a damaged row
/// can be summed as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) room: RoomId,
    pub(crate) seq: Seq,
    pub(crate) kind: u8,
    pub(crate) id: MessageId,
    pub(crate) at: i64,
    pub(crate) sender: &'a [u8],
    pub(crate) sender_name: &'a [u8],
    pub(crate) body: &'a [u8],
    /// The message that it changes or answers.
    pub(crate) target: Option<i64>,
    /// What it has beside its text: JSON.
    pub(crate) more: Option<&'a [u8]>,
}

/// The sum before a room's first entry: no other room's rows fit behind it. `key` is that of the name by
/// which the room was made, whatever it is called since.
pub(crate) fn start(root: Root, room: RoomId, key: &str) -> Sum {
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    hash.update(START);
    hash.update(root.0.as_bytes());
    hash.update(room.0.to_be_bytes());
    counted(&mut hash, key.as_bytes());
    truncate(hash)
}

/// The sum of an entry after the one with the sum `previous`.
///
/// Every field is of fixed length or preceded by its length, so no two rows encode alike.
pub(crate) fn next(previous: &Sum, row: &Row<'_>) -> Sum {
    let mut head = [0_u8; 16 + 1 + 8 + 8 + 1 + 16 + 8];
    head[..16].copy_from_slice(previous);
    let plain = row.target.is_none() && row.more.is_none();
    head[16] = if plain { VERSION } else { WITH_MORE };
    head[17..25].copy_from_slice(&row.room.0.to_be_bytes());
    head[25..33].copy_from_slice(&row.seq.get().to_be_bytes());
    head[33] = row.kind;
    head[34..50].copy_from_slice(row.id.0.as_bytes());
    head[50..].copy_from_slice(&row.at.to_be_bytes());
    let mut hash = Sha256::new();
    hash.update(head);
    counted(&mut hash, row.sender);
    counted(&mut hash, row.sender_name);
    counted(&mut hash, row.body);
    if !plain {
        // As a text of its own, which has no bytes or eight.
        let target = row.target.map(i64::to_be_bytes);
        counted(&mut hash, target.as_ref().map_or(&[], |number| number.as_slice()));
        hash.update([u8::from(row.more.is_some())]);
        counted(&mut hash, row.more.unwrap_or_default());
    }
    truncate(hash)
}

fn counted(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn truncate(hash: Sha256) -> Sum {
    let mut sum = [0; 16];
    sum.copy_from_slice(&hash.finalize()[..16]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row<'static> {
        Row {
            room: RoomId(1),
            seq: Seq::new(1).unwrap(),
            kind: 1,
            id: MessageId(Uuid::from_u128(7)),
            at: 1_700_000_000_000,
            sender: b"u1",
            sender_name: b"Min",
            body: b"hello",
            target: None,
            more: None,
        }
    }

    fn full() -> Row<'static> {
        Row { target: Some(7), more: Some(br#"{"on":true}"#), ..row() }
    }

    #[test]
    fn every_field_counts() {
        let before = [9; 16];
        let plain = next(&before, &row());
        let changed = [
            Row { room: RoomId(2), ..row() },
            Row { seq: Seq::new(2).unwrap(), ..row() },
            Row { kind: 2, ..row() },
            Row { id: MessageId(Uuid::from_u128(8)), ..row() },
            Row { at: 0, ..row() },
            Row { sender: b"u2", ..row() },
            Row { sender_name: b"min", ..row() },
            Row { body: b"hellO", ..row() },
            // The same bytes, cut elsewhere.
            Row { sender: b"u1M", sender_name: b"in", ..row() },
            Row { sender_name: b"Minh", body: b"ello", ..row() },
            Row { target: Some(7), ..row() },
            Row { target: Some(0), ..row() },
            Row { more: Some(b"{}"), ..row() },
            Row { more: Some(b""), ..row() },
            full(),
            Row { target: Some(8), ..full() },
            Row { more: Some(br#"{"on":false}"#), ..full() },
        ];
        for other in changed {
            assert_ne!(plain, next(&before, &other), "{other:?}");
        }
        let sums: std::collections::HashSet<Sum> =
            changed.iter().map(|other| next(&before, other)).collect();
        assert_eq!(sums.len(), changed.len());
        assert_ne!(plain, next(&[8; 16], &row()));
    }

    #[test]
    fn rooms_start_apart() {
        let root = Root(Uuid::from_u128(1));
        let plain = start(root, RoomId(1), "a");
        assert_ne!(plain, start(root, RoomId(2), "a"));
        assert_ne!(plain, start(root, RoomId(1), "b"));
        assert_ne!(plain, start(Root(Uuid::from_u128(2)), RoomId(1), "a"));
    }

    /// Written files hold these sums (computed apart, in Python, from the description): another
    /// value here is another [`VERSION`].
    #[test]
    fn the_encoding_stays() {
        let start = start(Root(Uuid::from_u128(1)), RoomId(1), "lobby");
        let hex = |sum: Sum| sum.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(start), "f3f0ac62e07cd69f2c87c77346ae2925");
        assert_eq!(hex(next(&start, &row())), "e6db6e82226ce52d94fd9610fe18f341");
        assert_eq!(hex(next(&start, &full())), "445b171c39602149b1987c5866c380a6");
        let reply = Row { more: None, ..full() };
        assert_eq!(hex(next(&start, &reply)), "469435d93f97b75770fbc10efaf6b95e");
        let files = Row { target: None, ..full() };
        assert_eq!(hex(next(&start, &files)), "cd978627b7394965adc0b1d7ee91d1a3");
    }
}
