//! The HTTP API: health, information, the directory and history.

mod api;
mod error;
mod health;
mod metrics;
mod openapi;
mod state;

use actix_cors::Cors;
use actix_web::{http::Method, web};

pub use error::ApiError;
pub use metrics::listen as listen_metrics;
pub use state::{Lifecycle, State};

use super::ws;

/// Every route of the socket server.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/ws", web::get().to(ws::route))
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
                .route("/openapi.json", web::get().to(openapi::serve)),
        )
        .default_service(web::to(|| async {
            Err::<actix_web::HttpResponse, _>(ApiError::NotFound)
        }));
}
