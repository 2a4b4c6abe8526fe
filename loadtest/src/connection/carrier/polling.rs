//! Engine.IO by HTTP long-polling: a GET that waits for what the server says, and POSTs of what the
//! member says. <https://socket.io/docs/v4/engine-io-protocol/#http-long-polling>

use std::io;

use mio::net::TcpStream;
use serde::Deserialize;

use super::{Carrier, Line, Listener, exchange::Exchange};
use crate::{
    connection::outgoing::{Outgoing, SEPARATOR},
    http::{self, Answer},
    target::Target,
    wire::WireError,
};

/// One session. Its polls have a connection of their own, as one waits nearly always; what is said needs
/// another one, which is made when it is needed and kept as long as the server keeps it.
#[derive(Debug, Default)]
pub struct Polling {
    polls: Exchange,
    posts: Exchange,
    host: String,
    /// With the session's id, once it has one.
    path: String,
    is_open: bool,
}

/// What of the first packet is looked at.
#[derive(Deserialize)]
struct Opened {
    sid: String,
}

impl Carrier for Polling {
    fn begin(&mut self, target: &Target, path: &str, _: &mut Outgoing) {
        *self = Self { host: target.host.clone(), path: path.to_owned(), ..Self::default() };
        self.polls.ask(|out| http::get(out, &self.host, &self.path));
    }

    fn wants(&self) -> Option<Line> {
        let lines = [(&self.polls, Line::First), (&self.posts, Line::Second)];
        lines.into_iter().find_map(|(exchange, line)| exchange.wants_line().then_some(line))
    }

    fn give(&mut self, line: Line, stream: TcpStream) {
        self.exchange(line).give(stream);
    }

    fn stream(&mut self, line: Line) -> Option<&mut TcpStream> {
        self.exchange(line).stream.as_mut()
    }

    fn drop_lines(&mut self) {
        (self.polls, self.posts) = (Exchange::default(), Exchange::default());
    }

    fn receive(
        &mut self,
        line: Line,
        bytes: &[u8],
        to: &mut Listener<'_>,
    ) -> Result<(), WireError> {
        let Self { polls, posts, host, path, is_open } = self;
        if line == Line::Second {
            return posts.receive(bytes, |answer, _| accepted(answer).map(drop));
        }
        polls.receive(bytes, |answer, request| {
            let body = accepted(answer)?;
            if !*is_open {
                *is_open = true;
                path.push_str("&sid=");
                path.push_str(&sid(body)?);
                to.upgraded();
            }
            body.split(|byte| *byte == SEPARATOR).try_for_each(|packet| to.heard(packet))?;
            http::get(request, host, path);
            Ok(())
        })
    }

    fn hung_up(&mut self, line: Line) -> bool {
        self.exchange(line).hung_up()
    }

    fn flush(&mut self, out: &mut Outgoing) -> io::Result<()> {
        if self.posts.is_idle() && !out.bytes().is_empty() {
            self.posts.ask(|request| http::post(request, &self.host, &self.path, out.bytes()));
            out.bytes().clear();
        }
        self.polls.flush()?;
        self.posts.flush()
    }
}

impl Polling {
    fn exchange(&mut self, line: Line) -> &mut Exchange {
        match line {
            Line::First => &mut self.polls,
            Line::Second => &mut self.posts,
        }
    }
}

/// What an answer carries, unless it refuses.
fn accepted(answer: Answer<'_>) -> Result<&[u8], WireError> {
    if answer.status == 200 {
        return Ok(answer.body);
    }
    let why = String::from_utf8_lossy(answer.body);
    Err(WireError::Http(format!("status {}: {why}", answer.status)))
}

/// The id in the packet that opens a session.
fn sid(body: &[u8]) -> Result<String, WireError> {
    let first = body.split(|byte| *byte == SEPARATOR).next().unwrap_or_default();
    let opened = first.strip_prefix(b"0").and_then(|json| serde_json::from_slice(json).ok());
    let Opened { sid } = opened.ok_or(WireError::Stream("no packet that opens a session"))?;
    Ok(sid)
}
