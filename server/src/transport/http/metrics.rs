//! `/metrics` on a listener of its own, so that it can stay inside.

use std::{io, net::TcpListener, sync::Arc};

use actix_web::{App, HttpResponse, HttpServer, dev::Server, web};

use crate::metrics::Metrics;

/// Serves `/metrics` until stopped.
///
/// # Errors
/// When the listener can't be used.
pub fn listen(listener: TcpListener, metrics: Arc<Metrics>) -> io::Result<Server> {
    let metrics = web::Data::from(metrics);
    let app = move || App::new().app_data(metrics.clone()).route("/metrics", web::get().to(show));
    Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
}

async fn show(metrics: web::Data<Metrics>) -> HttpResponse {
    match metrics.render() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(error) => {
            log::error!(error:% = error; "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
