//! As little of an HTTP client as the tests need.

use std::net::SocketAddr;

use maru_protocol::{Entry, RoomName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    client::PATIENCE,
    dial::dial,
    history::{Logged, Logs},
};

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
    /// The body as it is, also where it is no text.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// Whether it refuses so, in the form that RFC 9457 gives refusals.
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        println!("{status} {code}: {}", problem["detail"]);
        assert_eq!(problem["code"], code, "{self:?}");
        assert_eq!(problem["status"], status, "{self:?}");
        assert_eq!(problem["type"], format!("urn:maru:problem:{code}"), "{self:?}");
        let words = |member: &str| problem[member].as_str().unwrap().split(' ').count();
        assert_eq!(words("title"), code.split('_').count(), "{self:?}");
        assert!(words("detail") >= 3, "{self:?}");
        // The header has seconds, the member milliseconds, as all that the protocol has.
        let wait = self.header("retry-after").map(|wait| wait.parse::<u64>().unwrap() * 1_000);
        assert_eq!(problem["retry_after"].as_u64(), wait, "{self:?}");
    }
}

/// One connection, for one request after the other.
pub struct Line {
    stream: TcpStream,
    read: Vec<u8>,
    host: SocketAddr,
    /// What was asked for last has a length and no body.
    of_head: bool,
}

impl Line {
    pub async fn open(host: SocketAddr) -> Self {
        Self::try_open(host).await.unwrap()
    }

    /// For a server that may not be there.
    pub async fn try_open(host: SocketAddr) -> std::io::Result<Self> {
        let stream = dial(host).await?;
        Ok(Self { stream, read: Vec::new(), host, of_head: false })
    }

    /// `GET`, with these header lines besides `Host`.
    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.head("GET", path, headers);
        self.ask(&request).await
    }

    /// A request's head, with these header lines besides `Host`.
    pub fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        format!("{request}\r\n")
    }

    /// A request as it goes over the wire.
    pub async fn ask(&mut self, request: &str) -> Answer {
        self.send(request.as_bytes()).await;
        self.of_head = request.starts_with("HEAD ");
        self.hear().await
    }

    /// Bytes as they go over the wire; a server may have heard enough before their end.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next answer.
    pub async fn hear(&mut self) -> Answer {
        self.try_hear().await.expect("the connection ended within an answer")
    }

    /// The next answer, of a server that may be gone.
    pub async fn try_hear(&mut self) -> Option<Answer> {
        timeout(PATIENCE, self.answer()).await.expect("no answer")
    }

    /// Waits until the other end has closed, whatever it says before that.
    pub async fn ended(&mut self) {
        let until = async { while self.more().await {} };
        timeout(PATIENCE, until).await.expect("it does not close");
    }

    async fn answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at;
            }
            if !self.more().await {
                return None;
            }
        };
        let rest = self.read.split_off(end + 4);
        let head = String::from_utf8(std::mem::replace(&mut self.read, rest)).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new(), bytes: Vec::new() };
        let length = answer.header("content-length").map(|length| length.parse().unwrap());
        let body = match length {
            _ if status == 101 || status == 304 || self.of_head => Vec::new(),
            Some(length) => {
                while self.read.len() < length {
                    if !self.more().await {
                        return None;
                    }
                }
                let rest = self.read.split_off(length);
                std::mem::replace(&mut self.read, rest)
            }
            None => {
                while self.more().await {}
                std::mem::take(&mut self.read)
            }
        };
        answer.body = String::from_utf8_lossy(&body).into_owned();
        answer.bytes = body;
        Some(answer)
    }

    async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.read).await.is_ok_and(|n| n > 0)
    }
}

/// The header that proves who somebody is.
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub async fn get(host: SocketAddr, path: &str) -> Answer {
    Line::open(host).await.get(path, &[]).await
}

/// A room's address below the API.
pub fn room_path(room: &str) -> String {
    let escaped: String = room.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/api/v1/rooms/{escaped}/messages")
}

/// A room's whole log, page by page from its beginning.
pub async fn log(host: SocketAddr, room: &str) -> Vec<Logged> {
    let mut line = Line::open(host).await;
    let mut log = Vec::new();
    loop {
        let after = log.last().map_or(0, |entry: &Logged| entry.seq);
        let path = format!("{}?after={after}&limit=70", room_path(room));
        let answer = line.get(&path, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        let entries: Vec<Entry> = serde_json::from_value(page["entries"].clone()).unwrap();
        assert!(entries.iter().all(|entry| matches(entry, room)));
        if entries.is_empty() {
            assert_eq!(page["head"], after, "a page is empty only at the head");
            return log;
        }
        log.extend(entries.iter().map(logged));
    }
}

/// The logs of these rooms.
pub async fn logs(host: SocketAddr, rooms: &[&str]) -> Logs {
    let mut logs = Logs::new();
    for room in rooms {
        logs.insert((*room).to_owned(), log(host, room).await);
    }
    logs
}

fn matches(entry: &Entry, room: &str) -> bool {
    entry.head().room.key() == RoomName::parse(room).unwrap().key()
}

/// What the checker needs of an entry.
pub fn logged(entry: &Entry) -> Logged {
    let Entry::Message(said) = entry else { panic!("nobody asks for anything else: {entry:?}") };
    Logged { seq: said.seq.get(), id: said.id, body: said.text().to_owned() }
}
