//! A log in memory, by the rules that the stores on disk go by: for tests, simulations and benchmarks.
//!
//! It is a plain value. It has no thread, clock or random source, so that the same appends always come
//! to the same outcomes. It grows with what is appended and never shrinks.

mod pages;
mod rename;

use std::collections::{BTreeMap, BTreeSet};

use maru_protocol::{
    About, Emoji, Entry, MAX_PINS, Message, MessageId, OwnReactions, Quote, RoomKey, RoomName, Seq,
    UserId,
};

use super::{
    Append, Change, Created, Outcome, Refused, RoomId, RoomRecord,
    entry::{self, Text},
    fold::{self, Effect, MessageState, Proposal, Rejection, TargetMessage},
    history::is_said,
};

/// The numbered entries of all rooms, and what follows from them.
#[derive(Clone, Debug, Default)]
pub struct MemoryLog {
    /// The room with the number n lies at n - 1; none where it was removed.
    rooms: Vec<Option<Room>>,
    /// By the names that they have and had.
    by_key: BTreeMap<RoomKey, RoomId>,
    /// By what these look like.
    by_look: BTreeMap<String, RoomId>,
    /// How often a room got another name.
    renames: u64,
}

#[derive(Clone, Debug)]
struct Room {
    record: RoomRecord,
    /// The number of its latest renaming; 0 without one.
    renamed: u64,
    former: Vec<RoomName>,
    about: About,
    /// The entry with the seq n lies at n - 1: a message as it is now, its quote aside.
    entries: Vec<Entry>,
    /// The seq of each id that was ever committed.
    ids: BTreeMap<MessageId, Seq>,
    states: BTreeMap<Seq, MessageState>,
    /// The edits of each message, whose texts go when it is deleted.
    edits: BTreeMap<Seq, Vec<Seq>>,
    /// Reactions that a state only counts, by their message.
    unlisted: BTreeMap<Seq, BTreeSet<(Emoji, UserId)>>,
    /// Messages that are not deleted.
    said: BTreeSet<Seq>,
    /// All other entries but reactions.
    noted: BTreeSet<Seq>,
    /// Messages by their newest change.
    changed: BTreeMap<Seq, Seq>,
}

/// A commit that the rules allow: what [`MemoryLog::keep`] is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The seq of the entry.
    pub seq: Seq,
    /// The message that it answers.
    pub quote: Option<Quote>,
    /// What else changes.
    pub effect: Effect,
}

impl MemoryLog {
    /// An empty log without rooms.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a room unless there is one that has or had that name, case aside, or one that looks like
    /// it. Rooms are numbered from 1.
    pub fn create(&mut self, name: RoomName, at: u64) -> Created {
        let key = name.key();
        if let Some(room) = self.by_key.get(&key).and_then(|id| self.get(*id)) {
            return Created::Existing(room.record.clone());
        }
        let looks = name.skeletons().keys();
        let alike = looks.iter().find_map(|look| self.by_look.get(look));
        if let Some(room) = alike.and_then(|id| self.get(*id)) {
            return Created::LooksLike(room.record.clone());
        }
        let id = RoomId(i64::try_from(self.rooms.len()).unwrap_or(i64::MAX).saturating_add(1));
        let record = RoomRecord { id, name, head: Seq::ZERO, active_at: at };
        self.rooms.push(Some(Room::new(record.clone())));
        self.by_key.insert(key, id);
        self.by_look.extend(looks.map(|look| (look, id)));
        Created::New(record)
    }

    /// Commits appends in their order; as many outcomes, in the same order.
    pub fn commit(&mut self, appends: impl IntoIterator<Item = Append>) -> Vec<Outcome> {
        appends.into_iter().map(|append| self.append(append)).collect()
    }

    /// Commits one append, or says why not.
    pub fn append(&mut self, append: Append) -> Outcome {
        match self.decide(&append) {
            Ok(decision) => {
                let (seq, quote) = (decision.seq, decision.quote.clone());
                self.keep(&append, decision);
                append.committed(seq, quote)
            }
            Err(why) => append.rejected(why),
        }
    }

    /// What committing the append would do. Changes nothing: a caller may have rules of its own, as
    /// about files, before it lets the log [`keep`](Self::keep) it.
    ///
    /// # Errors
    /// [`Rejection`] when nothing is to be committed.
    pub fn decide(&self, append: &Append) -> Result<Decision, Rejection> {
        let room = self.get(append.room).ok_or(Refused::NoRoom)?;
        // A retry first: its change may not be possible any more, as it was done.
        if let Some(first) = room.ids.get(&append.id).and_then(|seq| room.entry(*seq)) {
            let head = first.head();
            return Err(match head.sender.id == append.sender.id {
                true => Rejection::Known { seq: head.seq, at: head.at },
                false => Refused::IdTaken.into(),
            });
        }
        let seq = room.record.head.next();
        let target = append.what.target().and_then(|target| room.target(target));
        let change = &append.what;
        let proposal = Proposal { sender: &append.sender, at: append.at, seq, change };
        let unlisted = match change {
            Change::React { target, emoji, .. } => {
                room.is_unlisted(*target, emoji, &append.sender.id)
            }
            _ => false,
        };
        let effect = fold::fold(proposal, target.as_ref(), &room.about, unlisted)?;
        let quote = match change {
            Change::Message(_) => target.as_ref().map(TargetMessage::quote),
            _ => None,
        };
        Ok(Decision { seq, quote, effect })
    }

