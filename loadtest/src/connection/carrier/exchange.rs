//! One TCP connection of HTTP that is kept, with at most one request on its way.

use std::io;

use mio::net::TcpStream;

use super::{Rest, write};
use crate::{
    http::{self, Answer},
    wire::WireError,
};

/// One connection that asks, is answered, and asks again.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    pub(super) stream: Option<TcpStream>,
    rest: Rest,
    /// The request that has no answer yet; empty where there is none.
    request: Vec<u8>,
    /// Bytes of it that the socket took.
    written: usize,
    /// The connection had an answer before, so its server may end it any time.
    used: bool,
}

impl Exchange {
    /// Whether nothing is asked.
    pub(super) fn is_idle(&self) -> bool {
        self.request.is_empty()
    }

    /// Whether it has something to ask and no connection.
    pub(super) fn wants_line(&self) -> bool {
        self.stream.is_none() && !self.is_idle()
    }

    /// A connection that is being made.
    pub(super) fn give(&mut self, stream: TcpStream) {
        (self.stream, self.rest, self.written, self.used) =
            (Some(stream), Rest::default(), 0, false);
    }

    /// Asks, when nothing else is asked.
    pub(super) fn ask(&mut self, request: impl FnOnce(&mut Vec<u8>)) {
        self.request.clear();
        self.written = 0;
        request(&mut self.request);
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        match write(stream, &self.request[self.written..]) {
            Ok(written) => self.written += written,
            // Ended while nobody asked: the end is told, and the request goes by another connection.
            Err(_) if self.used => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Takes what was read, and gives each whole answer to `take`, which may ask again by what it returns.
    pub(super) fn receive(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(Answer<'_>, &mut Vec<u8>) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        let Self { stream, rest, request, written, used: was_used } = self;
        rest.feed(bytes, |bytes| {
            let mut used = 0;
            while used < bytes.len() {
                let Some(answer) = http::answer(&bytes[used..])? else { break };
                if request.is_empty() {
                    return Err(WireError::Http("an answer that nobody asked for".to_owned()));
                }
                used += answer.length;
                request.clear();
                *written = 0;
                *was_used = true;
                if !answer.keeps {
                    *stream = None;
                }
                take(answer, request)?;
            }
            Ok(used)
        })
    }

    /// The server closed the connection. Whether that is of no consequence: nothing was asked, or it
    /// was a connection that had served before and the server ended before it saw the request
    /// (RFC 9112 section 9.5).
    pub(super) fn hung_up(&mut self) -> bool {
        self.stream = None;
        self.written = 0;
        self.rest.is_empty() && (self.is_idle() || self.used)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    fn asked() -> Exchange {
        let mut exchange = Exchange::default();
        exchange.ask(|out| http::get(out, "h", "/"));
        exchange
    }

    fn take(exchange: &mut Exchange, bytes: &[u8]) -> Result<(), WireError> {
        exchange.receive(bytes, |answer, _| {
            assert_eq!(answer.body, b"ok");
            Ok(())
        })
    }

    #[test]
    fn a_connection_that_had_an_answer_may_end_before_the_next_request_is_seen() {
        let mut exchange = asked();
        assert!(!exchange.hung_up(), "the first request has no answer");
        take(&mut exchange, ANSWER).unwrap();
        assert!(exchange.hung_up(), "nothing is asked");
        assert!(!exchange.wants_line());
        exchange.ask(|out| http::get(out, "h", "/"));
        assert!(exchange.hung_up() && exchange.wants_line(), "it is asked once more");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        exchange.give(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        assert!(!exchange.hung_up(), "not for ever");
    }

    #[test]
    fn half_an_answer_is_none() {
        let mut exchange = asked();
        take(&mut exchange, ANSWER).unwrap();
        exchange.ask(|out| http::get(out, "h", "/"));
        take(&mut exchange, &ANSWER[..20]).unwrap();
        assert!(!exchange.hung_up());
    }

    #[test]
    fn an_answer_may_end_the_connection() {
        let mut exchange = asked();
        let last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
        take(&mut exchange, last).unwrap();
        exchange.ask(|out| http::get(out, "h", "/"));
        assert!(exchange.wants_line());
    }
}
