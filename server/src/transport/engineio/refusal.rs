//! What is refused, in the words and numbers of the reference implementation, by which clients tell
//! what to do.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

use crate::limits::Limited;

/// A request that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither polling nor WebSocket.
    #[error("Transport unknown")]
    Transport,
    /// No such session, here or any more.
    #[error("Session ID unknown")]
    UnknownSession,
    /// A session does not begin like that.
    #[error("Bad handshake method")]
    Method,
    /// Broken, or a session's id with another transport than the session has.
    #[error("Bad request")]
    Bad,
    /// A page that may not connect.
    #[error("Forbidden")]
    Forbidden,
    /// Another revision than 4.
    #[error("Unsupported protocol version")]
    Version,
    /// A body that is too long. The session goes on.
    #[error("the body is longer than maxPayload")]
    TooLarge,
    /// Too many begin from there, or are there.
    #[error(transparent)]
    Limited(Limited),
    /// No more sessions now: come back later.
    #[error("the server takes no new connections now: try again later")]
    Unavailable,
}

#[derive(Serialize)]
struct Problem {
    code: u8,
    message: String,
}

impl Refusal {
    fn code(self) -> u8 {
        match self {
            Self::Transport => 0,
            Self::UnknownSession => 1,
            Self::Method => 2,
            Self::Bad | Self::TooLarge => 3,
            Self::Forbidden | Self::Unavailable | Self::Limited(_) => 4,
            Self::Version => 5,
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::Unavailable => {
                response.insert_header(("Retry-After", "1"));
            }
            Self::Limited(limited) => {
                response.insert_header(("Retry-After", limited.seconds().to_string()));
            }
            _ => {}
        }
        response.json(Problem { code: self.code(), message: self.to_string() })
    }
}
