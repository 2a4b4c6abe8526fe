//! Somebody with recovery, who comes back whenever the connection ends.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::socketio::{Socket, Transport, get, path};

pub(super) struct Guest {
    door: SocketAddr,
    pub(super) transport: Transport,
    pub(super) socket: Socket,
    pid: Value,
    offset: Value,
    /// Texts that came, in their order.
    pub(super) heard: Vec<String>,
    /// How often the connection ended.
    pub(super) losses: usize,
}

impl Guest {
    /// In the room that every server begins with.
    pub(super) async fn come(name: &str, door: SocketAddr, transport: Transport) -> Self {
        let auth = json!({ "version": 1, "recover": true, "name": name });
        let (mut socket, answer) = Socket::enter(door, transport, auth).await;
        socket.ask("join", json!("lobby")).await;
        let offset = socket.event("position").await.remove(0);
        let pid = answer["pid"].clone();
        Self { door, transport, socket, pid, offset, heard: Vec::new(), losses: 0 }
    }

    /// Listens until so many messages came, however often the connection ends meanwhile.
    pub(super) async fn listen(&mut self, count: usize) {
        while self.heard.len() < count {
            match self.socket.packet().await {
                Ok(packet) => self.take(&packet),
                Err(over) => {
                    println!("{:?}: {over:?}", self.transport);
                    self.come_back().await;
                }
            }
        }
    }

    fn take(&mut self, packet: &str) {
        let Some(event) = packet.strip_prefix("42") else { return };
        let mut parts: Vec<Value> = serde_json::from_str(event).unwrap();
        if parts[0] == "entry" || parts[0] == "position" {
            self.offset = parts.pop().unwrap();
        }
        if parts[0] == "entry" {
            self.heard.push(parts[1]["body"].as_str().unwrap().to_owned());
        }
    }

    /// Gives the connection up, if it did not end by itself, and begins another one.
    pub(super) async fn come_back(&mut self) {
        self.losses += 1;
        loop {
            // A node that is gone is found out about, by the gateway or by the next attempt.
            if get(self.door, &path("polling")).await.status == 200 {
                let auth = json!({
                    "version": 1,
                    "recover": true,
                    "pid": self.pid,
                    "offset": self.offset,
                });
                if let Ok(socket) = Socket::try_enter(self.door, self.transport, auth).await {
                    self.socket = socket;
                    return;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}
