use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    log::Change,
    testing::{BusyRoom, ROOM, hear, live},
};

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn history(room: &BusyRoom, range: PageRange) -> Page {
    room.log.history(ROOM, range).unwrap()
}

/// So many messages, and then one of them is flipped so often.
fn flipped(messages: u64, flips: u64) -> BusyRoom {
    let mut room = BusyRoom::new();
    (0..messages).for_each(|n| room.say(n % 3, None));
    (0..flips).for_each(|_| room.flip(1, seq(messages), 0));
    room
}

/// What holds for every page: ascending, within what it covers, not more than three times its limit, and
/// as the whole log has it.
fn check(room: &BusyRoom, page: &Page, limit: u32) {
    let seqs: Vec<Seq> = page.entries.iter().map(Entry::seq).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
    assert!(seqs.iter().all(|seq| page.covers.contains(*seq)), "{seqs:?} in {:?}", page.covers);
    assert!(seqs.len() <= 3 * limit as usize, "{} entries", seqs.len());
    assert!(page.updated.len() <= 2 * limit as usize + 1, "{} updated", page.updated.len());
    let whole = room.heard(room.head());
    // What is read back has its changes in it.
    let mut held = BTreeMap::new();
    hear(&mut held, page.entries.iter().filter(|entry| entry.target().is_none()));
    let Covers { from, to } = page.covers;
    let expected: BTreeMap<Seq, &Entry> =
        live(&whole).into_iter().filter(|(seq, _)| (from..=to).contains(seq)).collect();
    assert_eq!(live(&held), expected, "messages of {:?}", page.covers);
    for entry in held.values().chain(&page.updated) {
        assert_eq!(Some(entry), whole.get(&entry.seq()), "{}", entry.seq());
    }
}

fn said_of(page: &Page) -> usize {
    page.entries.iter().filter(|entry| is_said(entry)).count()
}

#[test]
fn a_page_has_its_messages_however_often_one_of_them_is_flipped() {
    let room = flipped(60, 600);
    let newest = history(&room, PageRange::Newest { limit: 50 });
    assert_eq!((newest.covers, newest.head), (Covers { from: seq(11), to: seq(660) }, seq(660)));
    assert_eq!((said_of(&newest), newest.entries.len()), (50, 100), "50 flips, and 50 messages");
    let older = history(&room, PageRange::Before { before: seq(11), limit: 50 });
    assert_eq!((older.covers, said_of(&older)), (Covers { from: seq(1), to: seq(10) }, 10));
    let newer = history(&room, PageRange::After { after: seq(60), limit: 50 });
    assert_eq!(newer.covers, Covers { from: seq(61), to: seq(660) });
    assert_eq!((newer.entries.len(), newer.updated.len()), (50, 1));
    assert_eq!(newer.updated, [room.read(seq(60))]);
    let around = history(&room, PageRange::Around { at: seq(60), limit: 50 });
    assert_eq!((said_of(&around), around.covers.from), (26, seq(35)));
}

#[test]
fn what_was_missed_is_told_unless_it_is_too_much() {
    let missed = |room: &BusyRoom, after, limit| room.log.missed(ROOM, seq(after), limit).unwrap();
    let mut room = flipped(20, 600);
    let page = missed(&room, 10, 10).unwrap();
    assert_eq!(page.covers, Covers { from: seq(11), to: seq(620) });
    assert_eq!((said_of(&page), page.updated.len()), (10, 0), "each with its reactions");
    assert!(missed(&room, 9, 10).is_none(), "eleven messages");
    let talk = flipped(70, 0);
    assert!(missed(&talk, 60, 10).is_some());
    assert!(missed(&talk, 59, 10).is_none());
    let page = missed(&room, 20, 10).unwrap();
    assert_eq!((page.entries.len(), page.updated.len()), (0, 1));
    let few = missed(&room, 610, 10).unwrap();
    assert_eq!((few.entries.len(), few.updated.len()), (10, 0), "one by one");
    assert_eq!(missed(&room, 620, 10).unwrap().covers, Covers { from: seq(621), to: seq(620) });
    // As many older messages as messages may have changed.
    (1..=10).for_each(|n| room.flip(2, seq(n), 1));
    assert_eq!(missed(&room, 20, 11).unwrap().updated.len(), 11);
    assert!(missed(&room, 20, 10).is_none());
}

