//! What a message carries.

use maru_protocol::{ErrorCode, FileId, FileInfo, FileName, MAX_FILES};

use crate::{
    journal::RoomId,
    session::{Session, refusal::Refusal},
};

impl Session {
    /// The files of these ids, as the message is to carry them.
    ///
    /// Whether the person may send them here is decided by the store, which alone knows whether this
    /// is a retry: the first attempt has sent them, or sent them and been deleted since. So what is
    /// not found goes on as well, as a file of which nothing is known; no message is ever kept with it.
    pub(crate) async fn carried(
        &self,
        room: RoomId,
        files: &[FileId],
    ) -> Result<Vec<FileInfo>, Refusal> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        if files.len() > MAX_FILES {
            let message = format!("a message carries at most {MAX_FILES} files");
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        if (1..files.len()).any(|at| files[..at].contains(&files[at])) {
            let message = "the message names a file twice";
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        let found = self.worker.files.files(files.to_vec()).await?;
        let info = |id: &FileId| {
            let known = found.iter().find(|file| file.info.id == *id && file.room == room);
            known.map_or_else(|| nothing(*id), |file| file.info.clone())
        };
        Ok(files.iter().map(info).collect())
    }
}

fn nothing(id: FileId) -> FileInfo {
    FileInfo {
        id,
        name: FileName::of(""),
        media_type: String::new(),
        size: 0,
        width: None,
        height: None,
    }
}
