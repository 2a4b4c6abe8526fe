//! `/api/v1`: what a page or a tool can ask without a connection.

use actix_web::{HttpRequest, http::header, web};
use maru_protocol::{Covers, Entry, Epoch, Limits, MessageId, RoomInfo, RoomName, Seq, ServerInfo};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{ApiError, State, identity::Reader, problem::Problem};
use crate::{
    journal::Page,
    limits::Rate,
    services::{DirectoryQuery, History, MAX_ROOMS, PageQuery},
};

/// Which server this is and what it speaks.
#[derive(Serialize, ToSchema)]
pub(super) struct Info {
    #[serde(flatten)]
    server: ServerInfo,
    /// The native protocol and its version.
    #[schema(example = "maru.v1")]
    protocol: &'static str,
    limits: Limits,
    /// Whether a WebSocket would be let in now.
    accepts: Accepts,
    /// Whether the page that asks may connect; absent when it doesn't say where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_allowed: Option<bool>,
}

/// Whether a WebSocket would be let in now: a browser tells a page nothing of a refused one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Accepts {
    /// There is room.
    Connections,
    /// As many connections as there can be: try later.
    Full,
    /// It is stopping: another server, or its successor, takes over.
    Stopping,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct InfoQuery {
    /// The origin of the page, for one that has no `Origin` header: browsers send none to the
    /// address that the page itself came from.
    origin: Option<String>,
}

/// Which server this is, what it speaks, and whether it would let this page connect.
#[utoipa::path(
    get, path = "/api/v1/info", params(InfoQuery),
    responses(
        (status = 200, body = Info),
        (status = 400, body = Problem),
    )
)]
pub(super) async fn info(
    state: web::Data<State>,
    request: HttpRequest,
    query: Result<web::Query<InfoQuery>, actix_web::Error>,
) -> Result<web::Json<Info>, ApiError> {
    let query = query.map_err(ApiError::bad)?.into_inner();
    let header = request.headers().get(header::ORIGIN);
    let origin_allowed = match header {
        Some(origin) => Some(origin.to_str().is_ok_and(|origin| state.origins.allows(origin))),
        None => query.origin.map(|origin| state.origins.allows(&origin)),
    };
    let accepts = if state.stopping() {
        Accepts::Stopping
    } else if state.is_full() {
        Accepts::Full
    } else {
        Accepts::Connections
    };
    let options = &state.services.options;
    let (server, limits) = (options.server.clone(), options.limits);
    let protocol = maru_protocol::NAME;
    Ok(web::Json(Info { server, protocol, limits, accepts, origin_allowed }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct RoomsQuery {
    /// Only rooms whose name contains this, case aside.
    query: Option<String>,
    /// Where the answer before went on: its `more`.
    more: Option<String>,
}

/// Rooms, the latest active first, at most 100; those without an entry come last.
#[derive(Serialize, ToSchema)]
pub(super) struct Rooms {
    rooms: Vec<RoomInfo>,
    /// There may be more: what to ask for them with. Also where there are fewer than 100, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

/// The directory: rooms by their latest entry, newest first, at most 100; those without one come last.
#[utoipa::path(
    get, path = "/api/v1/rooms", params(RoomsQuery),
    security(("identity" = []), ()),
    responses(
        (status = 200, body = Rooms),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 421, body = Problem),
        (status = 429, body = Problem),
        (status = 503, body = Problem),
    )
)]
pub(super) async fn rooms(
    state: web::Data<State>,
    reader: Reader,
    query: Result<web::Query<RoomsQuery>, actix_web::Error>,
) -> Result<web::Json<Rooms>, ApiError> {
    let query = query.map_err(ApiError::bad)?.into_inner();
    reader.take(if query.query.is_some() { Rate::Searches } else { Rate::Reads })?;
    let RoomsQuery { query, more } = query;
    let page = state
        .services
        .rooms(&reader.actor, DirectoryQuery { query, more, limit: MAX_ROOMS })
        .await?;
    Ok(web::Json(Rooms { rooms: page.rooms, more: page.more }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct MessagesQuery {
    /// What is nearest below this seq. Not together with `after`.
    before: Option<u64>,
    /// What is nearest above this seq. Not together with `before`.
    after: Option<u64>,
    /// The message of this id, or the one that this entry changed, and what was said before and after
    /// it. Not together with the others.
    around: Option<Uuid>,
    /// At most this many messages, 1 to 100; 100 without it.
    limit: Option<u32>,
}

/// A part of a room's log.
#[derive(Serialize, ToSchema)]
pub(super) struct Messages {
    room: RoomName,
    epoch: Epoch,
    /// The newest seq of the room.
    head: Seq,
    /// Ascending by seq.
    entries: Vec<Entry>,
    /// The seqs that the answer speaks of. One that `entries` skips changed a message, and the message
    /// has the change in it. The next older entries are those `before` its `from`, the next newer ones
    /// those `after` its `to`.
    covers: Covers,
    /// With `after`: messages below `covers` that were changed within it, as they are now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    updated: Vec<Entry>,
}

/// Messages of a room and what else was said and done there, ascending; the newest without `before`,
/// `after` or `around`. A page has its messages however many changes lie between them: PROTOCOL.md,
/// *Pages*.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages",
    params(("room" = String, Path, description = "The room's name."), MessagesQuery),
    security(("identity" = []), ()),
    responses(
        (status = 200, body = Messages),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 421, body = Problem),
        (status = 429, body = Problem),
        (status = 503, body = Problem),
    )
)]
pub(super) async fn messages(
    state: web::Data<State>,
    reader: Reader,
    room: web::Path<String>,
    query: Result<web::Query<MessagesQuery>, actix_web::Error>,
) -> Result<web::Json<Messages>, ApiError> {
    let query = query.map_err(ApiError::bad)?.into_inner();
    let name = RoomName::parse(&room).map_err(ApiError::bad)?;
    let query = PageQuery {
        before: seq(query.before)?,
        after: seq(query.after)?,
        around: query.around.map(MessageId),
        limit: query.limit,
    };
    reader.take(Rate::Reads)?;
    let found = state.services.history(&reader.actor, &name, query).await?;
    let History { room, epoch, page: Page { head, entries, covers, updated, .. } } = found;
    Ok(web::Json(Messages { room, epoch, head, entries, covers, updated }))
}

fn seq(number: Option<u64>) -> Result<Option<Seq>, ApiError> {
    number.map(Seq::new).transpose().map_err(ApiError::bad)
}
