//! Whose name is whose in a room.

use maru_engine::log::RoomId;
use maru_protocol::{Skeletons, User, UserId};

use super::StoreFuture;

/// Who goes by which name in a room, present or not. Who reads there (see [`Marks`](super::Marks))
/// holds what their name looks like, unless another person does; who speaks there does not speak
/// without. Who spoke keeps it although they leave; who only read gives it back when they leave, or
/// when they stay away for long ([`Names::sweep`]). Who takes another name gives the old one back. Who
/// can't ever come back keeps none ([`Names::release_ended`]).
///
/// **Order.** As for [`Marks`](super::Marks). Of two people who ask for one name at the same time, on
/// whichever nodes, one gets it, and everybody is told the same.
///
/// **Atomicity.** A name is held by both of its looks, or not at all.
///
/// **Loss.** What was answered is durable.
///
/// **Bounds.** A question costs two lookups. Each person has one name in a room.
pub trait Names: Send + Sync + 'static {
    /// Who holds a name that looks like this one: at most two people, as it has two looks.
    fn holders(&self, room: RoomId, looks: Skeletons) -> StoreFuture<Vec<NameHolder>>;

    /// Somebody is about to speak: from now on they hold their name, as one who spoke. False, and
    /// nothing changed, where another person holds one that looks like it.
    fn hold(&self, room: RoomId, user: User) -> StoreFuture<bool>;

    /// Looks at some members from that place on, in the order of the store, and forgets those guests
    /// among them who never spoke and were last seen before that time (milliseconds since 1970, UTC):
    /// their markers and their names. At most [`MOST_SWEPT`] are looked at.
    fn sweep(&self, from: MemberPlace, before: u64) -> StoreFuture<Swept>;

    /// Looks at some held names from that place on, in the order of the store, and frees those of
    /// guests whose identity was made before that time (milliseconds since 1970, UTC), and of people who
    /// were signed out everywhere. At most [`MOST_SWEPT`] are looked at. Says how many rows went: a name
    /// has two.
    fn release_ended(&self, from: NamePlace, before: u64) -> StoreFuture<Swept<NamePlace>>;
}

/// Who holds a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHolder {
    /// The person.
    pub person: UserId,
    /// They have spoken in the room.
    pub spoke: bool,
}

/// A member's place in the order of the store. The default is before all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberPlace {
    /// The room's number.
    pub room: i64,
    /// The person's id.
    pub person: String,
}

/// A held name's place in the order of the store. The default is before all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePlace {
    /// The room's number.
    pub room: i64,
    /// What the name looks like.
    pub look: String,
}

/// What a step of a walk did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept<P = MemberPlace> {
    /// How many were forgotten.
    pub forgotten: u64,
    /// Where to go on; none at the end.
    pub next: Option<P>,
}

/// Most members of one [`Names::sweep`]: some milliseconds of SQLite's writer, which has messages to
/// commit.
pub const MOST_SWEPT: u32 = 500;
