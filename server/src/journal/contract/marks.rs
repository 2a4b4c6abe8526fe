//! What the engine asks of a store beside the log: how far people have read, and who they are.

use maru_protocol::{Beginning, ReadState, RoomKey, Seq, User, UserId};

use maru_engine::log::RoomId;

use super::StoreFuture;

/// How far everybody has read in each room, and so who belongs to it: who has read there is one of
/// its *members* from then on, present or not, until they leave it.
///
/// **Order.** What one call keeps is there for every question that is asked after its answer. Two
/// calls under way at the same time may be kept in either order: whoever cares waits for the first.
///
/// **Atomicity.** All marks of one call are kept, or none. A marker only ever moves forwards
/// ([`Marked::Read`]) unless it says otherwise, on whichever node, so a mark may be kept again.
///
/// **Loss.** What was answered is durable, as an entry is. Nothing of the log rests on it: a lost
/// mark shows somebody as unread what they have seen.
///
/// **Bounds.** No call blocks. A mark costs some microseconds of the store, whatever the room's
/// length and however many its members are, and a question costs by its answer:
/// [`MOST_SCANNED`] messages a room at most. Beyond the queues' bounds the answer is
/// [`JournalError::Busy`](super::JournalError::Busy).
pub trait Marks: Send + Sync + 'static {
    /// Keeps marks, at most [`MOST_MARKS`] and one of each person in a room. Says how many of them
    /// changed anything. One of a room that is not there is passed over.
    fn mark(&self, marks: Vec<Mark>) -> StoreFuture<u64>;

    /// How far people have read, as many answers as there are asked, in their order: none where
    /// there is no such room, or the person is none of its members. What lies above a room's head,
    /// as in a store that lost some of its history, counts as read to the head. At most
    /// [`MOST_READ_QUERIES`] at once; what is asked beyond is not answered.
    fn unread(&self, asked: Vec<ReadQuery>) -> StoreFuture<Vec<Option<ReadState>>>;

    /// Members of a room whose name [begins](DisplayName::begins_with) so, in the order of what in it
    /// begins so: at most [`MOST_MEMBERS`].
    fn members(&self, room: RoomId, beginning: Beginning) -> StoreFuture<Vec<User>>;

    /// Those of these people who are members of the room, in any order. At most [`MOST_READ_QUERIES`] at
    /// once; what is asked beyond is not answered.
    fn known(&self, room: RoomId, people: Vec<UserId>) -> StoreFuture<Vec<User>>;
}

/// Most marks of one call: SQLite's writer, which takes them, has messages to commit.
pub const MOST_MARKS: usize = 100;

/// Most of one question: as many rooms as a session can be in.
pub const MOST_READ_QUERIES: usize = 1_000;

/// Most members of one answer.
pub const MOST_MEMBERS: usize = 20;

/// Most messages of a room that are not deleted, its newest ones above the marker, that unread ones are
/// looked for in: those that others sent. Without a bound, who says much and reads nothing would have
/// all of their own walked over.
pub const MOST_SCANNED: u32 = 500;

/// What becomes of somebody's marker in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The room that the marker is in.
    pub room: RoomId,
    /// The person whose marker it is, by the present name.
    pub user: User,
    /// The change of the marker.
    pub what: Marked,
    /// When it was read; milliseconds since 1970, UTC.
    pub at: u64,
}

/// What a [`Mark`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// They read up to here, at most to the room's head.
    Read {
        /// The newest entry that they saw.
        seq: Seq,
        /// They had left before: an earlier marker, also a higher one, is forgotten.
        anew: bool,
    },
    /// They go by this name now; nothing where they are no member.
    Named,
    /// They are no member any more.
    Left,
}

impl Marked {
    /// What this one and then a later one come to.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        match (self, later) {
            (earlier, Self::Named) => earlier,
            (_, Self::Left | Self::Read { anew: true, .. }) | (Self::Named, _) => later,
            (Self::Left, Self::Read { seq, .. }) => Self::Read { seq, anew: true },
            (Self::Read { seq: before, anew }, Self::Read { seq, .. }) => {
                Self::Read { seq: seq.max(before), anew }
            }
        }
    }
}

/// Whose marker is asked for, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadQuery {
    /// The person whose marker is asked for.
    pub person: UserId,
    /// The room, by its folded name.
    pub room: RoomKey,
    /// A change that is on its way to the store: it counts as kept.
    pub waiting: Option<Marked>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(number: u64, anew: bool) -> Marked {
        Marked::Read { seq: Seq::new(number).unwrap(), anew }
    }

    #[test]
    fn what_comes_together_is_what_came_one_by_one() {
        assert_eq!(read(5, false).then(read(3, false)), read(5, false));
        assert_eq!(read(5, true).then(read(7, false)), read(7, true));
        assert_eq!(read(5, false).then(Marked::Left), Marked::Left);
        assert_eq!(Marked::Left.then(read(3, false)), read(3, true));
        assert_eq!(read(5, false).then(Marked::Left).then(read(3, false)), read(3, true));
        assert_eq!(Marked::Left.then(Marked::Named), Marked::Left);
        assert_eq!(Marked::Named.then(read(1, false)), read(1, false));
        assert_eq!(read(2, true).then(Marked::Named), read(2, true));
    }
}