#[test]
fn what_is_left_out_of_a_page_is_never_a_message() {
    let mut room = BusyRoom::new();
    room.say(0, None);
    // One who sends and deletes, one who changes the topic, one who pins and edits.
    for n in 0..200 {
        room.say(1, None);
        let target = seq(room.head());
        room.ask(1, Change::Delete { target });
        room.act(8, n);
        room.act(7, n);
    }
    let page = history(&room, PageRange::Newest { limit: 10 });
    check(&room, &page, 10);
    assert_eq!(page.covers.from, seq(1));
    assert_eq!(page.entries.first().unwrap().seq(), seq(1), "the only message that is left");
}

/// Reads a whole log page by page, from the end to its beginning or the other way; the entries in the
/// order of the pages, and how many pages there were.
fn walk(room: &BusyRoom, limit: u32, up: bool) -> usize {
    let mut held = BTreeMap::new();
    let mut at = if up { Seq::ZERO } else { seq(room.head()).next() };
    for pages in 1.. {
        let page = match up {
            true => history(room, PageRange::After { after: at, limit }),
            false => history(room, PageRange::Before { before: at, limit }),
        };
        check(room, &page, limit);
        let Covers { from, to } = page.covers;
        let adjoins = if up { from == at.next() } else { to == at.previous() };
        assert!(adjoins, "{:?} at {at}", page.covers);
        let said = page.entries.iter().filter(|entry| is_said(entry));
        held.extend(said.map(|entry| (entry.seq(), entry.clone())));
        at = if up { to } else { from };
        let end = if up { to == page.head } else { from <= seq(1) };
        if end {
            let whole = room.heard(room.head());
            assert_eq!(live(&held), live(&whole));
            return pages;
        }
    }
    unreachable!()
}

proptest! {
    /// Pages in either direction adjoin and have every message; what was missed comes to what hearing
    /// every entry comes to, wherever one was.
    #[test]
    fn pages_fold_to_the_whole_log(
        steps in proptest::collection::vec((any::<u8>(), any::<u64>()), 1..120),
        limit in 1_u32..12,
    ) {
        let mut room = BusyRoom::new();
        steps.iter().for_each(|(what, number)| room.act(*what, *number));
        walk(&room, limit, true);
        walk(&room, limit, false);
        let whole = room.heard(room.head());
        for at in 0..=room.head() {
            let around = PageRange::Around { at: seq(at), limit };
            check(&room, &history(&room, around), limit);
            let Some(page) = room.log.missed(ROOM, seq(at), limit).unwrap() else { continue };
            prop_assert_eq!(page.covers, Covers { from: seq(at + 1), to: page.head });
            let mut held = room.heard(at);
            hear(&mut held, page.entries.iter().chain(&page.updated));
            prop_assert_eq!(live(&held), live(&whole), "after {}", at);
        }
    }

    /// A client that goes up page by page while the room goes on ends with each message as it is.
    #[test]
    fn who_reads_on_while_much_happens_misses_nothing(
        steps in proptest::collection::vec((any::<u8>(), any::<u64>()), 1..150),
        limit in 1_u32..8,
        begin in 0_usize..40,
        pause in 1_usize..20,
    ) {
        let mut room = BusyRoom::new();
        let mut steps = steps.iter();
        let mut go_on = |room: &mut BusyRoom, count| {
            steps.by_ref().take(count).for_each(|(what, number)| room.act(*what, *number));
        };
        go_on(&mut room, begin);
        let mut at = seq(room.head());
        let mut held = room.heard(at.get());
        go_on(&mut room, pause);
        loop {
            let page = history(&room, PageRange::After { after: at, limit });
            hear(&mut held, page.entries.iter().chain(&page.updated));
            at = page.covers.to;
            if at == page.head {
                break;
            }
            go_on(&mut room, pause / 4);
        }
        let whole = room.heard(room.head());
        prop_assert_eq!(live(&held), live(&whole));
    }
}
