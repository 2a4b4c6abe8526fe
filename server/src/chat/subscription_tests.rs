use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::chat::testing::{PLAIN, Wire, framed};

fn subscription(wire: &Wire) -> Rc<Subscription> {
    let outbox = Rc::new(Outbox::new(Box::new(wire.clone()), PLAIN, 1 << 20));
    Subscription::new(SessionId(Uuid::from_u128(1)), outbox)
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// The entries of a range as one run.
fn run(numbers: impl Iterator<Item = u64>) -> Run {
    let entries: Vec<(Seq, Bytes)> = numbers.map(|n| (seq(n), framed(&n.to_string()))).collect();
    let joined = entries.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect::<Vec<_>>();
    Run { entries, joined: joined.into() }
}

fn numbers(wire: &Wire) -> Vec<u64> {
    wire.texts().iter().filter_map(|text| text.parse().ok()).collect()
}

#[test]
fn what_comes_while_joining_is_held_and_follows_the_replay() {
    let wire = Wire::wide();
    let subscription = subscription(&wire);
    subscription.entries(&run(3..6));
    subscription.event(&framed("presence"));
    subscription.entries(&run(6..7));
    assert!(wire.texts().is_empty(), "the replay comes first");
    subscription.go_live(seq(4));
    subscription.entries(&run(7..9));
    assert_eq!(wire.texts(), ["5", "presence", "6", "7", "8"]);
}

#[test]
fn after_the_end_nothing_goes_through() {
    let wire = Wire::wide();
    let held = subscription(&wire);
    held.entries(&run(1..3));
    held.end();
    held.entries(&run(3..4));
    held.event(&framed("presence"));
    let live = subscription(&wire);
    live.go_live(Seq::ZERO);
    live.end();
    live.entries(&run(1..4));
    live.event(&framed("presence"));
    assert!(wire.texts().is_empty());
}

#[test]
fn a_join_that_takes_too_long_for_a_busy_room_ends_like_a_slow_reader() {
    let wire = Wire::wide();
    let subscription = subscription(&wire);
    let wide = framed(&"x".repeat(100_000));
    for n in 1..=10 {
        subscription.entries(&Run { entries: vec![(seq(n), wide.clone())], joined: wide.clone() });
        assert!(!subscription.outbox.is_ending(), "{n} of 100 kB");
    }
    subscription.entries(&Run { entries: vec![(seq(11), wide.clone())], joined: wide.clone() });
    assert!(matches!(
        subscription.outbox.end(),
        Some(crate::chat::End::Bye(ByeCode::SlowReader, _))
    ));
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
        let subscription = subscription(&wire);
        // The subscription began before the replay was read: it missed nothing above the head.
        let mut next = (head + 1).saturating_sub(before).max(1);
        let mut went_live = false;
        for (n, size) in sizes.iter().enumerate() {
            // The replay can't hold what was not committed before it was read; what was handed over
            // before may come late, so going live may be at any time.
            if n == live_after {
                subscription.go_live(seq(head));
                went_live = true;
            }
            let this = run(next..next + size);
            subscription.entries(&this);
            if again[n % 20] {
                subscription.entries(&this);
            }
            next += size;
        }
        if !went_live {
            subscription.go_live(seq(head));
        }
        let expected: Vec<u64> = (head + 1..next).collect();
        prop_assert_eq!(numbers(&wire), expected);
    }
}
