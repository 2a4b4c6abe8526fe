//! The frontend's static files, on a port of their own as they would be deployed. For a first look
//! and for development; in production a web server or a CDN serves them.

use std::{io, net::TcpListener, path::PathBuf};

use actix_files::{Files, NamedFile};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::{Server, ServiceResponse, fn_service},
    http::header,
    middleware::DefaultHeaders,
    web,
};
use percent_encoding::percent_decode_str;

/// Where the page finds the socket server: the host it was loaded from, and this port.
#[derive(Clone, Copy)]
struct ServerPort(u16);

/// Serves `dir` until stopped; `server_port` is told to the page in `config.json`.
///
/// # Errors
/// When the listener can't be used.
pub fn listen(listener: TcpListener, dir: PathBuf, server_port: u16) -> io::Result<Server> {
    let app = move || {
        let index = dir.join("index.html");
        App::new()
            .app_data(web::Data::new(ServerPort(server_port)))
            .wrap(headers())
            .route("/config.json", web::get().to(config))
            .service(Files::new("/", &dir).index_file("index.html").default_handler(fn_service(
                move |request: actix_web::dev::ServiceRequest| {
                    let index = index.clone();
                    async move {
                        let (request, _) = request.into_parts();
                        let response = if is_file(request.path()) {
                            HttpResponse::NotFound().body("there is no such file\n")
                        } else {
                            NamedFile::open(index)?.into_response(&request)
                        };
                        Ok(ServiceResponse::new(request, response))
                    }
                },
            )))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
}

/// Whether a file is meant and not a place of the page, which finds out itself what an address means. A
/// script or a picture that is missing, as after an upgrade, is not to be taken for one: a browser would
/// keep the page in its place. `deploy/nginx.conf` decides likewise.
fn is_file(path: &str) -> bool {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let of_a_build = ["/assets/", "/icons/"].iter().any(|folder| path.starts_with(folder));
    of_a_build || path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

/// What a `<meta>` policy can't say, and what a static host should.
fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::CACHE_CONTROL, "no-cache"))
}

async fn config(request: HttpRequest, port: web::Data<ServerPort>) -> web::Json<serde_json::Value> {
    let host = request.connection_info().host().to_owned();
    // An IPv6 address stands in brackets: only a colon behind them starts a port.
    let name = match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => &host,
    };
    web::Json(serde_json::json!({ "server": format!("ws://{name}:{}/ws", port.0) }))
}
