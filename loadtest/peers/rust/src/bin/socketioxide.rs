//! socketioxide under axum: join a room, repeat what is said to the room.

use std::io;

use axum::{Router, serve::ListenerExt};
use serde_json::Value;
use socketioxide::{
    SocketIo, TransportType,
    extract::{Data, SocketRef},
};
use tokio::net::TcpListener;

/// Packets that wait for one client: as many as the other servers let wait.
const WAITING: usize = 1_024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.ok_or_else(|| io::Error::other("the first argument is the port"))?;
    let (layer, io) = SocketIo::builder()
        .transports([TransportType::Websocket])
        .max_buffer_size(WAITING)
        .build_layer();
    io.ns("/", connected);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
        // Who is gone already is noticed by a read.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().layer(layer)).await
}

async fn connected(socket: SocketRef) {
    socket.on("join", async |socket: SocketRef, Data(room): Data<String>| {
        socket.join(room.clone());
        socket.on("say", async move |socket: SocketRef, Data(entry): Data<Value>| {
            // Fails where a member's buffer is full: the load generator finds what was lost.
            let _ = socket.within(room.clone()).emit("entry", &entry).await;
        });
        let _ = socket.emit("joined", &());
    });
}
