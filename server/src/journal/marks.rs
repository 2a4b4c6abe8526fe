//! What the engine asks of a store beside the log: how far people have read, and who they are.

use std::collections::BTreeSet;

use maru_protocol::{Beginning, DisplayName, ReadState, RoomKey, Seq, User, UserId};

use super::{Append, Change, NewMessage, RoomId, StoreFuture, entries::Unreadable};

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
/// [`MOST_LOOKED_AT`] entries a room at most. Beyond the queues' bounds the answer is
/// [`JournalError::Busy`](super::JournalError::Busy).
pub trait Marks: Send + Sync + 'static {
    /// Keeps marks, at most [`MOST_MARKS`] and one of each person in a room. Says how many of them
    /// changed anything. One of a room that is not there is passed over.
    fn mark(&self, marks: Vec<Mark>) -> StoreFuture<u64>;

    /// How far people have read, as many answers as there are asked, in their order: none where
    /// there is no such room, or the person is none of its members. What lies above a room's head,
    /// as in a store that lost some of its history, counts as read to the head. At most
    /// [`MOST_ASKED`] at once; what is asked beyond is not answered.
    fn unread(&self, asked: Vec<Asked>) -> StoreFuture<Vec<Option<ReadState>>>;

    /// Members of a room whose name [begins](DisplayName::begins_with) so, in the order of what in it
    /// begins so: at most [`MOST_MEMBERS`].
    fn members(&self, room: RoomId, beginning: Beginning) -> StoreFuture<Vec<User>>;

    /// Those of these people who are members of the room, in any order. At most [`MOST_ASKED`] at
    /// once; what is asked beyond is not answered.
    fn known(&self, room: RoomId, people: Vec<UserId>) -> StoreFuture<Vec<User>>;
}

/// Most marks of one call: SQLite's writer, which takes them, has messages to commit.
pub const MOST_MARKS: usize = 100;

/// Most of one question: as many rooms as a session can be in.
pub const MOST_ASKED: usize = 1_000;

/// Most members of one answer.
pub const MOST_MEMBERS: usize = 20;

/// Most entries of a room, its newest ones above the marker, that unread messages are looked for
/// in. Where people talk they are among a few more than [`maru_protocol::MAX_UNREAD`]; without a
/// bound, who reads nothing in a room full of reactions would have all of them walked over.
pub const MOST_LOOKED_AT: u32 = 500;

/// What becomes of somebody's marker in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub room: RoomId,
    /// Whose, by the name that they have now.
    pub user: User,
    /// What.
    pub what: Marked,
    /// When; milliseconds since 1970, UTC.
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
pub struct Asked {
    /// Whose.
    pub person: UserId,
    /// Where.
    pub room: RoomKey,
    /// What is still to be kept: counts as kept.
    pub waiting: Option<Marked>,
}

impl Asked {
    /// Where the marker is, with what waits: the one that is kept, if there is one, first.
    pub(super) fn read(&self, kept: Option<Seq>, head: Seq) -> Option<Seq> {
        let kept = kept.map(|seq| Marked::Read { seq, anew: false });
        let now = match (kept, self.waiting) {
            (Some(kept), Some(waiting)) => kept.then(waiting),
            (kept, waiting) => kept.or(waiting)?,
        };
        match now {
            Marked::Read { seq, .. } => Some(seq.min(head)),
            Marked::Named | Marked::Left => None,
        }
    }
}

/// Where a row of a member is to go, or that it goes away: what a mark comes to beside what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Same,
    Gone,
    At(Seq),
}

impl Mark {
    /// What is to be kept, in a room with that head, in place of a marker, if there is one, and
    /// a name.
    pub(super) fn beside(&self, kept: Option<(Seq, &str)>, head: Seq) -> Kept {
        let same_name = kept.is_some_and(|(_, name)| name == self.user.name.as_str());
        match (self.what, kept) {
            (Marked::Left, Some(_)) => Kept::Gone,
            (Marked::Named, Some((seq, _))) if !same_name => Kept::At(seq),
            (Marked::Left | Marked::Named, _) => Kept::Same,
            (Marked::Read { seq, anew }, kept) => {
                let before = kept.map(|(seq, _)| seq);
                let seq = match before.filter(|_| !anew) {
                    Some(before) => seq.min(head).max(before),
                    None => seq.min(head),
                };
                if before == Some(seq) && same_name { Kept::Same } else { Kept::At(seq) }
            }
        }
    }
}

