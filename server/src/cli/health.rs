//! `maru-server health`: asks a running server how it is.

use std::net::SocketAddr;

use super::{ask::ask, say};

/// Prints what the server says of itself.
///
/// # Errors
/// One sentence when it can't be reached, or says that it isn't well.
pub(super) fn run(listen: SocketAddr, ready: bool) -> Result<(), String> {
    let path = if ready { "/readyz" } else { "/healthz" };
    say(&ask(("http.port", listen), ("GET", path), "")?);
    Ok(())
}
