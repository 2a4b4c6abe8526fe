use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::fanout::{
    outbox::Outbox,
    subscription::Subscription,
    testing::{PLAIN, Wire, frames},
};

const LOUD: RoomId = RoomId(1);
const QUIET: RoomId = RoomId(2);
const SLICE: usize = 256;

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn session(number: usize) -> SessionId {
    SessionId(Uuid::from_u128(number as u128))
}

/// Rooms with so many members each, and their wires.
struct Rooms {
    by_room: HashMap<RoomId, SharedSubscribers>,
    wires: HashMap<RoomId, Vec<Wire>>,
}

impl Rooms {
    fn new(sizes: &[(RoomId, usize)]) -> Self {
        let mut rooms = Self { by_room: HashMap::new(), wires: HashMap::new() };
        for (room, size) in sizes {
            rooms.by_room.entry(*room).or_default();
            for number in 0..*size {
                rooms.enter(*room, number, Seq::ZERO);
            }
        }
        rooms
    }

    fn enter(&mut self, room: RoomId, number: usize, head: Seq) -> Rc<Subscription> {
        let wire = Wire::wide();
        let outbox = Rc::new(Outbox::new(wire.clone(), PLAIN, 1 << 20));
        self.wires.entry(room).or_default().push(wire);
        let mut subscribers = self.by_room[&room].borrow_mut();
        let subscription = subscribers.join(session(number), RoomId(1), outbox);
        subscribers.go_live(&subscription, head);
        subscription
    }

    fn subscribers(&self, room: RoomId) -> Option<SharedSubscribers> {
        self.by_room.get(&room).cloned()
    }

    fn step(&self, runs: &mut FanoutQueue) -> SliceResult {
        runs.step(SLICE, |room| self.subscribers(room))
    }

    fn finish(&self, runs: &mut FanoutQueue) {
        while !runs.is_empty() {
            self.step(runs);
        }
    }

    fn texts(&self, room: RoomId, member: usize) -> Vec<String> {
        self.wires[&room][member].texts()
    }
}

fn say(runs: &mut FanoutQueue, room: RoomId, number: u64) {
    runs.entry(room, seq(number), frames(&number.to_string()));
}

#[test]
fn a_quiet_room_waits_one_slice_for_a_loud_one_at_most() {
    let rooms = Rooms::new(&[(LOUD, 5_000), (QUIET, 1)]);
    let mut runs = FanoutQueue::default();
    for n in 1..=100 {
        say(&mut runs, LOUD, n);
    }
    assert_eq!(rooms.step(&mut runs).sockets, SLICE);
    say(&mut runs, QUIET, 1);
    rooms.step(&mut runs);
    rooms.step(&mut runs);
    assert_eq!(rooms.texts(QUIET, 0), ["1"], "while 4,400 wait for the loud room's");
    assert!(rooms.texts(LOUD, 4_999).is_empty());
    rooms.finish(&mut runs);
    let all: Vec<String> = (1..=100).map(|n| n.to_string()).collect();
    assert!((0..5_000).all(|n| rooms.texts(LOUD, n) == all));
}

#[test]
fn what_gathers_during_a_fan_out_comes_in_order_and_in_few_writes() {
    let rooms = Rooms::new(&[(LOUD, 1_000)]);
    let mut runs = FanoutQueue::default();
    say(&mut runs, LOUD, 1);
    rooms.step(&mut runs);
    for n in 2..=40 {
        say(&mut runs, LOUD, n);
    }
    runs.event(LOUD, frames("typing"), Some(session(3)));
    for n in 41..=200 {
        say(&mut runs, LOUD, n);
    }
    rooms.finish(&mut runs);
    let mut all: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    assert_eq!(rooms.texts(LOUD, 3), all, "not to whom it is about");
    all.insert(40, "typing".to_owned());
    assert_eq!(rooms.texts(LOUD, 0), all, "in its place");
    assert_eq!(rooms.texts(LOUD, 999), all);
    // 1; 2 to 40; typing; 41 to 200 in runs of 64.
    assert_eq!(rooms.wires[&LOUD][0].writes(), 1 + 1 + 1 + 3);
    assert_eq!(runs.waiting, 0);
}

#[test]
fn a_run_is_bounded_in_bytes_but_for_its_first_entry() {
    let rooms = Rooms::new(&[(LOUD, 1)]);
    let mut runs = FanoutQueue::default();
    for n in 1..=4 {
        runs.entry(LOUD, seq(n), frames(&format!("{n}{}", "x".repeat(RUN_BYTES - 100))));
    }
    assert!(!runs.is_full());
    rooms.finish(&mut runs);
    assert_eq!(rooms.wires[&LOUD][0].writes(), 4);
    for n in 5..=5 + WAITING_BYTES as u64 / RUN_BYTES as u64 {
        runs.entry(LOUD, seq(n), frames(&"x".repeat(RUN_BYTES)));
    }
    assert!(runs.is_full(), "the rest waits in the worker's queue");
    rooms.finish(&mut runs);
    assert!(!runs.is_full());
}

