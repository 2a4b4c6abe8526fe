//! Mistakes that can be switched on, one at a time, to prove that the simulation finds each of them.
//!
//! Without the feature `defects`, which no server has, every switch is a constant `false` and leaves
//! nothing behind.

/// A mistake. Each is one that somebody could make here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "defects"), allow(unreachable_pub))]
pub enum Defect {
    /// A message is acknowledged when it is handed to the journal.
    AnswerBeforeCommit,
    /// One of the workers that have sessions in a room is forgotten.
    ForgetWorker,
    /// Messages that the journal's queue has no room for are not answered.
    ForgetNotTaken,
    /// A client that is ahead of this node is told that it missed nothing.
    ReplayBehindClient,
    /// A deleted text stays among the newest entries.
    KeepErasedText,
    /// What was read before a deletion is taken after it.
    OfferErasedText,
    /// What a room is about stays as it was read.
    ForgetAbout,
    /// A reaction that is not among the newest entries any more is not in its message either.
    ForgetOlderReaction,
    /// A room that nobody is in any more is followed on.
    ForgetUnfollow,
    /// Somebody who went is not told of to other nodes.
    ForgetTellingLeave,
    /// Somebody's last session here takes them away, wherever else they are.
    ForgetElsewhere,
    /// A worker that comes back to a room is told differences only.
    DeltaToAbsentWorker,
    /// A presence event that a worker did without is not told again.
    ForgetUndelivered,
    /// A room that becomes small tells differences to people who have a sample.
    DeltaAfterSample,
    /// Changes of another node count although some before them are missing.
    SkipGossipNumber,
    /// A node that missed something does not ask for it.
    NeverAsk,
    /// Whom a node does not name when it tells everything stays.
    WholeKeepsGone,
    /// A dead node's people stay.
    DeadNodeStays,
    /// An entry that comes early goes out.
    SkipHoleCheck,
    /// A hole that a hint shows is not read.
    ForgetHintedHole,
    /// The sender of an entry that has to wait is not answered.
    ForgetEarlyAnswer,
    /// The sender of an entry that has to wait is answered twice.
    AnswerTwice,
    /// A room's head is not checked when the room is followed.
    ForgetFirstCheck,
    /// A check of heads that failed is not tried again.
    ForgetFailedCheck,
    /// A page that could not be read leaves its hole unread.
    ForgetFailedPage,
}

/// All of them.
#[cfg(feature = "defects")]
pub const ALL: &[Defect] = &[
    Defect::AnswerBeforeCommit,
    Defect::ForgetWorker,
    Defect::ForgetNotTaken,
    Defect::ReplayBehindClient,
    Defect::KeepErasedText,
    Defect::OfferErasedText,
    Defect::ForgetAbout,
    Defect::ForgetOlderReaction,
    Defect::ForgetUnfollow,
    Defect::ForgetTellingLeave,
    Defect::ForgetElsewhere,
    Defect::DeltaToAbsentWorker,
    Defect::ForgetUndelivered,
    Defect::DeltaAfterSample,
    Defect::SkipGossipNumber,
    Defect::NeverAsk,
    Defect::WholeKeepsGone,
    Defect::DeadNodeStays,
    Defect::SkipHoleCheck,
    Defect::ForgetHintedHole,
    Defect::ForgetEarlyAnswer,
    Defect::AnswerTwice,
    Defect::ForgetFirstCheck,
    Defect::ForgetFailedCheck,
    Defect::ForgetFailedPage,
];

#[cfg(feature = "defects")]
mod switch {
    use std::cell::Cell;

    use super::Defect;

    thread_local! {
        static SWITCHED_ON: Cell<Option<Defect>> = const { Cell::new(None) };
    }

    /// Switches a defect on for this thread, and any other off.
    pub fn switch(defect: Option<Defect>) {
        SWITCHED_ON.set(defect);
    }

    pub(crate) fn on(defect: Defect) -> bool {
        SWITCHED_ON.get() == Some(defect)
    }
}

#[cfg(feature = "defects")]
pub(crate) use switch::on;
#[cfg(feature = "defects")]
pub use switch::switch;

/// None is there.
#[cfg(not(feature = "defects"))]
pub(crate) const fn on(_: Defect) -> bool {
    false
}
