//! A room's newest entries, kept while the room is in use, so that a join needs no read.
//!
//! A join is answered from here when the answer comes to what the journal would say; otherwise the
//! journal is asked. The cache is valid only after it has seen a live entry or loaded a page while the
//! room was active: an older room record may be stale, and a wrong head would be a silent gap.
//!
//! The newest entries are kept one by one, for who was away for a moment. What falls out of these is
//! folded (`older`): so the newest page has its messages, however many reactions came since.

mod entry;
mod offer;
mod older;

use std::collections::VecDeque;

use maru_protocol::{About, Entry, Epoch, Position, Seq, User};

pub(crate) use self::entry::{AboutChange, RecentEntry};
use self::older::OlderEntries;
use crate::{
    Options, SharedEvent,
    defects::{Defect, on},
};

/// Messages of a room that a client without a position gets.
pub const FIRST_PAGE: u32 = 50;
/// Most entries kept of a room one by one: a first page, or what a minute of absence misses where
/// people talk. Who was away for longer is answered by the journal.
pub const MAX_ENTRIES: usize = 64;
/// Most entries that a session hands over: the two parts of a first page.
const MAX_OFFERED: usize = 3 * FIRST_PAGE as usize;
/// Most bytes kept of a room: 64 entries of what people write are some 80 KiB; a room of long
/// pastes keeps fewer entries.
const MAX_BYTES: usize = 256 * 1024;
/// After so many joins that had to read, another one is asked to hand over what it read: the first
/// one's connection may have ended meanwhile.
const ASK_AGAIN: u32 = 16;

/// What a session read of a room.
#[derive(Clone, Debug)]
pub struct PageRead {
    /// The newest seq then.
    pub head: Seq,
    /// What the room was about.
    pub about: About,
    /// The oldest seq that the page speaks of, up to the head.
    pub from: Seq,
    /// Ascending, each message as it was then.
    pub entries: Vec<SharedEvent>,
}

impl PageRead {
    /// What is handed over of a page that speaks of all seqs from `from` up to the head: as many of the
    /// newest entries as a room keeps.
    #[must_use]
    pub fn newest(head: Seq, about: About, from: Seq, entries: &[SharedEvent]) -> Self {
        let cut = entries.len().saturating_sub(MAX_OFFERED);
        let last = cut.checked_sub(1).and_then(|last| entries[last].entry());
        let from = last.map_or(from, |last| last.seq().next());
        Self { head, about, from, entries: entries[cut..].to_vec() }
    }
}

/// Where a join's entries come from.
#[derive(Clone, Debug)]
pub enum Replay {
    /// From here: nothing is to be read.
    Known {
        /// The newest seq.
        head: Seq,
        /// What the room is about then.
        about: About,
        /// The oldest seq that the entries speak of, up to the head.
        from: Seq,
        /// Entries, ascending.
        entries: Vec<SharedEvent>,
        /// They do not continue what the client holds.
        reset: bool,
    },
    /// From the journal. With `offer`, what ends at the head is to be handed over.
    Journal {
        /// Nobody else was asked to.
        offer: bool,
    },
}

/// The newest entries of one room. Knows nothing at first: a record that was read before the room
/// was in use may be behind.
#[derive(Debug, Default)]
pub(crate) struct RecentEntries {
    /// What is shown of the log below `kept`, folded.
    older: OlderEntries,
    /// Ascending, without holes; the last one is the head's.
    kept: VecDeque<RecentEntry>,
    /// Messages among `kept` that are not deleted.
    said: usize,
    /// The newest committed seq that the room was told of.
    head: Option<Seq>,
    /// What the room is about, as of the head.
    about: Option<About>,
    /// The newest entry that changed that; the newest that took a text out.
    news: Seq,
    erased: Seq,
    bytes: usize,
    asked: u32,
    /// Its place among the budget of all rooms; 0 has none.
    pub(crate) used: u64,
}

