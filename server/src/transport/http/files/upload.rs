//! `POST /api/v1/rooms/{room}/files`: one file, as the body.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use futures_util::StreamExt;
use maru_engine::Actor;
use maru_protocol::{FileInfo, FileName, RoomName};
use serde::Deserialize;
use tokio::time::timeout;
use utoipa::IntoParams;

use super::super::{ApiError, State, identity::bearer, problem::Problem};
use crate::services::UploadBegun;

/// How long, and how far, the rest of what is refused is read: a browser that is still sending when
/// the connection is closed tells its page of a broken connection instead of the reason.
const REST: Duration = Duration::from_secs(2);
const REST_IDLE: Duration = Duration::from_millis(300);
const REST_BYTES: usize = 4 << 20;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct UploadQuery {
    /// What the file is called. It says nothing of what the file is.
    name: String,
}

/// Brings a file into a room, for a message that `send` then names it in. The body is the file's
/// bytes as they are; what it is is read off them. What no message carries within a day is removed.
#[utoipa::path(
    post, path = "/api/v1/rooms/{room}/files",
    params(("room" = String, Path, description = "The room's name."), UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("identity" = [])),
    responses(
        (status = 201, body = FileInfo),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 408, body = Problem),
        (status = 413, body = Problem),
        (status = 415, body = Problem),
        (status = 429, body = Problem),
        (status = 503, body = Problem),
        (status = 507, body = Problem),
    )
)]
pub(in super::super) async fn upload(
    request: HttpRequest,
    room: web::Path<String>,
    query: Result<web::Query<UploadQuery>, actix_web::Error>,
    mut body: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let (upload, name) = match begin(&request, &room, query, &state).await {
        Ok(begun) => begun,
        Err(refusal) => {
            read_on(&mut body).await;
            return Err(refusal);
        }
    };
    // In a task of its own: when whoever sends is gone, it goes on to take back what came.
    let stored = actix_rt::spawn(async move {
        let stored = state.services.receive(upload, name, &mut body).await;
        if stored.is_err() {
            read_on(&mut body).await;
        }
        stored
    });
    let info = stored.await.map_err(|_| ApiError::Stopping)??;
    Ok(HttpResponse::build(StatusCode::CREATED).json(info))
}

/// All that is known before the first byte: whether it may come, and what the file is called.
async fn begin(
    request: &HttpRequest,
    room: &str,
    query: Result<web::Query<UploadQuery>, actix_web::Error>,
    state: &State,
) -> Result<(UploadBegun, FileName), ApiError> {
    if state.stopping() {
        return Err(ApiError::Stopping);
    }
    let user = bearer(request, state)?;
    let caller = state.intake.caller(request).known_as(&user.id)?;
    let services = &state.services;
    services.takes_files()?;
    let query = query.map_err(ApiError::bad)?.into_inner();
    let name = RoomName::parse(room).map_err(ApiError::bad)?;
    let allowed = services.may_upload(&Actor::User(user.id), &name).await?;
    let begun = services.begin_upload(allowed, &caller, length(request)?).await?;
    Ok((begun, FileName::of(&query.name)))
}

/// The length that is announced; none in chunks.
fn length(request: &HttpRequest) -> Result<Option<u64>, ApiError> {
    let wrong = || ApiError::Bad("Content-Length is a number of bytes".to_owned());
    let given = request.headers().get(header::CONTENT_LENGTH);
    given
        .map(|given| given.to_str().ok().and_then(|it| it.parse().ok()).ok_or_else(wrong))
        .transpose()
}

async fn read_on(body: &mut web::Payload) {
    let rest = async {
        let mut left = REST_BYTES;
        while let Ok(Some(Ok(chunk))) = timeout(REST_IDLE, body.next()).await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    let _ = timeout(REST, rest).await;
}
