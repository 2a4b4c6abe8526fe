use std::collections::BTreeSet;

use maru_protocol::{
    About, Body, DisplayName, Message, MessageId, Presence, Ref, RoomName, User, UserId,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::chat::testing::options;

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));
const OTHER: Epoch = Epoch(Uuid::from_u128(2));

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// Bodies differ in length, so that the bound in bytes cuts between them.
fn entry(number: u64) -> Entry {
    Entry::Message(Message::of(
        RoomName::parse("lobby").unwrap(),
        seq(number),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() },
        number,
        Body::parse("x".repeat(1 + (number % 7) as usize)).unwrap(),
    ))
}

fn kept(numbers: impl Iterator<Item = u64>) -> Vec<Kept> {
    numbers.map(|number| Kept::read(&entry(number))).collect()
}

/// What a join is answered of a room with entries 1 to `head`, as the journal's pages say it.
fn by_the_journal(head: u64, after: Option<Position>, options: &Options) -> (Vec<u64>, bool) {
    let size = |number: &u64| 1 + (number % 7) as usize;
    if let Some(Position { epoch: EPOCH, seq }) = after {
        let missed: Vec<u64> = (seq.get() + 1..=head).collect();
        let fits = missed.iter().map(size).sum::<usize>() <= options.page_bytes;
        if missed.len() <= options.limits.max_replay as usize && fits && seq.get() <= head {
            return (missed, false);
        }
    }
    let page = u64::from(FIRST_PAGE.min(options.limits.max_page));
    let mut newest: Vec<u64> = (head.saturating_sub(page) + 1..=head).collect();
    while newest.len() > 1 && newest.iter().map(size).sum::<usize>() > options.page_bytes {
        newest.remove(0);
    }
    (newest, after.is_some())
}

fn numbers(entries: &[Bytes]) -> Vec<u64> {
    let seq = |text: &Bytes| {
        let text = std::str::from_utf8(text).unwrap();
        let (_, behind) = text.split_once("\"seq\":").unwrap();
        behind.split(',').next().unwrap().parse().unwrap()
    };
    entries.iter().map(seq).collect()
}

fn positions(head: u64) -> Vec<Option<Position>> {
    let mut all = vec![None, Some(Position { epoch: OTHER, seq: seq(head) })];
    let near = [0, 1, 2, 3, 10, 49, 50, 51, 63, 64, 65, 100].map(|n| head.saturating_sub(n));
    let at: BTreeSet<u64> = [0, 1, head / 2, head + 1, head + 2].into_iter().chain(near).collect();
    all.extend(at.into_iter().map(|at| Some(Position { epoch: EPOCH, seq: seq(at) })));
    all
}

/// Of what this node does not know yet, only the journal can say whether it was lost.
fn is_ahead(after: Option<Position>, head: u64) -> bool {
    after.is_some_and(|after| after.epoch == EPOCH && after.seq.get() > head)
}

/// Whatever is known is what the journal says; returns how many positions up to the head were not
/// known.
fn check(tail: &mut Tail, head: u64, options: &Options) -> usize {
    let mut unknown = 0;
    for after in positions(head) {
        match tail.replay(after, EPOCH, options) {
            Replay::Known { head: of, entries, reset } => {
                assert!(!is_ahead(after, head), "{after:?} is for the journal to judge");
                let expected = by_the_journal(head, after, options);
                assert_eq!((numbers(&entries), reset), expected, "after {after:?}");
                assert_eq!(of.get(), head);
            }
            Replay::Journal { .. } => unknown += usize::from(!is_ahead(after, head)),
        }
    }
    unknown
}

#[test]
fn a_room_of_which_nothing_is_known_is_read() {
    let mut tail = Tail::default();
    let options = options(500, 100, 1 << 20);
    let known = positions(0).into_iter().filter(|after| !is_ahead(*after, 0));
    assert_eq!(check(&mut tail, 0, &options), known.count());
    // Empty, says the journal: from then on everything is known.
    tail.offer(seq(0), Vec::new());
    assert_eq!(check(&mut tail, 0, &options), 0);
    for head in 1..=TAIL_ENTRIES as u64 {
        tail.push(seq(head), Kept::read(&entry(head)));
        assert_eq!(check(&mut tail, head, &options), 0);
    }
    // From here on the oldest go, and only who was away for longer is a case for the journal.
    tail.push(seq(65), Kept::read(&entry(65)));
    assert_eq!(check(&mut tail, 65, &options), 1, "position 0 misses 65");
}

#[test]
fn without_a_page_read_the_newest_page_is_known_once_it_was_all_seen() {
    let mut tail = Tail::default();
    let options = options(500, 100, 1 << 20);
    for head in 1_000..1_049 {
        tail.push(seq(head), Kept::read(&entry(head)));
        assert!(matches!(tail.replay(None, EPOCH, &options), Replay::Journal { .. }), "{head}");
    }
    tail.push(seq(1_049), Kept::read(&entry(1_049)));
    assert!(matches!(tail.replay(None, EPOCH, &options), Replay::Known { .. }));
}

