//! One typed test client: frames in, frames out, nothing hidden.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use maru_protocol::{
    Body, ClientFrame, Covers, DisplayName, Entry, ErrorCode, Message as Said, MessageId, Position,
    Ref, RoomName, Seq, ServerFrame, User, VERSION,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, WebSocketConfig},
    },
};
use uuid::Uuid;

use super::{dial::dial, raw};

/// Longer than anything here takes on a busy machine: who waits this long waits for ever.
pub const PATIENCE: Duration = Duration::from_secs(40);

pub struct Client {
    socket: WebSocketStream<TcpStream>,
    /// Frames that came while another was waited for.
    set_aside: VecDeque<ServerFrame>,
    next: u32,
    pub user: Option<User>,
    pub token: Option<String>,
    pub ticket: Option<String>,
}

/// What ended a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    Closed(u16, String),
    Lost,
}

pub fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

impl Client {
    pub async fn connect(server: SocketAddr) -> Self {
        Self::try_connect(server).await.unwrap()
    }

    /// For a server that may not be there.
    pub async fn try_connect(server: SocketAddr) -> Result<Self, Error> {
        Self::over(dial(server).await?, server).await
    }

    /// One whose machine takes in little before it reads.
    pub async fn connect_narrow(server: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        Self::over(socket.connect(server).await.unwrap(), server).await.unwrap()
    }

    async fn over(stream: TcpStream, server: SocketAddr) -> Result<Self, Error> {
        stream.set_nodelay(true)?;
        // A thousand of them share a test's memory.
        let config = WebSocketConfig::default().read_buffer_size(4_096);
        let address = format!("ws://{server}/ws");
        let (socket, _) = client_async_with_config(address, stream, Some(config)).await?;
        let set_aside = VecDeque::new();
        Ok(Self { socket, set_aside, next: 0, user: None, token: None, ticket: None })
    }

    pub async fn hello(&mut self, name: &str) {
        let name = Some(DisplayName::parse(name).unwrap());
        self.greet(None, name).await;
    }

    pub async fn hello_again(&mut self, token: &str) {
        self.greet(Some(token.to_owned()), None).await;
    }

    async fn greet(&mut self, token: Option<String>, name: Option<DisplayName>) {
        self.send(&ClientFrame::Hello { version: VERSION, token, name }).await;
        match self.next().await {
            ServerFrame::Welcome { user, token, ticket, .. } => {
                self.user = Some(user);
                self.token = Some(token);
                self.ticket = Some(ticket);
            }
            other => panic!("no welcome but {other:?}"),
        }
    }

    pub async fn send(&mut self, frame: &ClientFrame) {
        self.send_text(serde_json::to_string(frame).unwrap()).await;
    }

    /// For a connection that may be gone.
    pub async fn try_send(&mut self, frame: &ClientFrame) -> Result<(), Ended> {
        let text = serde_json::to_string(frame).unwrap();
        self.socket.send(Message::text(text)).await.map_err(|_| Ended::Lost)
    }

