//! Where the connections of a test come from.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tokio::net::{TcpSocket, TcpStream};

tokio::task_local! {
    static SOURCE: Ipv4Addr;
}

/// Connections that are made in `what` come from that address of the loopback network.
pub async fn from<T>(source: Ipv4Addr, what: impl Future<Output = T>) -> T {
    SOURCE.scope(source, what).await
}

/// A connection, from the address of the task if it has one.
pub async fn dial(to: SocketAddr) -> io::Result<TcpStream> {
    match SOURCE.try_with(|source| *source) {
        Ok(source) => {
            let socket = TcpSocket::new_v4()?;
            socket.bind((source, 0).into())?;
            socket.connect(to).await
        }
        Err(_) => TcpStream::connect(to).await,
    }
}
