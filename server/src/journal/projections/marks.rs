//! Read markers, members and mentions, which lie beside the log: the rules that every store keeps them by.

use std::collections::BTreeSet;

use maru_protocol::{Beginning, DisplayName, Seq, User, UserId};

use crate::journal::{
    Append, Change, MOST_MEMBERS, Mark, Marked, NewMessage, ReadQuery, rows::entries::Unreadable,
};

impl ReadQuery {
    /// Where the marker is, with what waits: the one that is kept, if there is one, first.
    pub(crate) fn read(&self, kept: Option<Seq>, head: Seq) -> Option<Seq> {
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
pub(crate) enum MarkEffect {
    Unchanged,
    Removed,
    Moved(Seq),
}

impl Mark {
    /// What is to be kept, in a room with that head, in place of a marker, if there is one, and
    /// a name.
    pub(crate) fn effect(&self, kept: Option<(Seq, &str)>, head: Seq) -> MarkEffect {
        let same_name = kept.is_some_and(|(_, name)| name == self.user.name.as_str());
        match (self.what, kept) {
            (Marked::Left, Some(_)) => MarkEffect::Removed,
            (Marked::Named, Some((seq, _))) if !same_name => MarkEffect::Moved(seq),
            (Marked::Left | Marked::Named, _) => MarkEffect::Unchanged,
            (Marked::Read { seq, anew }, kept) => {
                let before = kept.map(|(seq, _)| seq);
                let seq = match before.filter(|_| !anew) {
                    Some(before) => seq.min(head).max(before),
                    None => seq.min(head),
                };
                if before == Some(seq) && same_name {
                    MarkEffect::Unchanged
                } else {
                    MarkEffect::Moved(seq)
                }
            }
        }
    }
}

/// Whom a message mentions from an append on, beside its sender; none where that stays as it is.
/// Nearly always so: a message without mentions costs nothing.
pub(crate) fn mentioned(append: &Append, seq: Seq) -> Option<(Seq, BTreeSet<&UserId>)> {
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
pub(crate) fn distinct(found: impl IntoIterator<Item = User>, beginning: &Beginning) -> Vec<User> {
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
pub(crate) const MOST_BEGINNINGS: u32 = 160;

/// Above everything that begins so, by bytes: U+10FFFF is no character.
pub(crate) fn above(beginning: &Beginning) -> String {
    format!("{}\u{10FFFF}", beginning.as_str())
}

/// Whether the id is one of those that `auth` gives to who comes without a token.
pub(crate) fn is_guest(person: &UserId) -> bool {
    person.0.starts_with(UserId::GUEST)
}

/// Below the ids of guests who were made at that time or later, and above those of before, by bytes:
/// an id is a UUID of version 7, which begins with its milliseconds (RFC 9562, section 5.7).
pub(crate) fn guests_made(at: u64) -> String {
    // 48 bits of them; the year 10889 is the end.
    let at = at.min((1 << 48) - 1);
    format!("{}{:08x}-{:04x}", UserId::GUEST, at >> 16, at & 0xFFFF)
}

/// A member as they are kept.
pub(crate) fn member(id: String, name: String) -> Result<User, Unreadable> {
    let name = DisplayName::try_from(name).map_err(|why| Unreadable::of("name", why))?;
    Ok(User { id: UserId(id), name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::RoomId;

    #[test]
    fn an_answer_is_read_whole() {
        assert_eq!(MOST_BEGINNINGS as usize, MOST_MEMBERS * DisplayName::MOST_BEGINNINGS);
    }

    fn read(number: u64, anew: bool) -> Marked {
        Marked::Read { seq: Seq::new(number).unwrap(), anew }
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
        assert_eq!(mark(read(9, false)).effect(None, seq(4)), MarkEffect::Moved(seq(4)));
        assert_eq!(mark(read(2, false)).effect(min(3), seq(4)), MarkEffect::Unchanged);
        assert_eq!(mark(read(2, true)).effect(min(3), seq(4)), MarkEffect::Moved(seq(2)));
        assert_eq!(
            mark(read(3, false)).effect(Some((seq(3), "Max")), seq(4)),
            MarkEffect::Moved(seq(3))
        );
        // After a restore: it stays where it was, and is shown at the head.
        assert_eq!(mark(read(3, false)).effect(min(9), seq(4)), MarkEffect::Unchanged);
        assert_eq!(mark(Marked::Named).effect(None, seq(4)), MarkEffect::Unchanged);
        assert_eq!(
            mark(Marked::Named).effect(Some((seq(9), "Max")), seq(4)),
            MarkEffect::Moved(seq(9))
        );
        assert_eq!(mark(Marked::Left).effect(min(3), seq(4)), MarkEffect::Removed);
        assert_eq!(mark(Marked::Left).effect(None, seq(4)), MarkEffect::Unchanged);
    }
}
