//! A client that says frames and waits for their answers.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use maru_protocol::{ClientFrame, DisplayName, VERSION};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::PATIENCE;

/// Somebody with a connection.
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    pub(super) token: String,
    pub(super) ticket: String,
}

impl Client {
    pub(super) async fn hello(server: SocketAddr, name: &str) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        let (socket, _) = client_async(format!("ws://{server}/ws"), stream).await.unwrap();
        let mut client = Self { socket, token: String::new(), ticket: String::new() };
        let name = Some(DisplayName::parse(name).unwrap());
        client.say(&ClientFrame::Hello { version: VERSION, token: None, name }).await;
        let welcome = client.next().await;
        let text = |key: &str| welcome[key].as_str().unwrap().to_owned();
        (client.token, client.ticket) = (text("token"), text("ticket"));
        client
    }

    async fn say(&mut self, frame: &ClientFrame) {
        let text = serde_json::to_string(frame).unwrap();
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("an answer");
            if let Message::Text(text) = next.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The answer to a frame. What has none is followed by a `ping`: an error before the `pong` is
    /// its answer.
    pub(super) async fn ask(&mut self, frame: &ClientFrame) -> Value {
        self.say(frame).await;
        let reference = frame.reference().map(|it| serde_json::to_value(it).unwrap());
        if reference.is_none() && *frame != ClientFrame::Ping {
            self.say(&ClientFrame::Ping).await;
        }
        loop {
            let answer = self.next().await;
            let fits = match &reference {
                Some(reference) => answer["ref"] == *reference,
                None => answer["type"] == "pong" || answer["type"] == "error",
            };
            if fits && answer["type"] == "error" && reference.is_none() {
                assert_eq!(self.next().await["type"], "pong");
            }
            if fits {
                return answer;
            }
        }
    }

    /// The next frame of that type.
    pub(super) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// What came until now.
    pub(super) async fn seen(&mut self) -> Vec<String> {
        self.say(&ClientFrame::Ping).await;
        let mut seen = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "pong" {
                return seen;
            }
            seen.push(frame["type"].as_str().unwrap().to_owned());
        }
    }
}