#[test]
fn who_comes_and_goes_during_a_fan_out_gets_what_is_theirs() {
    let mut rooms = Rooms::new(&[(LOUD, 600)]);
    let leaver = rooms.enter(LOUD, 600, Seq::ZERO);
    let mut runs = FanoutQueue::default();
    say(&mut runs, LOUD, 1);
    rooms.step(&mut runs);
    // 1 is written to 256 of 601. The last one leaves; one comes, whose replay has 1 already.
    rooms.by_room[&LOUD].borrow_mut().leave(&leaver);
    rooms.enter(LOUD, 601, seq(1));
    say(&mut runs, LOUD, 2);
    rooms.finish(&mut runs);
    for n in 0..600 {
        assert_eq!(rooms.texts(LOUD, n), ["1", "2"], "number {n}");
    }
    assert!(rooms.texts(LOUD, 600).is_empty(), "gone is gone, also from a fan-out under way");
    assert_eq!(rooms.texts(LOUD, 601), ["2"]);
}

/// Says `number` and looks at the patient, as a hub does.
fn hear(rooms: &Rooms, runs: &mut FanoutQueue, number: u64) {
    say(runs, LOUD, number);
    rooms.by_room[&LOUD].borrow_mut().answer();
    runs.look_at_patient(|room| rooms.subscribers(room));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_waits_for_what_its_members_sent_already() {
    let rooms = Rooms::new(&[(LOUD, CROWD)]);
    let mut runs = FanoutQueue::default();
    (0..3).for_each(|_| rooms.by_room[&LOUD].borrow_mut().ask());
    hear(&rooms, &mut runs, 1);
    assert_eq!(rooms.step(&mut runs).sockets, 0);
    assert!(runs.is_idle() && !runs.is_empty() && runs.patience_ends().is_some());
    hear(&rooms, &mut runs, 2);
    // What is sent meanwhile comes along; senders without end meet the end of patience.
    rooms.by_room[&LOUD].borrow_mut().ask();
    hear(&rooms, &mut runs, 3);
    assert!(runs.is_idle());
    hear(&rooms, &mut runs, 4);
    assert_eq!(rooms.step(&mut runs), SliceResult { sockets: CROWD, deliveries: 4 * CROWD });
    assert!(runs.is_empty());
    assert_eq!(rooms.wires[&LOUD][0].writes(), 1);
    hear(&rooms, &mut runs, 5);
    assert_eq!(rooms.step(&mut runs).sockets, CROWD, "nothing more is to come");
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let rooms = Rooms::new(&[(LOUD, CROWD), (QUIET, CROWD - 1)]);
    let mut runs = FanoutQueue::default();
    for room in [LOUD, QUIET] {
        (0..100).for_each(|_| rooms.by_room[&room].borrow_mut().ask());
        say(&mut runs, room, 1);
    }
    rooms.step(&mut runs);
    rooms.step(&mut runs);
    assert_eq!(rooms.texts(QUIET, 0), ["1"], "a small room is written to at once");
    assert!(rooms.texts(LOUD, 0).is_empty());
    // In time,
    let until = runs.patience_ends().unwrap();
    assert_eq!(until - Instant::now(), Duration::from_micros(512));
    tokio::time::advance(Duration::from_micros(513)).await;
    runs.look_at_patient(|room| rooms.subscribers(room));
    rooms.step(&mut runs);
    assert_eq!(rooms.texts(LOUD, 0), ["1"]);
    // and when a run is full.
    for n in 2..2 + RUN_ENTRIES as u64 {
        say(&mut runs, LOUD, n);
    }
    assert_eq!(rooms.step(&mut runs).sockets, CROWD);
    assert!(runs.is_empty());
}

#[test]
fn a_room_nobody_is_in_any_more_costs_nothing() {
    let rooms = Rooms::new(&[]);
    let mut runs = FanoutQueue::default();
    say(&mut runs, LOUD, 1);
    runs.event(LOUD, frames("presence"), None);
    rooms.finish(&mut runs);
    assert!(runs.is_empty() && runs.rooms.is_empty() && runs.waiting == 0);
}

proptest! {
    /// However work comes and is done: per room in order, each once.
    #[test]
    fn each_room_gets_its_own_in_order(
        steps in prop::collection::vec((1..4_i64, 0..3_usize, any::<bool>()), 1..80),
        slice in 1..20_usize,
    ) {
        let rooms = Rooms::new(&[(RoomId(1), 30), (RoomId(2), 7), (RoomId(3), 1)]);
        let mut runs = FanoutQueue::default();
        let mut said: HashMap<RoomId, Vec<String>> = HashMap::new();
        for (n, (room, count, event)) in steps.into_iter().enumerate() {
            let (room, mut texts) = (RoomId(room), said.remove(&RoomId(room)).unwrap_or_default());
            let text = if event {
                let text = format!("event {n}");
                runs.event(room, frames(&text), None);
                text
            } else {
                let number = texts.iter().filter(|t| !t.starts_with("event")).count() as u64 + 1;
                say(&mut runs, room, number);
                number.to_string()
            };
            texts.push(text);
            said.insert(room, texts);
            for _ in 0..count {
                runs.step(slice, |room| rooms.subscribers(room));
            }
        }
        rooms.finish(&mut runs);
        for (room, texts) in said {
            for member in 0..rooms.wires[&room].len() {
                prop_assert_eq!(&rooms.texts(room, member), &texts);
            }
        }
        prop_assert_eq!(runs.waiting, 0);
    }
}
