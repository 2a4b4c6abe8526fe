//! `/metrics` and `/admin` on a listener of their own, so that they can stay inside.
//!
//! It asks nobody who they are: who reaches it is an operator. A browser of somebody who can reach it is
//! none, whatever page it shows. So a page's requests are refused, by their `Origin`, by their `Host`
//! where the page's own name was pointed here (DNS rebinding), and, where they change something, as
//! they lack a header that no form can send.

use std::{io, net::TcpListener};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{Next, from_fn},
    web,
};
use maru_engine::Actor;
use maru_protocol::{RoomInfo, RoomName, UserId};
use serde::Deserialize;

use super::{ApiError, State, at, nothing_here, origin::is_for};
use crate::{auth::is_user_id, services::DirectoryQuery, settings::Hosts};

/// What a request that changes something carries, whatever its value. A page that wants to send it has
/// to ask first (a preflight), and is refused.
const OPERATOR: &str = "Maru-Operator";

/// Serves what only operators are to reach, by one of these names, until stopped.
///
/// # Errors
/// When the listener can't be used.
pub fn listen(listener: TcpListener, hosts: Hosts, state: web::Data<State>) -> io::Result<Server> {
    let hosts = web::Data::new(hosts);
    let app = move || {
        App::new()
            .app_data(state.clone())
            .app_data(hosts.clone())
            .wrap(from_fn(refuse_pages))
            .service(at("/metrics", "GET").route(web::get().to(show)))
            .service(at("/admin/drain", "POST").route(web::post().to(drain)))
            .service(at("/admin/sign-out", "POST").route(web::post().to(sign_out)))
            .service(at("/admin/rooms", "GET").route(web::get().to(rooms)))
            .service(at("/admin/rooms/delete", "POST").route(web::post().to(delete_room)))
            .service(at("/admin/rooms/rename", "POST").route(web::post().to(rename_room)))
            .default_service(web::to(nothing_here))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
}

async fn refuse_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let hosts = request.app_data::<web::Data<Hosts>>();
    if !hosts.is_some_and(|hosts| is_for(request.request(), hosts)) {
        return Err(ApiError::Host("metrics.allowed_hosts").into());
    }
    if request.headers().contains_key(header::ORIGIN) {
        return Err(ApiError::OperatorsOnly.into());
    }
    let looks = [Method::GET, Method::HEAD].contains(request.method());
    if !looks && !request.headers().contains_key(OPERATOR) {
        return Err(ApiError::NoOperator.into());
    }
    next.call(request).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DrainQuery {
    /// Also where there is no other server.
    #[serde(default)]
    alone: bool,
}

/// Sends everybody to other nodes, as a stop does, and stays. Again is no more.
async fn drain(
    query: Result<web::Query<DrainQuery>, Error>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let query = query.map_err(ApiError::bad)?;
    if !query.alone && state.services.metrics.peers.get() == 0 && !state.stopping() {
        return Err(ApiError::NoOtherServer);
    }
    state.lifecycle.ask_to_drain();
    let open = state.connections.open();
    Ok(HttpResponse::Accepted().body(format!("draining {open} connections\n")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignOutQuery {
    /// Who, by the id that messages carry.
    user: String,
}

/// Ends all that proves that somebody is this person, and their connections, on all nodes.
async fn sign_out(
    query: Result<web::Query<SignOutQuery>, Error>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let query = query.map_err(ApiError::bad)?.into_inner();
    if !is_user_id(&query.user) {
        let right = "a user's id has 1 to 128 bytes and no control characters";
        return Err(ApiError::Bad(right.to_owned()));
    }
    state.services.sign_out(&Actor::System, UserId(query.user)).await?;
    Ok(HttpResponse::Ok().body("signed out: at once here, within seconds on other servers\n"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomsQuery {
    /// Only rooms whose name contains this, case aside.
    contains: Option<String>,
    /// At most this many, 1 to 1,000; 100 without it.
    limit: Option<u32>,
}

/// Most rooms in a list.
const MOST_LISTED: u32 = 1_000;

/// A line for each room: how many entries, how many people, how long nothing was said, its name.
async fn rooms(
    query: Result<web::Query<RoomsQuery>, Error>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let RoomsQuery { contains, limit } = query.map_err(ApiError::bad)?.into_inner();
    let mut left = limit.unwrap_or(100);
    if !(1..=MOST_LISTED).contains(&left) {
        return Err(ApiError::Bad(format!("the limit is 1 to {MOST_LISTED}")));
    }
    let now = state.services.clock.now_ms();
    let (mut text, mut more) = ("entries\tpeople\tquiet\tname\n".to_owned(), None);
    while left > 0 {
        let ask = DirectoryQuery { query: contains.clone(), more, limit: left };
        let page = state.services.rooms(&Actor::System, ask).await?;
        left = left.saturating_sub(u32::try_from(page.rooms.len()).unwrap_or(u32::MAX));
        for RoomInfo { room, members, head, active_at } in page.rooms {
            let age = age(now.saturating_sub(active_at));
            text.push_str(&format!("{head}\t{members}\t{age}\t{room}\n"));
        }
        more = page.more;
        if more.is_none() {
            break;
        }
    }
    Ok(HttpResponse::Ok().body(text))
}

/// Milliseconds as a person says them.
fn age(millis: u64) -> String {
    let minutes = millis / 60_000;
    match (minutes / (24 * 60), minutes / 60) {
        (0, 0) => format!("{minutes}m"),
        (0, hours) => format!("{hours}h"),
        (days, _) => format!("{days}d"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomQuery {
    /// Its name, case aside.
    room: String,
}

/// Removes a room with all that is in it, on all nodes.
async fn delete_room(
    query: Result<web::Query<RoomQuery>, Error>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let query = query.map_err(ApiError::bad)?;
    let name = RoomName::parse(&query.room).map_err(ApiError::bad)?;
    let name = state.services.remove_room(&Actor::System, &name).await?;
    Ok(HttpResponse::Ok().body(format!("{name}: deleted, with everything in it\n")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenameQuery {
    /// Its name, case aside.
    room: String,
    /// The name that it is to have.
    to: String,
}

/// Gives a room another name, on all nodes.
async fn rename_room(
    query: Result<web::Query<RenameQuery>, Error>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let query = query.map_err(ApiError::bad)?;
    let named = |text: &str, which| {
        RoomName::parse(text).map_err(|why| ApiError::Bad(format!("the {which}: {why}")))
    };
    let (room, name) = (named(&query.room, "room")?, named(&query.to, "new name")?);
    let (from, to) = state.services.rename_room(&Actor::System, &room, name).await?;
    Ok(HttpResponse::Ok().body(format!("{from}: renamed to {to}, with everything in it\n")))
}

async fn show(state: web::Data<State>) -> HttpResponse {
    let services = &state.services;
    services.show_store();
    match services.metrics.render() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(error) => {
            log::error!(error:% = error; "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages() {
        let minute = 60_000;
        for (millis, said) in [
            (0, "0m"),
            (59 * minute, "59m"),
            (60 * minute, "1h"),
            (24 * 60 * minute - 1, "23h"),
            (24 * 60 * minute, "1d"),
        ] {
            assert_eq!(age(millis), said);
        }
    }
}
