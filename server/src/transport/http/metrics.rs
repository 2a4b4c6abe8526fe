//! `/metrics` and `/admin/drain` on a listener of their own, so that they can stay inside.

use std::{io, net::TcpListener};

use actix_web::{App, HttpResponse, HttpServer, dev::Server, web};

use super::State;

/// Serves what only operators are to reach, until stopped.
///
/// # Errors
/// When the listener can't be used.
pub fn listen(listener: TcpListener, state: web::Data<State>) -> io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(state.clone())
            .route("/metrics", web::get().to(show))
            .route("/admin/drain", web::post().to(drain))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
}

/// Sends everybody to other nodes, as a stop does, and stays. Again is no more.
async fn drain(state: web::Data<State>) -> HttpResponse {
    state.lifecycle.ask_to_drain();
    let open = state.connections.open();
    HttpResponse::Accepted().body(format!("draining {open} connections\n"))
}

async fn show(state: web::Data<State>) -> HttpResponse {
    let services = &state.services;
    services.metrics.journal_available.set(services.is_available().into());
    match services.metrics.render() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(error) => {
            log::error!(error:% = error; "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
