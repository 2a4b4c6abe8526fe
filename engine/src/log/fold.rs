//! The rules by which a change takes effect on a message and its room, as a pure function. Every store
//! asks it, in the order of its commits, and keeps the effect in the transaction that keeps the entry.
//!
//! A client that folds the entries by the rule of PROTOCOL.md comes to the same.

use maru_protocol::{
    About, Edited, Emoji, MAX_PINS, MAX_REACTED_USERS, MAX_REACTIONS, Quote, Reacted, Seq, User,
    UserId,
};
use serde::{Deserialize, Serialize};

pub use maru_protocol::apply::excerpt;

use super::{Change, Refused};

/// The state of a message that was changed: all changes of it taken together. It has no text: that of
/// the newest edit lies in the edit's entry, so that a text that is to be erased lies in one place.
///
/// The stores on disk keep it as JSON beside the entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageState {
    /// The newest entry that changed it.
    pub changed: Seq,
    /// The time of that entry; milliseconds since 1970, UTC.
    pub at: u64,
    /// The newest edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// When it was deleted; milliseconds since 1970, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<u64>,
    /// Its reactions, at most [`MAX_REACTIONS`] emoji with [`MAX_REACTED_USERS`] people listed each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reacted>,
}

impl MessageState {
    /// Which reactions are this person's; `unlisted` is asked for those that don't list everybody.
    ///
    /// # Errors
    /// Those of `unlisted`, which looks into a store.
    pub fn own_reactions<E>(
        &self,
        person: &UserId,
        mut unlisted: impl FnMut(&Emoji) -> Result<bool, E>,
    ) -> Result<Vec<Emoji>, E> {
        let mut own = Vec::new();
        for Reacted { emoji, count, users } in &self.reactions {
            let listed = users.iter().any(|user| user.id == *person);
            let hides = (*count as usize) > users.len();
            if listed || (hides && unlisted(emoji)?) {
                own.push(emoji.clone());
            }
        }
        Ok(own)
    }
}

/// The message that a change names, as it is before the change.
#[derive(Clone, Debug)]
pub struct TargetMessage {
    /// Its number in the room.
    pub seq: Seq,
    /// The person who sent it, with the name of then.
    pub sender: User,
    /// When it was sent; milliseconds since 1970, UTC.
    pub at: u64,
    /// The beginning of its present text; none where it has no text.
    pub excerpt: Option<String>,
    /// None for a message that was never changed.
    pub state: Option<MessageState>,
}

impl TargetMessage {
    /// The quote for an answer to it. A deleted message can still be answered: the answer may have
    /// been on its way.
    #[must_use]
    pub fn quote(&self) -> Quote {
        let deleted = self.is_deleted();
        let excerpt = if deleted { None } else { self.excerpt.clone() };
        Quote { seq: self.seq, sender: self.sender.clone(), excerpt, deleted }
    }

    fn is_deleted(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.deleted_at.is_some())
    }

    /// The message is already as the change would make it.
    fn unchanged(&self) -> Rejection {
        match &self.state {
            Some(state) => Rejection::Known { seq: state.changed, at: state.at },
            None => Rejection::Known { seq: self.seq, at: self.at },
        }
    }
}

/// A change with the seq that it would get.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The person who asks for it.
    pub sender: &'a User,
    /// When it was taken; milliseconds since 1970, UTC.
    pub at: u64,
    /// The seq of the entry, if it is committed.
    pub seq: Seq,
    /// The change itself.
    pub change: &'a Change,
}

/// What a store keeps in the transaction of an entry, beside the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// The new state of the message that the change names.
    pub state: Option<MessageState>,
    /// The new topic, description and pins of the room.
    pub about: Option<About>,
    /// True adds the sender's reaction to those that are only counted, false removes it from them.
    pub unlisted: Option<bool>,
    /// The texts of the message and of its edits are erased, and its unlisted reactions too.
    pub erases: bool,
}

/// Why nothing is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A rule forbids it.
    Refused(Refused),
    /// It is so already: by the same append, or because the change makes no difference.
    Known {
        /// The first append's seq, or that of the message's newest change.
        seq: Seq,
        /// The time of that entry; milliseconds since 1970, UTC.
        at: u64,
    },
}

