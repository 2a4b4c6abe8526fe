//! What a store knows of files: who uploaded what to which room, and which message carries it.
//!
//! The bytes lie elsewhere. A row is made before the first of them and goes after the last: whatever
//! ends the process, no object is ever without its row, so that what nobody wants is found again.

use maru_protocol::{FileId, FileInfo, FileName, Seq, UserId};

use maru_engine::log::RoomId;

use super::StoreFuture;

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
    /// Bytes that the uploader announced, or the most that a file may have.
    pub size: u64,
}

/// What the bytes turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// The media type, read off the content and never off the name.
    pub media_type: String,
    /// The length of the file in bytes.
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
