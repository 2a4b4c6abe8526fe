//! Which pages a browser may ask for, and by which of the server's names.

use actix_cors::Cors;
use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web,
};

use super::State;
use crate::settings::{AllowedOrigins, Hosts};

/// How long, in seconds, a browser needs not ask again whether a page may ask.
const MAX_AGE: usize = 3_600;

/// The pages that the operator lists.
fn own_pages(origins: AllowedOrigins) -> Cors {
    Cors::default()
        .allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|it| origins.allows(it)))
        .max_age(MAX_AGE)
}

/// They may read and upload, with an identity token.
pub(super) fn api(origins: AllowedOrigins) -> Cors {
    own_pages(origins)
        .allowed_methods([Method::GET, Method::HEAD, Method::POST])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}

/// They may use Socket.IO. Some clients send cookies along, by which a gateway knows the node; Maru
/// itself has none.
pub(in super::super) fn socketio(origins: AllowedOrigins) -> Cors {
    own_pages(origins)
        .allowed_methods([Method::GET, Method::POST])
        .allow_any_header()
        .supports_credentials()
}

/// Every page may read: one on the wrong origin finds out here what is wrong with it.
pub(super) fn everybody() -> Cors {
    Cors::default().allow_any_origin().allowed_methods([Method::GET]).max_age(MAX_AGE)
}

/// Refuses pages that the operator does not list, before anything is done for them: that they could not
/// read the answer is not enough.
///
/// # Errors
/// [`ApiError::Origin`](super::ApiError::Origin).
pub(super) async fn refuse_others(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(state) = request.app_data::<web::Data<State>>() {
        state.check_origin(request.head())?;
    }
    next.call(request).await
}

/// Whether a request is for one of these names. Its address may have one as well, which counts then
/// (RFC 9112, section 3.2.2), so both have to be right.
pub(super) fn is_for(request: &HttpRequest, hosts: &Hosts) -> bool {
    let mut named = request.headers().get_all(header::HOST);
    let (Some(host), None) = (named.next(), named.next()) else { return false };
    host.to_str().is_ok_and(|host| hosts.allows(host))
        && request.uri().authority().is_none_or(|it| hosts.allows(it.as_str()))
}
