//! Why a service did not do what it was asked for. Each wire says it in its own words.

use actix::MailboxError;
use maru_protocol::{ErrorCode, RoomName};

use super::access::Denied;
use crate::{files::UploadError, journal::JournalError, limits::Limited, search::SearchError};

/// Why a service did not do what it was asked for.
#[derive(Debug)]
pub enum ServiceError {
    /// The policy says no.
    Denied(Denied),
    /// There is no room of that name, or none for this actor.
    RoomNotFound(RoomName),
    /// The room that was asked for has another name now.
    RoomRenamed {
        /// A name that it had.
        asked: RoomName,
        /// Its name.
        now: RoomName,
    },
    /// There is a room of that name already.
    RoomExists(RoomName),
    /// There is no message of that id in the room.
    MessageNotFound,
    /// There is no such file, or none for this actor.
    FileNotFound,
    /// The operator takes no files.
    FilesOff,
    /// The operator switched the search off.
    SearchOff,
    /// The request breaks a rule, or has to wait; the sentence says which.
    Rejected(ErrorCode, String),
    /// What the engine says.
    Engine(ErrorCode),
    /// Too much was asked for.
    Limited(Limited),
    /// The log's disk is full.
    StorageFull,
    /// As many files are being fetched as can be.
    TooManyDownloads,
    /// A file's bytes can't be read; the log has the reason.
    FileUnavailable,
    /// An upload was not kept.
    Upload(UploadError),
    /// The search has no answer.
    Search(SearchError),
    /// The store has no answer.
    Journal(JournalError),
    /// The engine is gone.
    Stopping,
}

impl ServiceError {
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Rejected(ErrorCode::Malformed, why.into())
    }
}

impl From<Denied> for ServiceError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<ErrorCode> for ServiceError {
    fn from(code: ErrorCode) -> Self {
        Self::Engine(code)
    }
}

impl From<Limited> for ServiceError {
    fn from(limited: Limited) -> Self {
        Self::Limited(limited)
    }
}

impl From<JournalError> for ServiceError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<SearchError> for ServiceError {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}

impl From<UploadError> for ServiceError {
    fn from(error: UploadError) -> Self {
        Self::Upload(error)
    }
}

impl From<MailboxError> for ServiceError {
    fn from(_: MailboxError) -> Self {
        Self::Stopping
    }
}