    /// Keeps an append as [`decide`](Self::decide) said, when nothing was kept in its room since.
    pub fn keep(&mut self, append: &Append, decision: Decision) {
        let index = index_of(append.room);
        if let Some(Some(room)) = index.and_then(|index| self.rooms.get_mut(index)) {
            room.keep(append, decision);
        }
    }

    /// Removes a room with all that is in it, if there is one of that number. Its number is given to
    /// no other one.
    pub fn remove(&mut self, room: RoomId) -> Option<RoomRecord> {
        let record = self.rooms.get_mut(index_of(room)?)?.take()?.record;
        self.by_key.retain(|_, id| *id != room);
        self.by_look.retain(|_, id| *id != room);
        Some(record)
    }

    /// How many rooms were ever made, those that were removed included.
    #[must_use]
    pub fn made(&self) -> i64 {
        i64::try_from(self.rooms.len()).unwrap_or(i64::MAX)
    }

    /// The room that has or had that name.
    #[must_use]
    pub fn room(&self, key: &RoomKey) -> Option<RoomRecord> {
        self.record(*self.by_key.get(key)?)
    }

    /// The room with that number.
    #[must_use]
    pub fn record(&self, room: RoomId) -> Option<RoomRecord> {
        Some(self.get(room)?.record.clone())
    }

    /// The newest seq of a room; 0 without entries.
    #[must_use]
    pub fn head(&self, room: RoomId) -> Option<Seq> {
        Some(self.get(room)?.record.head)
    }

    /// All rooms, the latest active first; of those active at the same time the newest room first.
    /// Rooms without an entry come after all others.
    #[must_use]
    pub fn rooms(&self) -> Vec<&RoomRecord> {
        let mut rooms: Vec<&RoomRecord> =
            self.rooms.iter().flatten().map(|room| &room.record).collect();
        rooms.sort_unstable_by_key(|room| {
            std::cmp::Reverse((room.head > Seq::ZERO, room.active_at, room.id))
        });
        rooms
    }

    /// The seq of the message of that id; of the id of an entry that changed a message, that
    /// message's seq.
    #[must_use]
    pub fn locate(&self, room: RoomId, id: MessageId) -> Option<Seq> {
        let room = self.get(room)?;
        let seq = *room.ids.get(&id)?;
        match room.entry(seq)? {
            Entry::Message(_) | Entry::Tombstone(_) => Some(seq),
            change => change.target(),
        }
    }

    /// The pinned messages as they are now, the latest pinned first. None without that room.
    #[must_use]
    pub fn pinned(&self, room: RoomId) -> Option<Vec<Message>> {
        let room = self.get(room)?;
        let message = |seq: &Seq| match room.read(*seq)? {
            Entry::Message(message) => Some(message),
            _ => None,
        };
        Some(room.about.pins.iter().take(MAX_PINS).filter_map(message).collect())
    }

    /// Of these messages those with reactions of this person, and which. None without that room.
    #[must_use]
    pub fn own_reactions(
        &self,
        room: RoomId,
        person: &UserId,
        targets: &[Seq],
    ) -> Option<Vec<OwnReactions>> {
        let room = self.get(room)?;
        let own = |&target: &Seq| {
            let state = room.states.get(&target)?;
            let unlisted = |emoji: &Emoji| Ok(room.is_unlisted(target, emoji, person));
            let Ok::<_, std::convert::Infallible>(emoji) = state.own_reactions(person, unlisted);
            (!emoji.is_empty()).then_some(OwnReactions { target, emoji })
        };
        Some(targets.iter().filter_map(own).collect())
    }

    /// All entries of a room, from the first one on; a quote in one of them is as of its commit. Empty
    /// without that room.
    #[must_use]
    pub fn entries(&self, room: RoomId) -> &[Entry] {
        self.get(room).map_or(&[], |room| &room.entries)
    }

    /// The state of a message that was changed.
    #[must_use]
    pub fn state(&self, room: RoomId, message: Seq) -> Option<&MessageState> {
        self.get(room)?.states.get(&message)
    }

