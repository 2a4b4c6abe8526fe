//! Whatever is lost between nodes, in the end each knows who is where on the others.

use std::collections::VecDeque;

use maru_protocol::{DisplayName, User};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::cluster::{gossip::Gossip, local::LocalPresence};

fn node(n: usize) -> NodeId {
    NodeId(Uuid::from_u128(n as u128 + 1))
}

fn user(n: u8) -> UserId {
    UserId(format!("u{n}"))
}

fn person(n: u8, named: u64) -> RemoteUser {
    let name = DisplayName::parse(&format!("Name {named}")).unwrap();
    RemoteUser {
        user: User { id: user(n), name },
        named_by: SessionId(Uuid::from_u128(named.into())),
    }
}

/// A node with what is true on it and what it knows of the others.
struct Node {
    people: BTreeMap<(RoomId, UserId), RemoteUser>,
    own: LocalPresence,
    remote: RemotePresence,
    inbox: VecDeque<(NodeId, Gossip)>,
    /// What a room in use here would make of the changes it is told.
    followed: BTreeMap<(RoomId, UserId), SessionId>,
}

impl Node {
    fn new() -> Self {
        Self {
            people: BTreeMap::new(),
            own: LocalPresence::new(Seed::default()),
            remote: RemotePresence::new(Seed::default()),
            inbox: VecDeque::new(),
            followed: BTreeMap::new(),
        }
    }
}

struct World {
    nodes: Vec<Node>,
    now: Instant,
}

impl World {
    fn new() -> Self {
        Self { nodes: (0..3).map(|_| Node::new()).collect(), now: Instant::START }
    }

    fn say(&mut self, from: usize, gossips: Vec<Gossip>, lost: bool) {
        for gossip in gossips {
            for to in (0..self.nodes.len()).filter(|to| *to != from && !lost) {
                self.nodes[to].inbox.push_back((node(from), gossip.clone()));
            }
        }
    }

    fn change(&mut self, at: usize, room: i64, who: u8, named: Option<u64>) {
        let place = (RoomId(room), user(who));
        let now = named.map(|named| person(who, named));
        let me = &mut self.nodes[at];
        match now.clone() {
            Some(now) => me.people.insert(place, now),
            None => me.people.remove(&place),
        };
        me.own.changed(RoomId(room), user(who), now);
    }

    fn flush(&mut self, at: usize, lost: bool) {
        let gossips = self.nodes[at].own.take_changes();
        self.say(at, gossips, lost);
    }

    fn beat(&mut self, at: usize, lost: bool) {
        self.flush(at, lost);
        let version = self.nodes[at].own.version();
        self.say(at, vec![Gossip::Alive { version }], lost);
        let gone = self.nodes[at].remote.silent(self.now);
        self.took(at, gone);
    }

    fn took(&mut self, at: usize, changes: Vec<RemoteChange>) {
        let followed = &mut self.nodes[at].followed;
        for RemoteChange { room, user, now } in changes {
            match now {
                Some(now) => followed.insert((room, user), now.named_by),
                None => followed.remove(&(room, user)),
            };
        }
    }

    /// A node hears the first of what waits for it.
    fn hear(&mut self, at: usize, lost: bool) {
        let now = self.now;
        let Some((from, gossip)) = self.nodes[at].inbox.pop_front() else { return };
        let remote = &mut self.nodes[at].remote;
        let heard = match gossip {
            _ if lost => return,
            Gossip::Alive { version } => remote.alive(from, version, now),
            Gossip::Changes { version, rooms } => remote.changes(from, version, rooms, now),
            Gossip::Whole { version, part, parts, rooms } => {
                remote.whole(from, version, (part, parts), rooms, now)
            }
            Gossip::Ask { node: asked } => {
                if asked == node(at).0 {
                    self.flush(at, false);
                    let me = &self.nodes[at];
                    let all = me.people.iter().map(|((room, _), who)| (*room, who.clone()));
                    let whole = me.own.whole(all);
                    self.say(at, whole, false);
                }
                return;
            }
            _ => return,
        };
        if heard.ask {
            self.say(at, vec![Gossip::Ask { node: from.0 }], false);
        }
        self.took(at, heard.changes);
    }

    /// The network is whole again, and some beats pass.
    fn settle(&mut self) {
        for _ in 0..4 {
            self.now = self.now + Duration::from_secs(2);
            for at in 0..self.nodes.len() {
                self.beat(at, false);
            }
            while self.nodes.iter().any(|node| !node.inbox.is_empty()) {
                (0..self.nodes.len()).for_each(|at| self.hear(at, false));
            }
        }
    }

