//! Who is mentioned in a message.

use maru_protocol::{ErrorCode, User, UserId};

use super::{Session, refusal::Refusal};
use crate::journal::RoomId;

impl Session {
    /// The people of these ids, by the names that the room knows.
    #[allow(clippy::unused_async)] // who was in the room is known to the store
    pub(super) async fn mentioned(
        &self,
        _room: RoomId,
        mentions: &[UserId],
    ) -> Result<Vec<User>, Refusal> {
        if mentions.is_empty() {
            return Ok(Vec::new());
        }
        let message = "somebody who is mentioned was never in this room";
        Err(Refusal::new(ErrorCode::UserNotFound, message))
    }
}
