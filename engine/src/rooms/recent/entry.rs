//! One of a room's newest entries: what it costs, and what it has to do with others.

use maru_protocol::{About, Description, Entry, Seq, Topic, User};

use crate::{SharedEvent, log::history::is_said};

/// What an entry costs beside its texts, names and lists: the shared value and its slots. A test
/// holds the cost against what an entry takes.
const ENTRY_BYTES: usize = 448;
/// The names of an encoding's fields, with ids and numbers.
const FIELD_BYTES: usize = 256;

/// One of the newest entries, shared with those who were told of it.
#[derive(Clone, Debug)]
pub(crate) struct RecentEntry {
    pub(super) event: SharedEvent,
    pub(super) seq: Seq,
    /// A message that is not deleted.
    pub(super) is_said: bool,
    /// Bytes of its texts, by which replays are bounded.
    pub(super) body: usize,
    /// Bytes that it takes in memory, its encoding with it.
    cost: usize,
    pub(super) touches: Touches,
}

/// The messages that an entry has to do with, beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touches {
    /// The one whose text it has.
    quotes: Option<Seq>,
    /// The one whose text it takes out.
    pub(super) erases: Option<Seq>,
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
        let (seq, is_said) = (entry.seq(), is_said(entry));
        Some(Self { event, seq, is_said, body, cost, touches })
    }

    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// Whether it has a text of that message: its own, its newest one, or the beginning in a quote.
    pub(super) fn tells(&self, message: Seq) -> bool {
        self.seq == message || self.touches.quotes == Some(message)
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

    pub(super) fn apply(self, about: &mut About) {
        match self {
            Self::None => {}
            Self::About(topic, description) => {
                about.topic = topic;
                about.description = description;
            }
            Self::Pin(target, on) => {
                about.pins.retain(|pin| *pin != target);
                if on {
                    about.pins.insert(0, target);
                }
            }
            Self::Delete(target) => about.pins.retain(|pin| *pin != target),
        }
    }
}
