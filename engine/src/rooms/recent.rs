//! A room's newest entries, kept while the room is in use, so that a join needs no read.
//!
//! A join is answered from here when the answer is exactly what the journal would say; otherwise the
//! journal is asked. The cache is valid only after it has seen a live entry or loaded a page while the
//! room was active: an older room record may be stale, and a wrong head would be a silent gap.

use std::collections::VecDeque;

use maru_protocol::{About, Description, Entry, Epoch, Position, Seq, Topic, User};

use crate::{
    Options, SharedEvent,
    defects::{Defect, on},
};

/// Entries of a room that a client without a position gets.
pub const FIRST_PAGE: u32 = 50;
/// Most entries kept of a room: a first page, or what a minute of absence misses where people
/// talk. Who was away for longer is answered by the journal.
pub const MAX_ENTRIES: usize = 64;
/// Most bytes kept of a room: 64 entries of what people write are some 80 KiB; a room of long
/// pastes keeps fewer entries.
const MAX_BYTES: usize = 256 * 1024;
/// What an entry costs beside its texts, names and lists: the shared value and its slots. A test
/// holds the cost against what an entry takes.
const ENTRY_BYTES: usize = 448;
/// The names of an encoding's fields, with ids and numbers.
const FIELD_BYTES: usize = 256;
/// After so many joins that had to read, another one is asked to hand over what it read: the first
/// one's connection may have ended meanwhile.
const ASK_AGAIN: u32 = 16;

/// One of the newest entries, shared with those who were told of it.
#[derive(Clone, Debug)]
pub(crate) struct RecentEntry {
    event: SharedEvent,
    /// Bytes of its texts, by which replays are bounded.
    body: usize,
    /// Bytes that it takes in memory, its encoding with it.
    cost: usize,
    touches: Touches,
}

/// The messages that an entry has to do with, beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touches {
    /// The one whose text it has.
    quotes: Option<Seq>,
    /// The one whose text it takes out.
    erases: Option<Seq>,
}

impl Touches {
    pub(crate) fn of(entry: &Entry) -> Self {
        let none = Self::default();
        match entry {
            Entry::Message(message) => {
                Self { quotes: message.reply_to.as_ref().map(|quote| quote.seq), ..none }
            }
            Entry::Edit(edit) => Self { quotes: Some(edit.target), ..none },
            Entry::Delete(gone) => Self { erases: Some(gone.target), ..none },
            _ => none,
        }
    }
}

impl RecentEntry {
    pub(crate) fn new(event: SharedEvent) -> Option<Self> {
        let entry = event.entry()?;
        let (body, touches) = (entry.text_bytes(), Touches::of(entry));
        let texts = body + names(entry);
        // An encoder's buffer grows by doubling: up to half of it is empty.
        let cost = ENTRY_BYTES + texts + 2 * (texts + FIELD_BYTES);
        Some(Self { event, body, cost, touches })
    }

    fn cost(&self) -> usize {
        self.cost
    }
}

/// Bytes of an entry's names and lists: of the room, of its sender and of whom and what it carries.
fn names(entry: &Entry) -> usize {
    /// A string's own place, or that of a list's item.
    const PLACE: usize = 48;
    let head = entry.head();
    let user = |user: &User| user.id.0.len() + user.name.as_str().len();
    let many = |users: &[User]| users.iter().map(|it| user(it) + PLACE).sum::<usize>();
    let carried = match entry {
        Entry::Message(message) => {
            let files = message.files.iter();
            let quote = message.reply_to.as_ref();
            many(&message.mentions)
                + files
                    .map(|it| it.name.as_str().len() + it.media_type.len() + 3 * PLACE)
                    .sum::<usize>()
                + quote.map_or(0, |it| {
                    user(&it.sender) + it.excerpt.as_ref().map_or(0, String::len) + 2 * PLACE
                })
        }
        Entry::Edit(edit) => many(&edit.mentions),
        _ => 0,
    };
    head.room.as_str().len() + user(head.sender) + carried
}

/// What an entry changes about its room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AboutChange {
    /// Nothing.
    None,
    /// What the room is about.
    About(Topic, Description),
    /// What it holds up.
    Pin(Seq, bool),
    /// What is deleted is not held up.
    Delete(Seq),
}

impl AboutChange {
    pub(crate) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Topic(change) => Self::About(change.topic.clone(), change.description.clone()),
            Entry::Pin(pinning) => Self::Pin(pinning.target, pinning.on),
            Entry::Delete(deletion) => Self::Delete(deletion.target),
            _ => Self::None,
        }
    }
}

