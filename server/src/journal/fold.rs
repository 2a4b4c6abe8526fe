//! What becomes of a message: the rules, as a pure function. Both stores ask it, in the order of their
//! commits, and keep what it says in the transaction that keeps the entry.
//!
//! A client that folds the entries by the rule of PROTOCOL.md comes to the same.

use maru_protocol::{
    About, Body, Edited, Emoji, MAX_EXCERPT_CHARS, MAX_PINS, MAX_REACTED_USERS, MAX_REACTIONS,
    Quote, Reacted, Seq, User, UserId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Change, Refused, entries::Unreadable};

/// What became of a message, all changes taken together. It has no text: that of the newest edit
/// lies in the edit's entry, so that a text that is to be erased lies in one place.
///
/// Kept as JSON beside the entries, for messages that were changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// The newest entry that changed it.
    pub(super) changed: Seq,
    /// When that was.
    pub(super) at: u64,
    /// The newest edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) edited: Option<Edited>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reactions: Vec<Reacted>,
}

impl State {
    pub(super) fn parse(json: &str) -> Result<Self, Unreadable> {
        serde_json::from_str(json).map_err(|why| Unreadable::of("state", why))
    }

    /// Which reactions are this person's; `unlisted` is asked for those that don't list everybody.
    pub(super) fn own_reactions<E>(
        &self,
        person: &UserId,
        mut unlisted: impl FnMut([u8; 16]) -> Result<bool, E>,
    ) -> Result<Vec<Emoji>, E> {
        let mut own = Vec::new();
        for Reacted { emoji, count, users } in &self.reactions {
            let listed = users.iter().any(|user| user.id == *person);
            let hides = (*count as usize) > users.len();
            if listed || (hides && unlisted(reaction_key(emoji, person))?) {
                own.push(emoji.clone());
            }
        }
        Ok(own)
    }

    pub(super) fn to_json(&self) -> String {
        // Texts and numbers can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A text and who is mentioned in it.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) body: Option<Body>,
    pub(super) mentions: Vec<User>,
}

/// What a store finds beside a message's row.
#[derive(Debug, Default)]
pub(super) struct Now {
    pub(super) state: Option<State>,
    /// The text of its newest edit.
    pub(super) edit: Option<Text>,
    /// What it answers.
    pub(super) quote: Option<Quote>,
}

/// A message that a draft names.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) seq: Seq,
    pub(super) sender: User,
    pub(super) at: u64,
    /// How its text begins, as it is now.
    pub(super) excerpt: Option<String>,
    pub(super) state: Option<State>,
}

impl Subject {
    /// For who answers it. One that was deleted can still be answered: the answer was on its way.
    pub(super) fn quote(&self) -> Quote {
        let deleted = self.is_deleted();
        let excerpt = if deleted { None } else { self.excerpt.clone() };
        Quote { seq: self.seq, sender: self.sender.clone(), excerpt, deleted }
    }

    fn is_deleted(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.deleted_at.is_some())
    }

    /// It is so already: nothing changes.
    fn so_already(&self) -> No {
        match &self.state {
            Some(state) => No::SoAlready { seq: state.changed, at: state.at },
            None => No::SoAlready { seq: self.seq, at: self.at },
        }
    }
}

/// How a text begins.
pub(super) fn excerpt(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    Some(text.chars().take(MAX_EXCERPT_CHARS).collect())
}

/// A draft at the place that it would get.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) who: &'a User,
    pub(super) at: u64,
    pub(super) seq: Seq,
    pub(super) what: &'a Change,
}

/// What else is to be kept with the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// The message that it names is like this from now on.
    pub(super) state: Option<State>,
    /// The room is.
    pub(super) about: Option<About>,
    /// The reaction goes among those that are not listed, or out of them.
    pub(super) unlisted: Option<bool>,
    /// The texts of the message and of its edits go, and so do its unlisted reactions.
    pub(super) erases: bool,
}

/// Why nothing is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum No {
    Refused(Refused),
    SoAlready { seq: Seq, at: u64 },
}

