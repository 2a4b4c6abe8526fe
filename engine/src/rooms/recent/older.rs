//! What is shown of a room's log below its newest entries: each message with its reactions in it.

use std::collections::VecDeque;

use maru_protocol::{Entry, Message, Seq};

use super::{FIRST_PAGE, RecentEntry};
use crate::defects::{Defect, on};

/// Most entries beside messages: as many as a page has.
const MAX_NOTED: usize = FIRST_PAGE as usize;

/// Messages, deleted ones, topics and pins, ascending. A message has in it each reaction that fell out
/// of the newest entries. One whose text was changed or erased since is forgotten, with all that is
/// older: that is rare, and the journal knows.
#[derive(Debug, Default)]
pub(super) struct OlderEntries {
    entries: VecDeque<RecentEntry>,
    /// The oldest seq that these speak of, up to the newest entries. 0 is 1: nothing is known.
    from: Seq,
    /// Messages among them that are not deleted.
    said: usize,
    bytes: usize,
}

impl OlderEntries {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The oldest seq that these speak of.
    pub(super) fn from(&self) -> Seq {
        self.from
    }

    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &RecentEntry> {
        self.entries.iter()
    }

    /// Forgets all: nothing is known below that seq.
    pub(super) fn begin_at(&mut self, seq: Seq) {
        *self = Self { from: seq, ..Self::default() };
    }

    /// Begins with what was read down to that seq, each message as it was then.
    pub(super) fn set(&mut self, from: Seq, read: impl IntoIterator<Item = RecentEntry>) {
        self.begin_at(from);
        for entry in read {
            if entry.event.entry().is_some_and(is_shown) {
                self.push(entry);
            }
        }
    }

    /// The oldest of the newest entries falls out of them.
    pub(super) fn take(&mut self, oldest: RecentEntry) {
        let event = oldest.event.clone();
        let Some(entry) = event.entry() else { return };
        match entry {
            // What another text of it has said is in the quotes of those who answered it, too.
            Entry::Edit(edit) => self.forget(edit.target),
            // It was forgotten when that came.
            Entry::Delete(_) => {}
            Entry::Reaction(reaction) => self.change(reaction.target, entry),
            Entry::Pin(pinning) => self.change(pinning.target, entry),
            Entry::Message(_) | Entry::Tombstone(_) | Entry::Topic(_) => {}
        }
        if is_shown(entry) {
            self.push(oldest);
        }
    }

    fn push(&mut self, entry: RecentEntry) {
        self.bytes += entry.cost();
        self.said += usize::from(entry.is_said);
        self.entries.push_back(entry);
        if self.entries.len() - self.said > MAX_NOTED
            && let Some(noted) = self.entries.iter().position(|entry| !entry.is_said)
            && let Some(noted) = self.entries.remove(noted)
        {
            self.bytes -= noted.cost();
        }
    }

    /// A message gets a reaction, or is pinned.
    fn change(&mut self, target: Seq, change: &Entry) {
        if on(Defect::ForgetOlderReaction) {
            return;
        }
        let Ok(place) = self.entries.binary_search_by_key(&target, |entry| entry.seq) else {
            return;
        };
        let message: Option<&Message> = match self.entries[place].event.entry() {
            Some(Entry::Message(message)) => Some(message),
            _ => None,
        };
        let changed = message.and_then(|message| message.after(change));
        if let Some(changed) = changed.and_then(|changed| RecentEntry::new(changed.into())) {
            self.bytes += changed.cost();
            let before = std::mem::replace(&mut self.entries[place], changed);
            self.bytes -= before.cost();
        }
    }

    /// A text goes, and with it all up to the newest entry that has it.
    pub(super) fn forget(&mut self, message: Seq) {
        let Some(last) = self.entries.iter().rposition(|entry| entry.tells(message)) else {
            return;
        };
        for _ in 0..=last {
            self.drop_oldest();
        }
    }

    /// Keeps no more than it takes to have so many messages.
    pub(super) fn keep_messages(&mut self, most: usize) {
        while self.said > most {
            self.drop_oldest();
        }
    }

    /// False where there is none.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = self.entries.pop_front() else { return false };
        self.bytes -= oldest.cost();
        self.said -= usize::from(oldest.is_said);
        self.from = oldest.seq.next();
        true
    }
}

/// What a page lists of what lies beyond its first part, edits and deletions aside: their effect is in
/// the messages.
fn is_shown(entry: &Entry) -> bool {
    match entry {
        Entry::Message(_) | Entry::Tombstone(_) | Entry::Topic(_) | Entry::Pin(_) => true,
        Entry::Edit(_) | Entry::Delete(_) | Entry::Reaction(_) => false,
    }
}
