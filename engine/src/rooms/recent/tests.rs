use std::collections::BTreeSet;

use maru_protocol::{
    Body, Deletion, DisplayName, Message, MessageId, Pinning, Quote, RoomName, Tombstone,
    TopicChange, User, UserId,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::testing::options;

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));
const OTHER: Epoch = Epoch(Uuid::from_u128(2));

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// What a room is about in these tests: by the newest entries that say so.
fn about_at(head: u64) -> About {
    let newest = |kind| (1..=head).rev().find(|n| n % 11 == kind && is_lively(*n));
    let topic = newest(2).map(|number| Topic::parse(&format!("topic {number}")).unwrap());
    // What is pinned is deleted by the entry after it.
    let pin = newest(6).filter(|number| !gone(number - 2, head)).map(|number| seq(number - 2));
    let (topic, pins) = (topic.unwrap_or_default(), pin.into_iter().collect());
    About { topic, pins, description: Description::default() }
}

/// As it is read when the room has entries up to `head`.
fn read(number: u64, head: u64) -> Entry {
    match entry(number) {
        Entry::Message(Message { room, seq, id, sender, at, .. }) if gone(number, head) => {
            let (deleted_at, changed) = (at, Seq::new(number + 3).unwrap());
            Entry::Tombstone(Tombstone { room, seq, id, sender, at, deleted_at, changed })
        }
        Entry::Message(mut message) => {
            if let Some(quote) = &mut message.reply_to
                && gone(quote.seq.get(), head)
            {
                (quote.excerpt, quote.deleted) = (None, true);
            }
            Entry::Message(message)
        }
        other => other,
    }
}

fn gone(number: u64, head: u64) -> bool {
    number % 11 == 4 && is_lively(number) && is_lively(number + 3) && number + 3 <= head
}

fn is_lively(number: u64) -> bool {
    (number / 100) % 2 == 1
}

/// In every other hundred, of eleven entries one is another topic, one pins the message that is
/// deleted by a third, and one more answers it before. All others are plain messages.
fn entry(number: u64) -> Entry {
    let room = RoomName::parse("lobby").unwrap();
    let (seq, id, at) = (seq(number), MessageId(Uuid::from_u128(number.into())), number);
    let sender = User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() };
    match number % 11 {
        _ if !is_lively(number) => said(number),
        2 => {
            let topic = Topic::parse(&format!("topic {number}")).unwrap();
            let description = Description::default();
            Entry::Topic(TopicChange { room, seq, id, sender, at, topic, description })
        }
        6 => {
            let target = Seq::new(number - 2).unwrap();
            Entry::Pin(Pinning { room, seq, id, sender, at, target, on: true })
        }
        7 => {
            let target = Seq::new(number - 3).unwrap();
            Entry::Delete(Deletion { room, seq, id, sender, at, target })
        }
        _ => said(number),
    }
}

/// Bodies differ in length, so that the bound in bytes cuts between them.
fn said(number: u64) -> Entry {
    let sender = User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() };
    let text = format!("{number}!{}", "x".repeat((number % 7) as usize));
    let mut message = Message::of(
        RoomName::parse("lobby").unwrap(),
        seq(number),
        MessageId(Uuid::from_u128(number.into())),
        sender.clone(),
        number,
        Body::parse(text).unwrap(),
    );
    if number % 11 == 5 && is_lively(number) {
        let seq = seq(number - 1);
        let excerpt = Some(said(number - 1)).and_then(|entry| match entry {
            Entry::Message(message) => message.body.map(String::from),
            _ => None,
        });
        message.reply_to = Some(Quote { seq, sender, excerpt, deleted: false });
    }
    Entry::Message(message)
}

/// Has the text of a message that is not to be had any more.
fn tells_what_is_gone(event: &SharedEvent, head: u64) -> bool {
    let text = serde_json::to_string(event.entry().unwrap()).unwrap();
    (head.saturating_sub(80)..=head).any(|n| gone(n, head) && text.contains(&format!("\"{n}!")))
}

fn offered(numbers: impl Iterator<Item = u64>, head: u64) -> PageRead {
    let entries = numbers.map(|number| SharedEvent::from(read(number, head))).collect();
    PageRead { head: seq(head), about: about_at(head), entries }
}

fn push(recent: &mut RecentEntries, number: u64) {
    let entry = entry(number);
    let news = AboutChange::of(&entry);
    recent.push(seq(number), RecentEntry::new(entry.into()).unwrap(), news);
}

