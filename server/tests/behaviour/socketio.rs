//! Clients of Socket.IO: in the same rooms, by the same promises.

mod accepted;
mod chat;
mod cluster;
mod ends;
mod engine;
mod guest;
mod hostile;
mod proxied;
mod recovery;

use std::net::SocketAddr;

use serde_json::json;

use crate::{
    client::Client,
    process::Server,
    support::socketio::{Socket, Transport},
};

/// Somebody who speaks maru.v1, in the room that every server begins with.
async fn ada_in_the_lobby(server: &Server) -> Client {
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada
}

/// 300 messages of somebody else, one after another, while Ben goes over from polling to a WebSocket
/// at that door: he gets all of them, in their order.
async fn upgrade_amid_events(server: &Server, door: SocketAddr) -> Socket {
    let mut ada = ada_in_the_lobby(server).await;
    let mut ben = Socket::named(door, Transport::Polling, "Ben").await;
    ben.ask("join", json!("lobby")).await;
    let talk = async {
        for n in 0..300 {
            ada.say("lobby", &n.to_string()).await;
        }
    };
    let listen = async {
        for n in 0..300 {
            if n == 100 {
                ben.upgrade().await;
            }
            assert_eq!(ben.event("entry").await[0]["body"], n.to_string());
        }
    };
    tokio::join!(talk, listen);
    ben
}
