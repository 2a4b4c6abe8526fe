//! A room and a seq in one number, the key that entries lie by.
//!
//! SQLite keeps a table fastest and smallest in the order of one 64-bit integer. The lower 36 bits
//! are the seq, the others the room. Neither bound can be met: 2^36 entries of the smallest size,
//! some 250 bytes, are as long as the longest file that SQLite can hold (2^32 pages of 4 KiB), and
//! so are 2^27 rooms of a page each.

use maru_protocol::Seq;

use crate::journal::RoomId;

const SEQ_BITS: u32 = 36;
/// Above the seqs that have a place.
const SEQS: u64 = 1 << SEQ_BITS;
/// Above the rooms that have places.
const ROOMS: i64 = 1 << (63 - SEQ_BITS);

/// Where the entry lies; none beyond the bounds.
pub(crate) fn of(room: RoomId, seq: Seq) -> Option<i64> {
    let fits = (0..ROOMS).contains(&room.0) && seq.get() < SEQS;
    fits.then(|| join(room, seq.get()))
}

/// The place of that seq, or just after the room's last one: an exclusive bound for a walk.
/// Every walk in a room without places is empty.
pub(crate) fn bound(room: RoomId, seq: Seq) -> i64 {
    if !(0..ROOMS).contains(&room.0) {
        return i64::MAX;
    }
    // For the last room "just after" is beyond the largest integer, which no entry has.
    join(room, 0).saturating_add(seq.get().min(SEQS).cast_signed())
}

/// The seq at that place.
pub(crate) fn seq(place: i64) -> Seq {
    Seq::new(place.cast_unsigned() % SEQS).unwrap_or(Seq::MAX)
}

/// The room of that place.
pub(super) fn room(place: i64) -> RoomId {
    RoomId(place >> SEQ_BITS)
}

fn join(room: RoomId, seq: u64) -> i64 {
    (room.0 << SEQ_BITS) | seq.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let last = (ROOMS - 1, SEQS - 1);
        for (room_number, number) in [(1, 1), (7, 0), (1, SEQS - 1), last] {
            let here = of(RoomId(room_number), Seq::new(number).unwrap()).unwrap();
            assert_eq!((room(here).0, seq(here).get()), (room_number, number));
        }
        assert_eq!(of(RoomId(1), Seq::new(SEQS).unwrap()), None);
        assert_eq!(of(RoomId(ROOMS), Seq::ZERO), None);
        assert_eq!(of(RoomId(-1), Seq::ZERO), None);
    }

    #[test]
    fn bounds_hold_exactly_one_room() {
        let (low, high) = (bound(RoomId(3), Seq::ZERO), bound(RoomId(3), Seq::MAX));
        assert_eq!(Some(low), of(RoomId(3), Seq::ZERO));
        assert_eq!(Some(high), of(RoomId(4), Seq::ZERO));
        let last = of(RoomId(ROOMS - 1), Seq::new(SEQS - 2).unwrap()).unwrap();
        assert!(last < bound(RoomId(ROOMS - 1), Seq::MAX));
        for nowhere in [-1, ROOMS, i64::MIN, i64::MAX] {
            assert!(bound(RoomId(nowhere), Seq::ZERO) >= bound(RoomId(nowhere), Seq::MAX));
        }
    }
}
