use std::collections::{BTreeMap, BTreeSet};

use maru_protocol::{Body, DisplayName, Entry, Message, MessageId, RoomName, User, UserId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    log::{Change, PageRange},
    testing::{BusyRoom, ROOM, hear, live, options},
};

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));
const OTHER: Epoch = Epoch(Uuid::from_u128(2));

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// A room in which nothing but talk happens.
fn talk(messages: u64) -> BusyRoom {
    let mut room = BusyRoom::new();
    (0..messages).for_each(|n| room.say(n % 3, None));
    room
}

/// What a room was about when an entry was its newest.
fn about_at(room: &BusyRoom, head: u64) -> About {
    let mut about = About::default();
    room.out[..usize::try_from(head).unwrap()]
        .iter()
        .for_each(|entry| AboutChange::of(entry).apply(&mut about));
    about
}

/// What a session hands over that reads the room now.
fn read(room: &BusyRoom, range: PageRange) -> PageRead {
    let page = room.log.history(ROOM, range).unwrap();
    assert_eq!(page.covers.to, page.head, "{range:?} ends at the head");
    let entries = page.entries.into_iter().map(SharedEvent::from).collect();
    PageRead { head: page.head, about: page.about, from: page.covers.from, entries }
}

fn newest(room: &BusyRoom) -> PageRead {
    read(room, PageRange::Newest { limit: FIRST_PAGE })
}

fn push(recent: &mut RecentEntries, room: &BusyRoom, number: u64) {
    let entry = room.out[usize::try_from(number - 1).unwrap()].clone();
    let news = AboutChange::of(&entry);
    recent.push(seq(number), RecentEntry::new(entry.into()).unwrap(), news);
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

/// Whatever is known comes to what the log comes to; returns how many positions up to the head were
/// not known.
fn check(recent: &mut RecentEntries, room: &BusyRoom, head: u64, options: &Options) -> usize {
    let whole = room.heard(head);
    let mut unknown = 0;
    for after in positions(head) {
        let Replay::Known { head: of, about, from, entries, reset } =
            recent.replay(after, EPOCH, options)
        else {
            unknown += usize::from(!is_ahead(after, head));
            continue;
        };
        assert!(!is_ahead(after, head), "{after:?} is for the journal to judge");
        assert_eq!((of.get(), about), (head, about_at(room, head)));
        let entries: Vec<Entry> =
            entries.iter().map(|event| event.entry().unwrap().clone()).collect();
        check_texts(&entries, &whole, room);
        match after {
            Some(Position { epoch: EPOCH, seq }) => {
                assert!(!reset, "{after:?} is for the journal to judge");
                check_replay(&entries, seq, from, &whole, room);
                assert!(entries.len() <= options.max_replay);
            }
            _ => {
                assert_eq!(reset, after.is_some());
                check_page(&entries, from, &whole, head, options);
            }
        }
        let bytes: usize = entries.iter().map(Entry::text_bytes).sum();
        assert!(bytes <= options.page_bytes || entries.len() == 1);
    }
    unknown
}

fn check_replay(
    entries: &[Entry],
    after: Seq,
    from: Seq,
    whole: &BTreeMap<Seq, Entry>,
    room: &BusyRoom,
) {
    assert_eq!(from, after.next());
    let mut held = room.heard(after.get());
    hear(&mut held, entries);
    assert_eq!(live(&held), live(whole), "after {after}");
}

fn check_page(
    entries: &[Entry],
    from: Seq,
    whole: &BTreeMap<Seq, Entry>,
    head: u64,
    options: &Options,
) {
    let wanted = FIRST_PAGE.min(options.max_page) as usize;
    let one_by_one =
        entries.iter().rev().zip(0..).take_while(|(entry, n)| entry.seq().get() == head - *n);
    assert!(one_by_one.count() as u64 >= head.min(wanted as u64), "its first part is whole");
    assert!(entries.len() <= MAX_ENTRIES + 2 * FIRST_PAGE as usize, "{}", entries.len());
    let mut held = BTreeMap::new();
    hear(&mut held, entries);
    let expected: BTreeMap<Seq, &Entry> =
        live(whole).into_iter().filter(|(seq, _)| *seq >= from).collect();
    assert_eq!(live(&held), expected, "from {from}");
    let all = live(whole).len();
    // What was said of a message that is deleted now was said when the page was cut.
    assert!(expected.len() >= wanted.min(all) || from == seq(1), "{} messages", expected.len());
    let said = entries.iter().filter(|entry| matches!(entry, Entry::Message(_))).count();
    assert!(said <= wanted, "{said} messages");
}

/// No text is told that is not to be had any more.
fn check_texts(entries: &[Entry], whole: &BTreeMap<Seq, Entry>, room: &BusyRoom) {
    let told = serde_json::to_string(entries).unwrap();
    for gone in whole.values().filter(|entry| matches!(entry, Entry::Tombstone(_))) {
        for entry in &room.out {
            let edits = entry.target() == Some(gone.seq()) && matches!(entry, Entry::Edit(_));
            if edits || entry.seq() == gone.seq() {
                let text = format!("\"<{}>", entry.seq());
                assert!(!told.contains(&text), "{text} was deleted");
            }
        }
    }
}

#[test]
fn a_room_of_which_nothing_is_known_is_read() {
    let room = talk(65);
    let mut recent = RecentEntries::default();
    let options = options(500, 100, 1 << 20);
    let known = positions(0).into_iter().filter(|after| !is_ahead(*after, 0));
    assert_eq!(check(&mut recent, &room, 0, &options), known.count());
    // Empty, says the journal: from then on everything is known.
    recent.offer(newest(&BusyRoom::new()));
    assert_eq!(check(&mut recent, &room, 0, &options), 0);
    for head in 1..=MAX_ENTRIES as u64 {
        push(&mut recent, &room, head);
        assert_eq!(check(&mut recent, &room, head, &options), 0);
    }
    // From here on the oldest go, and only who was away for longer is a case for the journal.
    push(&mut recent, &room, 65);
    assert_eq!(check(&mut recent, &room, 65, &options), 1, "position 0 misses 65");
}

#[test]
fn without_a_page_read_the_newest_page_is_known_once_it_was_all_seen() {
    let mut room = talk(1_048);
    let mut recent = RecentEntries::default();
    let options = options(500, 100, 1 << 20);
    let old = PageRead { entries: Vec::new(), from: seq(1_049), ..newest(&room) };
    room.say(0, None);
    for head in 1_000..=1_049 {
        push(&mut recent, &room, head);
        assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Journal { .. }), "{head}");
    }
    // Too old for its entries, and good for what the room is about: nothing was said of that since.
    recent.offer(old);
    assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Known { .. }));
    check(&mut recent, &room, 1_049, &options);
}

