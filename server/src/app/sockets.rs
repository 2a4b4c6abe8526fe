//! Listening sockets.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Socket, Type};

use super::AppError;
use crate::settings::Settings;

/// Connections that the kernel holds while the workers are busy: a restart's whole crowd. The
/// kernel caps it at `net.core.somaxconn`, 4,096 by default.
const BACKLOG: i32 = 4_096;

/// Listens on the address of a section of the settings.
pub(super) fn bind(section: &str, address: SocketAddr) -> Result<TcpListener, AppError> {
    listen(address).map_err(|error| {
        let name = if error.kind() == io::ErrorKind::AddrInUse { "PORT" } else { "HOST" };
        let variable = format!("MARU_{}__{name}", section.to_uppercase());
        match error.kind() {
            io::ErrorKind::AddrInUse => AppError::Taken { address, variable },
            _ => AppError::Listen { address, error, variable },
        }
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restart must not wait for the old connections' TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Files of the server itself: the journal's and the index's, listeners, threads, Postgres and NATS.
const OWN_FILES: usize = 256;

/// The least that a bound is lowered to.
const LEAST: usize = 16;

/// Each connection is a file: the soft limit of 1,024 that most systems start a program with is
/// raised to the hard one. Says how many there can be.
pub(super) fn raise_file_limit() -> Option<u64> {
    rlimit::increase_nofile_limit(u64::MAX)
        .inspect_err(|error| {
            log::warn!(error:% = error; "the limit of open files could not be raised");
        })
        .ok()
}

/// Lowers what is set to what the process can open, each in proportion, and says so. A server that runs out
/// of files falls silent: it takes no connection, also not of who asks whether it is well, and can't open
/// its journal's files either.
pub(super) fn fit(settings: &mut Settings, most_files: u64) {
    let most_files = usize::try_from(most_files).unwrap_or(usize::MAX);
    let own = OWN_FILES + settings.files.max_at_once;
    let set = [settings.http.max_connections, settings.limits.sockets, settings.limits.downloads];
    let asked: usize = set.iter().sum();
    if asked.saturating_add(own) <= most_files {
        return;
    }
    let (left, all) = (most_files.saturating_sub(own) as u128, asked as u128);
    // At most what was set, so it fits.
    let lower = |of: usize| ((of as u128 * left / all) as usize).max(LEAST).min(of);
    let [connections, sockets, downloads] = set.map(lower);
    settings.http.max_connections = connections;
    settings.limits.sockets = sockets;
    settings.limits.downloads = downloads;
    log::warn!(
        "http.max_connections = {}, limits.sockets = {} and limits.downloads = {} take {} open files, and \
         this process may have {most_files}: they are lowered to {connections}, {sockets} and \
         {downloads}. Raise the limit (`ulimit -n`, LimitNOFILE= of systemd, `ulimits` of a container) \
         or lower these settings",
        set[0],
        set[1],
        set[2],
        asked + own,
    );
}