impl From<Refused> for No {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

/// What a draft does.
///
/// `subject` is the message that it names, if there is one; `about` what the room is about;
/// `unlisted` whether this person's reaction is among those that are not listed. What a draft
/// doesn't concern need not be looked up.
pub(super) fn fold(
    asked: Asked<'_>,
    subject: Option<&Subject>,
    about: &About,
    unlisted: bool,
) -> Result<Effect, No> {
    let subject = || subject.ok_or(Refused::NoMessage);
    // Of one that was deleted, nothing more becomes.
    let there = || match subject()? {
        gone if gone.is_deleted() => Err(Refused::NoMessage),
        subject => Ok(subject),
    };
    let own = || match there()? {
        subject if subject.sender.id == asked.who.id => Ok(subject),
        _ => Err(Refused::NotYours),
    };
    match asked.what {
        Change::Message(said) => {
            if said.reply_to.is_some() {
                subject()?;
            }
            Ok(Effect::default())
        }
        Change::Topic { topic, description } => {
            let (topic, description) = (topic.clone(), description.clone());
            let about = Some(About { topic, description, pins: about.pins.clone() });
            Ok(Effect { about, ..Effect::default() })
        }
        Change::Edit { .. } => {
            let edited = Some(Edited { seq: asked.seq, at: asked.at });
            let state = Some(State { edited, ..next(own()?, asked) });
            Ok(Effect { state, ..Effect::default() })
        }
        Change::Delete { target } => {
            own()?;
            let about = about.pins.contains(target).then(|| without(about, *target));
            Ok(Effect { state: Some(deleted(asked)), about, erases: true, ..Effect::default() })
        }
        Change::React { emoji, on, .. } => react(asked, there()?, emoji, *on, unlisted),
        Change::Pin { target, on } => {
            let subject = there()?;
            if about.pins.contains(target) == *on {
                return Err(subject.so_already());
            }
            let mut about = without(about, *target);
            if *on {
                if about.pins.len() >= MAX_PINS {
                    return Err(Refused::TooManyPins.into());
                }
                about.pins.insert(0, *target);
            }
            let state = Some(next(subject, asked));
            Ok(Effect { state, about: Some(about), ..Effect::default() })
        }
    }
}

/// The state as it was, changed by what is asked.
fn next(subject: &Subject, asked: Asked<'_>) -> State {
    let none = State {
        changed: asked.seq,
        at: asked.at,
        edited: None,
        deleted_at: None,
        reactions: Vec::new(),
    };
    let before = subject.state.clone().unwrap_or(none);
    State { changed: asked.seq, at: asked.at, ..before }
}

fn deleted(Asked { at, seq, .. }: Asked<'_>) -> State {
    let deleted_at = Some(at);
    State { changed: seq, at, edited: None, deleted_at, reactions: Vec::new() }
}

fn without(about: &About, pin: Seq) -> About {
    let mut about = about.clone();
    about.pins.retain(|other| *other != pin);
    about
}

/// A reaction is listed while there is room, and counted in any case: who was not listed stays so
/// when others go, as nobody who folds entries could know of them.
fn react(
    asked: Asked<'_>,
    subject: &Subject,
    emoji: &Emoji,
    on: bool,
    unlisted: bool,
) -> Result<Effect, No> {
    let mut state = next(subject, asked);
    let place = state.reactions.iter().position(|it| it.emoji == *emoji);
    let who = asked.who;
    let listed = |reacted: &Reacted| reacted.users.iter().position(|user| user.id == who.id);
    let at = place.and_then(|place| listed(&state.reactions[place]));
    if (unlisted || at.is_some()) == on {
        return Err(subject.so_already());
    }
    let mut effect = Effect::default();
    match (place, on) {
        (None, true) => {
            if state.reactions.len() >= MAX_REACTIONS {
                return Err(Refused::TooManyReactions.into());
            }
            let users = vec![who.clone()];
            state.reactions.push(Reacted { emoji: emoji.clone(), count: 1, users });
        }
        (Some(place), true) => {
            let reacted = &mut state.reactions[place];
            reacted.count = reacted.count.saturating_add(1);
            if reacted.users.len() < MAX_REACTED_USERS {
                reacted.users.push(who.clone());
            } else {
                effect.unlisted = Some(true);
            }
        }
        (Some(place), false) => {
            let reacted = &mut state.reactions[place];
            reacted.count = reacted.count.saturating_sub(1);
            match at {
                Some(at) => drop(reacted.users.remove(at)),
                None => effect.unlisted = Some(false),
            }
            if reacted.count == 0 {
                state.reactions.remove(place);
            }
        }
        // Not there, and to be taken back: so it was already.
        (None, false) => return Err(subject.so_already()),
    }
    Ok(Effect { state: Some(state), ..effect })
}

/// Names somebody's reaction among those that are not listed: the first 16 bytes of a SHA-256, so
/// that a row of it has one size.
pub(super) fn reaction_key(emoji: &Emoji, who: &UserId) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update((emoji.as_str().len() as u64).to_be_bytes());
    hash.update(emoji.as_str());
    hash.update(&who.0);
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