#[test]
fn what_was_read_joins_what_came_meanwhile() {
    let options = options(500, 100, 1 << 20);
    let (room, at_60) = (talk(70), newest(&talk(60)));
    // Read at 60, while 58 to 63 came by the relay, some of them before, some after.
    for seen in [60..60, 58..60, 58..61, 61..64, 58..64] {
        let mut recent = RecentEntries::default();
        let head = seen.clone().last().unwrap_or(60).max(60);
        seen.for_each(|n| push(&mut recent, &room, n));
        recent.offer(at_60.clone());
        assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Known { .. }));
        check(&mut recent, &room, head, &options);
        for n in 55..=head + 3 {
            push(&mut recent, &room, n);
        }
        check(&mut recent, &room, head + 3, &options);
    }
}

#[test]
fn what_does_not_adjoin_is_not_taken() {
    let mut recent = RecentEntries::default();
    let room = talk(70);
    push(&mut recent, &room, 70);
    recent.offer(newest(&talk(60)));
    assert_eq!(recent.kept.len(), 1, "61 to 69 are missing between");
    check(&mut recent, &room, 70, &options(500, 100, 1 << 20));
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

#[test]
fn however_often_a_reaction_is_flipped_the_newest_page_is_known() {
    let options = options(500, 100, 1 << 20);
    let mut room = talk(60);
    // Heard from the beginning, or read when there were as many flips as a room keeps entries.
    let (mut heard, mut handed) = (RecentEntries::default(), RecentEntries::default());
    heard.offer(newest(&BusyRoom::new()));
    (1..=60).for_each(|number| push(&mut heard, &room, number));
    for flips in 0_u64..600 {
        room.flip(1, seq(30), flips % 2);
        push(&mut heard, &room, room.head());
        if flips == 100 {
            handed.offer(newest(&room));
        } else if flips > 100 {
            push(&mut handed, &room, room.head());
        }
        for recent in [&mut heard, &mut handed] {
            if recent.head.is_some() {
                assert!(matches!(recent.replay(None, EPOCH, &options), Replay::Known { .. }));
            }
        }
    }
    for mut recent in [heard, handed] {
        check(&mut recent, &room, 660, &options);
        let Replay::Known { from, entries, .. } = recent.replay(None, EPOCH, &options) else {
            panic!("{recent:?}")
        };
        assert_eq!((from, entries.len()), (seq(11), 50 + MAX_ENTRIES));
        assert!(recent.older.entries().count() <= 50);
    }
}

#[test]
fn a_text_that_changed_is_forgotten_with_what_is_older() {
    let options = options(500, 100, 1 << 20);
    let mut room = talk(20);
    room.say(0, Some(seq(5)));
    (0..30).for_each(|_| room.say(1, None));
    let (body, mentions) = (Body::parse("<52>".to_owned()).unwrap(), Vec::new());
    assert!(room.ask(1, Change::Edit { target: seq(5), body, mentions }));
    (0..64).for_each(|n| room.flip(1, seq(50), n));
    let mut recent = RecentEntries::default();
    recent.offer(newest(&BusyRoom::new()));
    for number in 1..=room.head() {
        push(&mut recent, &room, number);
        check(&mut recent, &room, number, &options);
    }
    assert_eq!(recent.older.from(), seq(22), "the answer to 5 has what it said before");
    // The next one who reads brings it back.
    recent.offer(newest(&room));
    assert_eq!(
        check(&mut recent, &room, room.head(), &options),
        4,
        "and only long absences are read"
    );
}

/// A message with so many bytes of text.
fn long(number: u64, bytes: usize) -> RecentEntry {
    let mut message = Message::of(
        RoomName::parse("lobby").unwrap(),
        seq(number),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() },
        number,
        Body::parse("x".repeat(bytes)).unwrap(),
    );
    message.seq = seq(number);
    RecentEntry::new(Entry::Message(message).into()).unwrap()
}

