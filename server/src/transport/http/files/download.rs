//! `GET /api/v1/files/{id}`: a file's bytes, or a part of them.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{Method, StatusCode, header},
    web,
};
use bytes::Bytes;
use futures_util::stream;
use maru_engine::Actor;
use maru_protocol::FileId;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    super::{ApiError, State, problem::Problem},
    headers,
    range::{self, Part},
};
use crate::{files::BlobError, limits::Rate};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct DownloadQuery {
    /// The ticket of the latest `welcome`.
    ticket: Option<String>,
    /// With it, whatever its value: to be saved, also what could be shown in place.
    download: Option<String>,
}

/// A file that a message in a room carries, for whoever may read the room; one that is not sent yet
/// is for who uploaded it. `/api/v1/files/{id}/{name}` is the same, whatever the name.
#[utoipa::path(
    get, path = "/api/v1/files/{id}",
    params(("id" = String, Path, description = "The file's id."), DownloadQuery),
    responses(
        (status = 200, description = "The file.", content_type = "*/*"),
        (status = 206, description = "The part of it that `Range` asks for.", content_type = "*/*"),
        (status = 304, description = "It is what `If-None-Match` names."),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 416, body = Problem),
        (status = 429, body = Problem),
        (status = 503, body = Problem),
    )
)]
pub(in super::super) async fn download(
    request: HttpRequest,
    query: Result<web::Query<DownloadQuery>, actix_web::Error>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let answered = answer(&request, query, &state).await;
    let outcome = match &answered {
        Ok(_) => "sent",
        Err(ApiError::Unavailable | ApiError::Full) => "failed",
        Err(_) => "refused",
    };
    state.services.metrics.downloads.with_label_values(&[outcome]).inc();
    answered
}

async fn answer(
    request: &HttpRequest,
    query: Result<web::Query<DownloadQuery>, actix_web::Error>,
    state: &State,
) -> Result<HttpResponse, ApiError> {
    let query = query.map_err(ApiError::bad)?.into_inner();
    let services = &state.services;
    let ticket = query.ticket.as_deref().ok_or(ApiError::NoTicket)?;
    let user = services.admit.ticket_holder(ticket)?;
    let caller = state.intake.caller(request).known_as(&user)?;
    caller.take(Rate::Downloads)?;
    let actor = Actor::User(user);
    let id = request.match_info().query("id");
    let id = FileId(Uuid::try_parse(id).map_err(|_| ApiError::FileNotFound)?);
    let file = services.file(&actor, id).await?;
    let tag = headers::entity_tag(id);
    let asked = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if asked(header::IF_NONE_MATCH).is_some_and(|known| range::knows(known, &tag)) {
        let mut answer = HttpResponse::NotModified();
        headers::of_any(&mut answer, &tag);
        return Ok(answer.finish());
    }
    let size = file.info().size;
    let wanted = match (asked(header::RANGE), asked(header::IF_RANGE)) {
        (Some(wanted), None) => range::part(wanted, size),
        (Some(wanted), Some(known)) if known == tag => range::part(wanted, size),
        _ => Part::Whole,
    };
    let (status, part) = match wanted {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Some(part) => (StatusCode::PARTIAL_CONTENT, part),
        Part::Beyond => return Err(ApiError::Range(size)),
    };
    let mut answer = HttpResponse::build(status);
    headers::of_any(&mut answer, &tag);
    headers::of_file(&mut answer, file.info(), query.download.is_some());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
        answer.insert_header((header::CONTENT_RANGE, range));
    }
    let length = part.end - part.start;
    if request.method() == Method::HEAD {
        let nothing = stream::empty::<Result<Bytes, BlobError>>();
        return Ok(answer.body(SizedStream::new(length, nothing)));
    }
    let content = services.read_file(&file, &caller, part).await?;
    Ok(answer.body(SizedStream::new(length, content)))
}
