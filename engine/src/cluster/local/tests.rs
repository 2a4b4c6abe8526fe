use maru_protocol::{DisplayName, RoomName, Seq, SessionId, User};
use uuid::Uuid;

use super::*;

fn person(id: u32) -> RemoteUser {
    let user = User {
        id: UserId(format!("u{id:05}")),
        name: DisplayName::parse(&format!("RemoteUser {id}")).unwrap(),
    };
    RemoteUser { user, named_by: SessionId(Uuid::from_u128(id.into())) }
}

fn told(gossips: &[Gossip]) -> (usize, usize) {
    let rooms = gossips.iter().flat_map(|gossip| match gossip {
        Gossip::Changes { rooms, .. } | Gossip::Whole { rooms, .. } => rooms.as_slice(),
        _ => &[],
    });
    rooms.fold((0, 0), |(joined, left), change| {
        (joined + change.joined.len(), left + change.left.len())
    })
}

#[test]
fn what_gathers_is_told_once_as_it_is_at_last() {
    let mut own = LocalPresence::new(Seed::default());
    for number in 0..3 {
        own.changed(RoomId(1), person(number).user.id, Some(person(number)));
    }
    own.changed(RoomId(1), person(2).user.id, None);
    own.changed(RoomId(2), person(2).user.id, Some(person(2)));
    let gossips = own.take_changes();
    assert_eq!((gossips.len(), told(&gossips)), (1, (3, 1)));
    assert!(matches!(&gossips[0], Gossip::Changes { version: 1, rooms } if rooms.len() == 2));
    assert!(own.take_changes().is_empty());
    assert_eq!(own.version(), 1, "nothing told is no change");
}

#[test]
fn a_storm_takes_as_many_signals_as_it_needs() {
    let mut own = LocalPresence::new(Seed::default());
    for number in 0..2_500 {
        let room = RoomId(i64::from(number % 7));
        own.changed(room, person(number).user.id, Some(person(number)));
    }
    let gossips = own.take_changes();
    assert_eq!((gossips.len(), told(&gossips)), (3, (2_500, 0)));
    assert!(gossips.iter().all(|gossip| serde_json::to_vec(gossip).unwrap().len() < 512 * 1024));
    assert_eq!(own.version(), 3);
    let whole = own.whole((0..1_001).map(|number| (RoomId(1), person(number))));
    assert_eq!((whole.len(), told(&whole)), (2, (1_001, 0)));
    // Nobody is told as well, or what was known would stay.
    let nobody = own.whole(std::iter::empty());
    assert!(matches!(&nobody[..], [Gossip::Whole { version: 3, part: 0, parts: 1, .. }]));
}

#[test]
fn more_rooms_than_one_signal_takes_wait() {
    let mut own = LocalPresence::new(Seed::default());
    for id in 0..450 {
        let room = RoomName::parse(&format!("room {id}")).unwrap();
        own.active(Active { id, room, head: Seq::ZERO, active_at: 0 });
    }
    let mut counts = Vec::new();
    while let Some(Gossip::Active { rooms }) = own.take_active() {
        counts.push(rooms.len());
    }
    assert_eq!(counts, [200, 200, 50]);
    assert!(!own.has_active());
}

#[test]
fn who_is_asked_by_many_answers_once() {
    let mut own = LocalPresence::new(Seed::default());
    let start = Instant::START;
    let answers =
        |own: &mut LocalPresence, ms: u64| own.may_tell_whole(start + Duration::from_millis(ms));
    assert!(answers(&mut own, 0));
    assert!((0..100).all(|ms| !answers(&mut own, ms)), "the answer was for all");
    assert!(answers(&mut own, 500), "who missed it has asked again");
}