impl RecentEntries {
    /// What it costs.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.older.bytes()
    }

    /// Who spoke lately, each once, the latest first.
    pub(crate) fn speakers(&self) -> Vec<User> {
        let mut speakers: Vec<User> = Vec::new();
        for kept in self.kept.iter().rev() {
            if let Some(Entry::Message(message)) = kept.event.entry()
                && speakers.iter().all(|speaker| speaker.id != message.sender.id)
            {
                speakers.push(message.sender.clone());
            }
        }
        speakers
    }

    /// An entry was committed: they come by seq, each of them.
    pub(crate) fn push(&mut self, seq: Seq, kept: RecentEntry, news: AboutChange) {
        match self.head {
            // Read from the journal before it came by the relay.
            Some(head) if seq <= head => return,
            Some(head) if seq == head.next() => {}
            // What the entries before it changed is not known.
            _ => {
                self.begin_after(seq.previous());
                self.news = seq.previous();
            }
        }
        self.hear(seq, news);
        self.keep(kept);
    }

    /// The entry after the head.
    fn keep(&mut self, kept: RecentEntry) {
        self.head = Some(kept.seq);
        if let Some(target) = kept.touches.erases {
            self.erased = kept.seq;
            self.erase(target);
        }
        self.bytes += kept.cost();
        self.said += usize::from(kept.is_said);
        self.kept.push_back(kept);
        while self.kept.len() > MAX_ENTRIES {
            if let Some(oldest) = self.pop_oldest() {
                self.older.take(oldest);
            }
        }
        self.shrink();
    }

    /// Keeps to the bounds: what is oldest goes first.
    fn shrink(&mut self) {
        self.older.keep_messages((FIRST_PAGE as usize).saturating_sub(self.said));
        while self.bytes() > MAX_BYTES {
            if !self.older.drop_oldest()
                && let Some(oldest) = self.pop_oldest()
            {
                self.older.begin_at(oldest.seq.next());
            }
        }
    }

    /// What the entry after the head changes about the room.
    fn hear(&mut self, seq: Seq, news: AboutChange) {
        if news == AboutChange::None || on(Defect::ForgetAbout) {
            return;
        }
        self.news = seq;
        let Some(mut about) = self.about.take() else { return };
        self.bytes -= about_bytes(&about);
        news.apply(&mut about);
        self.bytes += about_bytes(&about);
        self.about = Some(about);
    }

    /// A text goes, and with it all up to the newest entry that has it: the rest is still without
    /// holes.
    fn erase(&mut self, target: Seq) {
        if on(Defect::KeepErasedText) {
            return;
        }
        let Some(last) = self.kept.iter().rposition(|kept| kept.tells(target)) else {
            return self.older.forget(target);
        };
        for _ in 0..=last {
            if let Some(oldest) = self.pop_oldest() {
                self.older.begin_at(oldest.seq.next());
            }
        }
    }

    /// Forgets all but the head.
    pub(crate) fn clear(&mut self) {
        self.begin_after(self.head.unwrap_or_default());
    }

    /// Nothing is known up to there, or any more.
    fn begin_after(&mut self, seq: Seq) {
        self.about = None;
        self.older.begin_at(seq.next());
        self.kept.clear();
        self.kept.shrink_to_fit();
        (self.bytes, self.said) = (0, 0);
    }

    fn pop_oldest(&mut self) -> Option<RecentEntry> {
        let oldest = self.kept.pop_front()?;
        self.bytes -= oldest.cost();
        self.said -= usize::from(oldest.is_said);
        Some(oldest)
    }

    /// The oldest seq kept; without any, the one that comes next.
    fn first(&self) -> Seq {
        seq_before(self.head.unwrap_or_default(), self.kept.len()).next()
    }

    /// What a client at that position missed, or the newest page: what comes to the same as the
    /// journal would say.
    pub(crate) fn replay(
        &mut self,
        after: Option<Position>,
        epoch: Epoch,
        options: &Options,
    ) -> Replay {
        let (known, missing) = match (self.head, &self.about) {
            (Some(head), Some(about)) => {
                let known = self.known(head, after, epoch, options);
                (known.map(|known| (head, about.clone(), known)), false)
            }
            _ => (None, true),
        };
        if let Some((head, about, Known { from, entries, reset })) = known {
            return Replay::Known { head, about, from, entries, reset };
        }
        // What a client of a position reads that is older than the recent has room for can't be
        // kept: it need not be handed over.
        let room = self.kept.len() < MAX_ENTRIES || after.is_none();
        let offer = (missing || (room && self.bytes() < MAX_BYTES / 2))
            && self.asked.is_multiple_of(ASK_AGAIN);
        self.asked = self.asked.wrapping_add(1);
        Replay::Journal { offer }
    }

    /// The answer to a join, if it is known.
    fn known(
        &self,
        head: Seq,
        after: Option<Position>,
        epoch: Epoch,
        options: &Options,
    ) -> Option<Known> {
        match after {
            Some(Position { epoch: of, seq }) if of == epoch => {
                self.missed(head, seq, options).map(|entries| {
                    let entries = entries.map(|kept| kept.event.clone()).collect();
                    Known { from: seq.next(), entries, reset: false }
                })
            }
            _ => self.newest(head, after.is_some(), options),
        }
    }

    /// What came after a position, one by one.
    fn missed(
        &self,
        head: Seq,
        seq: Seq,
        options: &Options,
    ) -> Option<impl Iterator<Item = &RecentEntry>> {
        // History that was lost, or a client that comes from a node which is ahead of this one: the
        // journal knows.
        let ahead = seq > head && !on(Defect::ReplayBehindClient);
        let missed = usize::try_from(head.get().saturating_sub(seq.get())).unwrap_or(usize::MAX);
        let skipped = self.kept.len().checked_sub(missed)?;
        let entries = self.kept.iter().skip(skipped);
        // What is too much here may be less by messages.
        let fits = entries.clone().map(|kept| kept.body).sum::<usize>() <= options.page_bytes;
        (!ahead && fits && missed <= options.max_replay).then_some(entries)
    }

    /// The newest page.
    fn newest(&self, head: Seq, reset: bool, options: &Options) -> Option<Known> {
        let wanted = FIRST_PAGE.min(options.max_page) as usize;
        let one_by_one = u64::try_from(wanted).map_or(head.get(), |most| head.get().min(most));
        if u64::try_from(self.kept.len()).is_ok_and(|kept| kept < one_by_one) {
            return None;
        }
        let newest = self.kept.iter().rev().chain(self.older.entries().rev());
        let mut page: Vec<&RecentEntry> = Vec::new();
        let mut messages = 0;
        for kept in newest {
            page.push(kept);
            messages += usize::from(kept.is_said);
            if messages == wanted {
                break;
            }
        }
        let whole = messages == wanted;
        let from = page.last().filter(|_| whole).map_or(self.older.from(), |oldest| oldest.seq);
        // Where the bound in bytes cuts it, or the recent is short of it, the log is read: it may say
        // less of a message than was said when it came, and then more of them fit. One always does.
        let bytes: usize = page.iter().map(|kept| kept.body).sum();
        let fits = page.len() <= 1 || bytes <= options.page_bytes;
        let entries = page.into_iter().rev().map(|kept| kept.event.clone()).collect();
        let known = fits && (whole || from <= Seq::ZERO.next());
        known.then_some(Known { from, entries, reset })
    }
}

/// The answer to a join.
struct Known {
    /// The oldest seq that it speaks of.
    from: Seq,
    entries: Vec<SharedEvent>,
    reset: bool,
}

/// What it costs to know what a room is about; nothing where nobody said.
fn about_bytes(about: &About) -> usize {
    let About { topic, description, pins } = about;
    topic.as_str().len() + description.as_str().len() + pins.len() * size_of::<Seq>()
}

fn seq_before(head: Seq, number: usize) -> Seq {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    Seq::new(head.get().saturating_sub(number)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
