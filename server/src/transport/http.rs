//! The HTTP API: health, information, the directory and history, and the operators' listener.

mod api;
mod error;
mod files;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod health;
mod identity;
mod openapi;
mod operators;
mod origin;
mod problem;
mod resource;
mod search;
mod state;

use actix_web::{
    HttpRequest,
    dev::RequestHead,
    error::PathError,
    http::{Method, header},
    middleware::{DefaultHeaders, from_fn},
    web,
};

pub use error::ApiError;
pub use operators::listen as listen_operators;
pub(super) use origin::socketio as socketio_pages;
pub(super) use resource::at;
pub use state::{Lifecycle, SocketIoDoor, State};

use self::resource::below;
use super::websocket;

/// Where all that is read and written begins.
const API: &str = "/api/v1";

/// Every route of the socket server.
pub fn routes(config: &mut web::ServiceConfig, state: &web::Data<State>) {
    config
        .app_data(web::PathConfig::default().error_handler(wrong_path))
        .service(at("/healthz", "GET").route(web::get().to(health::live)))
        .service(at("/readyz", "GET").route(web::get().to(health::ready)))
        .service(at("/ws", "GET").route(web::get().to(websocket::route)))
        .service(
            // Alone of its kind. It comes before the scope, which has the same beginning.
            at("/api/v1/info", "GET").wrap(origin::everybody()).route(web::get().to(api::info)),
        )
        .service(
            web::scope(API)
                .wrap(origin::api(state.origins.clone()))
                .wrap(from_fn(origin::refuse_others))
                .wrap(of_data())
                .configure(api_routes),
        )
        .default_service(web::to(nothing_here));
}

fn api_routes(config: &mut web::ServiceConfig) {
    let at = |path, methods| below(API, path, methods);
    config
        .service(at("/rooms", "GET").route(web::get().to(api::rooms)))
        .service(at("/rooms/{room}/messages", "GET").route(web::get().to(api::messages)))
        .service(at("/rooms/{room}/files", "POST").route(web::post().to(files::upload)))
        .service(at("/search", "GET").route(web::get().to(search::search)))
        .service(at("/openapi.json", "GET").route(web::get().to(openapi::serve)));
    // The name is for whoever looks at the address.
    for path in ["/files/{id}", "/files/{id}/{name}"] {
        config.service(
            at(path, "GET, HEAD")
                .route(web::get().to(files::download))
                .route(web::head().to(files::download)),
        );
    }
}

/// Nobody takes JSON for something else, and no page of another site has it in its process. A file says
/// itself whose it is.
fn of_data() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::CACHE_CONTROL, "no-store"))
}

/// Whether somebody asks whether the server is well.
pub(super) fn is_probe(head: &RequestHead) -> bool {
    head.method == Method::GET && ["/healthz", "/readyz"].contains(&head.uri.path())
}

async fn nothing_here() -> Result<&'static str, ApiError> {
    Err(ApiError::NotFound)
}

fn wrong_path(error: PathError, _: &HttpRequest) -> actix_web::Error {
    ApiError::bad(error).into()
}
