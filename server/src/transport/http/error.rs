//! Refusals over HTTP: the same vocabulary as on the wire, with a status.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use maru_protocol::{ErrorCode, RoomName};

use super::problem::Problem;
use crate::{
    auth::AuthError,
    files::{UploadError, UploadRefused},
    journal::JournalError,
    limits::Limited,
    search::SearchError,
    services::{
        ServiceError,
        access::{Action, Denied},
    },
};

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The page's origin is not on the list.
    #[error(
        "pages of this origin may not connect: the operator lists them in http.allowed_origins"
    )]
    Origin,
    /// The address that the client has is none of this server's.
    #[error("this server does not go by that name: its operator lists its names in {0}")]
    Host(&'static str),
    /// A page asks for what is for operators.
    #[error("no page has anything to ask here: this is for operators")]
    OperatorsOnly,
    /// What only operators may ask, asked as any page could make a browser ask it.
    #[error("send the header `Maru-Operator: yes` along, which no form of a web page can")]
    NoOperator,
    /// Everybody would have to go, and there is nowhere to go to.
    #[error(
        "this server knows of no other: everybody would stay away until it is started anew; \
         `?alone=true` means it"
    )]
    NoOtherServer,
    /// The server is stopping.
    #[error("the server restarts: try again in a moment")]
    Stopping,
    /// As many connections as there can be.
    #[error("the server holds as many connections as it can: try again later")]
    Full,
    /// Too much of something was asked for.
    #[error(transparent)]
    Limited(Limited),
    /// Not a WebSocket handshake; the sentence says what of it is missing.
    #[error("connect to this address with a WebSocket, version 13: {0}")]
    Handshake(String),
    /// No such route.
    #[error("there is nothing at this address")]
    NotFound,
    /// There is something, but not for this method.
    #[error("this address takes other methods: see the header Allow")]
    Method(&'static str),
    /// No such room.
    #[error("there is no such room")]
    RoomNotFound,
    /// The room has another name now.
    #[error("the room “{asked}” is called “{now}” now: use that name")]
    RoomRenamed {
        /// A name that it had.
        asked: RoomName,
        /// Its name.
        now: RoomName,
    },
    /// Another room has, or had, this name or one that looks like it.
    #[error("{0}")]
    NameTaken(String),
    /// No such message.
    #[error("there is no message of this id in the room")]
    MessageNotFound,
    /// A parameter breaks a rule.
    #[error("{0}")]
    Bad(String),
    /// Who asks is not known: no token, or one that proves nothing.
    #[error("{0}")]
    Unknown(AuthError),
    /// No token at all.
    #[error("send the identity token of `welcome` along: Authorization: Bearer …")]
    NoToken,
    /// No ticket at all.
    #[error("fetch files with the ticket of `welcome`: ?ticket=…")]
    NoTicket,
    /// Not for this person.
    #[error("you may not do that in this room")]
    Forbidden,
    /// The operator takes no files.
    #[error("this server takes no files: its operator set files.enabled to false")]
    NoFiles,
    /// No such file, or it is not this person's to see.
    #[error("there is no such file")]
    FileNotFound,
    /// Beyond a file's end.
    #[error("the file has {0} bytes: there is nothing of it in that range")]
    Range(u64),
    /// An upload that was not kept.
    #[error(transparent)]
    Upload(UploadError),
    /// What is looked for breaks a rule.
    #[error("{0}")]
    Query(String),
    /// The search has no answer.
    #[error("{}", why_not(.0))]
    Search(SearchError),
    /// The store can be read and not written.
    #[error("{0}")]
    Unwritable(&'static str),
    /// The store does not answer.
    #[error("the server's store does not answer: try again later")]
    Unavailable,
}

impl ApiError {
    /// What is asked for is wrong, in these words.
    pub(super) fn bad(why: impl std::fmt::Display) -> Self {
        Self::Bad(why.to_string())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Origin | Self::OperatorsOnly => "origin_refused",
            Self::Host(_) => "host_refused",
            Self::NoOperator => "operator_required",
            Self::NoOtherServer => "no_other_server",
            Self::Stopping => "shutting_down",
            Self::Full => "overloaded",
            Self::Limited(_) => "rate_limited",
            Self::Handshake(_) => "upgrade_required",
            Self::NotFound => "not_found",
            Self::Method(_) => "method_not_allowed",
            Self::RoomNotFound => "room_not_found",
            Self::RoomRenamed { .. } => "room_renamed",
            Self::NameTaken(_) => "name_taken",
            Self::MessageNotFound => "message_not_found",
            Self::Bad(_) => "malformed",
            Self::Unknown(AuthError::InvalidTicket) | Self::NoTicket => "invalid_ticket",
            Self::Unknown(_) | Self::NoToken => "invalid_token",
            Self::Forbidden => "forbidden",
            Self::NoFiles => "files_disabled",
            Self::FileNotFound => "file_not_found",
            Self::Range(_) => "range_not_satisfiable",
            Self::Upload(error) => upload(error).0,
            Self::Query(_) => "invalid_query",
            Self::Search(SearchError::More) => "malformed",
            Self::Search(SearchError::Busy) => "overloaded",
            Self::Search(_) | Self::Unwritable(_) | Self::Unavailable => "unavailable",
        }
    }

    /// Seconds until another attempt can succeed.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Upload(UploadError::Refused(why)) => Some(patience(*why)),
            Self::Limited(limited) => Some(limited.seconds()),
            _ => (self.status_code() == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Origin
            | Self::OperatorsOnly
            | Self::NoOperator
            | Self::Forbidden
            | Self::NoFiles => StatusCode::FORBIDDEN,
            // RFC 9110, section 15.5.20.
            Self::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::NoOtherServer | Self::NameTaken(_) => StatusCode::CONFLICT,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unknown(_) | Self::NoToken | Self::NoTicket => StatusCode::UNAUTHORIZED,
            Self::Range(_) => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Upload(error) => upload(error).1,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Handshake(_) => StatusCode::UPGRADE_REQUIRED,
            Self::NotFound
            | Self::RoomNotFound
            | Self::RoomRenamed { .. }
            | Self::MessageNotFound
            | Self::FileNotFound => StatusCode::NOT_FOUND,
            Self::Bad(_) | Self::Query(_) | Self::Search(SearchError::More) => {
                StatusCode::BAD_REQUEST
            }
            Self::Stopping
            | Self::Full
            | Self::Search(_)
            | Self::Unwritable(_)
            | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        match self {
            // RFC 9110 section 15.5.22.
            Self::Handshake(_) => {
                response.insert_header(("Upgrade", "websocket"));
            }
            Self::Method(allowed) => {
                response.insert_header(("Allow", *allowed));
            }
            Self::Unknown(_) | Self::NoToken => {
                response.insert_header(("WWW-Authenticate", "Bearer"));
            }
            Self::Range(size) => {
                response.insert_header(("Content-Range", format!("bytes */{size}")));
            }
            _ => {}
        }
        let problem = Problem::new(status, self.code(), self.to_string(), self.retry_after());
        match self {
            Self::RoomRenamed { now, .. } => problem.renamed_to(now).answer(response),
            _ => problem.answer(response),
        }
    }
}

