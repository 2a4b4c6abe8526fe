//! For those who watch over the server.

use std::time::Duration;

use actix_web::{HttpResponse, web};

use super::{ApiError, State};

/// How long the store may take to answer before the server is not ready.
const PROBE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process answers. A gateway that restarts servers looks here.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: new connections are welcome. A gateway that spreads connections looks here.
pub(super) async fn ready(state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    if state.stopping() {
        return Err(ApiError::Stopping);
    }
    match tokio::time::timeout(PROBE, state.services.probe()).await {
        Ok(Ok(())) => Ok(HttpResponse::Ok().body(details(&state))),
        // A gateway asks every second: the store says itself, once, that it is away.
        Ok(Err(error)) => {
            log::debug!(error:% = error; "not ready");
            Err(error.into())
        }
        Err(_) => Err(ApiError::Unavailable),
    }
}

/// For people: what is away without making the server less ready. Without the bus each node finds
/// by itself what the others committed.
fn details(state: &State) -> String {
    if state.services.is_out_of_space() {
        return "ready\nstore: its disk has less free than journal.keep_free: nothing new is kept\n"
            .to_owned();
    }
    if !state.clustered {
        return "ready\n".to_owned();
    }
    let metrics = &state.services.metrics;
    let bus = if metrics.bus_connected.get() == 1 { "connected" } else { "away" };
    let peers = metrics.peers.get();
    format!("ready\nbus: {bus}\npeers: {peers}\n")
}
