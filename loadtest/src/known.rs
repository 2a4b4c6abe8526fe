//! Rooms that the server knows and nobody is in: what one costs in memory.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use maru_protocol::{ClientFrame, DisplayName, Ref, RoomName, ServerFrame, VERSION};
use serde::Serialize;

use crate::{args::KnownOptions, proc, wire};

/// Rooms asked for and not yet answered: well below what a server's journal lets wait.
const IN_FLIGHT: u32 = 256;
/// Without an answer for so long, the run is given up.
const STALL: Duration = Duration::from_secs(15);
/// What the server tells of the new rooms is told by then.
const SETTLE: Duration = Duration::from_secs(2);

/// What was found. Times are seconds, sizes bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    /// The subcommand.
    pub mode: &'static str,
    /// Rooms made.
    pub rooms: u32,
    /// How long that took.
    pub seconds: f64,
    /// With `--server-pid`: what the server's memory grew by, per room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rss_per_room: Option<f64>,
}

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    answered: u32,
    welcome: bool,
}

/// Makes the rooms from one connection that enters none of them.
///
/// # Errors
/// A sentence when the run could not be done.
pub fn run(options: &KnownOptions, seed: u64) -> Result<Known, String> {
    let tag = seed & 0xffff_ffff;
    let mut client = Client::connect(options, tag)?;
    client.quiet()?;
    let before = resident(options)?;
    let start = Instant::now();
    let mut sent = 0;
    while client.answered < options.rooms {
        while sent < options.rooms && sent - client.answered < IN_FLIGHT {
            sent += 1;
            let room = RoomName::parse(&format!("known-{tag:08x}-{sent}"));
            let room = room.map_err(|error| error.to_string())?;
            client.send(&ClientFrame::Create { reference: Ref(sent), room })?;
        }
        let answered = client.answered;
        client.wait(|client| client.answered > answered)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    client.quiet()?;
    let grown = resident(options)?.zip(before);
    let rss_per_room =
        grown.map(|(after, before)| after.saturating_sub(before) as f64 / f64::from(options.rooms));
    Ok(Known { mode: "known", rooms: options.rooms, seconds, rss_per_room })
}

fn resident(options: &KnownOptions) -> Result<Option<u64>, String> {
    let look = |pid| {
        proc::resident_bytes(pid)
            .map_err(|error| format!("process {pid} can't be looked at: {error}"))
    };
    options.server_pid.map(look).transpose()
}

fn broken(error: std::io::Error) -> String {
    format!("the connection failed: {error}")
}

impl Client {
    fn connect(options: &KnownOptions, tag: u64) -> Result<Self, String> {
        let target = &options.url;
        let stream = TcpStream::connect(target.address)
            .map_err(|error| format!("can't connect to {target}: {error}"))?;
        stream.set_nodelay(true).map_err(broken)?;
        stream.set_read_timeout(Some(Duration::from_millis(100))).map_err(broken)?;
        let mut client = Self { stream, buffer: Vec::new(), answered: 0, welcome: false };
        let request = wire::request(&target.host, &target.path);
        client.stream.write_all(request.as_bytes()).map_err(broken)?;
        let start = Instant::now();
        let used = loop {
            client.read()?;
            match wire::handshake(&client.buffer).map_err(|error| error.to_string())? {
                Some(used) => break used,
                None if start.elapsed() > STALL => return Err("nothing came for 15 s".to_owned()),
                None => {}
            }
        };
        client.buffer.drain(..used);
        let name = DisplayName::parse(&format!("load {tag:08x}")).map_err(|e| e.to_string())?;
        client.send(&ClientFrame::Hello { version: VERSION, token: None, name: Some(name) })?;
        client.wait(|client| client.welcome)?;
        Ok(client)
    }

    fn send(&mut self, frame: &ClientFrame) -> Result<(), String> {
        let text = serde_json::to_vec(frame).map_err(|error| error.to_string())?;
        let mut out = Vec::with_capacity(text.len() + 8);
        wire::put_frame(&mut out, wire::TEXT, &[&text]);
        self.stream.write_all(&out).map_err(broken)
    }

    /// Reads until that is so.
    fn wait(&mut self, done: impl Fn(&Self) -> bool) -> Result<(), String> {
        let start = Instant::now();
        while !done(self) {
            if start.elapsed() > STALL {
                return Err("nothing came for 15 s".to_owned());
            }
            self.read()?;
            self.take()?;
        }
        Ok(())
    }

    /// Reads what the server still has to tell.
    fn quiet(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < SETTLE {
            self.read()?;
            self.take()?;
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), String> {
        let mut piece = [0; 16 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => return Err("the server closed the connection".to_owned()),
            Ok(read) => self.buffer.extend_from_slice(&piece[..read]),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(broken(error)),
        }
        Ok(())
    }

    fn take(&mut self) -> Result<(), String> {
        let buffer = std::mem::take(&mut self.buffer);
        let mut used = 0;
        while let Some(frame) = wire::next_frame(&buffer[used..]).map_err(|e| e.to_string())? {
            used += frame.length;
            match frame.opcode {
                wire::TEXT => self.heard(frame.payload)?,
                wire::PING => {
                    let mut out = Vec::new();
                    wire::put_frame(&mut out, wire::PONG, &[frame.payload]);
                    self.stream.write_all(&out).map_err(broken)?;
                }
                _ => {}
            }
        }
        self.buffer = buffer[used..].to_vec();
        Ok(())
    }

    fn heard(&mut self, text: &[u8]) -> Result<(), String> {
        match serde_json::from_slice::<ServerFrame>(text) {
            Ok(ServerFrame::Welcome { .. }) => self.welcome = true,
            Ok(ServerFrame::Ok { .. }) => self.answered += 1,
            Ok(ServerFrame::Error { message, .. }) => {
                return Err(format!("the server refused: {message}"));
            }
            // What is told of rooms is not looked at.
            _ => {}
        }
        Ok(())
    }
}