    /// Whether reactions are kept that no state lists.
    #[cfg(test)]
    pub(super) fn has_unlisted(&self, room: RoomId) -> bool {
        self.get(room).is_some_and(|room| room.unlisted.values().any(|all| !all.is_empty()))
    }

    fn get(&self, room: RoomId) -> Option<&Room> {
        self.rooms.get(index_of(room)?)?.as_ref()
    }
}

fn index_of(room: RoomId) -> Option<usize> {
    usize::try_from(room.0).ok()?.checked_sub(1)
}

fn index(seq: Seq) -> Option<usize> {
    usize::try_from(seq.get()).ok()?.checked_sub(1)
}

impl Room {
    fn new(record: RoomRecord) -> Self {
        Self {
            record,
            renamed: 0,
            former: Vec::new(),
            about: About::default(),
            entries: Vec::new(),
            ids: BTreeMap::new(),
            states: BTreeMap::new(),
            edits: BTreeMap::new(),
            unlisted: BTreeMap::new(),
            said: BTreeSet::new(),
            noted: BTreeSet::new(),
            changed: BTreeMap::new(),
        }
    }

    fn entry(&self, seq: Seq) -> Option<&Entry> {
        self.entries.get(index(seq)?)
    }

    /// The message of that seq as a change meets it.
    fn target(&self, seq: Seq) -> Option<TargetMessage> {
        let entry = self.entry(seq)?;
        let excerpt = match entry {
            Entry::Message(message) => fold::excerpt(message.text()),
            Entry::Tombstone(_) => None,
            _ => return None,
        };
        let (sender, at) = (entry.head().sender.clone(), entry.head().at);
        Some(TargetMessage { seq, sender, at, excerpt, state: self.states.get(&seq).cloned() })
    }

    /// An entry as a page shows it: its quote as the answered message is now.
    fn read(&self, seq: Seq) -> Option<Entry> {
        let mut entry = self.entry(seq)?.clone();
        if let Entry::Message(Message { reply_to: Some(quote), .. }) = &mut entry
            && let Some(target) = self.target(quote.seq)
        {
            *quote = target.quote();
        }
        Some(entry)
    }

    fn is_unlisted(&self, target: Seq, emoji: &Emoji, person: &UserId) -> bool {
        let reactions = self.unlisted.get(&target);
        reactions.is_some_and(|all| all.contains(&(emoji.clone(), person.clone())))
    }

    fn keep(&mut self, append: &Append, Decision { seq, quote, effect }: Decision) {
        let mut entry = append.clone().into_entry(seq, quote);
        if append.room_name != self.record.name {
            entry.call_room(self.record.name.clone());
        }
        if is_said(&entry) {
            self.said.insert(seq);
        } else if !matches!(entry, Entry::Reaction(_)) {
            self.noted.insert(seq);
        }
        self.entries.push(entry);
        self.ids.insert(append.id, seq);
        self.record.head = seq;
        if append.what.is_activity() {
            self.record.active_at = append.at;
        }
        let Effect { state, about, unlisted, erases } = effect;
        if let Some(about) = about {
            self.about = about;
        }
        if let (Change::React { target, emoji, .. }, Some(on)) = (&append.what, unlisted) {
            let reaction = (emoji.clone(), append.sender.id.clone());
            let reactions = self.unlisted.entry(*target).or_default();
            let _ = if on { reactions.insert(reaction) } else { reactions.remove(&reaction) };
        }
        if let (Some(target), Some(state)) = (append.what.target(), state) {
            self.change(target, state, &append.what);
            match append.what {
                Change::Edit { .. } => self.edits.entry(target).or_default().push(seq),
                _ if erases => self.erase(target),
                _ => {}
            }
        }
    }

    /// A message has another state, and by an edit another text.
    fn change(&mut self, target: Seq, state: MessageState, change: &Change) {
        let edit = match change {
            Change::Edit { body, mentions, .. } => {
                Some(Text { body: Some(body.clone()), mentions: mentions.clone() })
            }
            _ => None,
        };
        self.changed.insert(state.changed, target);
        if let Some(before) = self.states.insert(target, state.clone()) {
            self.changed.remove(&before.changed);
        }
        if let Some(entry) = index(target).and_then(|index| self.entries.get_mut(index))
            && let Entry::Message(message) = entry
        {
            *entry = entry::with_state(message.clone(), Some(state), edit);
        }
    }

    /// The message is a tombstone by now; the texts of its edits go as well.
    fn erase(&mut self, target: Seq) {
        self.unlisted.remove(&target);
        self.said.remove(&target);
        self.noted.insert(target);
        for seq in self.edits.remove(&target).unwrap_or_default() {
            if let Some(Entry::Edit(edit)) =
                index(seq).and_then(|index| self.entries.get_mut(index))
            {
                edit.body = None;
                edit.mentions.clear();
            }
        }
    }
}
