//! The HTTP API described for tools.

use actix_web::web;
use utoipa::OpenApi;

use super::{api, files, search};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Maru",
        description = "Reading over HTTP, and files. Conversation is over WebSocket: see PROTOCOL.md.",
        license(name = "Apache-2.0 OR MIT")
    ),
    paths(api::info, api::rooms, api::messages, search::search, files::upload, files::download)
)]
struct Document;

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> web::Json<utoipa::openapi::OpenApi> {
    web::Json(Document::openapi())
}
