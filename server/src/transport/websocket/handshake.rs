//! `GET /ws`: who may open a connection.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::connection::serve;
use crate::{
    session::Worker,
    transport::{
        http::{ApiError, State},
        upgrade::Takeover,
    },
};

/// The route's handler: checks the origin and the capacity, then answers the handshake. The
/// connection itself starts when the answer has left the App (`transport::upgrade`).
pub async fn route(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> actix_web::Result<HttpResponse> {
    state.check_origin(request.head())?;
    if state.stopping() {
        return Err(ApiError::Stopping.into());
    }
    if state.is_full() {
        return Err(ApiError::Full.into());
    }
    let entry = state.intake.enter(&request).map_err(ApiError::from)?;
    // actix-ws's own stream and session are left: after the handshake the socket is ours.
    let (response, _, _) = actix_ws::handle(&request, payload)
        .map_err(|error| ApiError::Handshake(error.to_string()))?;
    let Some(worker) = request.app_data::<Rc<Worker>>().cloned() else {
        return Err(ApiError::Stopping.into());
    };
    let connections = state.connections.clone();
    let mut response = response.drop_body().map_into_boxed_body();
    response.extensions_mut().insert(Takeover::new(move |taken| {
        actix_rt::spawn(serve(taken, worker, connections, entry));
    }));
    Ok(response)
}
