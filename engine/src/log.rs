//! The values of a room's log: what is asked to be kept, what became of it, and pages of it.
//!
//! The journal's contract is written in these words, so that the engine, which decides on them, need
//! not know a store.

mod entry;
pub mod fold;
pub mod history;
mod memory;
mod page;

use maru_protocol::{
    Body, Description, Emoji, Entry, FileInfo, MessageId, Ref, RoomName, Seq, SessionId, Topic,
    User,
};

pub use self::{
    entry::{Text, with_state},
    memory::{Decision, MemoryLog},
    page::{Page, PageRange},
};

/// The store's own number of a room. Never on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub i64);

/// A room as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRecord {
    /// The store's number for it.
    pub id: RoomId,
    /// Its name, as its maker spelled it, or who renamed it.
    pub name: RoomName,
    /// The newest committed seq; 0 without entries.
    pub head: Seq,
    /// When its newest message or topic was taken, or when it was made; milliseconds since 1970,
    /// UTC. What becomes of older messages does not count.
    pub active_at: u64,
}

/// What the creation of a room did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// There is a new room.
    New(RoomRecord),
    /// There was one already; nothing changed.
    Existing(RoomRecord),
    /// There is one whose name [looks](maru_protocol::RoomName::skeletons) like this one; nothing
    /// changed.
    LooksLike(RoomRecord),
}

impl Created {
    /// The room that is there now: the new one, or the one that was in its way.
    #[must_use]
    pub fn into_room(self) -> RoomRecord {
        match self {
            Self::New(room) | Self::Existing(room) | Self::LooksLike(room) => room,
        }
    }
}

/// What a room's new name did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renamed {
    /// It is the room's name now.
    Done(RoomRecord),
    /// Another room has this name, or had it; nothing changed.
    Taken(RoomRecord),
    /// Another room's name, or one that it had, [looks](maru_protocol::RoomName::skeletons) like this
    /// one; nothing changed.
    LooksLike(RoomRecord),
    /// The room has had [`MOST_FORMER`] other names; nothing changed.
    TooMany,
    /// There is no such room by the name that it was known by.
    Gone,
}

/// Most former names of a room. Each is one that no other room can have.
pub const MOST_FORMER: usize = 100;

/// A room that got another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenamedRoom {
    /// Rises with each room that gets another name.
    pub number: u64,
    /// The room, by its present name.
    pub room: RoomRecord,
    /// The names that lead to it beside that, in any order; at most [`MOST_FORMER`].
    pub former: Vec<RoomName>,
}

/// What is to be numbered and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The room that it goes to.
    pub room: RoomId,
    /// The room's name, for the entry.
    pub room_name: RoomName,
    /// The client's id for it.
    pub id: MessageId,
    /// Who asks for it.
    pub sender: User,
    /// When it was taken; milliseconds since 1970, UTC.
    pub at: u64,
    /// The change itself.
    pub what: Change,
    /// Comes back with the outcome.
    pub reply: ReplyTo,
}

/// Where the answer to a command goes. The journal only carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplyTo {
    /// A request of a session.
    Session(SessionRef),
    /// A call that waits for its answer, as an HTTP request does.
    Call(CallId),
    /// Nobody waits for an answer.
    Nobody,
}

impl ReplyTo {
    /// The session's request, where it is one.
    #[must_use]
    pub fn session(self) -> Option<SessionRef> {
        match self {
            Self::Session(request) => Some(request),
            Self::Call(_) | Self::Nobody => None,
        }
    }
}

/// One request of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionRef {
    /// The session that asked.
    pub session: SessionId,
    /// The worker thread that the session lives on.
    pub worker: usize,
    /// The room that the request concerns.
    pub room: RoomId,
    /// The request's `ref`.
    pub reference: Ref,
}

