use maru_protocol::{Body, DisplayName, Entry, Message, MessageId, RoomName, Seq, User, UserId};
use uuid::Uuid;

use super::*;
use crate::{
    collections::Seed,
    log::RoomRecord,
    rooms::recent::{AboutChange, RecentEntry},
};

/// Each of the entries of these tests costs as much: the value, its text and names, an encoding.
const ENTRY: usize = 448 + 909 + 2 * (909 + 256);

fn rooms(number: i64) -> Map<RoomId, Room> {
    let room = |n| {
        let name = RoomName::parse("lobby").unwrap();
        let record = RoomRecord { id: RoomId(n), name, head: Seq::ZERO, active_at: 0 };
        Room::new(record, Seed::default())
    };
    (1..=number).map(|n| (RoomId(n), room(n))).collect()
}

fn say(budget: &mut RecentBudget, rooms: &mut Map<RoomId, Room>, id: i64, number: u64) {
    let seq = Seq::new(number).unwrap();
    let message = Message::of(
        RoomName::parse("lobby").unwrap(),
        seq,
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() },
        0,
        Body::parse("x".repeat(900)).unwrap(),
    );
    let entry = RecentEntry::new(Entry::Message(message).into()).unwrap();
    budget.change(rooms, RoomId(id), |recent| recent.push(seq, entry, AboutChange::None));
}

fn bytes(rooms: &Map<RoomId, Room>) -> usize {
    rooms.values().map(|room| room.recent().bytes()).sum()
}

#[test]
fn all_tails_together_are_bounded_and_who_is_joined_keeps_its_own() {
    let (mut budget, mut rooms) = (RecentBudget::within(10 * ENTRY), rooms(100));
    for number in 1..=3 {
        for id in 1..=100 {
            say(&mut budget, &mut rooms, id, number);
            budget.used(RoomId(1), rooms.get_mut(&RoomId(1)).unwrap().recent_mut());
            assert!(bytes(&rooms) <= 10 * ENTRY);
            assert_eq!(budget.bytes, bytes(&rooms));
            assert!(budget.by_use.len() <= 10);
        }
    }
    assert_eq!(rooms[&RoomId(1)].recent().bytes(), 3 * ENTRY, "joined all the time");
    assert_eq!(rooms[&RoomId(2)].recent().bytes(), 0, "joined never");
}

#[test]
fn a_room_that_goes_takes_its_cost_along() {
    let (mut budget, mut rooms) = (RecentBudget::within(1 << 20), rooms(2));
    (1..=5).for_each(|number| say(&mut budget, &mut rooms, 1, number));
    say(&mut budget, &mut rooms, 2, 1);
    let gone = rooms.remove(&RoomId(1)).unwrap();
    budget.forget(gone.recent());
    assert_eq!((budget.bytes, budget.by_use.len()), (ENTRY, 1));
    // A change of a room that is not there changes nothing.
    say(&mut budget, &mut rooms, 1, 6);
    assert_eq!(budget.bytes, ENTRY);
}
