use proptest::prelude::*;
use uuid::Uuid;

use maru_protocol::ByeCode;

use super::*;
use crate::fanout::testing::{OTHER, PLAIN, Wire, frames, said};

/// subscribers of one, and its wire.
fn one(wire: &Wire) -> (Subscribers, Rc<Subscription>, Rc<Outbox<Wire>>) {
    let outbox = Rc::new(Outbox::new(wire.clone(), PLAIN, 1 << 20));
    let mut subscribers = Subscribers::default();
    let subscription = subscribers.join(session(1), RoomId(1), outbox.clone());
    (subscribers, subscription, outbox)
}

fn session(number: u128) -> SessionId {
    SessionId(Uuid::from_u128(number))
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// The entries of a range as one run.
fn run(numbers: impl Iterator<Item = u64>) -> Payload {
    let entries = numbers.map(|n| (seq(n), frames(&n.to_string()))).collect();
    Payload::Entries(EntryRun::new(entries))
}

fn event() -> Payload {
    Payload::Event(frames("presence"), None)
}

fn tell(subscribers: &mut Subscribers, what: &Payload) {
    subscribers.begin();
    subscribers.serve(what, usize::MAX);
    assert!(subscribers.is_served());
}

fn numbers(wire: &Wire) -> Vec<u64> {
    wire.texts().iter().filter_map(|text| text.parse().ok()).collect()
}

#[test]
fn what_comes_while_joining_is_held_and_follows_the_replay() {
    let wire = Wire::wide();
    let (mut subscribers, subscription, _) = one(&wire);
    tell(&mut subscribers, &run(3..6));
    tell(&mut subscribers, &event());
    tell(&mut subscribers, &run(6..7));
    assert!(wire.texts().is_empty(), "the replay comes first");
    subscribers.go_live(&subscription, seq(4));
    tell(&mut subscribers, &run(7..9));
    assert_eq!(wire.texts(), ["5", "presence", "6", "7", "8"]);
}

#[test]
fn after_the_end_nothing_goes_through() {
    let wire = Wire::wide();
    let (mut subscribers, subscription, _) = one(&wire);
    tell(&mut subscribers, &run(1..3));
    subscribers.leave(&subscription);
    tell(&mut subscribers, &run(3..4));
    tell(&mut subscribers, &event());
    subscribers.go_live(&subscription, Seq::ZERO);
    subscribers.leave(&subscription);
    assert!(wire.texts().is_empty() && subscribers.is_empty());
}

#[test]
fn a_join_that_takes_too_long_for_a_busy_room_ends_like_a_slow_reader() {
    let wire = Wire::wide();
    let (mut subscribers, _, outbox) = one(&wire);
    let wide = "x".repeat(100_000);
    let entry = |n| EntryRun::new(vec![(seq(n), frames(&wide))]);
    for n in 1..=10 {
        tell(&mut subscribers, &Payload::Entries(entry(n)));
        assert!(!outbox.is_ending(), "{n} of 100 kB");
    }
    tell(&mut subscribers, &Payload::Entries(entry(11)));
    assert!(matches!(
        outbox.end(),
        Some(crate::fanout::disconnect_reason::DisconnectReason::Bye(ByeCode::SlowReader, _))
    ));
}

#[test]
fn answers_to_an_earlier_audience_are_not_counted_ahead() {
    let (mut subscribers, ..) = one(&Wire::wide());
    subscribers.answer();
    subscribers.ask();
    assert!(subscribers.expects_more());
    subscribers.answer();
    assert!(!subscribers.expects_more());
}

/// Each gets the wire that it speaks; what nobody speaks is never made.
#[test]
fn a_run_has_one_buffer_for_each_format_that_somebody_has() {
    let (mut subscribers, wires) = (Subscribers::default(), [Wire::wide(), Wire::wide()]);
    let events = [said("1"), said("2")];
    let run = |subscribers: &Subscribers| {
        let entries = events.iter().cloned().zip(1..);
        let entries = entries.map(|(event, n)| (seq(n), subscribers.frames(event)));
        Payload::Entries(EntryRun::new(entries.collect()))
    };
    let join = |subscribers: &mut Subscribers, n: usize, format| {
        let outbox = Rc::new(Outbox::new(wires[n].clone(), format, 1 << 20));
        let subscription = subscribers.join(session(n as u128), RoomId(1), outbox);
        subscribers.go_live(&subscription, Seq::ZERO);
        subscription
    };
    join(&mut subscribers, 0, PLAIN);
    run(&subscribers);
    assert_eq!(events[0].encodings(), 1, "nobody speaks the other one");
    let other = join(&mut subscribers, 1, OTHER);
    let both = run(&subscribers);
    assert_eq!(events[0].encodings(), 2);
    tell(&mut subscribers, &both);
    assert_eq!(wires[0].texts(), ["1", "2"]);
    assert_eq!(wires[1].texts(), ["wire 1", "wire 1"]);
    assert_eq!(wires[1].writes(), 1, "in one buffer");
    subscribers.leave(&other);
    assert_eq!(subscribers.formats.iter().flatten().count(), 1);
    let late = said("3");
    subscribers.frames(late.clone());
    assert_eq!(late.encodings(), 1);
}

proptest! {
    /// A room's entries from somewhere at or below the replay's head on, in runs of any size, the
    /// replay arriving anywhere between them, runs repeated: each seq above the head comes once, in
    /// order.
    #[test]
    fn every_entry_above_the_replay_comes_once_and_in_order(
        head in 0..30_u64,
        before in 0..30_u64,
        sizes in prop::collection::vec(1..8_u64, 1..20),
        live_after in 0..20_usize,
        again in prop::collection::vec(any::<bool>(), 20),
    ) {
        let wire = Wire::wide();
        let (mut subscribers, subscription, _) = one(&wire);
        // The subscription began before the replay was read: it missed nothing above the head.
        let mut next = (head + 1).saturating_sub(before).max(1);
        let mut went_live = false;
        for (n, size) in sizes.iter().enumerate() {
            // The replay can't hold what was not committed before it was read; what was handed over
            // before may come late, so going live may be at any time.
            if n == live_after {
                subscribers.go_live(&subscription, seq(head));
                went_live = true;
            }
            let this = run(next..next + size);
            tell(&mut subscribers, &this);
            if again[n % 20] {
                tell(&mut subscribers, &this);
            }
            next += size;
        }
        if !went_live {
            subscribers.go_live(&subscription, seq(head));
        }
        let expected: Vec<u64> = (head + 1..next).collect();
        prop_assert_eq!(numbers(&wire), expected);
    }

    /// People come and go between the slices of fan-outs: who is there from a fan-out's beginning to
    /// its end gets it once, who left gets nothing from then on, and each gets their own in order.
    #[test]
    fn nobody_is_skipped_or_served_twice_while_others_come_and_go(
        size in 1..40_usize,
        steps in prop::collection::vec((0..4_u8, 0..64_usize), 1..120),
    ) {
        struct Member { wire: Wire, subscription: Rc<Subscription>, from: u64, to: Option<u64> }
        let mut subscribers = Subscribers::default();
        let mut members: Vec<Member> = Vec::new();
        let come = |subscribers: &mut Subscribers, members: &mut Vec<Member>, next: u64| {
            let wire = Wire::wide();
            let outbox = Rc::new(Outbox::new(wire.clone(), PLAIN, 1 << 20));
            let subscription = subscribers.join(session(members.len() as u128), RoomId(1), outbox);
            // The replay holds all that fan-outs began with.
            subscribers.go_live(&subscription, seq(next));
            members.push(Member { wire, subscription, from: next, to: None });
        };
        (0..size).for_each(|_| come(&mut subscribers, &mut members, 0));
        let (mut next, mut under_way) = (0, None);
        for (action, number) in steps {
            match action {
                0 => come(&mut subscribers, &mut members, next),
                1 => {
                    let number = number % members.len();
                    let leaver = &mut members[number];
                    if leaver.to.is_none() {
                        subscribers.leave(&leaver.subscription);
                        leaver.to = Some(numbers(&leaver.wire).last().copied().unwrap_or(leaver.from));
                    }
                }
                _ => {
                    let what = under_way.take().unwrap_or_else(|| {
                        next += 1;
                        subscribers.begin();
                        run(next..=next)
                    });
                    subscribers.serve(&what, number % 9 + 1);
                    if !subscribers.is_served() {
                        under_way = Some(what);
                    }
                }
            }
        }
        if let Some(what) = under_way {
            subscribers.serve(&what, usize::MAX);
        }
        for member in &members {
            let to = member.to.unwrap_or(next);
            let expected: Vec<u64> = (member.from + 1..=to).collect();
            prop_assert_eq!(numbers(&member.wire), expected);
        }
    }
}
