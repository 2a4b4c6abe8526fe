//! `GET /ws`: who may open a connection.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use crate::transport::http::{ApiError, State};

/// The route's handler: checks the origin and the capacity, then answers the handshake. The
/// connection itself starts when the answer has left the App (`transport::upgrade`).
pub async fn route(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> actix_web::Result<HttpResponse> {
    let origin = request.headers().get(header::ORIGIN);
    if let Some(origin) = origin
        && !origin.to_str().is_ok_and(|origin| state.origins.allows(origin))
    {
        return Err(ApiError::Origin.into());
    }
    if state.stopping() {
        return Err(ApiError::Stopping.into());
    }
    if state.is_full() {
        return Err(ApiError::Full.into());
    }
    // actix-ws's own stream and session are left: after the handshake the socket is ours.
    let (response, _, _) = actix_ws::handle(&request, payload)
        .map_err(|error| ApiError::Handshake(error.to_string()))?;
    Ok(response.drop_body().map_into_boxed_body())
}
