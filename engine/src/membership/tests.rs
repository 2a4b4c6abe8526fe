use std::{collections::BTreeSet, time::Duration};

use maru_protocol::{
    About, Body, DisplayName, Entry as LogEntry, Epoch, Message, MessageId, Position,
    PresenceChange, Ref, Seq, User, UserId,
};
use uuid::Uuid;

use super::*;
use crate::{
    Command, Event, Item, Seed, SharedEvent,
    log::{Outcome, ReplyTo, SessionRef},
    testing::options,
};

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));

/// An engine at a time that a test moves on.
struct Bench {
    engine: Engine,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::START;
        let mut engine = Engine::new(options(500, 100, 1 << 20), None, Seed::default(), now);
        engine.handle(now, Command::Workers(1), &mut Effects::default());
        Self { engine, now }
    }

    fn handle(&mut self, command: Command) -> Effects {
        let mut effects = Effects::default();
        self.engine.handle(self.now, command, &mut effects);
        effects
    }

    fn entered(&mut self, enter: Enter) -> Result<Entered, ErrorCode> {
        self.handle(Command::Enter(enter)).entered.unwrap()
    }

    /// Enters a room that is in use, or whose record is given.
    fn replay(&mut self, enter: Enter) -> Replay {
        match self.entered(enter).unwrap() {
            Entered::In { replay, .. } => replay,
            Entered::RecordNeeded => panic!("nobody is in it"),
        }
    }
}

fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn name(room: i64) -> RoomName {
    RoomName::parse(&format!("room {room}")).unwrap()
}

fn record(room: i64, head: u64) -> RoomRecord {
    RoomRecord { id: RoomId(room), name: name(room), head: seq(head), active_at: 0 }
}

fn entry(room: i64, number: u64) -> LogEntry {
    LogEntry::Message(Message::of(
        name(room),
        seq(number),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() },
        0,
        Body::parse("안녕".to_owned()).unwrap(),
    ))
}

fn enter(who: u128, room: i64, record: Option<RoomRecord>) -> Enter {
    let name = DisplayName::parse(&format!("person {who} of many")).unwrap();
    let skeletons = name.skeletons();
    let user = User { id: UserId(who.to_string()), name };
    let visitor = Arc::new(Visitor { worker: 0, user, skeletons });
    let (session, room, after) = (session(who), RoomId(room), None);
    Enter { session, visitor, room, record, after, epoch: EPOCH, holds_name: false }
}

fn offer(who: u128, head: u64) -> Command {
    let entries = (1..=head).map(|n| SharedEvent::from(entry(1, n))).collect();
    let read = PageRead { head: seq(head), about: About::default(), from: seq(1), entries };
    Command::Offer { session: session(who), room: RoomId(1), read }
}

fn committed(number: u64) -> Command {
    let (room, entry) = (RoomId(1), entry(1, number));
    let asked = SessionRef { session: session(1), worker: 0, room, reference: Ref(1) };
    let reply = Some(ReplyTo::Session(asked));
    Command::Committed(vec![Outcome::Committed { room, entry, reply }])
}

#[test]
fn a_record_read_before_the_room_was_in_use_is_not_its_head() {
    let mut bench = Bench::new();
    let asked = bench.entered(enter(1, 1, None)).unwrap();
    assert!(matches!(asked, Entered::RecordNeeded));
    // The sixth entry may be committed already, and handed over while nobody was in the room.
    let mut first = enter(1, 1, Some(record(1, 5)));
    first.after = Some(Position { epoch: EPOCH, seq: seq(5) });
    let first = bench.replay(first);
    assert!(matches!(first, Replay::Journal { offer: true }), "{first:?}");
    let second = bench.replay(enter(2, 1, None));
    assert!(matches!(second, Replay::Journal { offer: false }), "{second:?}");
    // What is read now is the room's: whatever comes later is handed over while it is in use.
    bench.handle(offer(1, 6));
    bench.handle(committed(7));
    let third = bench.replay(enter(3, 1, Some(record(1, 5))));
    let Replay::Known { head, entries, reset: false, .. } = third else { panic!("{third:?}") };
    assert_eq!((head, entries.len()), (seq(7), 7));
}

