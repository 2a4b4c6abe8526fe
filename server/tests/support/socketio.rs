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
    /// Each request comes over a connection of its own: one that is kept may be closed by the other end,
    /// when the machine is slow. The packets of the last poll.
    Polling(VecDeque<String>),
    WebSocket(Box<WebSocketStream<TcpStream>>),
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

/// A request on a connection of its own, of a server that may be gone or not take it.
async fn request(server: SocketAddr, path: &str, body: Option<&str>) -> Result<Answer, Over> {
    let mut line = Line::try_open(server).await.map_err(|_| Over::Lost)?;
    let request = match body {
        None => line.head("GET", path, &[]),
        Some(body) => {
            let length = body.len().to_string();
            format!("{}{body}", line.head("POST", path, &[("Content-Length", &length)]))
        }
    };
    line.send(request.as_bytes()).await;
    let answer = line.try_hear().await.ok_or(Over::Lost)?;
    if answer.status == 200 { Ok(answer) } else { Err(Over::Status(answer.status)) }
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
        Self::try_open(server, transport).await.unwrap()
    }

    /// As [`Socket::open`], for a server that may be gone.
    async fn try_open(server: SocketAddr, transport: Transport) -> Result<Self, Over> {
        let (link, open) = match transport {
            Transport::Polling | Transport::Upgraded => {
                let answer = request(server, &path("polling"), None).await?;
                (Link::Polling(VecDeque::new()), answer.body)
            }
            Transport::WebSocket => {
                let mut socket = websocket(server, "websocket").await.map_err(|_| Over::Lost)?;
                let open = text(&mut socket).await?;
                (Link::WebSocket(Box::new(socket)), open)
            }
        };
        let opened = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let mut socket = Self { server, link, opened, set_aside: VecDeque::new(), next_ack: 0 };
        if transport == Transport::Upgraded {
            socket.try_upgrade().await?;
        }
        Ok(socket)
    }

    /// Somebody in the namespace `/`, and the answer to that.
    pub async fn enter(server: SocketAddr, transport: Transport, auth: Value) -> (Self, Value) {
        let mut socket = Self::open(server, transport).await;
        let answer = socket.connect(auth).await;
        (socket, answer)
    }

    /// As [`Socket::enter`], for a server that may be gone.
    pub async fn try_enter(
        server: SocketAddr,
        transport: Transport,
        auth: Value,
    ) -> Result<Self, Over> {
        let mut socket = Self::try_open(server, transport).await?;
        socket.try_send(&[&format!("40{auth}")]).await?;
        while !socket.fresh_packet().await?.starts_with("40") {}
        Ok(socket)
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
        self.try_upgrade().await.unwrap();
    }

    async fn try_upgrade(&mut self) -> Result<(), Over> {
        let query = format!("websocket&sid={}", self.sid());
        let mut socket = websocket(self.server, &query).await.map_err(|_| Over::Lost)?;
        socket.send(Message::text("2probe")).await.map_err(|_| Over::Lost)?;
        assert_eq!(text(&mut socket).await?, "3probe");
        let polls = self.polls();
        if let Link::Polling(came) = &mut self.link {
            self.set_aside.extend(came.drain(..));
            let answer = request(self.server, &polls, None).await?;
            let packets = answer.body.split('\u{1e}').filter(|packet| *packet != "6");
            self.set_aside.extend(packets.map(str::to_owned));
        }
        socket.send(Message::text("5")).await.map_err(|_| Over::Lost)?;
        self.link = Link::WebSocket(Box::new(socket));
        Ok(())
    }

    /// Sends packets of Engine.IO: in one body, or one after another.
    pub async fn send(&mut self, packets: &[&str]) {
        self.try_send(packets).await.unwrap();
    }

    /// As [`Socket::send`]; says what became of it where it was not taken.
    pub async fn try_send(&mut self, packets: &[&str]) -> Result<(), Over> {
        let path = self.polls();
        match &mut self.link {
            Link::Polling(_) => {
                let body = packets.join("\u{1e}");
                let answer = request(self.server, &path, Some(&body)).await?;
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
            // Heartbeats are nothing that is waited for.
            None => timeout(PATIENCE, self.fresh_packet()).await.expect("nothing came"),
        }
    }

    async fn fresh_packet(&mut self) -> Result<String, Over> {
        let polls = self.polls();
        loop {
            let packet = match &mut self.link {
                Link::WebSocket(socket) => text(socket).await?,
                Link::Polling(came) => match came.pop_front() {
                    Some(packet) => packet,
                    None => {
                        let answer = request(self.server, &polls, None).await?;
                        let packets: Vec<_> = answer.body.split('\u{1e}').collect();
                        assert!(packets.len() <= 16, "{} packets", packets.len());
                        came.extend(packets.into_iter().map(str::to_owned));
                        continue;
                    }
                },
            };
            match packet.as_str() {
                "2" => self.try_send(&["3"]).await?,
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
