//! The HTTP API described for tools.

use actix_web::web;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, RefOr, Response,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{api, files, problem, search};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Maru",
        description = "Reading over HTTP, and files. Conversation is over WebSocket: see PROTOCOL.md.",
        license(name = "Apache-2.0 OR MIT")
    ),
    modifiers(&Identity, &Problems),
    paths(api::info, api::rooms, api::messages, search::search, files::upload, files::download)
)]
struct Document;

/// What proves who asks.
struct Identity;

impl Modify for Identity {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "The identity token of the latest `welcome`. Reading does without where the operator \
                 set `http.anonymous_reading`.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("identity", SecurityScheme::Http(token));
    }
}

/// Every refusal has the media type of a problem document.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let operations = document.paths.paths.values_mut().flat_map(operations);
        for (status, response) in operations.flat_map(|it| &mut it.responses.responses) {
            if let RefOr::T(response) = response
                && status.as_str() >= "400"
            {
                as_problem(response);
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.head].into_iter().flatten()
}

fn as_problem(response: &mut Response) {
    if let Some(body) = response.content.swap_remove("application/json") {
        response.content.insert(problem::MEDIA_TYPE.to_owned(), body);
    }
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> web::Json<openapi::OpenApi> {
    web::Json(Document::openapi())
}
