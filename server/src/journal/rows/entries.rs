//! Entries as they are kept, and the values they stand for: the same in every store.

use maru_engine::log;
use maru_protocol::{
    Body, Deletion, Description, DisplayName, Edit, Emoji, Entry, FileInfo, Message, Pinning,
    Reaction, RoomName, Seq, Topic, TopicChange, User, UserId,
};
use serde::{Deserialize, Serialize};

use crate::journal::{
    Append, Change, NewMessage,
    integrity::chain::Row,
    projections::state::{Current, MessageState, Text},
};

/// `entries.kind`: what an entry is.
pub(crate) const MESSAGE: u8 = 1;
pub(crate) const EDIT: u8 = 2;
pub(crate) const DELETE: u8 = 3;
const REACTION: u8 = 4;
pub(crate) const PIN: u8 = 5;
pub(crate) const TOPIC: u8 = 6;

/// A value in the store that the server never writes; the sentence says which.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(pub(crate) String);

impl Unreadable {
    pub(crate) fn of(what: &str, why: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}

/// `entries.more`: what an entry has beside its text, as JSON. A plain message has none.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct More {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<User>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileInfo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emoji: Option<Emoji>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<Topic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
}

impl More {
    fn of(what: &Change) -> Self {
        let mut more = Self::default();
        match what {
            Change::Message(NewMessage { mentions, files, .. }) => {
                more.mentions.clone_from(mentions);
                more.files.clone_from(files);
            }
            Change::Edit { mentions, .. } => more.mentions.clone_from(mentions),
            Change::Delete { .. } => {}
            Change::React { emoji, on, .. } => {
                more.emoji = Some(emoji.clone());
                more.on = Some(*on);
            }
            Change::Pin { on, .. } => more.on = Some(*on),
            Change::Topic { topic, description } => {
                more.topic = Some(topic.clone());
                more.description = Some(description.clone());
            }
        }
        more
    }

    fn parse(more: Option<&[u8]>) -> Result<Self, Unreadable> {
        let Some(more) = more else { return Ok(Self::default()) };
        serde_json::from_slice(more).map_err(|why| Unreadable::of("more", why))
    }
}

/// What an append has beside its text, as it is kept.
pub(crate) fn more_of(what: &Change) -> Option<String> {
    if let Change::Message(said) = what
        && said.mentions.is_empty()
        && said.files.is_empty()
    {
        // Nearly all are like this.
        return None;
    }
    let more = More::of(what);
    // Texts and numbers can always be written.
    if more == More::default() { None } else { serde_json::to_string(&more).ok() }
}

/// What an append becomes at a seq; `more` is what [`more_of`] says.
pub(crate) fn of_append<'a>(
    append: &'a Append,
    seq: Seq,
    at: i64,
    more: Option<&'a str>,
) -> Row<'a> {
    Row {
        room: append.room,
        seq,
        kind: match append.what {
            Change::Message(_) => MESSAGE,
            Change::Edit { .. } => EDIT,
            Change::Delete { .. } => DELETE,
            Change::React { .. } => REACTION,
            Change::Pin { .. } => PIN,
            Change::Topic { .. } => TOPIC,
        },
        id: append.id,
        at,
        sender: append.sender.id.0.as_bytes(),
        sender_name: append.sender.name.as_str().as_bytes(),
        body: append.what.text().as_bytes(),
        target: append.what.target().map(number),
        more: more.map(str::as_bytes),
    }
}

/// The message that an entry is or changes, by what lies in its row; none for what concerns the room.
pub(crate) fn message_of(
    kind: i64,
    seq: Seq,
    target: Option<i64>,
) -> Result<Option<Seq>, Unreadable> {
    match kind {
        _ if kind == i64::from(MESSAGE) => Ok(Some(seq)),
        _ if kind == i64::from(TOPIC) => Ok(None),
        _ => target.map(|target| seq_of("target", target)).transpose(),
    }
}

/// A row whose text was erased: what says something has a text, or else something beside it.
pub(crate) fn is_erased(row: &Row<'_>) -> bool {
    matches!(row.kind, MESSAGE | EDIT) && row.body.is_empty() && row.more.is_none()
}

/// Senders remembered while a page is read: parsing a name costs as much as all else of an entry,
/// and few people talk at a time.
const MOST_SENDERS: usize = 16;

/// Makes entries of the rows of one room.
pub(crate) struct Decoder<'r> {
    room: &'r RoomName,
    senders: Vec<User>,
}

impl<'r> Decoder<'r> {
    pub(crate) fn new(room: &'r RoomName) -> Self {
        Self { room, senders: Vec::new() }
    }