    fn check(&self) {
        for (at, me) in self.nodes.iter().enumerate() {
            let mut expected: BTreeMap<(RoomId, UserId), SessionId> = BTreeMap::new();
            for other in self.nodes.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, n)| n) {
                for (place, person) in &other.people {
                    let named_by = expected.entry(place.clone()).or_insert(person.named_by);
                    *named_by = person.named_by.max(*named_by);
                }
            }
            assert_eq!(me.followed, expected, "what node {at} told its rooms");
            for room in (0..3).map(RoomId) {
                let of = |all: &BTreeMap<(RoomId, UserId), SessionId>| -> Vec<_> {
                    let here = all.iter().filter(|((id, _), _)| *id == room);
                    here.map(|((_, user), named_by)| (user.clone(), *named_by)).collect()
                };
                let known: Vec<_> = me
                    .remote
                    .people(room)
                    .map(|(user, there)| (user.clone(), there.named_by))
                    .collect();
                assert_eq!(known, of(&expected), "what node {at} knows of {room:?}");
                assert_eq!(me.remote.count(room) as usize, known.len());
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    RemoteChange {
        at: usize,
        room: i64,
        who: u8,
        named: Option<u64>,
    },
    Flush {
        at: usize,
        lost: bool,
    },
    Beat {
        at: usize,
        lost: bool,
    },
    Hear {
        at: usize,
        lost: bool,
    },
    Wait(u64),
    /// A process ends and another one takes its place.
    Restart(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (at, lost) = (0..3_usize, prop::bool::weighted(0.3));
    prop_oneof![
        6 => (at.clone(), 0..3_i64, 0..4_u8, prop::option::of(1..1_000_u64))
            .prop_map(|(at, room, who, named)| Step::RemoteChange { at, room, who, named }),
        4 => (at.clone(), lost).prop_map(|(at, lost)| Step::Flush { at, lost }),
        2 => (at.clone(), lost).prop_map(|(at, lost)| Step::Beat { at, lost }),
        8 => (at.clone(), lost).prop_map(|(at, lost)| Step::Hear { at, lost }),
        2 => (100..9_000_u64).prop_map(Step::Wait),
        1 => at.prop_map(Step::Restart),
    ]
}

proptest! {
    #[test]
    fn in_the_end_everybody_knows(steps in prop::collection::vec(step(), 0..120)) {
        let mut world = World::new();
        for step in steps {
            match step {
                Step::RemoteChange { at, room, who, named } => world.change(at, room, who, named),
                Step::Flush { at, lost } => world.flush(at, lost),
                Step::Beat { at, lost } => world.beat(at, lost),
                Step::Hear { at, lost } => world.hear(at, lost),
                Step::Wait(ms) => world.now = world.now + Duration::from_millis(ms),
                // The same place with nothing in it: what it has told before, others still have,
                // under a version that the new one has not reached or passes by chance.
                Step::Restart(at) => {
                    let (own, people) = (LocalPresence::new(Seed::default()), BTreeMap::new());
                    world.nodes[at].people = people;
                    world.nodes[at].own = own;
                    for other in 0..3 {
                        if other != at {
                            let gone = world.nodes[other].remote.bye(node(at));
                            world.took(other, gone);
                            world.nodes[other].inbox.retain(|(from, _)| *from != node(at));
                        }
                    }
                }
            }
        }
        world.settle();
        world.check();
    }
}

#[test]
fn a_node_that_is_silent_takes_its_people_along() {
    let mut world = World::new();
    world.change(0, 1, 1, Some(1));
    world.settle();
    world.check();
    assert_eq!(world.nodes[1].remote.len(), 2);
    // Node 0 dies without a word.
    let dead = std::mem::take(&mut world.nodes[0].people);
    world.nodes[0].inbox.clear();
    for second in 0..10 {
        assert_eq!(world.nodes[1].remote.count(RoomId(1)), 1, "after {second} s");
        world.now = world.now + Duration::from_secs(1);
        (1..3).for_each(|at| world.beat(at, false));
        (1..3).for_each(|at| {
            while !world.nodes[at].inbox.is_empty() {
                world.hear(at, false)
            }
        });
        if second >= 8 {
            break;
        }
        if world.nodes[1].remote.count(RoomId(1)) == 0 {
            break;
        }
    }
    assert_eq!(world.nodes[1].remote.count(RoomId(1)), 0);
    assert_eq!(world.nodes[1].remote.len(), 1);
    assert!(world.nodes[1].followed.is_empty());
    // It was not dead after all, only frozen.
    world.nodes[0].people = dead;
    world.settle();
    world.check();
}

#[test]
fn what_nobody_could_hear_is_no_silence() {
    let mut remote = RemotePresence::new(Seed::default());
    let start = Instant::START;
    let there = vec![RoomChange { room: 1, joined: vec![person(1, 1)], left: Vec::new() }];
    remote.whole(node(0), 1, (0, 1), there, start);
    // The bus was away for a minute.
    let back = start + Duration::from_secs(60);
    remote.listen_anew(back);
    assert!(remote.silent(back + (GONE - Duration::from_millis(1))).is_empty());
    assert_eq!(remote.silent(back + GONE).len(), 1, "it died meanwhile");
}

#[test]
fn a_part_that_is_lost_leaves_what_was_known() {
    let mut remote = RemotePresence::new(Seed::default());
    let now = Instant::START;
    let part = |who: u8| {
        vec![RoomChange { room: 1, joined: vec![person(who, u64::from(who))], left: Vec::new() }]
    };
    remote.whole(node(0), 5, (0, 1), part(1), now);
    assert_eq!(remote.count(RoomId(1)), 1);
    // Of three parts the middle one is lost.
    assert!(remote.whole(node(0), 9, (0, 3), part(2), now).changes.is_empty());
    assert!(remote.whole(node(0), 9, (2, 3), part(3), now).changes.is_empty());
    // Of two answers the end of the first and the beginning of the second.
    remote.whole(node(0), 9, (0, 3), part(2), now);
    remote.whole(node(0), 9, (1, 3), part(3), now);
    assert!(remote.whole(node(0), 9, (1, 3), part(3), now).changes.is_empty());
    assert_eq!(remote.people(RoomId(1)).next().unwrap().0, &user(1));
    assert!(remote.alive(node(0), 9, now).ask);
    assert!(!remote.alive(node(0), 9, now).ask, "once a second");
    assert!(remote.alive(node(0), 9, now + ASK_AGAIN).ask);
    remote.whole(node(0), 9, (0, 2), part(2), now);
    assert_eq!(remote.whole(node(0), 9, (1, 2), part(3), now).changes.len(), 3);
    assert_eq!(remote.count(RoomId(1)), 2);
    assert!(!remote.alive(node(0), 9, now + ASK_AGAIN * 2).ask);
}
