use std::sync::Arc;

use maru_protocol::{DisplayName, Epoch, RoomName, Seq, SessionId};
use uuid::Uuid;

use super::{super::RoomChange, *};
use crate::{Command, Enter, Seed, Visitor, testing::options};

const ROOM: RoomId = RoomId(1);

fn user(n: u128) -> User {
    let name = DisplayName::parse(&format!("person {n}")).unwrap();
    User { id: UserId(format!("u{n}")), name }
}

fn node(n: u128) -> NodeId {
    NodeId(Uuid::from_u128(n))
}

/// A node with one person of its own in the room, which knows these of node 5.
fn node_with(own: u128, others: &[u128]) -> Engine {
    let now = Instant::START;
    let seed = Seed::default();
    let mut engine = Engine::new(options(500, 100, 1 << 20), Some(node(own)), seed, now);
    let me = user(own);
    let skeletons = me.name.skeletons();
    let enter = Enter {
        session: SessionId(Uuid::from_u128(own)),
        visitor: Arc::new(Visitor { worker: 0, user: me, skeletons }),
        room: ROOM,
        record: Some(RoomRecord {
            id: ROOM,
            name: RoomName::parse("lobby").unwrap(),
            head: Seq::ZERO,
            active_at: 0,
        }),
        after: None,
        epoch: Epoch(Uuid::nil()),
        holds_name: false,
    };
    engine.handle(now, Command::Enter(enter), &mut Effects::default());
    let joined = others
        .iter()
        .map(|n| RemoteUser { user: user(*n), named_by: SessionId(Uuid::from_u128(*n)) });
    let rooms = vec![RoomChange { room: ROOM.0, joined: joined.collect(), left: Vec::new() }];
    hear(&mut engine, Gossip::Whole { version: 0, part: 0, parts: 1, rooms });
    // What was told until here is told.
    activity(&mut engine);
    engine
}

fn hear(engine: &mut Engine, gossip: Gossip) {
    let heard = Command::Heard { from: node(5), topic: Topic::Nodes, gossip };
    engine.handle(Instant::START, heard, &mut Effects::default());
}

/// How often the room's activity is told within the next second.
fn activity(engine: &mut Engine) -> usize {
    let mut effects = Effects::default();
    let end = Instant::START + Duration::from_secs(1);
    while let Some(due) = engine.poll_timeout().filter(|due| *due <= end) {
        engine.handle_timeout(due, &mut effects);
    }
    let told = |(_, gossip): &&(Topic, Gossip)| matches!(gossip, Gossip::Active { .. });
    effects.gossip.iter().filter(told).count()
}

fn leaves(n: u128) -> Gossip {
    let left = vec![user(n).id];
    let rooms = vec![RoomChange { room: ROOM.0, joined: Vec::new(), left }];
    Gossip::Changes { version: 1, rooms }
}

/// Somebody who left two nodes at once was still there for each of them: neither told of it.
#[test]
fn who_is_gone_is_told_of_by_the_lowest_node_that_is_left() {
    let mut lowest = node_with(1, &[8, 9]);
    hear(&mut lowest, leaves(8));
    assert_eq!(activity(&mut lowest), 1);
    // Node 5 still has somebody there and is lower.
    let mut other = node_with(7, &[8, 9]);
    hear(&mut other, leaves(8));
    assert_eq!(activity(&mut other), 0);
    // Nobody is left there.
    let mut last = node_with(7, &[8]);
    hear(&mut last, leaves(8));
    assert_eq!(activity(&mut last), 1);
}

#[test]
fn who_comes_is_told_of_by_the_node_that_they_came_to() {
    let mut engine = node_with(1, &[]);
    let came = RemoteUser { user: user(8), named_by: SessionId(Uuid::from_u128(8)) };
    let rooms = vec![RoomChange { room: ROOM.0, joined: vec![came], left: Vec::new() }];
    hear(&mut engine, Gossip::Changes { version: 1, rooms });
    assert_eq!(activity(&mut engine), 0);
}
