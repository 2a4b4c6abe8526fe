//! A client of Socket.IO that hides nothing: packets as they are, over either transport.

use std::{collections::VecDeque, net::SocketAddr};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message},
};

use super::{
    client::PATIENCE,
    dial::dial,
    web::{Answer, Line},
};

/// How packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Polling,
    WebSocket,
    /// Polling first, then the WebSocket.
    Upgraded,
}

pub const TRANSPORTS: [Transport; 3] =
    [Transport::Polling, Transport::WebSocket, Transport::Upgraded];

/// One connection.
pub struct Socket {
    server: SocketAddr,
    link: Link,
    /// What the handshake said.
    pub opened: Value,
    /// Packets that came while another was waited for.
    set_aside: VecDeque<String>,
    next_ack: u32,
}

enum Link {
    Polling(Box<Polling>),
    WebSocket(Box<WebSocketStream<TcpStream>>),
}

struct Polling {
    poll: Line,
    post: Line,
    /// Packets of the last poll.
    came: VecDeque<String>,
}

/// How a connection ended: the status of a poll, or that of a WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub enum Over {
    Status(u16),
    Closed(u16),
    Lost,
}

/// The address of a request: `query` behind what all have.
pub fn path(query: &str) -> String {
    format!("/socket.io/?EIO=4&transport={query}")
}

/// A request without a body.
pub async fn get(server: SocketAddr, path: &str) -> Answer {
    Line::open(server).await.get(path, &[]).await
}

/// A `POST` of this body.
pub async fn post(line: &mut Line, path: &str, body: &str) -> Answer {
    let length = body.len().to_string();
    let head = line.head("POST", path, &[("Content-Length", &length)]);
    line.ask(&format!("{head}{body}")).await
}

/// A WebSocket at this address.
pub async fn websocket(
    server: SocketAddr,
    query: &str,
) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = dial(server).await?;
    let address = format!("ws://{server}{}", path(query));
    Ok(client_async(address, stream).await?.0)
}

impl Socket {
    /// A connection that asked for nothing yet.
    pub async fn open(server: SocketAddr, transport: Transport) -> Self {
        match transport {
            Transport::Polling => Self::polling(server).await,
            Transport::WebSocket => {
                let mut socket = websocket(server, "websocket").await.unwrap();
                let open = text(&mut socket).await.unwrap();
                let opened = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
                Self::with(server, Link::WebSocket(Box::new(socket)), opened)
            }
            Transport::Upgraded => {
                let mut socket = Self::polling(server).await;
                socket.upgrade().await;
                socket
            }
        }
    }

