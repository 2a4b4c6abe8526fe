use std::sync::Arc;

use maru_protocol::{DisplayName, Epoch, Seq, SessionId, User, UserId};
use uuid::Uuid;

use super::*;
use crate::{
    Command, Enter, Visitor,
    cluster::NodeId,
    testing::{engine, handle},
};

const ROOM: RoomId = RoomId(1);

fn name() -> RoomName {
    RoomName::parse("lobby").unwrap()
}

fn record() -> RoomRecord {
    RoomRecord { id: ROOM, name: name(), head: Seq::ZERO, active_at: 0 }
}

fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

fn enter(engine: &mut Engine, number: u128) {
    let name = DisplayName::parse(&format!("person {number}")).unwrap();
    let user = User { id: UserId(format!("u{number}")), name };
    let skeletons = user.name.skeletons();
    let enter = Enter {
        session: session(number),
        visitor: Arc::new(Visitor { worker: 0, user, skeletons }),
        room: ROOM,
        record: Some(record()),
        after: None,
        epoch: Epoch(Uuid::nil()),
        holds_name: false,
    };
    assert!(handle(engine, Command::Enter(enter)).entered.unwrap().is_ok());
}

fn is_removal(item: &Item) -> bool {
    matches!(item, Item::Removed { room: ROOM, event }
        if **event == Event::Removed { room: name(), renamed_to: None })
}

#[test]
fn those_who_are_in_it_are_told_and_in_it_no_more() {
    let mut engine = engine(None);
    enter(&mut engine, 1);
    assert!(engine.unused(vec![record()]).is_empty());
    handle(&mut engine, Command::Watch { session: session(9), on: true });
    let effects = handle(&mut engine, Command::RoomRemoved { id: ROOM, room: name() });
    assert_eq!(effects.deliveries.len(), 2, "each worker");
    assert!(effects.deliveries.iter().flatten().all(is_removal));
    assert_eq!((engine.rooms(), engine.unused(vec![record()]).len()), (0, 1));
    // The directory tells that it went, and nothing else of it.
    let mut told = Effects::default();
    engine.handle_timeout(engine.poll_timeout().unwrap(), &mut told);
    let events = told.ephemeral.iter().flat_map(|told| &told.items);
    let directory = |item: &Item| match item {
        Item::Directory { event } => Some((**event).clone()),
        _ => None,
    };
    let directory: Vec<Event> = events.filter_map(directory).collect();
    let expected = Event::Directory { rooms: Vec::new(), removed: vec![name()] };
    assert!(!directory.is_empty() && directory.iter().all(|event| *event == expected));
    // Their end concerns no room.
    assert!(handle(&mut engine, Command::Disconnect(session(1))).is_empty());
}

#[test]
fn other_nodes_hear_of_it_and_tell_theirs() {
    let (mut here, mut there) = (engine(Some(1)), engine(Some(2)));
    enter(&mut there, 7);
    handle(&mut there, Command::BusConnected);
    let mut effects = handle(&mut here, Command::RoomRemoved { id: ROOM, room: name() });
    let (topic, gossip) = effects.gossip.pop().unwrap();
    let from = NodeId(Uuid::from_u128(1));
    let told = handle(&mut there, Command::Heard { from, topic, gossip });
    assert!(told.deliveries.iter().flatten().any(is_removal));
    let unfollowed =
        |change: &FollowChange| matches!(change, FollowChange::Unfollow { room: ROOM });
    assert!(told.follow.iter().any(unfollowed));
    assert!(told.gossip.iter().all(|(_, gossip)| !matches!(gossip, Gossip::Removed { .. })));
    assert_eq!(there.rooms(), 0);
}

#[test]
fn a_room_is_used_while_somebody_may_be_in_it_elsewhere() {
    let (mut here, mut there) = (engine(Some(1)), engine(Some(2)));
    enter(&mut there, 7);
    assert!(here.unused(vec![record()]).is_empty(), "nobody is heard");
    handle(&mut here, Command::BusConnected);
    assert_eq!(here.unused(vec![record()]).len(), 1);
    let from = NodeId(Uuid::from_u128(2));
    let ask = Gossip::Ask { node: from.0 };
    let heard =
        Command::Heard { from: NodeId(Uuid::from_u128(1)), topic: Topic::Nodes, gossip: ask };
    for (topic, gossip) in handle(&mut there, heard).gossip {
        handle(&mut here, Command::Heard { from, topic, gossip });
    }
    assert!(here.unused(vec![record()]).is_empty(), "one is on the other node");
}
