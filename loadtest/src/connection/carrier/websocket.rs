//! A WebSocket: each message is a frame.

use std::io;

use mio::net::TcpStream;

use super::{Carrier, Line, Listener, Rest, write};
use crate::{
    connection::{member::Stage, outgoing::Outgoing},
    target::Target,
    wire::{self, WireError},
};

/// A WebSocket.
#[derive(Debug, Default)]
pub struct WebSocket {
    stream: Option<TcpStream>,
    rest: Rest,
}

impl Carrier for WebSocket {
    fn begin(&mut self, target: &Target, path: &str, out: &mut Outgoing) {
        *self = Self::default();
        out.bytes().extend_from_slice(wire::request(&target.host, path).as_bytes());
    }

    fn wants(&self) -> Option<Line> {
        self.stream.is_none().then_some(Line::First)
    }

    fn give(&mut self, _: Line, stream: TcpStream) {
        self.stream = Some(stream);
    }

    fn stream(&mut self, _: Line) -> Option<&mut TcpStream> {
        self.stream.as_mut()
    }

    fn drop_lines(&mut self) {
        self.stream = None;
    }

    fn receive(&mut self, _: Line, bytes: &[u8], to: &mut Listener<'_>) -> Result<(), WireError> {
        self.rest.feed(bytes, |bytes| consume(bytes, to))
    }

    fn hung_up(&mut self, _: Line) -> bool {
        false
    }

    fn flush(&mut self, out: &mut Outgoing) -> io::Result<()> {
        let Some(stream) = self.stream.as_mut().filter(|_| !out.bytes().is_empty()) else {
            return Ok(());
        };
        let written = write(stream, out.bytes())?;
        out.bytes().drain(..written);
        Ok(())
    }
}

/// Takes in what is whole; says how many bytes that was.
fn consume(bytes: &[u8], to: &mut Listener<'_>) -> Result<usize, WireError> {
    let mut used = 0;
    if to.member.stage == Stage::Upgrading {
        let Some(length) = wire::handshake(bytes)? else { return Ok(0) };
        used = length;
        to.upgraded();
    }
    while let Some(frame) = wire::next_frame(&bytes[used..])? {
        used += frame.length;
        match frame.opcode {
            wire::TEXT | wire::BINARY => to.heard(frame.payload)?,
            wire::PING => to.member.out.message(wire::PONG, &[frame.payload]),
            wire::CLOSE => {
                let code = frame.payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                let code = code.unwrap_or(1005);
                to.world.last_end.get_or_insert_with(|| format!("close code {code}"));
            }
            _ => {}
        }
    }
    Ok(used)
}