impl From<Refused> for Rejection {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

/// The effect of a proposed change.
///
/// `target` is the message that it names, if there is one; `about` the room's topic and pins;
/// `unlisted` whether the sender's reaction is among those that are only counted. What a change
/// does not concern need not be looked up.
///
/// # Errors
/// [`Rejection`] when nothing is to be committed.
pub fn fold(
    proposal: Proposal<'_>,
    target: Option<&TargetMessage>,
    about: &About,
    unlisted: bool,
) -> Result<Effect, Rejection> {
    let any = || target.ok_or(Refused::NoMessage);
    // A deleted message does not change any more.
    let present = || match any()? {
        deleted if deleted.is_deleted() => Err(Refused::NoMessage),
        message => Ok(message),
    };
    let own = || match present()? {
        message if message.sender.id == proposal.sender.id => Ok(message),
        _ => Err(Refused::NotYours),
    };
    match proposal.change {
        Change::Message(said) => {
            if said.reply_to.is_some() {
                any()?;
            }
            Ok(Effect::default())
        }
        Change::Topic { topic, description } => {
            let (topic, description) = (topic.clone(), description.clone());
            let about = Some(About { topic, description, pins: about.pins.clone() });
            Ok(Effect { about, ..Effect::default() })
        }
        Change::Edit { .. } => {
            let edited = Some(Edited { seq: proposal.seq, at: proposal.at });
            let state = Some(MessageState { edited, ..next(own()?, proposal) });
            Ok(Effect { state, ..Effect::default() })
        }
        Change::Delete { target } => {
            own()?;
            let about = about.pins.contains(target).then(|| without(about, *target));
            Ok(Effect { state: Some(deleted(proposal)), about, erases: true, ..Effect::default() })
        }
        Change::React { emoji, on, .. } => react(proposal, present()?, emoji, *on, unlisted),
        Change::Pin { target, on } => {
            let message = present()?;
            if about.pins.contains(target) == *on {
                return Err(message.unchanged());
            }
            let mut about = without(about, *target);
            if *on {
                if about.pins.len() >= MAX_PINS {
                    return Err(Refused::TooManyPins.into());
                }
                about.pins.insert(0, *target);
            }
            let state = Some(next(message, proposal));
            Ok(Effect { state, about: Some(about), ..Effect::default() })
        }
    }
}

/// The state as it was, with the proposed change in it.
fn next(target: &TargetMessage, proposal: Proposal<'_>) -> MessageState {
    let none = MessageState {
        changed: proposal.seq,
        at: proposal.at,
        edited: None,
        deleted_at: None,
        reactions: Vec::new(),
    };
    let before = target.state.clone().unwrap_or(none);
    MessageState { changed: proposal.seq, at: proposal.at, ..before }
}

fn deleted(Proposal { at, seq, .. }: Proposal<'_>) -> MessageState {
    let deleted_at = Some(at);
    MessageState { changed: seq, at, edited: None, deleted_at, reactions: Vec::new() }
}

fn without(about: &About, pin: Seq) -> About {
    let mut about = about.clone();
    about.pins.retain(|other| *other != pin);
    about
}

/// A reaction is listed while there is room, and counted in any case: who was not listed stays so
/// when others go, as nobody who folds entries could know of them.
fn react(
    proposal: Proposal<'_>,
    target: &TargetMessage,
    emoji: &Emoji,
    on: bool,
    unlisted: bool,
) -> Result<Effect, Rejection> {
    let mut state = next(target, proposal);
    let index = state.reactions.iter().position(|it| it.emoji == *emoji);
    let who = proposal.sender;
    let listed = |reacted: &Reacted| reacted.users.iter().position(|user| user.id == who.id);
    let at = index.and_then(|index| listed(&state.reactions[index]));
    if (unlisted || at.is_some()) == on {
        return Err(target.unchanged());
    }
    let mut effect = Effect::default();
    match (index, on) {
        (None, true) => {
            if state.reactions.len() >= MAX_REACTIONS {
                return Err(Refused::TooManyReactions.into());
            }
            let users = vec![who.clone()];
            state.reactions.push(Reacted { emoji: emoji.clone(), count: 1, users });
        }
        (Some(index), true) => {
            let reacted = &mut state.reactions[index];
            reacted.count = reacted.count.saturating_add(1);
            if reacted.users.len() < MAX_REACTED_USERS {
                reacted.users.push(who.clone());
            } else {
                effect.unlisted = Some(true);
            }
        }
        (Some(index), false) => {
            let reacted = &mut state.reactions[index];
            reacted.count = reacted.count.saturating_sub(1);
            match at {
                Some(at) => drop(reacted.users.remove(at)),
                None => effect.unlisted = Some(false),
            }
            if reacted.count == 0 {
                state.reactions.remove(index);
            }
        }
        // Not there, and to be taken back: so it was already.
        (None, false) => return Err(target.unchanged()),
    }
    Ok(Effect { state: Some(state), ..effect })
}

#[cfg(test)]
mod tests;