/// An upload's code and status.
fn upload(error: &UploadError) -> (&'static str, StatusCode) {
    match error {
        UploadError::Refused(UploadRefused::Full) => {
            ("overloaded", StatusCode::SERVICE_UNAVAILABLE)
        }
        UploadError::Refused(_) => ("rate_limited", StatusCode::TOO_MANY_REQUESTS),
        UploadError::TooLarge(_) => ("file_too_large", StatusCode::PAYLOAD_TOO_LARGE),
        UploadError::Empty => ("empty_file", StatusCode::BAD_REQUEST),
        UploadError::Type(_) => ("type_refused", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        UploadError::Slow => ("too_slow", StatusCode::REQUEST_TIMEOUT),
        UploadError::Broken => ("broken_off", StatusCode::BAD_REQUEST),
        UploadError::Full => ("storage_full", StatusCode::INSUFFICIENT_STORAGE),
        UploadError::Blob(_) | UploadError::Journal(_) => {
            ("unavailable", StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Seconds until another attempt can succeed.
fn patience(why: UploadRefused) -> u64 {
    match why {
        UploadRefused::Limited(limited) => limited.seconds(),
        UploadRefused::Full => 1,
        UploadRefused::TooMuch => 60 * 60,
    }
}

impl From<Limited> for ApiError {
    fn from(limited: Limited) -> Self {
        Self::Limited(limited)
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        Self::Unknown(error)
    }
}

/// Without what only the log is to know.
fn why_not(error: &SearchError) -> String {
    match error {
        SearchError::Away(_) => "the search does not answer: try again later".to_owned(),
        other => other.to_string(),
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Denied(Denied(Action::UploadFile)) => Self::Forbidden,
            ServiceError::Denied(Denied(action)) if action.is_in_a_room() => Self::RoomNotFound,
            ServiceError::Denied(_) => Self::Forbidden,
            ServiceError::RoomNotFound(_) => Self::RoomNotFound,
            ServiceError::RoomRenamed { asked, now } => Self::RoomRenamed { asked, now },
            ServiceError::MessageNotFound => Self::MessageNotFound,
            ServiceError::FileNotFound => Self::FileNotFound,
            ServiceError::FilesOff => Self::NoFiles,
            ServiceError::SearchOff => {
                Self::Search(SearchError::Away("it is switched off".to_owned()))
            }
            ServiceError::Rejected(ErrorCode::NameTaken, why) => Self::NameTaken(why),
            ServiceError::Rejected(_, why) => Self::Bad(why),
            ServiceError::Limited(limited) => Self::Limited(limited),
            ServiceError::TooManyDownloads => Self::Full,
            ServiceError::StorageFull => Self::Upload(UploadError::Full),
            ServiceError::Upload(error) => Self::Upload(error),
            ServiceError::Search(error) => Self::Search(error),
            ServiceError::Journal(error) => error.into(),
            ServiceError::Stopping | ServiceError::Engine(ErrorCode::ShuttingDown) => {
                Self::Stopping
            }
            // What no route here asks for.
            ServiceError::RoomExists(_)
            | ServiceError::Engine(_)
            | ServiceError::FileUnavailable => Self::Unavailable,
        }
    }
}

impl From<JournalError> for ApiError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::NoRoom(_) => Self::RoomNotFound,
            JournalError::Unwritable(why) => Self::Unwritable(why),
            // The journal says in the log why it could not be read.
            JournalError::Busy | JournalError::Store(_) => Self::Unavailable,
        }
    }
}
