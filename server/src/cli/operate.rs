//! `maru-server drain`, `sign-out` and `rooms`: what an operator tells a running server, by the listener
//! that is for operators.

use std::net::SocketAddr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ask::ask, say};
use crate::settings::Settings;

/// Sends everybody to other servers.
///
/// # Errors
/// One sentence: the server can't be reached, or knows of no other and `alone` was not said.
pub(super) fn drain(settings: &Settings, alone: bool) -> Result<(), String> {
    tell(settings, if alone { "/admin/drain?alone=true" } else { "/admin/drain" })
}

/// Ends all that proves that somebody is this person.
///
/// # Errors
/// One sentence: the server can't be reached, or does not take the id.
pub(super) fn sign_out(settings: &Settings, user: &str) -> Result<(), String> {
    let user = utf8_percent_encode(user, NON_ALPHANUMERIC);
    tell(settings, &format!("/admin/sign-out?user={user}"))
}

/// Prints the rooms that there are.
///
/// # Errors
/// One sentence: the server can't be reached, or the limit is none.
pub(super) fn list_rooms(
    settings: &Settings,
    contains: Option<&str>,
    limit: u32,
) -> Result<(), String> {
    let contains = contains
        .map(|part| format!("&contains={}", utf8_percent_encode(part, NON_ALPHANUMERIC)))
        .unwrap_or_default();
    request(settings, "GET", &format!("/admin/rooms?limit={limit}{contains}"))
}

/// Removes a room with everything in it.
///
/// # Errors
/// One sentence: the server can't be reached, or there is no such room.
pub(super) fn delete_room(settings: &Settings, room: &str) -> Result<(), String> {
    let room = utf8_percent_encode(room, NON_ALPHANUMERIC);
    tell(settings, &format!("/admin/rooms/delete?room={room}"))
}

/// Gives a room another name.
///
/// # Errors
/// One sentence: the server can't be reached, there is no such room, or it can't have that name.
pub(super) fn rename_room(settings: &Settings, room: &str, to: &str) -> Result<(), String> {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let (room, to) = (encoded(room), encoded(to));
    tell(settings, &format!("/admin/rooms/rename?room={room}&to={to}"))
}

fn tell(settings: &Settings, path: &str) -> Result<(), String> {
    request(settings, "POST", path)
}

fn request(settings: &Settings, method: &str, path: &str) -> Result<(), String> {
    let listen: Option<SocketAddr> = settings.metrics.as_ref().map(|metrics| metrics.listen);
    let off = "metrics.enabled is false: no server listens to its operators";
    let lines = "Maru-Operator: yes\r\nContent-Length: 0\r\n";
    say(&ask(("metrics.port", listen.ok_or(off)?), (method, path), lines)?);
    Ok(())
}
