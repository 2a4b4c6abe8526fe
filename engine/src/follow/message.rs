//! What goes into a follower and what comes out of it.

use maru_protocol::{Entry, Seq};

use crate::log::{Batch, Outcome, Page, RoomId};

/// Something that a follower is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// What became of this node's own appends, as the journal's commit channel has it.
    Commits(Batch),
    /// Entries that another node says are committed, in any order. Those that the follower does
    /// not [want](super::Follower::wants) may be left out.
    Hint {
        /// The room that they belong to.
        room: RoomId,
        /// The entries.
        entries: Vec<Entry>,
    },
    /// The answer to a [`Request::Page`].
    Page {
        /// What was asked.
        request: PageRequest,
        /// What the journal said.
        result: Result<Page, ReadFailed>,
    },
    /// The answer to a [`Request::Heads`].
    Heads {
        /// What was asked.
        request: HeadsRequest,
        /// The heads of those rooms that are there.
        result: Result<Vec<(RoomId, Seq)>, ReadFailed>,
    },
    /// From now on every entry of the room above `head` comes out, by seq. A room that is followed
    /// already stays where it is.
    Follow {
        /// The room to follow.
        room: RoomId,
        /// Above what.
        head: Seq,
    },
    /// From now on none does. Followed again, the room begins at the head given then.
    Unfollow(RoomId),
    /// What is said about the room from now on is heard; after a lost connection, again.
    BusFollowing(RoomId),
    /// The bus is there (again).
    BusConnected,
    /// The bus is away.
    BusDisconnected,
}

/// The journal did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadFailed;

/// A question to the journal. Each is answered once, with an [`Input::Page`] or [`Input::Heads`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Entries that are missing.
    Page(PageRequest),
    /// Whether there is something that nobody spoke of.
    Heads(HeadsRequest),
}

/// The entries of a room that follow one that went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The room to read.
    pub room: RoomId,
    /// Below the oldest one wanted.
    pub after: Seq,
    /// Most entries.
    pub limit: u32,
    /// What was said to be committed when it was asked.
    pub claimed: Seq,
}

/// The heads of rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadsRequest {
    /// Which rooms, and the newest entry that was out of each when it was asked. Never empty.
    pub rooms: Vec<(RoomId, Seq)>,
}

/// What the bus is to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// What others say about the room.
    Follow(RoomId),
    /// No longer.
    Unfollow(RoomId),
}

/// What the follower wants done. Whoever drives it takes it all out after each call.
#[derive(Debug, Default)]
pub struct Output {
    /// For the relay, in place of the commit channel. Each followed room's entries strictly by seq,
    /// each once; of the others only what this node committed. Every append that the journal took
    /// has exactly one outcome with its reply, as in the commit channel: [`Outcome::Known`] where
    /// the entry itself has to wait for what others wrote before it (it comes for
    /// [`ReplyTo::Nobody`](crate::log::ReplyTo) then). Without any reply come the entries of others.
    pub outcomes: Vec<Outcome>,
    /// What to ask the journal.
    pub requests: Vec<Request>,
    /// What to tell the bus.
    pub subscriptions: Vec<Subscription>,
    /// What somebody should look into.
    pub findings: Vec<Finding>,
    /// What is to be counted.
    pub counters: Counters,
}

/// Something that should not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A node spoke of an entry that the journal has not.
    UnknownClaim {
        /// The room that the entry was said to be in.
        room: RoomId,
        /// The newest entry that the journal has.
        head: Seq,
        /// The newest one that was spoken of.
        claimed: Seq,
    },
    /// The journal's head is behind what was delivered. Told once, until it is not so any more.
    LostEntries {
        /// The room whose head it is.
        room: RoomId,
        /// The newest entry that the journal has.
        head: Seq,
        /// The newest one that went out.
        delivered: Seq,
    },
}

/// What happened, for the figures.
#[derive(Debug, Default)]
pub struct Counters {
    /// When each entry was taken that other nodes committed and that went out now; milliseconds
    /// since 1970, UTC.
    pub foreign_taken_at: Vec<u64>,
    /// When each append was taken that is answered without its entry; milliseconds since 1970, UTC.
    pub answered_taken_at: Vec<u64>,
    /// Holes that the journal closed, or a part of them.
    pub holes_healed: u64,
    /// Rooms whose head was checked and is no news.
    pub heads_same: u64,
    /// Rooms that had an entry that nobody spoke of.
    pub heads_behind: u64,
    /// Rooms whose head could not be read, or was behind what went out.
    pub heads_failed: u64,
}
