//! What a message carries.

use maru_protocol::{ErrorCode, FileId, FileInfo};

use super::{Session, refusal::Refusal};
use crate::journal::RoomId;

impl Session {
    /// The files of these ids, if the person may send them here.
    #[allow(clippy::unused_async)] // what was uploaded is known to the store
    pub(super) async fn carried(
        &self,
        _room: RoomId,
        files: &[FileId],
    ) -> Result<Vec<FileInfo>, Refusal> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let message = "there is no such file of yours in this room";
        Err(Refusal::new(ErrorCode::FileNotFound, message))
    }
}
