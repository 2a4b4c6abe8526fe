//! `/api/v1/search`: what was said in a room.

use actix_web::web;
use maru_protocol::{Hit, Query, RoomName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ApiError, State, identity::Reader, problem::Problem};
use crate::{limits::Rate, services::SearchIn};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    /// Words, all of which a message has to contain, each anywhere in it, case aside; a phrase in
    /// quotation marks counts as one. 1 to 100 characters.
    query: String,
    /// The room's name.
    room: String,
    /// Where the answer before went on: its `more`.
    more: Option<String>,
}

/// Messages that were found.
#[derive(Serialize, ToSchema)]
pub(super) struct Results {
    /// At most 20, the best first.
    hits: Vec<Hit>,
    /// There are more: what to ask for them with.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

/// Messages of a room that contain every word of a query, the best first.
#[utoipa::path(
    get, path = "/api/v1/search", params(SearchQuery),
    security(("identity" = []), ()),
    responses(
        (status = 200, body = Results),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 421, body = Problem),
        (status = 429, body = Problem),
        (status = 503, body = Problem),
    )
)]
pub(super) async fn search(
    state: web::Data<State>,
    reader: Reader,
    query: Result<web::Query<SearchQuery>, actix_web::Error>,
) -> Result<web::Json<Results>, ApiError> {
    let query = query.map_err(ApiError::bad)?.into_inner();
    let SearchQuery { query, room, more } = query;
    let name = RoomName::parse(&room).map_err(ApiError::bad)?;
    let query = Query::parse(&query).map_err(|error| ApiError::Query(error.to_string()))?;
    let place = SearchIn::Room(&name);
    reader.take(Rate::Searches)?;
    let found = state.services.search(&reader.actor, query, place, more).await?;
    Ok(web::Json(Results { hits: found.hits, more: found.more }))
}
