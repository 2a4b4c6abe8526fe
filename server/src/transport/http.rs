//! The HTTP API: health, information, the directory and history.

mod api;
mod error;
mod files;
mod health;
mod metrics;
mod openapi;
mod search;
mod state;

use actix_cors::Cors;
use actix_web::{
    http::{Method, header},
    web,
};

pub use error::ApiError;
pub use metrics::listen as listen_metrics;
pub use state::{Lifecycle, SocketIoDoor, State};

use super::websocket;
use crate::settings::AllowedOrigins;

/// The pages that the operator lists, and for how long a browser needs not ask again.
fn own_pages(origins: AllowedOrigins) -> Cors {
    Cors::default()
        .allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|it| origins.allows(it)))
        .max_age(3_600)
}

/// Which pages may upload: those that may open a WebSocket.
fn uploading(origins: AllowedOrigins) -> Cors {
    own_pages(origins)
        .allowed_methods([Method::POST])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}

/// Which pages may use Socket.IO: those that may open a WebSocket. Some clients send cookies along, by
/// which a gateway knows the node; Maru itself has none.
pub(super) fn pages(origins: AllowedOrigins) -> Cors {
    own_pages(origins)
        .allowed_methods([Method::GET, Method::POST])
        .allow_any_header()
        .supports_credentials()
}

/// Every route of the socket server.
pub fn routes(config: &mut web::ServiceConfig, state: &web::Data<State>) {
    config
        .route("/healthz", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/ws", web::get().to(websocket::route))
        .service(
            // Before what anybody may read: uploading takes a token, so only our own pages may.
            web::resource("/api/v1/rooms/{room}/files")
                .wrap(uploading(state.origins.clone()))
                .route(web::post().to(files::upload)),
        )
        .service(
            web::scope("/api/v1")
                // Reading takes no credentials, so any page may: a page on the wrong origin finds
                // out here what is wrong with it. The WebSocket checks its origin itself.
                .wrap(
                    Cors::default()
                        .allow_any_origin()
                        .allowed_methods([Method::GET])
                        .max_age(3_600),
                )
                .route("/info", web::get().to(api::info))
                .route("/rooms", web::get().to(api::rooms))
                .route("/rooms/{room}/messages", web::get().to(api::messages))
                .service(
                    // The name is for whoever looks at the address.
                    web::resource(["/files/{id}", "/files/{id}/{name}"])
                        .route(web::get().to(files::download))
                        .route(web::head().to(files::download)),
                )
                .route("/search", web::get().to(search::search))
                .route("/openapi.json", web::get().to(openapi::serve)),
        )
        .default_service(web::to(|| async {
            Err::<actix_web::HttpResponse, _>(ApiError::NotFound)
        }));
}
