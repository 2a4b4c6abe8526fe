//! Entries as they are kept, and the values they stand for: the same in every store.

use maru_protocol::{Body, DisplayName, Entry, Message, RoomName, Seq, User, UserId};

use super::{Append, chain::Row};

/// `entries.kind` of a message.
pub(super) const MESSAGE: u8 = 1;

/// A value in the store that the server never writes; the sentence says which.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) String);

impl Unreadable {
    pub(super) fn of(what: &str, why: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}

/// What an append becomes at a seq.
pub(super) fn of_append(append: &Append, seq: Seq, at: i64) -> Row<'_> {
    Row {
        room: append.room,
        seq,
        kind: MESSAGE,
        id: append.id,
        at,
        sender: append.sender.id.0.as_bytes(),
        sender_name: append.sender.name.as_str().as_bytes(),
        body: append.body.as_str().as_bytes(),
    }
}

/// Senders remembered while a page is read: parsing a name costs as much as all else of an entry,
/// and few people talk at a time.
const MOST_SENDERS: usize = 16;

/// Makes entries of the rows of one room.
pub(super) struct Decoder<'r> {
    room: &'r RoomName,
    senders: Vec<User>,
}

impl<'r> Decoder<'r> {
    pub(super) fn new(room: &'r RoomName) -> Self {
        Self { room, senders: Vec::new() }
    }

    /// The entry that a row stands for.
    pub(super) fn entry(&mut self, row: &Row<'_>) -> Result<Entry, Unreadable> {
        if row.kind != MESSAGE {
            return Err(Unreadable::of("kind", row.kind));
        }
        Ok(Entry::Message(Message::of(
            self.room.clone(),
            row.seq,
            row.id,
            self.sender(row)?,
            u64::try_from(row.at).map_err(|e| Unreadable::of("at", e))?,
            Body::parse(text("body", row.body)?).map_err(|e| Unreadable::of("body", e))?,
        )))
    }

    fn sender(&mut self, row: &Row<'_>) -> Result<User, Unreadable> {
        let known = self.senders.iter().find(|user| {
            user.id.0.as_bytes() == row.sender && user.name.as_str().as_bytes() == row.sender_name
        });
        if let Some(user) = known {
            return Ok(user.clone());
        }
        let name = text("sender_name", row.sender_name)?;
        let name = DisplayName::try_from(name).map_err(|e| Unreadable::of("sender_name", e))?;
        let user = User { id: UserId(text("sender", row.sender)?), name };
        if self.senders.len() < MOST_SENDERS {
            self.senders.push(user.clone());
        }
        Ok(user)
    }
}

/// UTF-8 from the store.
pub(super) fn text(what: &str, bytes: &[u8]) -> Result<String, Unreadable> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| Unreadable::of(what, e))
}

/// A seq from the store.
pub(super) fn seq_of(what: &str, number: i64) -> Result<Seq, Unreadable> {
    let number = u64::try_from(number).map_err(|e| Unreadable::of(what, e))?;
    Seq::new(number).map_err(|e| Unreadable::of(what, e))
}

/// A seq for the store.
pub(super) fn number(seq: Seq) -> i64 {
    // At most 2^53 - 1.
    seq.get().cast_signed()
}