/// Whom a message mentions from an append on, beside its sender; none where that stays as it is.
/// Nearly always so: a message without mentions costs nothing.
pub(super) fn mentioned(append: &Append, seq: Seq) -> Option<(Seq, BTreeSet<&UserId>)> {
    match &append.what {
        Change::Message(NewMessage { mentions, .. }) if mentions.is_empty() => None,
        Change::Message(NewMessage { mentions, .. }) => Some((seq, others(mentions, append))),
        Change::Edit { target, mentions, .. } => Some((*target, others(mentions, append))),
        Change::Delete { target } => Some((*target, BTreeSet::new())),
        Change::React { .. } | Change::Pin { .. } | Change::Topic { .. } => None,
    }
}

fn others<'a>(mentions: &'a [User], append: &Append) -> BTreeSet<&'a UserId> {
    mentions.iter().map(|user| &user.id).filter(|id| **id != append.sender.id).collect()
}

/// Of what was found by their beginnings, in that order: each person once, as far as the present
/// name has such a beginning, at most [`MOST_MEMBERS`].
pub(super) fn distinct(found: impl IntoIterator<Item = User>, beginning: &Beginning) -> Vec<User> {
    let mut members: Vec<User> = Vec::new();
    for user in found {
        if members.len() == MOST_MEMBERS {
            break;
        }
        if user.name.begins_with(beginning) && members.iter().all(|other| other.id != user.id) {
            members.push(user);
        }
    }
    members
}

/// Beginnings read for one answer: as many as [`MOST_MEMBERS`] people can have.
pub(super) const MOST_BEGINNINGS: u32 = 160;

/// Above everything that begins so, by bytes: U+10FFFF is no character.
pub(super) fn above(beginning: &Beginning) -> String {
    format!("{}\u{10FFFF}", beginning.as_str())
}

/// A member as they are kept.
pub(super) fn member(id: String, name: String) -> Result<User, Unreadable> {
    let name = DisplayName::try_from(name).map_err(|why| Unreadable::of("name", why))?;
    Ok(User { id: UserId(id), name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole() {
        assert_eq!(MOST_BEGINNINGS as usize, MOST_MEMBERS * DisplayName::MOST_BEGINNINGS);
    }

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

    #[test]
    fn a_marker_moves_forwards_up_to_the_head() {
        let mark = |what| Mark {
            room: RoomId(1),
            user: User { id: UserId("u".into()), name: DisplayName::parse("Min").unwrap() },
            what,
            at: 1,
        };
        let seq = |number| Seq::new(number).unwrap();
        let min = |number| Some((seq(number), "Min"));
        assert_eq!(mark(read(9, false)).beside(None, seq(4)), Kept::At(seq(4)));
        assert_eq!(mark(read(2, false)).beside(min(3), seq(4)), Kept::Same);
        assert_eq!(mark(read(2, true)).beside(min(3), seq(4)), Kept::At(seq(2)));
        assert_eq!(mark(read(3, false)).beside(Some((seq(3), "Max")), seq(4)), Kept::At(seq(3)));
        // After a restore: it stays where it was, and is shown at the head.
        assert_eq!(mark(read(3, false)).beside(min(9), seq(4)), Kept::Same);
        assert_eq!(mark(Marked::Named).beside(None, seq(4)), Kept::Same);
        assert_eq!(mark(Marked::Named).beside(Some((seq(9), "Max")), seq(4)), Kept::At(seq(9)));
        assert_eq!(mark(Marked::Left).beside(min(3), seq(4)), Kept::Gone);
        assert_eq!(mark(Marked::Left).beside(None, seq(4)), Kept::Same);
    }
}
