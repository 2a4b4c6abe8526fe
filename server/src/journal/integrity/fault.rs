//! Damage, and where it is.

use std::fmt;

use maru_protocol::Seq;

use crate::journal::RoomId;

/// One place where the journal is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where; none when the file as a whole is meant.
    pub location: Option<Location>,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// A room, and an entry in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The store's number of the room.
    pub room: RoomId,
    /// The room's name as it lies in the file, which may itself be damaged.
    pub name: String,
    /// The first entry that is not what was written; 0 when it is the room itself.
    pub seq: Seq,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The entry is not there, and later ones are.
    Missing,
    /// The entry and all after it are not there; the room had entries up to this head.
    Cut(Seq),
    /// The entry lies beyond the room's head.
    BeyondHead(Seq),
    /// The entry is not what its checksum was made from, or follows one that was changed.
    Checksum,
    /// The entry's text is gone, and no other entry deleted it.
    Erased,
    /// The room's own checksum is not that of its newest entry.
    HeadChecksum,
    /// A value that the server never writes.
    Unreadable(String),
    /// There are entries and no room for them.
    NoRoom,
    /// A room that was made is not there.
    RoomMissing,
    /// A name that a room had leads to no room, or is another room's.
    FormerName,
    /// What is kept beside the entries, so that they need not be read for it, is not what they come to;
    /// this part of it.
    Projection(&'static str),
    /// The database itself finds its files broken.
    File(String),
}

impl Fault {
    pub(crate) fn of_file(what: impl Into<String>) -> Self {
        Self { location: None, kind: FaultKind::File(what.into()) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) if location.seq == Seq::ZERO => {
                write!(f, "room \"{}\" (number {}): {}", location.name, location.room.0, self.kind)
            }
            Some(location) => {
                let Location { room, name, seq } = location;
                write!(f, "room \"{name}\" (number {}), entry {seq}: {}", room.0, self.kind)
            }
            None => self.kind.fmt(f),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is missing"),
            Self::Cut(head) => {
                write!(f, "it and all after it are missing, the room's head is {head}")
            }
            Self::BeyondHead(head) => write!(f, "it lies beyond the room's head, {head}"),
            Self::Checksum => f.write_str("it is not what was written"),
            Self::Erased => f.write_str("its text is gone, and nobody deleted it"),
            Self::HeadChecksum => f.write_str("the room's checksum is not that of its last entry"),
            Self::Unreadable(why) => write!(f, "it can't be read: {why}"),
            Self::NoRoom => f.write_str("there are entries and no such room"),
            Self::RoomMissing => f.write_str("the room is missing"),
            Self::FormerName => f.write_str("its former name leads nowhere, or to another room"),
            Self::Projection(what) => {
                write!(f, "{what}: what is kept of that is not what the room's entries come to")
            }
            Self::File(why) => write!(f, "the database finds its files broken: {why}"),
        }
    }
}