/// The number of a call, unique for as long as the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// The outcomes of one commit, in order. Never empty.
pub type Batch = Vec<Outcome>;

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // nearly all are the large one
pub enum Outcome {
    /// It is durable.
    Committed {
        /// The room that it went to.
        room: RoomId,
        /// The numbered entry.
        entry: Entry,
        /// Whom to answer; none where it was appended at another node. A store's own outcomes always
        /// have one.
        reply: Option<ReplyTo>,
    },
    /// It was so before: a retry, or a reaction or pin that makes no difference.
    Known {
        /// The first one's number; where it made no difference, that of the message's newest change.
        seq: Seq,
        /// That one's time.
        at: u64,
        /// The room's name.
        room: RoomName,
        /// The id of the append.
        id: MessageId,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// Nothing of it was kept.
    Refused {
        /// The rule that it breaks, or the store's failure.
        why: Refused,
        /// Whom to answer.
        reply: ReplyTo,
    },
}

impl Outcome {
    /// Whom to answer here, if anybody.
    #[must_use]
    pub fn reply(&self) -> Option<ReplyTo> {
        match self {
            Self::Committed { reply, .. } => *reply,
            Self::Known { reply, .. } | Self::Refused { reply, .. } => Some(*reply),
        }
    }
}

/// Why nothing was kept of an append.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Somebody else's message has that id in that room.
    #[error("another person's message has this id")]
    IdTaken,
    /// There is no such room (any more).
    #[error("there is no such room")]
    NoRoom,
    /// There is no message with that seq in the room, or it was deleted.
    #[error("there is no such message, or it was deleted")]
    NoMessage,
    /// Somebody else's message.
    #[error("only who sent a message changes it")]
    NotYours,
    /// The message has [`maru_protocol::MAX_REACTIONS`] others.
    #[error("the message has as many different reactions as it can have")]
    TooManyReactions,
    /// The room has [`maru_protocol::MAX_PINS`] others.
    #[error("the room has as many pinned messages as it can have")]
    TooManyPins,
    /// A file that it carries is not there, not the sender's, for another room, or sent already.
    #[error("there is no such file of the sender's for this room that is not sent yet")]
    NoFile,
    /// The store failed; the same append, later, can succeed. Its sentence is for the log.
    #[error("{0}")]
    Store(String),
}

/// A durable change that somebody asks for. Who is mentioned and what the files are that it carries
/// has been looked up: the store keeps what it is given. Whether the sender may send these files is
/// looked at again, as each is sent once. Whether the message that it names can be changed so
/// is the store's to say, as that is decided in the order of the commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// To be said.
    Message(NewMessage),
    /// Another text for a message of one's own.
    Edit {
        /// The message.
        target: Seq,
        /// What it says from now on.
        body: Body,
        /// Who is mentioned in it from now on.
        mentions: Vec<User>,
    },
    /// A message of one's own goes.
    Delete {
        /// The message.
        target: Seq,
    },
    /// An emoji on a message.
    React {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
        /// Put there, or taken back.
        on: bool,
    },
    /// A message is held up, or no more.
    Pin {
        /// The message.
        target: Seq,
        /// Pinned, or no more.
        on: bool,
    },
    /// What the room is about.
    Topic {
        /// One line; empty for none.
        topic: Topic,
        /// Some lines; empty for none.
        description: Description,
    },
}

/// A message before it has a number. It has a body or files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMessage {
    /// What it says.
    pub body: Option<Body>,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
    /// Who is mentioned in it.
    pub mentions: Vec<User>,
    /// What it carries.
    pub files: Vec<FileInfo>,
}

impl Change {
    /// A text and nothing else.
    #[must_use]
    pub fn say(body: Body) -> Self {
        Self::Message(NewMessage { body: Some(body), ..NewMessage::default() })
    }

    /// The files that it carries.
    #[must_use]
    pub fn files(&self) -> &[FileInfo] {
        match self {
            Self::Message(said) => &said.files,
            _ => &[],
        }
    }

    /// The message that it changes or answers.
    #[must_use]
    pub fn target(&self) -> Option<Seq> {
        match self {
            Self::Message(said) => said.reply_to,
            Self::Edit { target, .. }
            | Self::Delete { target }
            | Self::React { target, .. }
            | Self::Pin { target, .. } => Some(*target),
            Self::Topic { .. } => None,
        }
    }

    /// Whether the room moves up in the directory by it: when something is said, or when there is
    /// another topic. What becomes of older messages is no news.
    #[must_use]
    pub fn is_activity(&self) -> bool {
        matches!(self, Self::Message(_) | Self::Topic { .. })
    }

    /// The text that lies in the entry's body.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Message(said) => said.body.as_ref().map_or("", Body::as_str),
            Self::Edit { body, .. } => body.as_str(),
            Self::Delete { .. } | Self::React { .. } | Self::Pin { .. } | Self::Topic { .. } => "",
        }
    }
}
