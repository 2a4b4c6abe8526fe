//! Refusals: how what a service did not do is said on the wire.

pub(super) use maru_engine::Refusal;
use maru_protocol::ErrorCode;

use crate::{
    files::{UploadError, UploadRefused},
    journal::JournalError,
    limits::Limited,
    search::SearchError,
    services::{ServiceError, access::Denied},
};

/// For what is not to be had here, also later.
fn off(message: &'static str) -> Refusal {
    Refusal { retry_after: None, ..Refusal::new(ErrorCode::Unavailable, message) }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::RoomNotFound(name) => {
                let message = format!("there is no room “{name}”: create it");
                Self::new(ErrorCode::RoomNotFound, message)
            }
            ServiceError::RoomRenamed { asked, now } => Self::renamed(&asked, now),
            ServiceError::RoomExists(name) => {
                let message = format!("there is a room “{name}” already: join it");
                Self::new(ErrorCode::RoomExists, message)
            }
            ServiceError::MessageNotFound => {
                let message = "there is no message of this id in the room";
                Self::new(ErrorCode::MessageNotFound, message)
            }
            ServiceError::FileNotFound => {
                Self::new(ErrorCode::FileNotFound, "there is no such file")
            }
            ServiceError::Rejected(code, message) => Self::new(code, message),
            ServiceError::Limited(limited) => limited.into(),
            ServiceError::Engine(code) => code.into(),
            ServiceError::SearchOff => {
                off("this server has no search: its operator switched it off")
            }
            ServiceError::FilesOff => off("this server takes no files"),
            ServiceError::Denied(Denied(action)) if action.is_in_a_room() => {
                Self::new(ErrorCode::RoomNotFound, "there is no such room")
            }
            ServiceError::Denied(_) => off("you may not do that on this server"),
            ServiceError::Search(error) => error.into(),
            ServiceError::Journal(error) => error.into(),
            ServiceError::Stopping => Self::new(ErrorCode::ShuttingDown, "the server is stopping"),
            ServiceError::StorageFull => {
                let message = "the server's disk is full: tell its operator";
                Self::new(ErrorCode::Unavailable, message)
            }
            ServiceError::TooManyDownloads => ErrorCode::Overloaded.into(),
            ServiceError::Upload(UploadError::Refused(UploadRefused::Limited(limited))) => {
                limited.into()
            }
            ServiceError::FileUnavailable | ServiceError::Upload(_) => {
                ErrorCode::Unavailable.into()
            }
        }
    }
}

impl From<Limited> for Refusal {
    fn from(limited: Limited) -> Self {
        let (message, retry_after) = (limited.to_string(), Some(limited.millis()));
        Self { retry_after, ..Self::new(ErrorCode::RateLimited, message) }
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Busy => Self::new(ErrorCode::Overloaded, "the server is busy reading"),
            JournalError::NoRoom(_) => {
                Self::new(ErrorCode::RoomNotFound, "there is no such room any more")
            }
            JournalError::Unwritable(why) => Self::new(ErrorCode::Unavailable, why),
            // The journal says in the log why it could not be read.
            JournalError::Store(_) => {
                Self::new(ErrorCode::Unavailable, "the server's store does not answer")
            }
        }
    }
}

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Busy => Self::new(ErrorCode::Overloaded, error.to_string()),
            SearchError::TooLong => Self::new(ErrorCode::Unavailable, error.to_string()),
            SearchError::More => Self::new(ErrorCode::Malformed, error.to_string()),
            // The log has the reason.
            SearchError::Away(_) => Self::new(ErrorCode::Unavailable, "the search does not answer"),
        }
    }
}
