use maru_protocol::{DisplayName, RoomName, Seq, SessionId, User};
use uuid::Uuid;

use super::*;

fn person(id: u32) -> Person {
    let user = User {
        id: UserId(format!("u{id:05}")),
        name: DisplayName::parse(&format!("Person {id}")).unwrap(),
    };
    Person { user, named_by: SessionId(Uuid::from_u128(id.into())) }
}

fn told(signals: &[Signal]) -> (usize, usize) {
    let rooms = signals.iter().flat_map(|signal| match signal {
        Signal::Changes { rooms, .. } | Signal::Whole { rooms, .. } => rooms.as_slice(),
        _ => &[],
    });
    rooms.fold((0, 0), |(joined, left), change| {
        (joined + change.joined.len(), left + change.left.len())
    })
}

#[test]
fn what_gathers_is_told_once_as_it_is_at_last() {
    let mut own = Own::default();
    for number in 0..3 {
        own.changed(RoomId(1), person(number).user.id, Some(person(number)));
    }
    own.changed(RoomId(1), person(2).user.id, None);
    own.changed(RoomId(2), person(2).user.id, Some(person(2)));
    let signals = own.take_changes();
    assert_eq!((signals.len(), told(&signals)), (1, (3, 1)));
    assert!(matches!(&signals[0], Signal::Changes { version: 1, rooms } if rooms.len() == 2));
    assert!(own.take_changes().is_empty());
    assert_eq!(own.version(), 1, "nothing told is no change");
}

#[test]
fn a_storm_takes_as_many_signals_as_it_needs() {
    let mut own = Own::default();
    for number in 0..2_500 {
        let room = RoomId(i64::from(number % 7));
        own.changed(room, person(number).user.id, Some(person(number)));
    }
    let signals = own.take_changes();
    assert_eq!((signals.len(), told(&signals)), (3, (2_500, 0)));
    assert!(signals.iter().all(|signal| signal.encode().len() < 512 * 1024));
    assert_eq!(own.version(), 3);
    let whole = own.whole((0..1_001).map(|number| (RoomId(1), person(number))));
    assert_eq!((whole.len(), told(&whole)), (2, (1_001, 0)));
    // Nobody is told as well, or what was known would stay.
    let nobody = own.whole(std::iter::empty());
    assert!(matches!(&nobody[..], [Signal::Whole { version: 3, part: 0, parts: 1, .. }]));
}

#[test]
fn more_rooms_than_one_signal_takes_wait() {
    let mut own = Own::default();
    for id in 0..450 {
        let room = RoomName::parse(&format!("room {id}")).unwrap();
        own.active(Active { id, room, head: Seq::ZERO, active_at: 0 });
    }
    let mut counts = Vec::new();
    while let Some(Signal::Active { rooms }) = own.take_active() {
        counts.push(rooms.len());
    }
    assert_eq!(counts, [200, 200, 50]);
    assert!(!own.has_active());
}

#[test]
fn who_is_asked_by_many_answers_once() {
    let mut own = Own::default();
    let start = Instant::now();
    let answers = |own: &mut Own, ms: u64| own.may_tell_whole(start + Duration::from_millis(ms));
    assert!(answers(&mut own, 0));
    assert!((0..100).all(|ms| !answers(&mut own, ms)), "the answer was for all");
    assert!(answers(&mut own, 500), "who missed it has asked again");
}
