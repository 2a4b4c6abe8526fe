//! The body of every refusal: a problem document (RFC 9457).

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use maru_protocol::RoomName;
use serde::Serialize;
use utoipa::ToSchema;

/// Its media type.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong, for programs and for people (RFC 9457, section 3.1).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The kind of the problem, a URI that is a name and no address: `urn:maru:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:maru:problem:room_not_found")]
    kind: String,
    /// The kind in words. It is the same for every problem of the kind.
    #[schema(example = "Room not found")]
    title: String,
    /// The HTTP status again, for who sees the body alone.
    #[schema(example = 404)]
    status: u16,
    /// What is wrong with this request, for a person.
    #[schema(example = "there is no such room")]
    detail: String,
    /// What to act on: the vocabulary of PROTOCOL.md.
    #[schema(example = "room_not_found")]
    code: &'static str,
    /// After so many milliseconds the same request can succeed. As the header `Retry-After`, which has
    /// seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    /// The name that the room has now, with `room_renamed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_to: Option<String>,
}

impl Problem {
    /// A refusal: its status, its code, its sentence, and the seconds after which it may be different.
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        detail: String,
        retry_after: Option<u64>,
    ) -> Self {
        Self {
            kind: format!("urn:maru:problem:{code}"),
            title: in_words(code),
            status: status.as_u16(),
            detail,
            code,
            retry_after: retry_after.map(|seconds| seconds.saturating_mul(1_000)),
            renamed_to: None,
        }
    }

    /// The room that was asked for has this name now.
    pub(super) fn renamed_to(self, name: &RoomName) -> Self {
        Self { renamed_to: Some(name.as_str().to_owned()), ..self }
    }

    /// Ends an answer with it.
    pub(super) fn answer(&self, mut response: HttpResponseBuilder) -> HttpResponse {
        response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        if let Some(wait) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, wait.div_ceil(1_000).to_string()));
        }
        // It says what is so now.
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        response.json(self)
    }
}

/// `room_not_found` is "Room not found".
fn in_words(code: &str) -> String {
    let mut letters = code.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|c| if c == '_' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_has_the_members_of_the_standard_and_two_of_ours() {
        let written = |wait| {
            let detail = "no such room".to_owned();
            let problem = Problem::new(StatusCode::NOT_FOUND, "room_not_found", detail, wait);
            serde_json::to_value(&problem).unwrap()
        };
        let mut plain = json!({
            "type": "urn:maru:problem:room_not_found",
            "title": "Room not found",
            "status": 404,
            "detail": "no such room",
            "code": "room_not_found",
        });
        assert_eq!(written(None), plain);
        plain["retry_after"] = json!(2_000);
        assert_eq!(written(Some(2)), plain);
    }
}
