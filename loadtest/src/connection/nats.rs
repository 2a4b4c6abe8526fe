//! NATS over WebSocket: binary frames that carry a stream of bytes, cut anywhere.
//! <https://docs.nats.io/reference/reference-protocols/nats-protocol>

use super::{
    carrier::Rest,
    member::{Member, Stage},
    outgoing::Outgoing,
};
use crate::{
    wire::{self, WireError},
    world::World,
};

/// No line of a server's comes near: `INFO` is the longest.
const MAX_LINE: usize = 8 * 1024;
/// No message of ours comes near.
const MAX_MESSAGE: usize = 64 * 1024;

/// One connection's conversation.
#[derive(Default)]
pub struct Nats {
    /// The start of an operation whose end has not come.
    rest: Rest,
}

/// What the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation<'a> {
    /// Who it is: the first that it says.
    Info,
    /// A heartbeat that wants an answer.
    Ping,
    /// The answer.
    Pong,
    /// It refuses something.
    Refused(&'a [u8]),
    /// A message of the room.
    Message(&'a [u8]),
    /// What is not looked at.
    Other,
}

impl Nats {
    /// The handshake is done: the server says who it is.
    pub fn upgraded(&mut self, member: &mut Member) {
        self.rest = Rest::default();
        member.stage = Stage::Greeting;
    }

    /// A piece of the stream came.
    ///
    /// # Errors
    /// [`WireError`] for what is no NATS.
    #[inline]
    pub fn heard(
        &mut self,
        piece: &[u8],
        now: u64,
        member: &mut Member,
        world: &mut World,
    ) -> Result<(), WireError> {
        self.rest.feed(piece, |bytes| take(bytes, now, member, world))
    }

    /// Says an entry.
    pub fn say(out: &mut Outgoing, room: usize, entry: &[u8]) {
        let head = format!("PUB room.{room} {}\r\n", entry.len());
        out.message(wire::BINARY, &[head.as_bytes(), entry, b"\r\n"]);
    }
}

/// Takes in what is whole; says how many bytes that was.
#[inline]
fn take(
    bytes: &[u8],
    now: u64,
    member: &mut Member,
    world: &mut World,
) -> Result<usize, WireError> {
    let mut used = 0;
    while let Some((operation, length)) = next(&bytes[used..])? {
        used += length;
        match operation {
            Operation::Message(entry) => _ = member.saw(entry, now, world),
            other => control(other, member, world),
        }
    }
    Ok(used)
}

fn control(operation: Operation<'_>, member: &mut Member, world: &mut World) {
    match operation {
        Operation::Ping => member.out.message(wire::BINARY, &[b"PONG\r\n"]),
        Operation::Info if member.stage == Stage::Greeting => {
            member.stage = Stage::Joining;
            let join = format!(
                "CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB room.{} 1\r\nPING\r\n",
                member.room
            );
            member.out.message(wire::BINARY, &[join.as_bytes()]);
        }
        // Operations are done in turn: what was asked before the `PING` is done.
        Operation::Pong if member.stage == Stage::Joining => member.follow(world),
        Operation::Refused(why) => {
            world.fail(format!("the server refused: {}", String::from_utf8_lossy(why)));
        }
        _ => {}
    }
}

/// The operation at the front and its length; `None` when it is not all there.
#[inline]
fn next(bytes: &[u8]) -> Result<Option<(Operation<'_>, usize)>, WireError> {
    let Some(end) = bytes.iter().take(MAX_LINE).position(|byte| *byte == b'\n') else {
        let endless = WireError::Stream("a line without an end");
        return if bytes.len() < MAX_LINE { Ok(None) } else { Err(endless) };
    };
    let line = bytes[..end].trim_ascii_end();
    if let Some(about) = line.strip_prefix(b"MSG ") {
        return message(bytes, about, end + 1);
    }
    let operation = if line.starts_with(b"INFO ") {
        Operation::Info
    } else if line == b"PING" {
        Operation::Ping
    } else if line == b"PONG" {
        Operation::Pong
    } else if line.starts_with(b"-ERR") {
        Operation::Refused(line)
    } else if line == b"+OK" {
        Operation::Other
    } else {
        return Err(WireError::Stream("an operation that is not NATS"));
    };
    Ok(Some((operation, end + 1)))
}

/// `MSG <subject> <subscription> <length>`, and behind the line so many bytes and a line's end.
#[inline]
fn message<'a>(
    bytes: &'a [u8],
    about: &[u8],
    start: usize,
) -> Result<Option<(Operation<'a>, usize)>, WireError> {
    let digits = about.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let number = |sum: usize, digit: &u8| {
        digit
            .is_ascii_digit()
            .then(|| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')))
    };
    let length = digits.iter().try_fold(0, number).filter(|length| *length <= MAX_MESSAGE);
    let length = length.ok_or(WireError::Stream("a message without a length"))?;
    let end = start + length;
    match bytes.get(end..end + 2) {
        None => Ok(None),
        Some(b"\r\n") => Ok(Some((Operation::Message(&bytes[start..end]), end + 2))),
        Some(_) => Err(WireError::Stream("a message longer than it says")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Dialect, testing::Script};

    #[test]
    fn a_member_gets_in_and_answers_heartbeats() {
        let mut script = Script::new(Dialect::Nats);
        script.text(b"INFO {\"server_id\":");
        assert!(script.said().is_empty());
        script.text(b"\"x\"} \r\n");
        let join = b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB room.0 1\r\nPING\r\n";
        assert_eq!(script.said(), [join.to_vec()]);
        script.text(b"PING\r\n");
        assert_eq!(script.said(), [b"PONG\r\n".to_vec()]);
        assert_eq!(script.ready(), 0);
        script.text(b"PONG\r\n");
        assert_eq!(script.ready(), 1);
    }

    #[test]
    fn every_cut_of_a_stream_splits_alike() {
        let stream =
            b"MSG room.7 1 5\r\nhello\r\nPING\r\nMSG room.7 1 4\r\n\r\n\r\n\r\nMSG r 1 0\r\n\r\n";
        let mut whole = Vec::new();
        let mut at = 0;
        while let Some((operation, length)) = next(&stream[at..]).unwrap() {
            // However much of it there is, a part is never taken for the whole.
            for cut in 0..length {
                assert_eq!(next(&stream[at..at + cut]), Ok(None), "{at} + {cut}");
            }
            whole.push(operation);
            at += length;
        }
        let message = |text| Operation::Message(text);
        let expected = [message(b"hello"), Operation::Ping, message(b"\r\n\r\n"), message(b"")];
        assert_eq!((at, &whole[..]), (stream.len(), &expected[..]));
    }

    #[test]
    fn what_is_no_nats_is_refused() {
        assert!(next(b"HTTP/1.1 400 Bad Request\r\n").is_err());
        assert!(next(b"MSG room.7 1 x\r\n").is_err());
        assert!(next(b"MSG room.7 1 99999999999999999999999\r\n").is_err());
        assert!(next(b"MSG room.7 1 2\r\nhello\r\n").is_err());
        assert!(next(&[b'x'; MAX_LINE]).is_err());
        let error = b"-ERR 'Maximum Connections Exceeded'\r\n";
        assert!(matches!(next(error), Ok(Some((Operation::Refused(_), 37)))));
    }
}
