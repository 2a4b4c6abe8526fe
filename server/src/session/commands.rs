//! What a client can say: for each command what is checked, which service is asked, and the answer.

pub(super) mod changes;
pub(super) mod create;
pub(super) mod hello;
pub(super) mod history;
pub(super) mod join;
pub(super) mod leave;
pub(super) mod members;
pub(super) mod own_reactions;
pub(super) mod ping;
pub(super) mod pinned;
pub(super) mod read;
pub(super) mod rooms;
pub(super) mod search;
pub(super) mod send;
pub(super) mod typing;
pub(super) mod unread;
