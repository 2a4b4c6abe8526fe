//! What is asked to be kept, before it has a number.

use maru_protocol::{Body, Description, Emoji, FileInfo, Seq, Topic, User};

/// A durable change that somebody asks for. Who is mentioned and what the files are that it carries
/// has been looked up: the store keeps what it is given. Whether the sender may send these files is
/// looked at again, as each is sent once. Whether the message that it names can be changed so
/// is the store's to say, as that is decided in the order of the commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// To be said.
    Message(Said),
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
        /// Which.
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
pub struct Said {
    /// What it says.
    pub body: Option<Body>,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
    /// Who is mentioned in it.
    pub mentions: Vec<User>,
    /// What it carries.
    pub files: Vec<FileInfo>,
}

impl Draft {
    /// A text and nothing else.
    #[must_use]
    pub fn say(body: Body) -> Self {
        Self::Message(Said { body: Some(body), ..Said::default() })
    }

    /// The files that it carries.
    pub(super) fn files(&self) -> &[FileInfo] {
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
    pub(super) fn is_activity(&self) -> bool {
        matches!(self, Self::Message(_) | Self::Topic { .. })
    }

    /// The text that lies in the entry's body.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Message(said) => said.body.as_ref().map_or("", Body::as_str),
            Self::Edit { body, .. } => body.as_str(),
            Self::Delete { .. } | Self::React { .. } | Self::Pin { .. } | Self::Topic { .. } => "",
        }
    }
}