#[test]
fn only_who_was_there_all_the_time_can_hand_over_what_it_read() {
    let mut bench = Bench::new();
    bench.replay(enter(1, 1, Some(record(1, 5))));
    bench.handle(Command::Exit { session: session(1), room: RoomId(1) });
    // Nobody hears of the sixth entry. Then the room is in use again, and the old page comes.
    bench.handle(committed(6));
    bench.replay(enter(2, 1, Some(record(1, 6))));
    bench.handle(offer(1, 5));
    let next = bench.replay(enter(3, 1, None));
    assert!(matches!(next, Replay::Journal { .. }), "{next:?}");
    // With its last session a room goes out of memory, its newest entries too.
    bench.handle(offer(2, 6));
    for who in [2, 3] {
        bench.handle(Command::Disconnect(session(who)));
    }
    let asked = bench.entered(enter(4, 1, None)).unwrap();
    assert!(matches!(asked, Entered::RecordNeeded));
}

#[test]
fn rooms_beyond_an_intervals_budget_are_told_in_the_next_ones() {
    let mut bench = Bench::new();
    for who in 0..50 * 30 {
        let room = i64::try_from(who % 50).unwrap();
        bench.replay(enter(who, room, Some(record(room, 0))));
    }
    let mut silent: BTreeSet<RoomId> = (0..50).map(RoomId).collect();
    let mut intervals = 0;
    while let Some(due) = bench.engine.poll_timeout() {
        bench.now = due;
        let mut effects = Effects::default();
        bench.engine.handle_timeout(due, &mut effects);
        for item in effects.ephemeral.into_iter().flat_map(|told| told.items) {
            let Item::Event { room, event, .. } = item else { continue };
            if matches!(*event, Event::Presence { count: 30, .. }) {
                silent.remove(&room);
            }
        }
        intervals += 1;
        assert!(intervals < 100, "a room is never told: {silent:?}");
    }
    assert!(silent.is_empty(), "{silent:?}");
    assert!(bench.now < Instant::START + Duration::from_secs(10));
}

/// What the room is told of its people next.
fn told(bench: &mut Bench) -> PresenceChange {
    bench.now = bench.now + Duration::from_millis(10);
    let mut effects = Effects::default();
    bench.engine.handle_timeout(bench.now, &mut effects);
    let Some(Item::Event { event, .. }) = effects.ephemeral[0].items.first() else { panic!() };
    let Event::Presence { change, .. } = &**event else { panic!("{event:?}") };
    change.clone()
}

/// Something older than a session's answer may reach it afterwards: what its worker was told before
/// it had no session in the room. What corrects that, the worker was not told.
#[test]
fn a_worker_that_comes_back_to_a_room_is_told_the_whole_roster() {
    let mut bench = Bench::new();
    bench.handle(Command::Workers(2));
    let at_second = |who| {
        let mut enter = enter(who, 1, None);
        let Visitor { user, skeletons, .. } = &*enter.visitor;
        let (user, skeletons) = (user.clone(), skeletons.clone());
        enter.visitor = Arc::new(Visitor { worker: 1, user, skeletons });
        Command::Enter(enter)
    };
    bench.handle(Command::Enter(enter(1, 1, Some(record(1, 0)))));
    bench.handle(at_second(2));
    assert!(matches!(told(&mut bench), PresenceChange::Delta { .. }));
    let leave = |who| Command::Exit { session: session(who), room: RoomId(1) };
    bench.handle(leave(2));
    assert!(matches!(told(&mut bench), PresenceChange::Delta { .. }));
    let back = bench.handle(at_second(2)).ephemeral;
    let [Ephemeral { worker: 1, items, .. }] = &back[..] else { panic!("{back:?}") };
    let [Item::Event { event, .. }] = &items[..] else { panic!("{items:?}") };
    let Event::Presence { change: PresenceChange::Roster { users, complete }, .. } = &**event
    else {
        panic!("all of it")
    };
    assert_eq!((users.len(), *complete), (2, true));
    // To the others nothing is new but the one who came.
    assert!(matches!(told(&mut bench), PresenceChange::Delta { .. }));
    // Nothing waits for so long.
    bench.handle(leave(2));
    told(&mut bench);
    bench.now = bench.now + Duration::from_secs(60);
    assert!(bench.handle(at_second(2)).ephemeral.is_empty());
    assert!(matches!(told(&mut bench), PresenceChange::Delta { .. }));
}
