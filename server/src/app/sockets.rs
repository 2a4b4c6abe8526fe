//! Listening sockets.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Socket, Type};

use super::AppError;

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

/// Each connection is a file: the soft limit of 1,024 that most systems start a program with is
/// raised to the hard one.
pub(super) fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        log::warn!(error:% = error; "the limit of open files could not be raised");
    }
}