    async fn polling(server: SocketAddr) -> Self {
        let (mut poll, post) = (Line::open(server).await, Line::open(server).await);
        let answer = poll.get(&path("polling"), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let opened = serde_json::from_str(answer.body.strip_prefix('0').unwrap()).unwrap();
        let polling = Polling { poll, post, came: VecDeque::new() };
        Self::with(server, Link::Polling(Box::new(polling)), opened)
    }

    fn with(server: SocketAddr, link: Link, opened: Value) -> Self {
        Self { server, link, opened, set_aside: VecDeque::new(), next_ack: 0 }
    }

    /// Somebody in the namespace `/`, and the answer to that.
    pub async fn enter(server: SocketAddr, transport: Transport, auth: Value) -> (Self, Value) {
        let mut socket = Self::open(server, transport).await;
        let answer = socket.connect(auth).await;
        (socket, answer)
    }

    /// Somebody of that name who speaks all of the vocabulary.
    pub async fn named(server: SocketAddr, transport: Transport, name: &str) -> Self {
        let auth = serde_json::json!({ "version": 1, "name": name });
        Self::enter(server, transport, auth).await.0
    }

    pub fn sid(&self) -> &str {
        self.opened["sid"].as_str().unwrap()
    }

    /// The address of this session's polls and posts.
    pub fn polls(&self) -> String {
        path(&format!("polling&sid={}", self.sid()))
    }

    /// Goes over to a WebSocket: probe, answer, the end of the poll, upgrade.
    pub async fn upgrade(&mut self) {
        let query = format!("websocket&sid={}", self.sid());
        let mut socket = websocket(self.server, &query).await.unwrap();
        socket.send(Message::text("2probe")).await.unwrap();
        assert_eq!(text(&mut socket).await.unwrap(), "3probe");
        if let Link::Polling(polling) = &mut self.link {
            self.set_aside.extend(polling.came.drain(..));
            let path = path(&format!("polling&sid={}", self.opened["sid"].as_str().unwrap()));
            let answer = polling.poll.get(&path, &[]).await;
            let packets = answer.body.split('\u{1e}').filter(|packet| *packet != "6");
            self.set_aside.extend(packets.map(str::to_owned));
        }
        socket.send(Message::text("5")).await.unwrap();
        self.link = Link::WebSocket(Box::new(socket));
    }

    /// Sends packets of Engine.IO: in one body, or one after another.
    pub async fn send(&mut self, packets: &[&str]) {
        self.try_send(packets).await.unwrap();
    }

    /// As [`Socket::send`]; says what became of it where it was not taken.
    pub async fn try_send(&mut self, packets: &[&str]) -> Result<(), Over> {
        let path = self.polls();
        match &mut self.link {
            Link::Polling(polling) => {
                let answer = post(&mut polling.post, &path, &packets.join("\u{1e}")).await;
                if answer.status != 200 {
                    return Err(Over::Status(answer.status));
                }
                assert_eq!(answer.body, "ok");
            }
            Link::WebSocket(socket) => {
                for packet in packets {
                    socket.feed(Message::text(*packet)).await.map_err(|_| Over::Lost)?;
                }
                socket.flush().await.map_err(|_| Over::Lost)?;
            }
        }
        Ok(())
    }

    /// Sends a binary message.
    pub async fn send_binary(&mut self, bytes: &[u8]) {
        if let Link::WebSocket(socket) = &mut self.link {
            socket.send(Message::binary(bytes.to_vec())).await.unwrap();
        } else {
            use base64::{Engine as _, prelude::BASE64_STANDARD};
            let packet = format!("b{}", BASE64_STANDARD.encode(bytes));
            self.send(&[&packet]).await;
        }
    }

    /// The next packet, whatever it is. Heartbeats are answered.
    pub async fn packet(&mut self) -> Result<String, Over> {
        match self.set_aside.pop_front() {
            Some(packet) => Ok(packet),
            None => self.fresh_packet().await,
        }
    }

    async fn fresh_packet(&mut self) -> Result<String, Over> {
        loop {
            let packet = match &mut self.link {
                Link::WebSocket(socket) => text(socket).await?,
                Link::Polling(polling) => match polling.came.pop_front() {
                    Some(packet) => packet,
                    None => {
                        let sid = self.opened["sid"].as_str().unwrap();
                        let path = path(&format!("polling&sid={sid}"));
                        let head = polling.poll.head("GET", &path, &[]);
                        polling.poll.send(head.as_bytes()).await;
                        let answer = polling.poll.try_hear().await.ok_or(Over::Lost)?;
                        if answer.status != 200 {
                            return Err(Over::Status(answer.status));
                        }
                        let packets: Vec<_> = answer.body.split('\u{1e}').collect();
                        assert!(packets.len() <= 16, "{} packets", packets.len());
                        polling.came.extend(packets.into_iter().map(str::to_owned));
                        continue;
                    }
                },
            };
            match packet.as_str() {
                "2" => self.send(&["3"]).await,
                "6" => {}
                _ => return Ok(packet),
            }
        }
    }

    /// The first packet that begins so; what came before it is kept for later.
    pub async fn pick(&mut self, beginning: &str) -> String {
        if let Some(at) = self.set_aside.iter().position(|packet| packet.starts_with(beginning)) {
            return self.set_aside.remove(at).unwrap();
        }
        loop {
            match self.fresh_packet().await {
                Ok(packet) if packet.starts_with(beginning) => return packet,
                Ok(packet) => self.set_aside.push_back(packet),
                Err(over) => panic!("{over:?} instead of {beginning}; came: {:?}", self.set_aside),
            }
        }
    }

    /// Asks for the namespace `/`; the answer's data.
    pub async fn connect(&mut self, auth: Value) -> Value {
        self.send(&[&format!("40{auth}")]).await;
        serde_json::from_str(&self.pick("40").await[2..]).unwrap()
    }

    /// As [`Socket::connect`], where it is refused.
    pub async fn refused(&mut self, auth: Value) -> Value {
        self.send(&[&format!("40{auth}")]).await;
        serde_json::from_str(&self.pick("44").await[2..]).unwrap()
    }

    /// Emits an event without an ack.
    pub async fn emit(&mut self, name: &str, argument: Value) {
        let event = serde_json::json!([name, argument]);
        self.send(&[&format!("42{event}")]).await;
    }

    /// Emits an event; the ack's argument.
    pub async fn ask(&mut self, name: &str, argument: Value) -> Value {
        let id = self.next_ack;
        self.next_ack += 1;
        let event = serde_json::json!([name, argument]);
        self.send(&[&format!("42{id}{event}")]).await;
        self.acked(id).await
    }

    /// The argument of that ack.
    pub async fn acked(&mut self, id: u32) -> Value {
        let beginning = format!("43{id}[");
        let packet = self.pick(&beginning).await;
        let mut arguments: Vec<Value> =
            serde_json::from_str(&packet[beginning.len() - 1..]).unwrap();
        assert_eq!(arguments.len(), 1, "{packet}");
        arguments.remove(0)
    }

    /// The arguments of the next event of that name.
    pub async fn event(&mut self, name: &str) -> Vec<Value> {
        let packet = self.pick(&format!("42[\"{name}\",")).await;
        let mut parts: Vec<Value> = serde_json::from_str(&packet[2..]).unwrap();
        parts.remove(0);
        parts
    }

    /// What else comes until the connection ends, and how it ends.
    pub async fn ended(mut self) -> (Vec<String>, Over) {
        let mut packets = Vec::new();
        loop {
            match self.packet().await {
                Ok(packet) => packets.push(packet),
                Err(over) => return (packets, over),
            }
        }
    }
}

async fn text(socket: &mut WebSocketStream<TcpStream>) -> Result<String, Over> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("nothing came") {
            Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
            Some(Ok(Message::Close(frame))) => {
                return Err(Over::Closed(frame.map_or(1005, |frame| frame.code.into())));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(Over::Lost),
        }
    }
}
