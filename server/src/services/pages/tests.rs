use maru_protocol::{
    About, Body, Covers, DisplayName, Edit, Message, Reaction, RoomName, User, UserId,
};
use uuid::Uuid;

use super::*;

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn user() -> User {
    User { id: UserId("a".into()), name: DisplayName::parse("Ada").unwrap() }
}

fn id() -> MessageId {
    MessageId(Uuid::from_u128(1))
}

fn lobby() -> RoomName {
    RoomName::parse("lobby").unwrap()
}

/// A message of so many bytes.
fn said(number: u64, bytes: usize) -> Entry {
    let body = Body::parse("x".repeat(bytes)).unwrap();
    Entry::Message(Message::of(lobby(), seq(number), id(), user(), 0, body))
}

fn changed_at(number: u64, bytes: usize, by: u64) -> Entry {
    let Entry::Message(message) = said(number, bytes) else { panic!() };
    Entry::Message(Message { changed: Some(seq(by)), ..message })
}

fn edited(number: u64, bytes: usize) -> Entry {
    let (seq, target) = (seq(number), seq(1));
    let body = Some(Body::parse("x".repeat(bytes)).unwrap());
    let (id, sender, mentions) = (id(), user(), Vec::new());
    Entry::Edit(Edit { room: lobby(), seq, id, sender, at: 0, target, body, mentions })
}

fn reacted(number: u64) -> Entry {
    let emoji = maru_protocol::Emoji::parse("👍".to_owned()).unwrap();
    let (seq, target, id, sender) = (seq(number), seq(1), id(), user());
    Entry::Reaction(Reaction { room: lobby(), seq, id, sender, at: 0, target, emoji, on: true })
}

fn page(from: u64, to: u64, entries: Vec<Entry>, updated: Vec<Entry>) -> Page {
    let covers = Covers { from: seq(from), to: seq(to) };
    Page { entries, covers, updated, head: seq(99), about: About::default() }
}

/// The seqs that are left, what the page speaks of, and the seqs of older messages.
fn trimmed(page: Page, range: PageRange, bytes: usize) -> (Vec<u64>, (u64, u64), Vec<u64>) {
    let seqs = |entries: &[Entry]| entries.iter().map(|entry| entry.seq().get()).collect();
    let Page { entries, covers, updated, .. } = trim(page, range, bytes);
    (seqs(&entries), (covers.from.get(), covers.to.get()), seqs(&updated))
}

#[test]
fn a_page_that_ends_early_says_where() {
    let entries = || vec![said(2, 10), said(9, 10), said(30, 10)];
    let newest = PageRange::Newest { limit: 5 };
    assert_eq!(trimmed(page(1, 40, entries(), vec![]), newest, 30).1, (1, 40));
    let cut = trimmed(page(1, 40, entries(), vec![]), newest, 20);
    assert_eq!(cut, (vec![9, 30], (3, 40), vec![]));
    let after = PageRange::After { after: seq(0), limit: 5 };
    let cut = trimmed(page(1, 40, entries(), vec![]), after, 20);
    assert_eq!(cut, (vec![2, 9], (1, 29), vec![]));
    let around = PageRange::Around { at: seq(9), limit: 5 };
    let cut = trimmed(page(1, 40, entries(), vec![]), around, 10);
    assert_eq!(cut, (vec![9], (3, 29), vec![]));
    // One always fits.
    assert_eq!(trimmed(page(1, 40, entries(), vec![]), newest, 1).0, [30]);
}

#[test]
fn an_older_message_goes_with_its_newest_change() {
    let entries = || vec![said(20, 10), said(30, 10)];
    let updated = || vec![changed_at(3, 10, 24), changed_at(4, 10, 35)];
    let after = PageRange::After { after: seq(19), limit: 5 };
    let trimmed = |bytes| trimmed(page(20, 40, entries(), updated()), after, bytes);
    assert_eq!(trimmed(40), (vec![20, 30], (20, 40), vec![3, 4]));
    assert_eq!(trimmed(30), (vec![20, 30], (20, 34), vec![3]));
    assert_eq!(trimmed(20), (vec![20], (20, 29), vec![3]));
    assert_eq!(trimmed(10), (vec![20], (20, 23), vec![]));
}

/// A message can have changed after the snapshot of a page that ends at the head, which is then the last
/// page: it is not to be dropped as if another one came. And a page never ends before it began.
#[test]
fn what_a_page_drops_is_told_by_the_next_one() {
    let after = PageRange::After { after: seq(19), limit: 5 };
    let updated = || vec![changed_at(3, 10, 24), changed_at(4, 10, 45)];
    let trimmed = |to, entries, bytes| trimmed(page(20, to, entries, updated()), after, bytes);
    assert_eq!(trimmed(40, vec![said(20, 10)], 30), (vec![20], (20, 40), vec![3, 4]));
    assert_eq!(trimmed(40, vec![said(20, 10)], 20), (vec![20], (20, 39), vec![3]));
    assert_eq!(trimmed(20, vec![said(20, 10)], 1), (vec![20], (20, 20), vec![3, 4]));
}

#[test]
fn long_edits_push_no_message_out() {
    let mut entries = vec![said(1, 10), said(2, 10)];
    entries.extend((3..60).map(|number| edited(number, 4_000)));
    entries.push(reacted(60));
    let newest = PageRange::Newest { limit: 50 };
    let cut = trimmed(page(1, 60, entries, vec![]), newest, 64 << 10);
    assert_eq!(cut, (vec![1, 2, 60], (1, 60), vec![]));
}

#[test]
fn what_entries_take_beside_texts_counts_beyond_the_limit() {
    let many = |count: u64| page(1, 60, (1..=count).map(reacted).collect(), vec![]);
    assert!(fits(&many(20), 10, 1), "at least half of it is for texts");
    let entries = (1..=20).map(|number| said(number, 100)).collect();
    let page = page(1, 60, entries, vec![]);
    assert!(fits(&page, 20, 2_000));
    assert!(!fits(&page, 16, 2_000 + 4 * BESIDE_TEXT - 1));
    assert!(fits(&page, 16, 2_000 + 4 * BESIDE_TEXT));
}
