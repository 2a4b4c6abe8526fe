//! `GET /api/v1/files/{id}`: a file's bytes, or a part of them.

use std::ops::Range;

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{Method, StatusCode, header},
    web,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use maru_protocol::{FileId, UserId};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    super::{ApiError, State, error::Problem},
    headers,
    range::{self, Part},
};
use crate::{
    files::{BlobError, BlobStore, Content},
    journal::FileRecord,
    services::may_read,
};

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
        (status = 404, body = Problem),
        (status = 416, body = Problem),
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
    state.metrics.downloads.with_label_values(&[outcome]).inc();
    answered
}

async fn answer(
    request: &HttpRequest,
    query: Result<web::Query<DownloadQuery>, actix_web::Error>,
    state: &web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let query = query.map_err(|error| ApiError::Bad(error.to_string()))?.into_inner();
    let holder = state.admit.ticket_holder(query.ticket.as_deref().ok_or(ApiError::NoTicket)?)?;
    let id = request.match_info().query("id");
    let id = FileId(Uuid::try_parse(id).map_err(|_| ApiError::FileNotFound)?);
    let file = find(state, id, &holder).await?;
    let blobs = state.blobs.as_ref().ok_or(ApiError::FileNotFound)?;
    let tag = headers::entity_tag(id);
    let asked = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if asked(header::IF_NONE_MATCH).is_some_and(|known| range::knows(known, &tag)) {
        let mut answer = HttpResponse::NotModified();
        headers::of_any(&mut answer, &tag);
        return Ok(answer.finish());
    }
    let size = file.info.size;
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
    headers::of_file(&mut answer, &file.info, query.download.is_some());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
        answer.insert_header((header::CONTENT_RANGE, range));
    }
    let length = part.end - part.start;
    if request.method() == Method::HEAD {
        let nothing = stream::empty::<Result<Bytes, BlobError>>();
        return Ok(answer.body(SizedStream::new(length, nothing)));
    }
    let place = state.downloads.clone().try_acquire_owned().map_err(|_| ApiError::Full)?;
    let content = open(blobs, id, part).await?;
    Ok(answer.body(SizedStream::new(length, counted(content, place, state.clone()))))
}

/// The file, if this person may have it. What they may not have is not there for them.
async fn find(state: &State, id: FileId, holder: &UserId) -> Result<FileRecord, ApiError> {
    let found = state.files.files(vec![id]).await?.pop();
    let may = |file: &FileRecord| {
        may_read(holder, file.room) && (file.sent.is_some() || file.owner == *holder)
    };
    found.filter(may).ok_or(ApiError::FileNotFound)
}

async fn open(blobs: &BlobStore, id: FileId, part: Range<u64>) -> Result<Content, ApiError> {
    blobs.read(id, part).await.map_err(|error| {
        log::error!(error:%, file:% = id; "a file could not be read");
        match error {
            BlobError::Missing => ApiError::FileNotFound,
            _ => ApiError::Unavailable,
        }
    })
}

/// The bytes, as fast as they are taken; the place is given back with the last of them.
fn counted(
    content: Content,
    place: OwnedSemaphorePermit,
    state: web::Data<State>,
) -> impl futures_util::Stream<Item = Result<Bytes, BlobError>> {
    content.inspect(move |chunk| {
        let _place = &place;
        match chunk {
            Ok(bytes) => state.metrics.download_bytes.inc_by(bytes.len() as u64),
            Err(error) => log::error!(error:%; "a file could not be read to its end"),
        }
    })
}
