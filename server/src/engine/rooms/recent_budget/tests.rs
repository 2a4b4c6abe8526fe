use bytes::Bytes;
use maru_protocol::{RoomName, Seq};

use super::*;
use crate::{
    engine::rooms::recent::{Kept, News, Touches},
    journal::RoomRecord,
};

/// Each of the entries of these tests costs 1,088 bytes.
const ENTRY: usize = 1_024 + 64;

fn rooms(number: i64) -> HashMap<RoomId, Room> {
    let room = |n| {
        let name = RoomName::parse("lobby").unwrap();
        Room::new(RoomRecord { id: RoomId(n), name, head: Seq::ZERO, active_at: 0 })
    };
    (1..=number).map(|n| (RoomId(n), room(n))).collect()
}

fn say(tails: &mut Tails, rooms: &mut HashMap<RoomId, Room>, id: i64, number: u64) {
    let kept = Kept::new(Bytes::from(vec![b'x'; 1_000]), 900, Touches::default());
    tails.change(rooms, RoomId(id), |tail| tail.push(Seq::new(number).unwrap(), kept, News::None));
}

fn bytes(rooms: &HashMap<RoomId, Room>) -> usize {
    rooms.values().map(|room| room.tail().bytes()).sum()
}

#[test]
fn all_tails_together_are_bounded_and_who_is_joined_keeps_its_own() {
    let (mut tails, mut rooms) = (Tails::within(10 * ENTRY), rooms(100));
    for number in 1..=3 {
        for id in 1..=100 {
            say(&mut tails, &mut rooms, id, number);
            tails.used(RoomId(1), rooms.get_mut(&RoomId(1)).unwrap().tail_mut());
            assert!(bytes(&rooms) <= 10 * ENTRY);
            assert_eq!(tails.bytes, bytes(&rooms));
            assert!(tails.by_use.len() <= 10);
        }
    }
    assert_eq!(rooms[&RoomId(1)].tail().bytes(), 3 * ENTRY, "joined all the time");
    assert_eq!(rooms[&RoomId(2)].tail().bytes(), 0, "joined never");
}

#[test]
fn a_room_that_goes_takes_its_cost_along() {
    let (mut tails, mut rooms) = (Tails::within(1 << 20), rooms(2));
    (1..=5).for_each(|number| say(&mut tails, &mut rooms, 1, number));
    say(&mut tails, &mut rooms, 2, 1);
    let gone = rooms.remove(&RoomId(1)).unwrap();
    tails.forget(gone.tail());
    assert_eq!((tails.bytes, tails.by_use.len()), (ENTRY, 1));
    // A change of a room that is not there changes nothing.
    say(&mut tails, &mut rooms, 1, 6);
    assert_eq!(tails.bytes, ENTRY);
}