    pub async fn send_text(&mut self, text: impl Into<String>) {
        self.send_raw(Message::text(text.into())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub fn fresh_ref(&mut self) -> Ref {
        self.next += 1;
        Ref(self.next)
    }

    /// The next frame, whatever it is.
    pub async fn next(&mut self) -> ServerFrame {
        if let Some(frame) = self.set_aside.pop_front() {
            return frame;
        }
        match self.receive().await {
            Ok(frame) => frame,
            Err(ended) => panic!("waited for a frame, but the connection ended: {ended:?}"),
        }
    }

    /// The next frame that this picks; others keep their order for later.
    pub async fn pick<T>(&mut self, mut wanted: impl FnMut(&ServerFrame) -> Option<T>) -> T {
        let found = self.set_aside.iter().enumerate().find_map(|(n, f)| wanted(f).map(|t| (n, t)));
        if let Some((n, t)) = found {
            self.set_aside.remove(n);
            return t;
        }
        loop {
            match self.receive().await {
                Ok(frame) => match wanted(&frame) {
                    Some(t) => return t,
                    None => self.set_aside.push_back(frame),
                },
                Err(ended) => {
                    panic!("the connection ended ({ended:?}); it had brought {:?}", self.set_aside)
                }
            }
        }
    }

    /// One frame from the socket; pings are answered beneath.
    pub async fn receive(&mut self) -> Result<ServerFrame, Ended> {
        // Heartbeats are nothing that is waited for.
        let until = Instant::now() + PATIENCE;
        loop {
            let message = timeout_at(until, self.socket.next()).await.expect("nothing came");
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Ok(
                        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
                    );
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => return Err(closed(frame)),
                Some(Ok(other)) => panic!("not a text message: {other:?}"),
                Some(Err(_)) | None => return Err(Ended::Lost),
            }
        }
    }

    /// Reads until the connection ends; returns what came before.
    pub async fn ended(mut self) -> (Vec<ServerFrame>, Ended) {
        let mut frames: Vec<ServerFrame> = self.set_aside.drain(..).collect();
        loop {
            match self.receive().await {
                Ok(frame) => frames.push(frame),
                Err(ended) => return (frames, ended),
            }
        }
    }

    /// The answer to a `ref`.
    pub async fn answer(&mut self, reference: Ref) -> ServerFrame {
        self.pick(|frame| (frame.reference() == Some(reference)).then(|| frame.clone())).await
    }

    pub async fn create(&mut self, name: &str) -> ServerFrame {
        let reference = self.fresh_ref();
        self.send(&ClientFrame::Create { reference, room: room(name) }).await;
        self.answer(reference).await
    }

    /// Enters a room; panics when refused.
    pub async fn join(&mut self, name: &str, after: Option<Position>) -> Joined {
        match self.try_join(name, after).await {
            ServerFrame::Joined {
                room,
                epoch,
                head,
                members,
                about,
                entries,
                covers,
                updated,
                reset,
                ..
            } => {
                let position = Position { epoch, seq: head };
                Joined { room, position, members, about, entries, covers, updated, reset }
            }
            other => panic!("not joined: {other:?}"),
        }
    }

    pub async fn try_join(&mut self, name: &str, after: Option<Position>) -> ServerFrame {
        let reference = self.fresh_ref();
        self.send(&ClientFrame::Join { reference, room: room(name), after }).await;
        self.answer(reference).await
    }

    pub async fn leave(&mut self, name: &str) -> ServerFrame {
        let reference = self.fresh_ref();
        self.send(&ClientFrame::Leave { reference, room: room(name) }).await;
        self.answer(reference).await
    }

    /// Says something and waits for the commit.
    pub async fn say(&mut self, name: &str, body: &str) -> Seq {
        let id = MessageId(Uuid::now_v7());
        match self.try_say(name, id, body).await {
            ServerFrame::Sent { seq, id: of, .. } => {
                assert_eq!(of, id);
                seq
            }
            other => panic!("not sent: {other:?}"),
        }
    }

    pub async fn try_say(&mut self, name: &str, id: MessageId, body: &str) -> ServerFrame {
        let reference = self.post(name, id, body).await;
        self.answer(reference).await
    }

    /// Sends without waiting.
    pub async fn post(&mut self, name: &str, id: MessageId, body: &str) -> Ref {
        let reference = self.fresh_ref();
        let body = Body::parse(body.to_owned()).unwrap();
        self.send(&ClientFrame::say(reference, room(name), id, body)).await;
        reference
    }

    /// Asks for a change of a room and waits for the answer.
    pub async fn ask(&mut self, frame: impl FnOnce(Ref, MessageId) -> ClientFrame) -> ServerFrame {
        let reference = self.fresh_ref();
        self.send(&frame(reference, MessageId(Uuid::now_v7()))).await;
        self.answer(reference).await
    }

    /// The next entry of a room, of any kind.
    pub async fn any_entry(&mut self, name: &str) -> Entry {
        let name = room(name);
        self.pick(|frame| match frame {
            ServerFrame::Entry(entry) if *entry.head().room == name => Some(entry.clone()),
            _ => None,
        })
        .await
    }

    /// The next message of a room.
    pub async fn entry(&mut self, name: &str) -> Said {
        let name = room(name);
        self.pick(|frame| match frame {
            ServerFrame::Entry(Entry::Message(said)) if said.room == name => Some(said.clone()),
            _ => None,
        })
        .await
    }

    /// Watches the directory from now on; its rows are the answer.
    pub async fn watch_rooms(&mut self) -> ServerFrame {
        let reference = self.fresh_ref();
        self.send(&ClientFrame::Rooms { reference, query: None, watch: Some(true), more: None })
            .await;
        self.answer(reference).await
    }

    /// A round trip: whatever the server sent before is here afterwards.
    pub async fn settle(&mut self) {
        self.send(&ClientFrame::Ping).await;
        self.pick(|frame| matches!(frame, ServerFrame::Pong).then_some(())).await;
    }

    /// What came and nobody asked for.
    pub async fn leftovers(&mut self) -> Vec<ServerFrame> {
        self.settle().await;
        self.set_aside.drain(..).collect()
    }

    /// The next refusal.
    pub async fn refusal(&mut self) -> Refusal {
        self.pick(|frame| match frame.clone() {
            ServerFrame::Error { code, reference, message, retry_after, .. } => {
                Some(Refusal { code, reference, message, retry_after })
            }
            _ => None,
        })
        .await
    }

    /// Bytes as they are, past the WebSocket: for those who break its rules.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).await.unwrap();
    }

    /// A round trip of control frames, which may stand between the parts of a message.
    pub async fn settle_raw(&mut self) {
        self.send_bytes(&raw::frame(raw::PING, b"?")).await;
        let message = timeout(PATIENCE, self.socket.next()).await.expect("nothing came");
        assert!(matches!(message, Some(Ok(Message::Pong(_)))), "{message:?}");
    }

    /// Reads what comes, whatever it is, until nothing does any more.
    pub async fn drained(&mut self) {
        let mut bytes = [0; 4_096];
        while self.raw().read(&mut bytes).await.is_ok_and(|n| n > 0) {}
    }

    /// The socket below.
    pub fn raw(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }
}

/// An `error` frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: ErrorCode,
    pub reference: Option<Ref>,
    pub message: String,
    pub retry_after: Option<u32>,
}

#[derive(Debug)]
pub struct Joined {
    pub room: RoomName,
    pub position: Position,
    pub members: maru_protocol::Presence,
    pub about: maru_protocol::About,
    pub entries: Vec<Entry>,
    pub covers: Covers,
    pub updated: Vec<Entry>,
    pub reset: bool,
}

impl Joined {
    pub fn seqs(&self) -> Vec<u64> {
        self.entries.iter().map(|entry| entry.seq().get()).collect()
    }
}

fn closed(frame: Option<CloseFrame>) -> Ended {
    frame.map_or(Ended::Closed(1005, String::new()), |frame| {
        Ended::Closed(frame.code.into(), frame.reason.to_string())
    })
}