/// What a session read of a room.
#[derive(Clone, Debug)]
pub struct PageRead {
    /// The newest seq then.
    pub head: Seq,
    /// What the room was about.
    pub about: About,
    /// Ascending, without holes; the last one is the head's.
    pub entries: Vec<SharedEvent>,
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
    /// Ascending, without holes; the last one is the head's.
    kept: VecDeque<RecentEntry>,
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
        self.bytes
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
                self.clear();
                self.news = seq.previous();
            }
        }
        self.head = Some(seq);
        self.hear(seq, news);
        self.keep(kept);
    }

    /// The entry of the head, which is not kept yet.
    fn keep(&mut self, kept: RecentEntry) {
        if let Some(target) = kept.touches.erases {
            self.erased = self.head.unwrap_or_default();
            self.erase(target);
        }
        self.bytes += kept.cost();
        self.kept.push_back(kept);
        while self.kept.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            self.drop_oldest();
        }
    }

    /// What the entry of the head changes about the room.
    fn hear(&mut self, seq: Seq, news: AboutChange) {
        if news == AboutChange::None || on(Defect::ForgetAbout) {
            return;
        }
        self.news = seq;
        let Some(mut about) = self.about.take() else { return };
        self.bytes -= about_bytes(&about);
        match news {
            AboutChange::None => {}
            AboutChange::About(topic, description) => {
                about.topic = topic;
                about.description = description;
            }
            AboutChange::Pin(target, on) => {
                about.pins.retain(|pin| *pin != target);
                if on {
                    about.pins.insert(0, target);
                }
            }
            AboutChange::Delete(target) => about.pins.retain(|pin| *pin != target),
        }
        self.bytes += about_bytes(&about);
        self.about = Some(about);
    }

    /// A text goes, and with it all up to the newest entry that has it: the rest is still without
    /// holes.
    fn erase(&mut self, target: Seq) {
        if on(Defect::KeepErasedText) {
            return;
        }
        let oldest = seq_before(self.head.unwrap_or_default(), self.kept.len());
        let own = target.get().checked_sub(oldest.get());
        let own = own.and_then(|place| usize::try_from(place).ok());
        let last = self.kept.iter().rposition(|kept| kept.touches.quotes == Some(target));
        let Some(last) = last.max(own.filter(|place| *place < self.kept.len())) else { return };
        (0..=last).for_each(|_| self.drop_oldest());
    }

    /// What was read of the room *after* it came into use.
    pub(crate) fn offer(&mut self, PageRead { head, about, entries: read }: PageRead) {
        if head < self.erased && !on(Defect::OfferErasedText) {
            // It may have a text that is gone since.
            self.asked = 0;
            return;
        }
        let before = seq_before(head, read.len());
        if self.head.is_none() {
            self.head = Some(before);
        }
        let first = self.first();
        let mut older = Vec::new();
        if head >= first.previous() {
            let mut seq = before;
            for kept in read.into_iter().filter_map(RecentEntry::new) {
                seq = seq.next();
                if seq < first {
                    older.push(kept);
                } else if Some(seq) > self.head {
                    if self.head != Some(seq.previous()) {
                        self.clear();
                    }
                    self.head = Some(seq);
                    self.keep(kept);
                }
            }
        }
        // Neither older than what changed it since, nor newer than what the room was told of.
        if head >= self.news && Some(head) <= self.head {
            self.learn(about);
        }
        // What came meanwhile may have pushed out what these adjoined.
        if self.first() == first {
            older.into_iter().rev().all(|kept| self.put_before(kept));
        }
    }

    fn learn(&mut self, about: About) {
        let before = self.about.take();
        self.bytes -= before.as_ref().map_or(0, about_bytes);
        self.bytes += about_bytes(&about);
        self.about = Some(about);
    }

    fn put_before(&mut self, kept: RecentEntry) -> bool {
        let fits = self.kept.len() < MAX_ENTRIES && self.bytes + kept.cost() <= MAX_BYTES;
        if fits {
            self.bytes += kept.cost();
            self.kept.push_front(kept);
        }
        fits
    }

    /// Forgets all but the head.
    pub(crate) fn clear(&mut self) {
        self.about = None;
        self.kept.clear();
        self.kept.shrink_to_fit();
        self.bytes = 0;
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.kept.pop_front() {
            self.bytes -= oldest.cost();
        }
    }

    /// The oldest seq kept; without any, the one that comes next.
    fn first(&self) -> Seq {
        seq_before(self.head.unwrap_or_default(), self.kept.len()).next()
    }

    /// What a client at that position missed, or the newest page: as the journal would say.
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
        if let Some((head, about, (number, reset))) = known {
            let skipped = self.kept.len() - number;
            let entries = self.kept.iter().skip(skipped).map(|kept| kept.event.clone()).collect();
            return Replay::Known { head, about, entries, reset };
        }
        // A page older than the recent has room for can't be kept: it need not be handed over.
        let room = self.kept.len() < MAX_ENTRIES && self.bytes < MAX_BYTES / 2;
        let offer = (missing || room) && self.asked.is_multiple_of(ASK_AGAIN);
        self.asked = self.asked.wrapping_add(1);
        Replay::Journal { offer }
    }

    /// How many of the newest entries answer the join, and whether as a reset.
    fn known(
        &self,
        head: Seq,
        after: Option<Position>,
        epoch: Epoch,
        options: &Options,
    ) -> Option<(usize, bool)> {
        if let Some(Position { epoch: of, seq }) = after
            && of == epoch
        {
            // History that was lost, or a client that comes from a node which is ahead of this
            // one: the journal knows.
            if seq > head {
                return on(Defect::ReplayBehindClient).then_some((0, false));
            }
            let missed = usize::try_from(head.get() - seq.get()).unwrap_or(usize::MAX);
            if missed <= options.max_replay {
                if missed > self.kept.len() {
                    return None;
                }
                if self.newest_bytes(missed) <= options.page_bytes {
                    return Some((missed, false));
                }
            }
        }
        let page = FIRST_PAGE.min(options.max_page);
        let page = u64::from(page).min(head.get());
        let page = usize::try_from(page).unwrap_or(usize::MAX);
        // Where the bound in bytes cuts it, or the recent is short of it, the log is read: it may say
        // less of a message than was said when it came, and then more of them fit. One always does.
        let whole = page <= self.kept.len();
        let fits = whole && (page <= 1 || self.newest_bytes(page) <= options.page_bytes);
        fits.then_some((page, after.is_some()))
    }

    /// Bytes of what people wrote in the newest so many.
    fn newest_bytes(&self, number: usize) -> usize {
        self.kept.iter().rev().take(number).map(|kept| kept.body).sum()
    }
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