/// What a join is answered of a room with entries 1 to `head`, as the journal's pages say it.
fn by_the_journal(head: u64, after: Option<Position>, options: &Options) -> (Vec<u64>, bool) {
    let size = |number: u64| read(number, head).text_bytes();
    if let Some(Position { epoch: EPOCH, seq }) = after {
        let missed: Vec<u64> = (seq.get() + 1..=head).collect();
        let few = missed.len() <= options.max_replay && seq.get() <= head;
        if few && missed.iter().map(|n| size(*n)).sum::<usize>() <= options.page_bytes {
            return (missed, false);
        }
    }
    let page = u64::from(FIRST_PAGE.min(options.max_page));
    let mut left = options.page_bytes;
    let oldest = (head.saturating_sub(page) + 1..=head).rev().find(|number| {
        let fits = *number == head || size(*number) <= left;
        left = left.saturating_sub(size(*number));
        !fits
    });
    let oldest = oldest.map_or(head.saturating_sub(page) + 1, |number| number + 1);
    ((oldest..=head).collect(), after.is_some())
}

fn numbers(entries: &[SharedEvent]) -> Vec<u64> {
    entries.iter().map(|event| event.entry().unwrap().seq().get()).collect()
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
fn check(recent: &mut RecentEntries, head: u64, options: &Options) -> usize {
    let mut unknown = 0;
    for after in positions(head) {
        match recent.replay(after, EPOCH, options) {
            Replay::Known { head: of, about, entries, reset } => {
                assert!(!is_ahead(after, head), "{after:?} is for the journal to judge");
                let expected = by_the_journal(head, after, options);
                assert_eq!((numbers(&entries), reset), expected, "after {after:?}");
                assert_eq!((of.get(), about), (head, about_at(head)));
                assert!(!entries.iter().any(|event| tells_what_is_gone(event, head)));
            }
            Replay::Journal { .. } => unknown += usize::from(!is_ahead(after, head)),
        }
    }
    unknown
}

#[test]
fn a_room_of_which_nothing_is_known_is_read() {
    let mut recent = RecentEntries::default();
    let options = options(500, 100, 1 << 20);
    let known = positions(0).into_iter().filter(|after| !is_ahead(*after, 0));
    assert_eq!(check(&mut recent, 0, &options), known.count());
    // Empty, says the journal: from then on everything is known.
    recent.offer(offered(0..0, 0));
    assert_eq!(check(&mut recent, 0, &options), 0);
    for head in 1..=MAX_ENTRIES as u64 {
        push(&mut recent, head);
        assert_eq!(check(&mut recent, head, &options), 0);
    }
    // From here on the oldest go, and only who was away for longer is a case for the journal.
    push(&mut recent, 65);
    assert_eq!(check(&mut recent, 65, &options), 1, "position 0 misses 65");
}

#[test]
fn without_a_page_read_the_newest_page_is_known_once_it_was_all_seen() {
    let mut recent = RecentEntries::default();
    let options = options(500, 100, 1 << 20);
    for head in 1_000..1_049 {
        push(&mut recent, head);
        assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Journal { .. }), "{head}");
    }
    push(&mut recent, 1_049);
    assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Journal { .. }));
    // Too old for its entries, and good for what the room is about: nothing was said of that since.
    let old = PageRead { entries: Vec::new(), ..offered(0..0, 1_048) };
    recent.offer(old);
    assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Known { .. }));
}

#[test]
fn what_was_read_joins_what_came_meanwhile() {
    let options = options(500, 100, 1 << 20);
    // Read at 60, while 58 to 63 came by the relay, some of them before, some after.
    for seen in [60..60, 58..60, 58..61, 61..64, 58..64] {
        let mut recent = RecentEntries::default();
        let head = seen.clone().last().unwrap_or(60).max(60);
        seen.for_each(|n| push(&mut recent, n));
        recent.offer(offered(11..=60, 60));
        assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Known { .. }));
        check(&mut recent, head, &options);
        for n in 55..=head + 3 {
            push(&mut recent, n);
        }
        check(&mut recent, head + 3, &options);
    }
}

#[test]
fn what_does_not_adjoin_is_not_taken() {
    let mut recent = RecentEntries::default();
    push(&mut recent, 70);
    recent.offer(offered(11..=60, 60));
    assert_eq!(recent.kept.len(), 1, "61 to 69 are missing between");
    check(&mut recent, 70, &options(500, 100, 1 << 20));
}