    /// The entry that a row stands for; a message as it is `now`.
    pub(crate) fn entry(&mut self, row: &Row<'_>, now: Current) -> Result<Entry, Unreadable> {
        let room = self.room.clone();
        let sender = self.sender(row.sender, row.sender_name)?;
        let (seq, id) = (row.seq, row.id);
        let at = u64::try_from(row.at).map_err(|why| Unreadable::of("at", why))?;
        let target = || seq_of("target", row.target.ok_or_else(|| missing("target"))?);
        Ok(match row.kind {
            MESSAGE => return self.message(row, at, sender, now),
            EDIT => {
                let Text { body, mentions } = text_of(row.body, row.more)?;
                let target = target()?;
                Entry::Edit(Edit { room, seq, id, sender, at, target, body, mentions })
            }
            DELETE => Entry::Delete(Deletion { room, seq, id, sender, at, target: target()? }),
            REACTION => {
                let More { emoji, on, .. } = More::parse(row.more)?;
                let emoji = emoji.ok_or_else(|| missing("emoji"))?;
                let on = on.ok_or_else(|| missing("on"))?;
                let target = target()?;
                Entry::Reaction(Reaction { room, seq, id, sender, at, target, emoji, on })
            }
            PIN => {
                let on = More::parse(row.more)?.on.ok_or_else(|| missing("on"))?;
                Entry::Pin(Pinning { room, seq, id, sender, at, target: target()?, on })
            }
            TOPIC => {
                let More { topic, description, .. } = More::parse(row.more)?;
                let topic = topic.ok_or_else(|| missing("topic"))?;
                let description = description.ok_or_else(|| missing("description"))?;
                Entry::Topic(TopicChange { room, seq, id, sender, at, topic, description })
            }
            other => return Err(Unreadable::of("kind", other)),
        })
    }

    fn message(
        &self,
        row: &Row<'_>,
        at: u64,
        sender: User,
        Current { state, edit, quote }: Current,
    ) -> Result<Entry, Unreadable> {
        let (room, seq, id) = (self.room.clone(), row.seq, row.id);
        let has = |has: fn(&MessageState) -> bool| state.as_ref().is_some_and(has);
        let deleted = has(|state| state.deleted_at.is_some());
        if is_erased(row) && !deleted {
            return Err(Unreadable("body: its text is gone, and it was not deleted".to_owned()));
        }
        if has(|state| state.edited.is_some()) && edit.is_none() {
            return Err(missing("the text of its edit"));
        }
        if row.target.is_some() && quote.is_none() && !deleted {
            return Err(missing("the message that it answers"));
        }
        // Nothing that a deleted message said is looked at.
        let (more, body) = match deleted {
            true => Default::default(),
            false => (More::parse(row.more)?, body_of(row.body)?),
        };
        let message = Message {
            room,
            seq,
            id,
            sender,
            at,
            body,
            reply_to: quote,
            mentions: more.mentions,
            files: more.files,
            edited: None,
            reactions: Vec::new(),
            changed: None,
        };
        Ok(log::with_state(message, state, edit))
    }

    pub(crate) fn sender(&mut self, id: &[u8], name: &[u8]) -> Result<User, Unreadable> {
        let known = self
            .senders
            .iter()
            .find(|user| user.id.0.as_bytes() == id && user.name.as_str().as_bytes() == name);
        if let Some(user) = known {
            return Ok(user.clone());
        }
        let user = user_of(id, name)?;
        if self.senders.len() < MOST_SENDERS {
            self.senders.push(user.clone());
        }
        Ok(user)
    }
}

/// The text of a message's or an edit's row.
pub(crate) fn text_of(body: &[u8], more: Option<&[u8]>) -> Result<Text, Unreadable> {
    Ok(Text { body: body_of(body)?, mentions: More::parse(more)?.mentions })
}

/// Whom a message's row mentions, and which files it carries.
pub(crate) fn carried(more: Option<&[u8]>) -> Result<(Vec<User>, Vec<FileInfo>), Unreadable> {
    let More { mentions, files, .. } = More::parse(more)?;
    Ok((mentions, files))
}

fn body_of(body: &[u8]) -> Result<Option<Body>, Unreadable> {
    if body.is_empty() {
        return Ok(None);
    }
    let body = Body::parse(text("body", body)?).map_err(|why| Unreadable::of("body", why))?;
    Ok(Some(body))
}

fn missing(what: &str) -> Unreadable {
    Unreadable(format!("{what}: it is missing"))
}

/// Somebody, as they are kept.
pub(crate) fn user_of(id: &[u8], name: &[u8]) -> Result<User, Unreadable> {
    let name = text("sender_name", name)?;
    let name = DisplayName::try_from(name).map_err(|e| Unreadable::of("sender_name", e))?;
    Ok(User { id: UserId(text("sender", id)?), name })
}

/// UTF-8 from the store.
pub(crate) fn text(what: &str, bytes: &[u8]) -> Result<String, Unreadable> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| Unreadable::of(what, e))
}

/// A seq from the store.
pub(crate) fn seq_of(what: &str, number: i64) -> Result<Seq, Unreadable> {
    let number = u64::try_from(number).map_err(|e| Unreadable::of(what, e))?;
    Seq::new(number).map_err(|e| Unreadable::of(what, e))
}

/// A seq for the store.
pub(crate) fn number(seq: Seq) -> i64 {
    // At most 2^53 - 1.
    seq.get().cast_signed()
}
