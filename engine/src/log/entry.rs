//! What an append becomes: the entry, the outcome, and a message as it is after its changes.

use maru_protocol::{
    Body, Deletion, Edit, Entry, Message, Pinning, Quote, Reaction, Seq, Tombstone, TopicChange,
    User,
};

use super::{
    Append, Change, NewMessage, Outcome, Refused,
    fold::{MessageState, Rejection},
};

/// A text and who is mentioned in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// None for a message that only carries files.
    pub body: Option<Body>,
    /// The people that it mentions, by the names of then.
    pub mentions: Vec<User>,
}

impl Append {
    /// The entry that it becomes; `quote` is the message that it answers.
    #[must_use]
    pub fn into_entry(self, seq: Seq, quote: Option<Quote>) -> Entry {
        let Self { room_name: room, id, sender, at, what, .. } = self;
        match what {
            Change::Message(NewMessage { body, reply_to: _, mentions, files }) => {
                Entry::Message(Message {
                    room,
                    seq,
                    id,
                    sender,
                    at,
                    body,
                    reply_to: quote,
                    mentions,
                    files,
                    edited: None,
                    reactions: Vec::new(),
                    changed: None,
                })
            }
            Change::Edit { target, body, mentions } => {
                let body = Some(body);
                Entry::Edit(Edit { room, seq, id, sender, at, target, body, mentions })
            }
            Change::Delete { target } => {
                Entry::Delete(Deletion { room, seq, id, sender, at, target })
            }
            Change::React { target, emoji, on } => {
                Entry::Reaction(Reaction { room, seq, id, sender, at, target, emoji, on })
            }
            Change::Pin { target, on } => {
                Entry::Pin(Pinning { room, seq, id, sender, at, target, on })
            }
            Change::Topic { topic, description } => {
                Entry::Topic(TopicChange { room, seq, id, sender, at, topic, description })
            }
        }
    }

    /// Its outcome when it was committed with that seq.
    #[must_use]
    pub fn committed(self, seq: Seq, quote: Option<Quote>) -> Outcome {
        let (room, reply) = (self.room, Some(self.reply));
        Outcome::Committed { room, entry: self.into_entry(seq, quote), reply }
    }

    /// Its outcome when nothing was committed.
    #[must_use]
    pub fn rejected(self, why: Rejection) -> Outcome {
        match why {
            Rejection::Refused(why) => self.refused(why),
            Rejection::Known { seq, at } => {
                let Self { room_name: room, id, reply, .. } = self;
                Outcome::Known { seq, at, room, id, reply }
            }
        }
    }

    /// Its outcome when a rule or the store refused it.
    #[must_use]
    pub fn refused(self, why: Refused) -> Outcome {
        Outcome::Refused { why, reply: self.reply }
    }
}

/// A message with its state, as a page shows it: a tombstone once it was deleted. `edit` is the text
/// of its newest edit, where that is another one than the message's.
#[must_use]
pub fn with_state(message: Message, state: Option<MessageState>, edit: Option<Text>) -> Entry {
    let Some(state) = state else { return Entry::Message(message) };
    let MessageState { changed, at: _, edited, deleted_at, reactions } = state;
    if let Some(deleted_at) = deleted_at {
        let Message { room, seq, id, sender, at, .. } = message;
        return Entry::Tombstone(Tombstone { room, seq, id, sender, at, deleted_at, changed });
    }
    let own = Text { body: message.body, mentions: message.mentions };
    let Text { body, mentions } = edit.unwrap_or(own);
    Entry::Message(Message { body, mentions, edited, reactions, changed: Some(changed), ..message })
}
