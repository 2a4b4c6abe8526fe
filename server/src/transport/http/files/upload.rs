//! `POST /api/v1/rooms/{room}/files`: one file, as the body.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use futures_util::StreamExt;
use maru_protocol::{FileInfo, FileName, RoomName, User};
use serde::Deserialize;
use tokio::time::timeout;
use utoipa::IntoParams;

use super::super::{ApiError, State, error::Problem};
use crate::{
    files::{self, UploadService},
    journal::RoomId,
    services::may_write,
};

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
    let entrance = match enter(&request, &room, query, &state).await {
        Ok(entrance) => entrance,
        Err(refusal) => {
            read_on(&mut body).await;
            return Err(refusal);
        }
    };
    // In a task of its own: when whoever sends is gone, it goes on to take back what came.
    let stored = actix_rt::spawn(async move {
        let Entrance { uploads, entrance, room, name } = entrance;
        let stored = uploads.receive(entrance, room, name, &mut body).await;
        if stored.is_err() {
            read_on(&mut body).await;
        }
        stored
    });
    let info = stored.await.map_err(|_| ApiError::Stopping)??;
    Ok(HttpResponse::build(StatusCode::CREATED).json(info))
}

/// All that is known before the first byte.
struct Entrance {
    uploads: Arc<UploadService>,
    entrance: files::UploadPermit,
    room: RoomId,
    name: FileName,
}

async fn enter(
    request: &HttpRequest,
    room: &str,
    query: Result<web::Query<UploadQuery>, actix_web::Error>,
    state: &State,
) -> Result<Entrance, ApiError> {
    state.check_origin(request)?;
    if state.stopping() {
        return Err(ApiError::Stopping);
    }
    let user = bearer(request, state)?;
    let uploads = state.uploads.clone().ok_or(ApiError::NoFiles)?;
    let query = query.map_err(|error| ApiError::Bad(error.to_string()))?.into_inner();
    let name = RoomName::parse(room).map_err(|error| ApiError::Bad(error.to_string()))?;
    let record = state.journal.room(name.key()).await?.ok_or(ApiError::RoomNotFound)?;
    if !may_write(&user.id, record.id) {
        return Err(ApiError::Forbidden);
    }
    let length = length(request)?;
    let entrance = uploads.enter(user.id, length).await?;
    Ok(Entrance { uploads, entrance, room: record.id, name: FileName::of(&query.name) })
}

/// Who sends the request, by their identity token.
fn bearer(request: &HttpRequest, state: &State) -> Result<User, ApiError> {
    let given = request.headers().get(header::AUTHORIZATION).ok_or(ApiError::NoToken)?;
    let given = given.to_str().ok().and_then(|given| given.split_once(' '));
    match given {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(state.admit.identify(token.trim())?)
        }
        _ => Err(ApiError::NoToken),
    }
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
