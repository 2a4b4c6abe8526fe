//! What a store knows of files: who uploaded what to which room, and which message carries it.
//!
//! The bytes lie elsewhere. A row is made before the first of them and goes after the last: whatever
//! ends the process, no object is ever without its row, so that what nobody wants is found again.

use maru_protocol::{FileId, FileInfo, FileName, Seq, UserId};

use super::{
    RoomId, StoreFuture,
    entries::{Unreadable, seq_of},
};

/// The files of all rooms.
///
/// **States.** A file is *incoming* from [`Files::begin`] to [`Files::finish`], then *whole*, and
/// *doomed* once nobody is to have it any more. Only a whole one is found, and only once may it be
/// sent: an append that carries it takes it in the append's own transaction, so that a crash neither
/// attaches it twice nor loses it. A doomed one is never found, finished or sent again.
///
/// **Loss.** As an append's: an answer comes after the store promised durability.
///
/// **Retries.** Each of these may be asked again after an error.
pub trait Files: Send + Sync + 'static {
    /// An upload begins. Nothing changes when the id is known.
    fn begin(&self, file: NewFile) -> StoreFuture<()>;

    /// The bytes are there and durable. False when the file is not there, or doomed.
    fn finish(&self, id: FileId, facts: FileFacts) -> StoreFuture<bool>;

    /// Those of them that are whole, in any order; at most [`MOST_FILES`] are looked for.
    fn files(&self, ids: Vec<FileId>) -> StoreFuture<Vec<FileRecord>>;

    /// Bytes of what somebody uploaded since then and nobody removed; of an incoming file as many as
    /// were announced.
    fn uploaded_since(&self, owner: UserId, at: u64) -> StoreFuture<u64>;

    /// Dooms what began before then and was not sent, at most so many. Returns how many there were.
    fn doom_unsent(&self, before: u64, most: u32) -> StoreFuture<u64>;

    /// Doomed files whose rows are there, at most so many.
    fn doomed(&self, most: u32) -> StoreFuture<Vec<FileId>>;

    /// Forgets files that were not sent: their bytes are gone.
    fn forget(&self, ids: Vec<FileId>) -> StoreFuture<()>;
}

/// Most files in one [`Files::files`]: more than a message carries.
pub const MOST_FILES: usize = 100;

/// A file whose bytes are about to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its id; nobody can guess one.
    pub id: FileId,
    /// The room that it is for.
    pub room: RoomId,
    /// Who uploads it.
    pub owner: UserId,
    /// What it is called.
    pub name: FileName,
    /// When it began; milliseconds since 1970, UTC.
    pub at: u64,
    /// Bytes announced.
    pub size: u64,
}

/// What the bytes turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// By content.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Of an image: width and height in pixels, as it is to be seen.
    pub picture: Option<(u32, u32)>,
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// As messages carry it.
    pub info: FileInfo,
    /// The room that it is for.
    pub room: RoomId,
    /// Who uploaded it.
    pub owner: UserId,
    /// The message that carries it, once one does.
    pub sent: Option<Seq>,
}

/// `files.state`.
pub(super) const INCOMING: u8 = 0;
pub(super) const WHOLE: u8 = 1;
pub(super) const DOOMED: u8 = 2;

/// A change that a writer makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileWork {
    Begin(NewFile),
    Finish(FileId, FileFacts),
    DoomUnsent { before: u64, most: u32 },
    Forget(Vec<FileId>),
}

/// A row as it lies in the store.
pub(super) struct FileRow {
    pub(super) id: uuid::Uuid,
    pub(super) room: i64,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) size: i64,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) seq: Option<i64>,
}

/// A row as `migrate` copies it, with what only the store looks at.
pub(super) struct FileCopy {
    pub(super) row: FileRow,
    pub(super) state: i64,
    pub(super) at: i64,
}

impl FileRow {
    /// What it says of a file that goes with a message, and which: each such is whole.
    pub(super) fn sent(self, state: i64) -> Result<(Seq, FileRecord), Unreadable> {
        let file = self.record()?;
        match file.sent {
            Some(seq) if state == i64::from(WHOLE) => Ok((seq, file)),
            _ => Err(Unreadable(format!("file {}: it is sent and not whole", file.info.id.0))),
        }
    }

    /// What it says, or which value of it the server never writes.
    pub(super) fn record(self) -> Result<FileRecord, Unreadable> {
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
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
