use std::sync::Arc;

use maru_protocol::{DisplayName, Entry, Epoch, MessageId, Seq, SessionId, User, UserId};
use uuid::Uuid;

use super::*;
use crate::{
    Command, Enter, Entered, Visitor,
    cluster::NodeId,
    effect::FollowChange,
    log::{Change, Outcome, RoomId},
    testing::{engine, handle},
};

const ROOM: RoomId = RoomId(1);

fn name(text: &str) -> RoomName {
    RoomName::parse(text).unwrap()
}

fn record(text: &str) -> RoomRecord {
    RoomRecord { id: ROOM, name: name(text), head: Seq::ZERO, active_at: 0 }
}

fn enter(engine: &mut Engine, number: u128, room: &str) -> Entered {
    let user = User {
        id: UserId(format!("u{number}")),
        name: DisplayName::parse(&format!("person {number}")).unwrap(),
    };
    let skeletons = user.name.skeletons();
    let enter = Enter {
        session: SessionId(Uuid::from_u128(number)),
        visitor: Arc::new(Visitor { worker: 0, user, skeletons }),
        room: ROOM,
        record: Some(record(room)),
        after: None,
        epoch: Epoch(Uuid::nil()),
        holds_name: false,
    };
    handle(engine, Command::Enter(enter)).entered.unwrap().unwrap()
}

fn renamed(from: &str, to: &str) -> Command {
    Command::RoomRenamed(NewName { room: record(to), former: vec![name(from)], tell: true })
}

/// What the workers are told of the room.
fn told(effects: &Effects) -> Vec<Option<Event>> {
    let item = |item: &Item| match item {
        Item::Removed { room: ROOM, event } => Some(Some((**event).clone())),
        Item::Renamed { room: ROOM } => Some(None),
        _ => None,
    };
    effects.deliveries.iter().flatten().filter_map(item).collect()
}

fn removal(from: &str, to: &str) -> Option<Event> {
    Some(Event::Removed { room: name(from), renamed_to: Some(name(to)) })
}

#[test]
fn those_who_are_in_it_are_told_the_name_and_enter_again() {
    let mut engine = engine(None);
    enter(&mut engine, 1, "garden");
    let effects = handle(&mut engine, renamed("garden", "park"));
    assert_eq!(told(&effects), [removal("garden", "park"), removal("garden", "park")]);
    assert_eq!(engine.rooms(), 0);
    let Entered::In { name: entered, .. } = enter(&mut engine, 1, "park") else { panic!() };
    assert_eq!(entered, name("park"));
    // Told again, nobody has to go: workers only forget which names they know.
    let effects = handle(&mut engine, renamed("garden", "park"));
    assert_eq!(told(&effects), [None, None]);
    assert_eq!(engine.rooms(), 1);
}

/// Who missed a name in between is told by the name that they know.
#[test]
fn who_is_in_it_by_an_older_name_is_told_by_that() {
    let mut engine = engine(None);
    enter(&mut engine, 1, "garden");
    let effects = handle(&mut engine, renamed("yard", "park"));
    assert_eq!(told(&effects)[0], removal("garden", "park"));
    // Another spelling is another name.
    enter(&mut engine, 1, "park");
    let effects = handle(&mut engine, renamed("park", "PARK"));
    assert_eq!(told(&effects)[0], removal("park", "PARK"));
}

#[test]
fn watchers_see_the_old_go_and_the_new_come() {
    let mut engine = engine(None);
    enter(&mut engine, 1, "garden");
    let session = SessionId(Uuid::from_u128(9));
    handle(&mut engine, Command::Watch { session, on: true });
    let directory = |engine: &mut Engine| {
        let mut told = Effects::default();
        engine.handle_timeout(engine.poll_timeout().unwrap(), &mut told);
        let mut events = told.ephemeral.into_iter().flat_map(|told| told.items);
        events.find_map(|item| match item {
            Item::Directory { event } => Some((*event).clone()),
            _ => None,
        })
    };
    handle(&mut engine, renamed("garden", "park"));
    let rooms = vec![info_of(&record("park"), 0)];
    let removed = vec![name("garden")];
    assert_eq!(directory(&mut engine), Some(Event::Directory { rooms, removed }));
    // Another spelling of its name takes the place of the one of before.
    handle(&mut engine, renamed("park", "PARK"));
    let rooms = vec![info_of(&record("PARK"), 0)];
    let expected = Event::Directory { rooms, removed: Vec::new() };
    assert_eq!(directory(&mut engine), Some(expected));
}

#[test]
fn other_nodes_hear_of_it_and_tell_theirs() {
    let (mut here, mut there) = (engine(Some(1)), engine(Some(2)));
    enter(&mut there, 7, "garden");
    handle(&mut there, Command::BusConnected);
    let (topic, gossip) = handle(&mut here, renamed("garden", "park")).gossip.pop().unwrap();
    let from = NodeId(Uuid::from_u128(1));
    let effects = handle(&mut there, Command::Heard { from, topic, gossip });
    assert_eq!(told(&effects)[0], removal("garden", "park"));
    assert!(effects.follow.contains(&FollowChange::Unfollow { room: ROOM }));
    assert!(effects.gossip.iter().all(|(_, gossip)| !matches!(gossip, Gossip::Renamed { .. })));
    assert_eq!(there.rooms(), 0);
}

/// What was said by the name of before, here or on a node that has not heard, goes out by this one:
/// clients tell by it which room it is of.
#[test]
fn an_entry_goes_out_by_the_name_that_the_room_has() {
    let mut engine = engine(None);
    enter(&mut engine, 1, "park");
    let body = maru_protocol::Body::parse("hello".to_owned()).unwrap();
    let sender = User { id: UserId("u1".into()), name: DisplayName::parse("person 1").unwrap() };
    let append = crate::log::Append {
        room: ROOM,
        room_name: name("garden"),
        id: MessageId(Uuid::from_u128(5)),
        sender,
        at: 1,
        what: Change::say(body),
        reply: crate::log::ReplyTo::Nobody,
    };
    let Outcome::Committed { room, entry, .. } = append.committed(Seq::ZERO.next(), None) else {
        panic!()
    };
    let batch = vec![Outcome::Committed { room, entry, reply: None }];
    let effects = handle(&mut engine, Command::Committed(batch));
    let entries: Vec<&Entry> = effects
        .deliveries
        .iter()
        .flatten()
        .filter_map(|item| match item {
            Item::Entry { event, .. } => event.entry(),
            _ => None,
        })
        .collect();
    let [entry] = entries[..] else { panic!("{entries:?}") };
    assert_eq!(*entry.head().room, name("park"));
}
