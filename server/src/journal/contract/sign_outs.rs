//! What a store knows of people who were signed out everywhere.

use maru_protocol::UserId;

use super::StoreFuture;

/// Who was signed out, and when last. What proves who somebody is, and was made before, is good no more.
///
/// **Order.** A person's moment only ever moves forwards, on whichever node, and moves each time: two
/// sign-outs at one moment come to two.
///
/// **Loss.** As an append's: an answer comes after the store promised durability.
///
/// **Retries.** Each may be asked again after an error.
///
/// **Bounds.** There are as many as operators made within [`SIGN_OUT_HOLDS`], some 100 bytes each; a
/// question for all of them answers with the latest [`MOST_SIGN_OUTS`].
pub trait SignOuts: Send + Sync + 'static {
    /// Signs somebody out at this moment, or right after the last time if that is later. Forgets those of
    /// [`SIGN_OUT_HOLDS`] before.
    fn sign_out(&self, person: UserId, at: u64) -> StoreFuture<()>;

    /// All of them, in any order.
    fn sign_outs(&self) -> StoreFuture<Vec<SignOut>>;

    /// A number that is another one after each change: who has seen all of them need not look again
    /// while it stays.
    fn sign_outs_mark(&self) -> StoreFuture<u64>;
}

/// Most of one answer.
pub const MOST_SIGN_OUTS: u32 = 100_000;

/// Milliseconds after which nothing is left that a sign-out ends: no token holds for longer
/// (`auth.guest_ttl`).
pub const SIGN_OUT_HOLDS: u64 = 3_650 * 24 * 60 * 60 * 1_000;

/// Somebody who was signed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOut {
    /// Who it was.
    pub person: UserId,
    /// When, milliseconds since 1970, UTC; a little later where that was needed to move on.
    pub at: u64,
}
