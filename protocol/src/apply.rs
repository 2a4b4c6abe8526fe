//! What becomes of messages by the entries that are heard: the rule for a client (PROTOCOL.md, *What
//! becomes of messages*). The server folds its log by rules of its own, and comes to the same.

use std::collections::BTreeMap;

use crate::{
    Edit, Edited, Entry, MAX_EXCERPT_CHARS, MAX_REACTED_USERS, Message, Quote, Reacted, Reaction,
    Seq, Tombstone,
};

impl Message {
    /// The message after an edit, deletion, reaction or pin of it. None where it has that in it
    /// already, or the entry is none of these.
    #[must_use]
    pub fn after(&self, change: &Entry) -> Option<Entry> {
        let seq = change.seq();
        if change.target() != Some(self.seq) || self.changed.is_some_and(|last| seq <= last) {
            return None;
        }
        let mut message = self.clone();
        match change {
            Entry::Reaction(reaction) => react(&mut message.reactions, reaction),
            // Its text was erased: the entry that deletes the message follows.
            Entry::Edit(Edit { body: None, .. }) => return None,
            Entry::Edit(edit) => {
                message.body.clone_from(&edit.body);
                message.mentions.clone_from(&edit.mentions);
                message.edited = Some(Edited { seq, at: edit.at });
            }
            Entry::Delete(deletion) => {
                let Self { room, seq, id, sender, at, .. } = message;
                let (deleted_at, changed) = (deletion.at, deletion.seq);
                let gone = Tombstone { room, seq, id, sender, at, deleted_at, changed };
                return Some(Entry::Tombstone(gone));
            }
            _ => {}
        }
        message.changed = Some(seq);
        Some(Entry::Message(message))
    }
}

fn react(reactions: &mut Vec<Reacted>, Reaction { emoji, on, sender, .. }: &Reaction) {
    let place = reactions.iter().position(|reacted| reacted.emoji == *emoji);
    match (place.map(|place| (place, &mut reactions[place])), on) {
        (None, true) => {
            let users = vec![sender.clone()];
            reactions.push(Reacted { emoji: emoji.clone(), count: 1, users });
        }
        (None, false) => {}
        (Some((_, reacted)), true) => {
            reacted.count = reacted.count.saturating_add(1);
            if reacted.users.len() < MAX_REACTED_USERS {
                reacted.users.push(sender.clone());
            }
        }
        (Some((place, reacted)), false) => {
            reacted.count = reacted.count.saturating_sub(1);
            reacted.users.retain(|user| user.id != sender.id);
            if reacted.count == 0 {
                reactions.remove(place);
            }
        }
    }
}

/// Applies an entry to the messages that are held, by their seqs: to the one that it changes, and to the
/// quotes of it. What it does not concern stays.
pub fn apply(held: &mut BTreeMap<Seq, Entry>, change: &Entry) {
    let Some(target) = change.target() else { return };
    if let Some(Entry::Message(message)) = held.get(&target)
        && let Some(after) = message.after(change)
    {
        held.insert(target, after);
    }
    match (held.get(&target).cloned(), change) {
        // A newer text than the change's, where it has that in it already.
        (Some(now), Entry::Edit(_) | Entry::Delete(_)) => requote(held, &now),
        (None, Entry::Edit(Edit { body: Some(body), .. })) => {
            quotes(held, target, |quote| quote.excerpt = excerpt(body.as_str()));
        }
        (None, Entry::Delete(_)) => quotes(held, target, gone),
        _ => {}
    }
}

/// Puts a message as it is read back in its place, unless a newer state of it is held.
pub fn put(held: &mut BTreeMap<Seq, Entry>, entry: Entry) {
    let changed = |entry: &Entry| match entry {
        Entry::Message(message) => message.changed.unwrap_or_default(),
        Entry::Tombstone(gone) => gone.changed,
        _ => Seq::ZERO,
    };
    let seq = entry.seq();
    if held.get(&seq).is_none_or(|before| changed(before) <= changed(&entry)) {
        requote(held, &entry);
        held.insert(seq, entry);
    }
}

/// The quotes of a message say what it says now.
fn requote(held: &mut BTreeMap<Seq, Entry>, now: &Entry) {
    match now {
        Entry::Message(message) => {
            quotes(held, message.seq, |quote| quote.excerpt = excerpt(message.text()));
        }
        Entry::Tombstone(tombstone) => quotes(held, tombstone.seq, gone),
        _ => {}
    }
}

fn gone(quote: &mut Quote) {
    (quote.excerpt, quote.deleted) = (None, true);
}

fn quotes(held: &mut BTreeMap<Seq, Entry>, of: Seq, mut change: impl FnMut(&mut Quote)) {
    // Whoever answers a message comes after it.
    for (_, entry) in held.range_mut(of.next()..) {
        if let Entry::Message(Message { reply_to: Some(quote), .. }) = entry
            && quote.seq == of
            && !quote.deleted
        {
            change(quote);
        }
    }
}

/// The first [`MAX_EXCERPT_CHARS`] characters of a text; none of an empty one.
#[must_use]
pub fn excerpt(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.chars().take(MAX_EXCERPT_CHARS).collect())
}