fn costs<'a>(entries: impl Iterator<Item = &'a RecentEntry>) -> usize {
    entries.map(RecentEntry::cost).sum()
}

#[test]
fn what_is_kept_is_bounded_in_entries_and_bytes() {
    for bytes in [10, 4_000] {
        let mut recent = RecentEntries::default();
        for n in 1..=1_000 {
            recent.push(seq(n), long(n, bytes), AboutChange::None);
            assert!(recent.kept.len() <= MAX_ENTRIES && recent.bytes() <= MAX_BYTES);
            assert_eq!(recent.bytes, costs(recent.kept.iter()));
            assert_eq!(recent.older.bytes(), costs(recent.older.entries()));
        }
        let fit = (MAX_BYTES / long(1, bytes).cost()).min(MAX_ENTRIES);
        assert_eq!((recent.kept.len(), recent.older.entries().count()), (fit, 0));
        recent.clear();
        assert_eq!((recent.bytes(), recent.head), (0, Some(seq(1_000))), "the head stays known");
    }
}

#[test]
fn what_is_folded_is_bounded_too() {
    let mut recent = RecentEntries::default();
    let mut room = talk(1);
    // Nothing is said any more, and pins and topics come and go.
    (0..1_000).for_each(|n| room.act(if n % 2 == 0 { 7 } else { 8 }, n));
    for number in 1..=room.head() {
        push(&mut recent, &room, number);
        assert!(recent.older.entries().count() <= 1 + FIRST_PAGE as usize);
        assert_eq!(recent.older.bytes(), costs(recent.older.entries()));
    }
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
    let said = talk(1).out.remove(0);
    for entry in [said, edit(0), edit(20)] {
        let encoding = serde_json::to_vec(&entry).unwrap().capacity();
        let taken = crate::event::SHARED_BYTES + entry.text_bytes() + encoding;
        let cost = RecentEntry::new(entry.into()).unwrap().cost();
        assert!((taken..3 * taken).contains(&cost), "{cost} for {taken} bytes and its lists");
    }
}

proptest! {
    /// Entries come, pages are read and handed over late, the budget takes entries away: what the
    /// recent says comes to what the log comes to.
    #[test]
    fn the_recent_never_says_anything_else_than_the_journal(
        begin in 0_u64..150,
        acts in proptest::collection::vec((any::<u8>(), any::<u64>()), 200),
        steps in proptest::collection::vec((0_u8..10, 0_u64..30), 1..40),
        max_replay in 1_usize..100,
        max_page in 1_u32..100,
        page_bytes in 1_usize..600,
    ) {
        let options = options(max_replay, max_page, page_bytes);
        let mut acts = acts.iter().cycle();
        let mut room = BusyRoom::new();
        // Entries up to there are committed.
        let mut commit = |room: &mut BusyRoom, count: u64| {
            let until = room.head() + count;
            while room.head() < until {
                let (what, number) = acts.next().unwrap();
                // Something comes of a message whatever came before.
                room.act(*what, *number);
                room.say(0, None);
            }
        };
        commit(&mut room, begin);
        let mut recent = RecentEntries::default();
        // What the relay has handed over of it.
        let (mut told, mut known) = (room.head(), false);
        for (what, number) in steps {
            match what {
                0 => recent.clear(),
                1..=2 => commit(&mut room, number),
                3 => {
                    // A reader hands over the newest page.
                    recent.offer(newest(&room));
                    known = true;
                }
                4 => {
                    // Or what it missed, where that is not much.
                    let after = seq(room.head().saturating_sub(number));
                    recent.offer(read(&room, PageRange::After { after, limit: 100 }));
                    known = true;
                }
                _ => {
                    for n in told + 1..=room.head().min(told + number) {
                        push(&mut recent, &room, n);
                        (told, known) = (n, true);
                    }
                }
            }
            if known {
                let head = recent.head.map_or(0, Seq::get);
                prop_assert!((told..=room.head()).contains(&head));
                check(&mut recent, &room, head, &options);
            } else {
                prop_assert!(recent.head.is_none());
            }
        }
    }
}
