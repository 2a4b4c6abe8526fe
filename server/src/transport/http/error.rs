//! Refusals over HTTP: the same vocabulary as on the wire, with a status.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::journal::JournalError;

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The page's origin is not on the list.
    #[error(
        "pages of this origin may not connect: the operator lists them in http.allowed_origins"
    )]
    Origin,
    /// The server is stopping.
    #[error("the server restarts: try again in a moment")]
    Stopping,
    /// As many connections as there can be.
    #[error("the server holds as many connections as it can: try again later")]
    Full,
    /// Not a WebSocket handshake; the sentence says what of it is missing.
    #[error("connect to this address with a WebSocket, version 13: {0}")]
    Handshake(String),
    /// No such route.
    #[error("there is nothing at this address")]
    NotFound,
    /// No such room.
    #[error("there is no such room")]
    RoomNotFound,
    /// A parameter breaks a rule.
    #[error("{0}")]
    Bad(String),
    /// The store does not answer.
    #[error("the server's store does not answer: try again later")]
    Unavailable,
}

/// The body of every refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// What to act on.
    pub code: &'static str,
    /// For a person.
    pub message: String,
}

impl ApiError {
    fn code(&self) -> &'static str {
        match self {
            Self::Origin => "origin_refused",
            Self::Stopping => "shutting_down",
            Self::Full => "overloaded",
            Self::Handshake(_) => "upgrade_required",
            Self::NotFound => "not_found",
            Self::RoomNotFound => "room_not_found",
            Self::Bad(_) => "malformed",
            Self::Unavailable => "unavailable",
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Stopping | Self::Full | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Handshake(_) => StatusCode::UPGRADE_REQUIRED,
            Self::NotFound | Self::RoomNotFound => StatusCode::NOT_FOUND,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header(("Retry-After", "1"));
        }
        if let Self::Handshake(_) = self {
            // RFC 9110 section 15.5.22.
            response.insert_header(("Upgrade", "websocket"));
        }
        response.json(Problem { code: self.code(), message: self.to_string() })
    }
}

impl From<JournalError> for ApiError {
    fn from(error: JournalError) -> Self {
        if let JournalError::Store(why) = &error {
            log::error!(error = why.as_str(); "the journal could not be read");
        }
        Self::Unavailable
    }
}

impl From<actix::MailboxError> for ApiError {
    fn from(_: actix::MailboxError) -> Self {
        Self::Stopping
    }
}
