//! What a room's entries come to, worked out from them alone: `verify` holds what a store keeps beside
//! them to it.
//!
//! The walk along a room gives each entry in turn to [`Refold`], and takes from it, run by run, the
//! messages that it passed. The store then tells a [`Span`] all changes of these messages, however
//! much later they came, and what it keeps beside them. Memory goes by a run, not by the room.

use std::collections::{BTreeMap, BTreeSet};

use maru_engine::log::fold::{Proposal, TargetMessage, fold};
use maru_protocol::{About, Entry, FileInfo, Head, RoomName, Seq, User, UserId};

use crate::journal::{
    Change, FileRecord, RoomId,
    integrity::{chain::Row, fault::FaultKind},
    projections::state::{self, Current, MessageState},
    rows::entries::{self, DELETE, Decoder, MESSAGE, PIN, TOPIC, Unreadable},
};

/// Seqs of one run: what is kept of its messages is in memory together, some megabytes if all of
/// them have as many reactions as can be.
const RUN: u64 = 128;

/// What belongs to a message beside its entry: as a store keeps it, or as the entries say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Projection {
    /// What became of it.
    pub(crate) state: Option<MessageState>,
    /// Reactions that the state only counts, by their keys.
    pub(crate) unlisted: BTreeSet<[u8; 16]>,
    /// Whom it mentions, its sender aside.
    pub(crate) mentioned: BTreeSet<UserId>,
    /// What it carries, in the order of the ids.
    pub(crate) files: Vec<FileRecord>,
}

/// A room on a walk from its first entry to its last.
pub(crate) struct Refold {
    room: RoomId,
    name: RoomName,
    about: About,
    /// Below it all messages were taken.
    taken: Seq,
    messages: BTreeMap<Seq, Message>,
}

impl Refold {
    pub(crate) fn new(room: RoomId, name: RoomName) -> Self {
        let (about, messages) = (About::default(), BTreeMap::new());
        Self { room, name, about, taken: Seq::ZERO, messages }
    }

