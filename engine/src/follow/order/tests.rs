use proptest::prelude::*;

use super::*;

const WIDE: usize = usize::MAX;

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn offer(order: &mut Order<u64>, number: u64) -> Vec<u64> {
    let mut out = Vec::new();
    order.offer(seq(number), number, 1, WIDE, &mut out);
    out
}

#[test]
fn what_comes_in_order_goes_out_at_once() {
    let mut order = Order::new(seq(7));
    assert_eq!(offer(&mut order, 8), [8]);
    assert_eq!(offer(&mut order, 9), [9]);
    assert_eq!(order.hole(), None);
}

#[test]
fn what_comes_early_waits_for_what_is_before_it() {
    let mut order = Order::new(Seq::ZERO);
    assert!(offer(&mut order, 3).is_empty());
    assert!(offer(&mut order, 5).is_empty());
    assert_eq!(order.hole(), Some(Hole { after: seq(0), missing: 2 }));
    assert_eq!(offer(&mut order, 1), [1]);
    assert_eq!(offer(&mut order, 2), [2, 3]);
    assert_eq!(order.hole(), Some(Hole { after: seq(3), missing: 1 }));
    assert_eq!(offer(&mut order, 4), [4, 5]);
    assert_eq!((order.hole(), order.bytes()), (None, 0));
}

#[test]
fn nothing_goes_out_twice() {
    let mut order = Order::new(seq(2));
    for (number, out) in [(1, vec![]), (2, vec![]), (4, vec![]), (4, vec![]), (3, vec![3, 4])] {
        assert_eq!(offer(&mut order, number), out);
    }
    assert!(offer(&mut order, 3).is_empty());
    assert!(offer(&mut order, 4).is_empty());
}

#[test]
fn a_head_that_nobody_spoke_of_is_a_hole() {
    let mut order: Order<u64> = Order::new(seq(2));
    order.know(seq(2));
    order.know(seq(1));
    assert_eq!(order.hole(), None);
    order.know(seq(5));
    assert_eq!(order.hole(), Some(Hole { after: seq(2), missing: 3 }));
}

#[test]
fn what_is_held_is_bounded_and_nothing_is_forgotten() {
    let mut order = Order::new(Seq::ZERO);
    let most = HELD_ENTRIES as u64;
    for number in 2..most + 100 {
        offer(&mut order, number);
    }
    assert_eq!(order.held.len(), HELD_ENTRIES);
    assert_eq!(offer(&mut order, 1).len(), HELD_ENTRIES + 1);
    assert_eq!(order.hole(), Some(Hole { after: seq(most + 1), missing: 98 }));

    let mut order = Order::new(Seq::ZERO);
    let mut out = Vec::new();
    order.offer(seq(2), 2, HELD_BYTES + 1, WIDE, &mut out);
    order.offer(seq(3), 3, 10, 9, &mut out);
    assert_eq!((order.bytes(), order.hole().unwrap().missing), (0, 3), "no room for either");
    order.offer(seq(1), 1, HELD_BYTES + 1, 0, &mut out);
    assert_eq!(out, [1], "what is next needs no room");
}

#[test]
fn a_claim_that_the_journal_does_not_know_is_dropped() {
    let mut order = Order::new(seq(3));
    offer(&mut order, 5);
    offer(&mut order, 90);
    let claimed = order.known();
    assert!(!order.doubt(seq(90), claimed));
    assert!(order.doubt(seq(6), claimed));
    assert_eq!(order.known(), seq(6));
    assert_eq!(order.hole(), Some(Hole { after: seq(3), missing: 1 }));
    assert_eq!(offer(&mut order, 4), [4, 5]);
    assert_eq!(order.hole(), Some(Hole { after: seq(5), missing: 1 }), "6 is in the journal");
    assert!(order.doubt(seq(1), seq(6)), "a head behind what went out takes nothing back");
    assert_eq!((order.last(), order.known(), order.hole()), (seq(5), seq(5), None));
}

/// What can happen to a room, on any of the sides.
#[derive(Clone, Debug)]
enum Event {
    /// Somebody commits.
    Commit,
    /// An entry that was committed, told in any order and as often as it likes.
    Hint(prop::sample::Index),
    /// The newest one, with more after it told before: as a node's own commits come.
    Newest,
    /// A look at the head.
    Head,
    /// A page is asked for: what is there now.
    Ask,
    /// The answer comes.
    Page,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Commit),
        4 => any::<prop::sample::Index>().prop_map(Event::Hint),
        2 => Just(Event::Newest),
        1 => Just(Event::Head),
        1 => Just(Event::Ask),
        1 => Just(Event::Page),
    ];
    prop::collection::vec(event, 0..200)
}

/// A page as the journal would give it, and what was claimed when it was asked for.
fn page(order: &Order<u64>, head: u64, limit: u64) -> Option<(Vec<u64>, u64, Seq)> {
    let hole = order.hole()?;
    let first = hole.after.get() + 1;
    let end = head.min(hole.after.get() + limit.min(hole.missing));
    Some(((first..=end).collect(), head, order.known()))
}

fn read(
    order: &mut Order<u64>,
    (entries, head, claimed): (Vec<u64>, u64, Seq),
    out: &mut Vec<u64>,
) {
    for number in entries {
        order.offer(seq(number), number, 1, WIDE, out);
    }
    order.know(seq(head));
    assert!(!order.doubt(seq(head), claimed), "nobody lied");
}

proptest! {
    /// Whatever is lost, doubled or turned around: each entry once, by seq, and a reader of the
    /// journal ends with all of them and nothing held.
    #[test]
    fn every_entry_once_and_in_order(
        start in 0_u64..5,
        events in events(),
        room in prop_oneof![Just(0_usize), 0_usize..8, Just(WIDE)],
        limit in 1_u64..5,
    ) {
        let mut order = Order::new(seq(start));
        let mut head = start;
        let mut out = Vec::new();
        let mut asked = None;
        for event in events {
            match event {
                Event::Commit => head += 1,
                Event::Hint(_) if head == 0 => {}
                Event::Hint(which) => {
                    let number = u64::try_from(which.index(usize::try_from(head).unwrap())).unwrap() + 1;
                    order.offer(seq(number), number, 1, room.saturating_sub(order.bytes()), &mut out);
                }
                Event::Newest if head > 0 => {
                    order.offer(seq(head), head, 1, room.saturating_sub(order.bytes()), &mut out);
                }
                Event::Newest => {}
                Event::Head => order.know(seq(head)),
                Event::Ask => asked = page(&order, head, limit),
                Event::Page => if let Some(page) = asked.take() {
                    read(&mut order, page, &mut out);
                },
            }
            prop_assert!(order.bytes() <= room);
            prop_assert!(order.known() <= seq(head));
        }
        // Late answers too.
        if let Some(page) = asked.take() {
            read(&mut order, page, &mut out);
        }
        order.know(seq(head));
        let mut reads = 0;
        while let Some(page) = page(&order, head, limit) {
            read(&mut order, page, &mut out);
            reads += 1;
            prop_assert!(reads <= head, "each read brings something");
        }
        prop_assert_eq!(out, (start + 1..=head).collect::<Vec<_>>());
        prop_assert_eq!(order.bytes(), 0);
        prop_assert_eq!(order.held.len(), 0);
    }
}
