//! Who asks over HTTP.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use maru_engine::Actor;
use maru_protocol::User;

use super::{ApiError, State, origin::is_for};
use crate::limits::{Caller, Rate};

/// Whoever reads, and how much they may ask for.
pub(super) struct Reader {
    pub(super) actor: Actor,
    caller: Caller,
}

impl Reader {
    /// One of these. Where it is known who reads, of that person too: their limits hold at every door.
    ///
    /// # Errors
    /// [`ApiError::Limited`] when there were too many, and for somebody who has to stay away.
    pub(super) fn take(&self, rate: Rate) -> Result<(), ApiError> {
        match self.actor.user_id() {
            Some(person) => self.caller.known_as(person)?.take(rate)?,
            None => self.caller.take(rate)?,
        }
        Ok(())
    }
}

impl FromRequest for Reader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<State>>().ok_or(ApiError::Stopping);
        ready(state.and_then(|state| {
            let actor = reader(request, state)?;
            Ok(Self { actor, caller: state.intake.caller(request) })
        }))
    }
}

/// Who wants to read: the person of the token. Without one, and where the operator lets everybody read,
/// nobody in particular.
///
/// # Errors
/// [`ApiError::NoToken`], before anything is looked up: what there is is not for strangers to find out.
/// [`ApiError::Unknown`] for a token that is not good. [`ApiError::Host`] for a page that could be any.
fn reader(request: &HttpRequest, state: &State) -> Result<Actor, ApiError> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(Actor::User(bearer(request, state)?.id));
    }
    let Some(hosts) = &state.anonymous_reading else { return Err(ApiError::NoToken) };
    // A page of another origin is refused by that. One whose own name was pointed here has none of
    // the kind, and no token either: here alone it would find something.
    if !is_for(request, hosts) {
        return Err(ApiError::Host("http.allowed_hosts"));
    }
    Ok(Actor::Anonymous)
}

/// Who sends the request, by their identity token (RFC 6750, section 2.1).
///
/// # Errors
/// [`ApiError::NoToken`], [`ApiError::Unknown`].
pub(super) fn bearer(request: &HttpRequest, state: &State) -> Result<User, ApiError> {
    let given = request.headers().get(header::AUTHORIZATION).ok_or(ApiError::NoToken)?;
    let given = given.to_str().ok().and_then(|given| given.split_once(' '));
    match given {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(state.services.admit.identify(token.trim())?)
        }
        _ => Err(ApiError::NoToken),
    }
}
