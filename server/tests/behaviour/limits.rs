//! How much one person and one address may ask for, whatever the number of their connections and the
//! door that they come by; and that an office of people who share an address is none the worse.

mod abuse;
mod doors;
mod figures;
mod files;
mod full_disk;
mod gateway;
mod office;
mod outboxes;
mod proxied;
mod rates;
mod sockets;
mod unfinished;

use std::net::Ipv4Addr;

use crate::{operators::started, process::Server, web::get};

/// Addresses that people come from.
const HERE: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 2);

/// A server that limits also who comes from the loopback network, and its figures' address.
fn limited(settings: &[(&str, &str)]) -> (Server, String) {
    limited_of(Server::start, settings)
}

fn limited_of(
    start: impl FnOnce(&[(&str, &str)]) -> Server,
    settings: &[(&str, &str)],
) -> (Server, String) {
    let (server, operator) = started(start, &[&[("MARU_LIMITS__EXEMPT", "")], settings].concat());
    (server, operator.to_string())
}

/// The figures, as they are now.
async fn figures(operator: &str) -> String {
    get(operator.parse().unwrap(), "/metrics").await.body
}

/// How often the setting of that name refused something.
async fn refused_by(operator: &str, limit: &str) -> u64 {
    let line = format!("maru_limited_total{{limit=\"{limit}\"}} ");
    let figures = figures(operator).await;
    figures.lines().find_map(|it| it.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
}