    /// The room's next entry.
    pub(crate) fn seen(&mut self, row: &Row<'_>) -> Result<(), Unreadable> {
        match row.kind {
            MESSAGE => {
                self.messages.insert(row.seq, Message::of(row)?);
            }
            DELETE | PIN | TOPIC => {
                if let Some(change) = Refolded::of(&self.name, row)? {
                    change.on_room(&mut self.about)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The next messages to be looked at, of those up to `at`; when these are `all`, what lies beyond
    /// them is looked for as well, and should not be there.
    pub(crate) fn run(&mut self, at: Seq, all: bool) -> Option<Span> {
        let (after, end) = (self.taken, self.taken.get().saturating_add(RUN));
        let to = match Seq::new(end) {
            Ok(to) if to < at => to,
            _ if after == Seq::MAX || (after >= at && !all) => return None,
            _ if all => Seq::MAX,
            _ => at,
        };
        let later = self.messages.split_off(&to.next());
        let messages = std::mem::replace(&mut self.messages, later);
        self.taken = to;
        Some(Span { room: self.room, name: self.name.clone(), after, to, messages })
    }

    /// What is wrong with that as what the room is about, when all of it was seen.
    pub(crate) fn differs_about(&self, kept: &About) -> Option<FaultKind> {
        (self.about != *kept).then_some(FaultKind::Projection("what it is about (topic, pins)"))
    }
}

/// Some neighbouring messages.
pub(crate) struct Span {
    room: RoomId,
    name: RoomName,
    /// They come after it,
    pub(crate) after: Seq,
    /// and this is the last that may be one of them.
    pub(crate) to: Seq,
    messages: BTreeMap<Seq, Message>,
}

impl Span {
    /// An entry that names one of them and is no message; each message's in their order.
    pub(crate) fn change(&mut self, row: &Row<'_>) -> Result<(), Unreadable> {
        let Some(change) = Refolded::of(&self.name, row)? else { return Ok(()) };
        let target = change.what.target().and_then(|target| self.messages.get_mut(&target));
        match target {
            Some(message) => change.on_message(message),
            None => Err(change.cannot_be()),
        }
    }

    /// The first message that does not have beside it what the entries say, given what is kept.
    pub(crate) fn differs(self, mut kept: BTreeMap<Seq, Projection>) -> Option<(Seq, FaultKind)> {
        let none = Projection::default();
        let mut due: BTreeMap<Seq, Projection> = self
            .messages
            .into_iter()
            .map(|(seq, message)| (seq, message.beside(self.room)))
            .filter(|(_, beside)| *beside != none)
            .collect();
        let seqs: BTreeSet<Seq> = kept.keys().chain(due.keys()).copied().collect();
        seqs.into_iter().find_map(|seq| {
            let due = due.remove(&seq).unwrap_or_default();
            let kept = kept.remove(&seq).unwrap_or_default();
            difference(&due, &kept).map(|what| (seq, FaultKind::Projection(what)))
        })
    }
}

fn difference(due: &Projection, kept: &Projection) -> Option<&'static str> {
    if due.state != kept.state || due.unlisted != kept.unlisted {
        Some("what became of it (edits, deletion, reactions)")
    } else if due.mentioned != kept.mentioned {
        Some("whom it mentions")
    } else if due.files != kept.files {
        Some("which files it carries")
    } else {
        None
    }
}

/// A message as its entries so far make it.
struct Message {
    subject: TargetMessage,
    mentions: Vec<User>,
    files: Vec<FileInfo>,
    unlisted: BTreeSet<[u8; 16]>,
}

impl Message {
    fn of(row: &Row<'_>) -> Result<Self, Unreadable> {
        let sender = entries::user_of(row.sender, row.sender_name)?;
        let at = u64::try_from(row.at).map_err(|why| Unreadable::of("at", why))?;
        let (mentions, files) = entries::carried(row.more)?;
        let subject = TargetMessage { seq: row.seq, sender, at, excerpt: None, state: None };
        Ok(Self { subject, mentions, files, unlisted: BTreeSet::new() })
    }

    fn beside(self, room: RoomId) -> Projection {
        let Self { subject: TargetMessage { seq, sender, state, .. }, mentions, files, unlisted } =
            self;
        let mentioned =
            mentions.into_iter().map(|user| user.id).filter(|id| *id != sender.id).collect();
        let record = |info| FileRecord { info, room, owner: sender.id.clone(), sent: Some(seq) };
        let mut files: Vec<_> = files.into_iter().map(record).collect();
        files.sort_by_key(|file| file.info.id.0);
        Projection { state, unlisted, mentioned, files }
    }
}

/// An entry that changes something.
struct Refolded {
    who: User,
    at: u64,
    seq: Seq,
    what: Change,
}

impl Refolded {
    /// None for an edit whose text is gone: who deleted the message left nothing of it.
    fn of(room: &RoomName, row: &Row<'_>) -> Result<Option<Self>, Unreadable> {
        let entry = Decoder::new(room).entry(row, Current::default())?;
        let Head { seq, sender, at, .. } = entry.head();
        let (who, at, seq) = (sender.clone(), at, seq);
        Ok(draft(entry).map(|what| Self { who, at, seq, what }))
    }

    /// That the message can be changed so is for [`Change::on_message`] to say.
    fn on_room(&self, about: &mut About) -> Result<(), Unreadable> {
        let seq = self.what.target().unwrap_or(Seq::ZERO);
        let own =
            TargetMessage { seq, sender: self.who.clone(), at: 0, excerpt: None, state: None };
        let effect =
            fold(self.proposal(), Some(&own), about, false).map_err(|_| self.cannot_be())?;
        if let Some(changed) = effect.about {
            *about = changed;
        }
        Ok(())
    }

    /// That the room can be changed so is for [`Change::on_room`] to say.
    fn on_message(&self, message: &mut Message) -> Result<(), Unreadable> {
        let pins = match self.what {
            Change::Pin { target, on: false } => vec![target],
            _ => Vec::new(),
        };
        let about = About { pins, ..About::default() };
        let key = match &self.what {
            Change::React { emoji, .. } => Some(state::reaction_key(emoji, &self.who.id)),
            _ => None,
        };
        let unlisted = key.is_some_and(|key| message.unlisted.contains(&key));
        let effect = fold(self.proposal(), Some(&message.subject), &about, unlisted)
            .map_err(|_| self.cannot_be())?;
        match (key, effect.unlisted) {
            (Some(key), Some(true)) => drop(message.unlisted.insert(key)),
            (Some(key), Some(false)) => drop(message.unlisted.remove(&key)),
            _ => {}
        }
        if let Change::Edit { mentions, .. } = &self.what {
            message.mentions.clone_from(mentions);
        }
        if effect.erases {
            message.unlisted.clear();
            message.mentions.clear();
            message.files.clear();
        }
        message.subject.state = effect.state;
        Ok(())
    }

    fn proposal(&self) -> Proposal<'_> {
        Proposal { sender: &self.who, at: self.at, seq: self.seq, change: &self.what }
    }

    fn cannot_be(&self) -> Unreadable {
        Unreadable(format!("entry {} changes what it can't have changed", self.seq))
    }
}

fn draft(entry: Entry) -> Option<Change> {
    Some(match entry {
        Entry::Message(_) | Entry::Tombstone(_) => return None,
        Entry::Edit(it) => {
            Change::Edit { target: it.target, body: it.body?, mentions: it.mentions }
        }
        Entry::Delete(it) => Change::Delete { target: it.target },
        Entry::Reaction(it) => Change::React { target: it.target, emoji: it.emoji, on: it.on },
        Entry::Pin(it) => Change::Pin { target: it.target, on: it.on },
        Entry::Topic(it) => Change::Topic { topic: it.topic, description: it.description },
    })
}
