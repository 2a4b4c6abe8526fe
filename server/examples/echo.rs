//! A server that says back what it hears, by WebSocket: something that a conformance suite of RFC 6455 can be
//! pointed at. It has the transport of the chat, and nothing of the chat.
//!
//! `cargo run --example echo -- 127.0.0.1:9001`

#![allow(clippy::print_stdout)] // it has no log

use std::{error::Error, net::TcpListener, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, web};
use maru_server::{
    clock::SystemClock,
    limits::{self, Limits},
    metrics::Metrics,
    session::AdmissionQueue,
    transport::{
        intake::Intake,
        listener::{Site, serve},
        websocket::plain::{PlainLimits, accept},
    },
};

/// The longest message of the public suite, and two of them on their way back.
const LIMITS: PlainLimits = PlainLimits { message: 16 << 20, outbox: 64 << 20 };

#[actix_rt::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    let listener = TcpListener::bind(&address)?;
    println!("listening on {}", listener.local_addr()?);
    let metrics = Arc::new(Metrics::new()?);
    let limits = Limits::new(limits::Options::default(), Arc::new(SystemClock), metrics.clone());
    let intake = Intake::simple(limits, metrics);
    let server = serve(listener, 1, &intake, || {
        let turns = AdmissionQueue::new();
        actix_rt::spawn(turns.clone().run());
        let routes = |config: &mut web::ServiceConfig| {
            config.default_service(web::to(echo));
        };
        Site { routes, polls: Default::default(), turns }
    })?;
    Ok(server.await?)
}

async fn echo(request: HttpRequest, payload: web::Payload) -> actix_web::Result<HttpResponse> {
    accept(&request, payload, LIMITS, Some)
}
