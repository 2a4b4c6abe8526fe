//! The rows of files, which lie beside the log, as the stores keep them.

use maru_protocol::{FileId, FileInfo, FileName, Seq, UserId};

use crate::journal::{
    FileFacts, FileRecord, NewFile, RoomId,
    rows::entries::{Unreadable, seq_of},
};

/// `files.state`.
pub(crate) const INCOMING: u8 = 0;
pub(crate) const WHOLE: u8 = 1;
pub(crate) const DOOMED: u8 = 2;

/// A change that a writer makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileWork {
    Begin(NewFile),
    Finish(FileId, FileFacts),
    DoomUnsent { before: u64, most: u32 },
    Forget(Vec<FileId>),
}

/// A row as it lies in the store.
pub(crate) struct FileRow {
    pub(crate) id: uuid::Uuid,
    pub(crate) room: i64,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
    pub(crate) width: Option<i64>,
    pub(crate) height: Option<i64>,
    pub(crate) seq: Option<i64>,
}

/// A row as `migrate` copies it, with what only the store looks at.
pub(crate) struct FileCopy {
    pub(crate) row: FileRow,
    pub(crate) state: i64,
    pub(crate) at: i64,
}

impl FileRow {
    /// What it says of a file that goes with a message, and which: each such is whole.
    pub(crate) fn sent(self, state: i64) -> Result<(Seq, FileRecord), Unreadable> {
        let file = self.record()?;
        match file.sent {
            Some(seq) if state == i64::from(WHOLE) => Ok((seq, file)),
            _ => Err(Unreadable(format!("file {}: it is sent and not whole", file.info.id.0))),
        }
    }

    /// What it says, or which value of it the server never writes.
    pub(crate) fn record(self) -> Result<FileRecord, Unreadable> {
        let side = |side: Option<i64>| side.map(u32::try_from).transpose();
        let (width, height) = (side(self.width), side(self.height));
        let seq = self.seq.map(|seq| seq_of("files.seq", seq)).transpose()?;
        Ok(FileRecord {
            info: FileInfo {
                id: FileId(self.id),
                name: FileName::of(&self.name),
                media_type: self.media_type,
                size: u64::try_from(self.size).map_err(|why| Unreadable::of("files.size", why))?,
                width: width.map_err(|why| Unreadable::of("files.width", why))?,
                height: height.map_err(|why| Unreadable::of("files.height", why))?,
            },
            room: RoomId(self.room),
            owner: UserId(self.owner),
            sent: seq,
        })
    }
}

/// A number on its way into a signed column; what is beyond it is no file's.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
