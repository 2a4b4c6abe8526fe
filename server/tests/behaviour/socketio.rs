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

use crate::{client::Client, process::Server};

/// Somebody who speaks maru.v1, in the room that every server begins with.
async fn ada_in_the_lobby(server: &Server) -> Client {
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada
}
