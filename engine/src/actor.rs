//! Who a command comes from.

use std::sync::Arc;

use maru_protocol::{SessionId, Skeletons, User, UserId};

/// A user as a session of theirs came: with the name that they had then.
#[derive(Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The worker thread that the session lives on.
    pub worker: usize,
    /// Who they are.
    pub user: User,
    /// What their name looks like (UTS #39).
    pub skeletons: Skeletons,
}

/// Who asks for something.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A user in a session.
    Session {
        /// Which session.
        session: SessionId,
        /// Who is in it.
        visitor: Arc<Visitor>,
    },
    /// A user without a session: whoever holds a token of theirs, as for an upload.
    User(UserId),
    /// A bot or a service with a key, under the name that its messages have.
    Service(User),
    /// Somebody who did not say who they are.
    Anonymous,
    /// The server itself.
    System,
}

impl Actor {
    /// The user that it is, where it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::Session { visitor, .. } => Some(&visitor.user.id),
            Self::User(id) => Some(id),
            Self::Service(user) => Some(&user.id),
            Self::Anonymous | Self::System => None,
        }
    }
}
