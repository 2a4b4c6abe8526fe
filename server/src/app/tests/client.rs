//! A client that says frames and waits for their answers, by maru.v1 or as events of Socket.IO.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use maru_protocol::{ClientFrame, DisplayName, VERSION};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::PATIENCE;

/// How frames travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Native,
    SocketIo,
}

pub(super) const DOORS: [Door; 2] = [Door::Native, Door::SocketIo];

/// Somebody with a connection.
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    door: Door,
    acks: u32,
    pub(super) token: String,
    pub(super) ticket: String,
}

impl Client {
    pub(super) async fn hello(server: SocketAddr, door: Door, name: &str) -> Self {
        match door {
            Door::Native => {
                let mut client = Self::open(server, door).await;
                let name = Some(DisplayName::parse(name).unwrap());
                let hello = ClientFrame::Hello { version: VERSION, token: None, name };
                client.send(serde_json::to_string(&hello).unwrap()).await;
                client.welcomed().await
            }
            Door::SocketIo => Self::connect(server, &json!({ "version": 1, "name": name })).await,
        }
    }

    /// A client of Socket.IO with this auth payload.
    pub(super) async fn connect(server: SocketAddr, auth: &Value) -> Self {
        let mut client = Self::open(server, Door::SocketIo).await;
        client.send(format!("40{auth}")).await;
        client.welcomed().await
    }

    async fn open(server: SocketAddr, door: Door) -> Self {
        let path = match door {
            Door::Native => "/ws",
            Door::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        };
        let stream = TcpStream::connect(server).await.unwrap();
        let (socket, _) = client_async(format!("ws://{server}{path}"), stream).await.unwrap();
        let (token, ticket) = (String::new(), String::new());
        Self { socket, door, acks: 1_000_000, token, ticket }
    }

    async fn welcomed(mut self) -> Self {
        let welcome = self.next_of("welcome").await;
        let text = |key: &str| welcome[key].as_str().unwrap().to_owned();
        (self.token, self.ticket) = (text("token"), text("ticket"));
        self
    }

    async fn send(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// An event of Socket.IO as it is, with binary values behind it. The ack's argument.
    pub(super) async fn emit(&mut self, kind: &str, event: &Value, binary: &[&[u8]]) -> Value {
        self.acks += 1;
        let ack = self.acks;
        self.send(format!("4{kind}{ack}{event}")).await;
        for bytes in binary {
            self.socket.send(Message::binary(bytes.to_vec())).await.unwrap();
        }
        self.answer(ack).await
    }

    async fn next(&mut self) -> Value {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("an answer");
            let Message::Text(text) = next.unwrap().unwrap() else { continue };
            match self.door {
                Door::Native => return serde_json::from_str(&text).unwrap(),
                Door::SocketIo if text == "2" => self.send("3".to_owned()).await,
                Door::SocketIo => {
                    if let Some(frame) = argument(&text) {
                        return frame;
                    }
                }
            }
        }
    }

    /// The answer to a frame. What has none in maru.v1 is followed by a `ping`: an error before the
    /// `pong` is its answer. As an event it has an ack.
    pub(super) async fn ask(&mut self, frame: &ClientFrame) -> Value {
        let mut fields = serde_json::to_value(frame).unwrap();
        if self.door == Door::SocketIo {
            let name = fields["type"].take();
            fields.as_object_mut().unwrap().retain(|key, _| key != "type" && key != "ref");
            return self.emit("2", &json!([name, fields]), &[]).await;
        }
        self.send(fields.to_string()).await;
        if let Some(reference) = fields["ref"].as_u64() {
            return self.answer(u32::try_from(reference).unwrap()).await;
        }
        if *frame != ClientFrame::Ping {
            self.ping().await;
        }
        loop {
            let answer = self.next().await;
            if answer["type"] == "error" {
                assert_eq!(self.next().await["type"], "pong");
            }
            if answer["type"] == "pong" || answer["type"] == "error" {
                return answer;
            }
        }
    }

    async fn answer(&mut self, reference: u32) -> Value {
        loop {
            let answer = self.next().await;
            if answer["ref"] == reference {
                return answer;
            }
        }
    }

    async fn ping(&mut self) {
        self.send(serde_json::to_string(&ClientFrame::Ping).unwrap()).await;
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
        let last = match self.door {
            Door::Native => {
                self.ping().await;
                json!("pong")
            }
            Door::SocketIo => {
                self.acks += 1;
                self.send(format!(r#"42{}["ping"]"#, self.acks)).await;
                json!("ok")
            }
        };
        let mut seen = Vec::new();
        loop {
            let frame = self.next().await;
            let answers = self.door == Door::Native || frame["ref"] == self.acks;
            if frame["type"] == last && answers {
                return seen;
            }
            seen.push(frame["type"].as_str().unwrap().to_owned());
        }
    }
}

/// What an event or an ack carries: a frame, or a text as one of the event's name.
fn argument(packet: &str) -> Option<Value> {
    let (kind, rest) = packet.split_at(2);
    let data = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut parts: Vec<Value> = match kind {
        "42" | "43" => serde_json::from_str(data).unwrap(),
        _ => return None,
    };
    Some(match &parts[..] {
        [name, Value::String(text)] => json!({ "type": name, "text": text }),
        _ => parts.swap_remove(usize::from(kind == "42")),
    })
}