#[test]
fn one_reader_is_asked_to_hand_over_and_another_one_later() {
    let mut recent = RecentEntries::default();
    let options = options(500, 100, 1 << 20);
    let asked = |recent: &mut RecentEntries| match recent.replay(None, EPOCH, &options) {
        Replay::Journal { offer } => offer,
        Replay::Known { .. } => panic!("nothing is known"),
    };
    let asked: Vec<bool> = (0..=ASK_AGAIN).map(|_| asked(&mut recent)).collect();
    assert_eq!(asked.iter().filter(|asked| **asked).count(), 2);
    assert!(asked[0] && asked[ASK_AGAIN as usize]);
}

/// A message with so many bytes of text.
fn long(number: u64, bytes: usize) -> RecentEntry {
    let Entry::Message(mut message) = said(1) else { panic!() };
    message.seq = seq(number);
    message.body = Some(Body::parse("x".repeat(bytes)).unwrap());
    RecentEntry::new(Entry::Message(message).into()).unwrap()
}

#[test]
fn what_is_kept_is_bounded_in_entries_and_bytes() {
    let mut recent = RecentEntries::default();
    for n in 1..=1_000 {
        recent.push(seq(n), long(n, 4_000), AboutChange::None);
        assert!(recent.kept.len() <= MAX_ENTRIES && recent.bytes() <= MAX_BYTES);
        assert_eq!(recent.bytes(), recent.kept.iter().map(RecentEntry::cost).sum::<usize>());
    }
    assert_eq!(recent.kept.len(), MAX_BYTES / long(1, 4_000).cost());
    recent.clear();
    assert_eq!((recent.bytes(), recent.head), (0, Some(seq(1_000))), "the head stays known");
}

/// The bound in bytes is worth something only while it counts what an entry takes.
#[test]
fn an_entry_costs_what_it_takes_in_memory() {
    let user = |n: usize| User {
        id: UserId(format!("{n}{}", "u".repeat(100))),
        name: DisplayName::parse(&format!("name {n}")).unwrap(),
    };
    let edit = |mentions: usize| {
        Entry::Edit(maru_protocol::Edit {
            room: RoomName::parse("lobby").unwrap(),
            seq: seq(9),
            id: MessageId(Uuid::from_u128(9)),
            sender: user(0),
            at: 0,
            target: seq(1),
            body: Some(Body::parse("x".repeat(500)).unwrap()),
            mentions: (0..mentions).map(user).collect(),
        })
    };
    for entry in [said(100), edit(0), edit(20)] {
        let encoding = serde_json::to_vec(&entry).unwrap().capacity();
        let taken = crate::event::SHARED_BYTES + entry.text_bytes() + encoding;
        let cost = RecentEntry::new(entry.into()).unwrap().cost();
        assert!((taken..3 * taken).contains(&cost), "{cost} for {taken} bytes and its lists");
    }
}

proptest! {
    /// Entries come, pages are read and handed over late, the budget takes entries away: what the
    /// recent says is what the journal says.
    #[test]
    fn the_tail_never_says_anything_else_than_the_journal(
        begin in 0_u64..250,
        steps in proptest::collection::vec((0_u8..10, 0_u64..30), 1..40),
        max_replay in 1_usize..100,
        max_page in 1_u32..100,
        page_bytes in 1_usize..300,
    ) {
        let options = options(max_replay, max_page, page_bytes);
        let mut recent = RecentEntries::default();
        // What the journal has, and what the relay has handed over of it.
        let (mut committed, mut told, mut known) = (begin, begin, false);
        for (what, number) in steps {
            match what {
                0 => recent.clear(),
                1..=3 => committed += number,
                4 => {
                    // A reader hands over the newest page or what it missed.
                    let oldest = committed.saturating_sub(number) + 1;
                    recent.offer(offered(oldest..=committed, committed));
                    known |= committed >= told;
                }
                _ => {
                    for n in told + 1..=committed.min(told + number) {
                        push(&mut recent, n);
                        (told, known) = (n, true);
                    }
                }
            }
            if known {
                let head = recent.head.map_or(0, Seq::get);
                prop_assert!((told..=committed).contains(&head));
                check(&mut recent, head, &options);
            } else {
                prop_assert!(recent.head.is_none());
            }
        }
    }
}