#[test]
fn what_was_read_joins_what_came_meanwhile() {
    let options = options(500, 100, 1 << 20);
    // Read at 60, while 58 to 63 came by the relay, some of them before, some after.
    for seen in [60..60, 58..60, 58..61, 61..64, 58..64] {
        let mut tail = Tail::default();
        let head = seen.clone().last().unwrap_or(60).max(60);
        seen.for_each(|n| tail.push(seq(n), Kept::read(&entry(n))));
        tail.offer(seq(60), kept(11..=60));
        assert!(matches!(tail.replay(None, EPOCH, &options), Replay::Known { .. }));
        check(&mut tail, head, &options);
        for n in 55..=head + 3 {
            tail.push(seq(n), Kept::read(&entry(n)));
        }
        check(&mut tail, head + 3, &options);
    }
}

#[test]
fn what_does_not_adjoin_is_not_taken() {
    let mut tail = Tail::default();
    tail.push(seq(70), Kept::read(&entry(70)));
    tail.offer(seq(60), kept(11..=60));
    assert_eq!(tail.kept.len(), 1, "61 to 69 are missing between");
    check(&mut tail, 70, &options(500, 100, 1 << 20));
}

#[test]
fn one_reader_is_asked_to_hand_over_and_another_one_later() {
    let mut tail = Tail::default();
    let options = options(500, 100, 1 << 20);
    let asked = |tail: &mut Tail| match tail.replay(None, EPOCH, &options) {
        Replay::Journal { offer } => offer,
        Replay::Known { .. } => panic!("nothing is known"),
    };
    let asked: Vec<bool> = (0..=ASK_AGAIN).map(|_| asked(&mut tail)).collect();
    assert_eq!(asked.iter().filter(|asked| **asked).count(), 2);
    assert!(asked[0] && asked[ASK_AGAIN as usize]);
}

#[test]
fn a_tail_is_bounded_in_entries_and_bytes() {
    let mut tail = Tail::default();
    for n in 1..=1_000 {
        tail.push(seq(n), Kept::new(Bytes::from(vec![b'x'; 10_000]), 9_000));
        assert!(tail.kept.len() <= TAIL_ENTRIES && tail.bytes() <= TAIL_BYTES);
        assert_eq!(tail.bytes(), tail.kept.iter().map(Kept::cost).sum::<usize>());
    }
    assert_eq!(tail.kept.len(), TAIL_BYTES / (16_384 + ENTRY_BYTES));
    tail.clear();
    assert_eq!((tail.bytes(), tail.head), (0, Some(seq(1_000))), "the head stays known");
}

proptest! {
    /// Entries come, pages are read and handed over late, the budget takes entries away: what the
    /// tail says is what the journal says.
    #[test]
    fn the_tail_never_says_anything_else_than_the_journal(
        begin in 0_u64..80,
        steps in proptest::collection::vec((0_u8..10, 0_u64..30), 1..40),
        max_replay in 1_u32..100,
        max_page in 1_u32..100,
        page_bytes in 1_usize..300,
    ) {
        let options = options(max_replay, max_page, page_bytes);
        let mut tail = Tail::default();
        // What the journal has, and what the relay has handed over of it.
        let (mut committed, mut told, mut known) = (begin, begin, false);
        for (what, number) in steps {
            match what {
                0 => tail.clear(),
                1..=3 => committed += number,
                4 => {
                    // A reader hands over the newest page or what it missed.
                    let oldest = committed.saturating_sub(number) + 1;
                    tail.offer(seq(committed), kept(oldest..=committed));
                    known = true;
                }
                _ => {
                    for n in told + 1..=committed.min(told + number) {
                        tail.push(seq(n), Kept::read(&entry(n)));
                        (told, known) = (n, true);
                    }
                }
            }
            if known {
                let head = tail.head.map_or(0, Seq::get);
                prop_assert!((told..=committed).contains(&head));
                check(&mut tail, head, &options);
            } else {
                prop_assert!(tail.head.is_none());
            }
        }
    }
}

#[test]
fn a_joined_frame_is_put_together_as_it_would_be_encoded() {
    for (count, reset) in [(0, false), (0, true), (1, true), (3, false)] {
        let joined = |entries| ServerFrame::Joined {
            reference: Ref(7),
            room: RoomName::parse("lobby").unwrap(),
            epoch: EPOCH,
            head: seq(count),
            members: Presence { count: 0, users: Vec::new(), complete: true },
            about: About::default(),
            entries,
            reset,
        };
        let texts: Vec<Bytes> = kept(1..=count).into_iter().map(|kept| kept.text).collect();
        let whole = encode(&joined((1..=count).map(entry).collect()));
        assert_eq!(with_entries(&joined(Vec::new()), &texts), whole);
    }
}
