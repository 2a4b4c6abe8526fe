//! One packet: its type, namespace, ack id and JSON.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::value::RawValue;

/// Most binary attachments of one packet. socket.io-parser refuses more, too.
pub const MAX_ATTACHMENTS: usize = 10;
/// Most bytes of a namespace's name: an address of a page's part.
const MAX_NAMESPACE: usize = 256;
/// Most digits of an ack id: those of the largest integer that a JavaScript number holds exactly.
const MAX_ID_DIGITS: usize = 15;

/// What a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `0`: a client asks for a namespace, a server lets it in.
    Connect,
    /// `1`: out of a namespace.
    Disconnect,
    /// `2`, or `5` with attachments: an event, a name and its arguments.
    Event,
    /// `3`, or `6` with attachments: the answer to an event, its arguments.
    Ack,
    /// `4`: a server does not let a client into a namespace.
    ConnectError,
}

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// What it is for.
    pub kind: Kind,
    /// The namespace: begins with a slash.
    pub namespace: String,
    /// Pairs an event with its answer.
    pub id: Option<u64>,
    /// Its JSON: an object for `Connect`, arrays for `Event` and `Ack`, empty for none. Binary values
    /// are placeholders (`{"_placeholder":true,"num":0}`) for an attachment.
    pub data: String,
    /// Its binary values, each in a message of its own.
    pub attachments: Vec<Bytes>,
}

/// A packet that breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// No such type.
    #[error("a packet begins with its type, a digit from 0 to 6")]
    Type,
    /// A number of attachments that is none, or too large.
    #[error("a binary packet says how many attachments follow, at most 10")]
    Attachments,
    /// An ack id that is too long.
    #[error("an ack id has at most 15 digits")]
    Id,
    /// A namespace that is too long.
    #[error("the name of a namespace has at most 256 bytes")]
    Namespace,
    /// JSON that is none, or not what a packet of this type carries.
    #[error("a packet of this type carries other JSON")]
    Data,
}

/// A packet in messages of Engine.IO: a text, then the attachments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The text, without Engine.IO's own type.
    pub text: String,
    /// The binary messages that follow it.
    pub attachments: Vec<Bytes>,
}

impl Packet {
    /// A packet without attachments.
    #[must_use]
    pub fn new(kind: Kind, namespace: &str, id: Option<u64>, data: impl Into<String>) -> Self {
        let (namespace, data) = (namespace.to_owned(), data.into());
        Self { kind, namespace, id, data, attachments: Vec::new() }
    }

    /// A packet from its text, and how many attachments are to follow.
    ///
    /// # Errors
    /// [`PacketError`].
    pub fn from_text(text: &str) -> Result<(Self, usize), PacketError> {
        let mut rest = text;
        let digit = take_if(&mut rest, |c| c.is_ascii_digit()).ok_or(PacketError::Type)?;
        let (kind, binary) = match digit {
            '0' => (Kind::Connect, false),
            '1' => (Kind::Disconnect, false),
            '2' => (Kind::Event, false),
            '3' => (Kind::Ack, false),
            '4' => (Kind::ConnectError, false),
            '5' => (Kind::Event, true),
            '6' => (Kind::Ack, true),
            _ => return Err(PacketError::Type),
        };
        let attachments = if binary { attachments(&mut rest)? } else { 0 };
        let namespace = namespace(&mut rest)?.to_owned();
        let id = id(&mut rest)?;
        let is_right = match kind {
            _ if id.is_some() && !matches!(kind, Kind::Event | Kind::Ack) => false,
            Kind::Connect | Kind::ConnectError => rest.is_empty() || is_object(rest),
            Kind::Disconnect => rest.is_empty(),
            Kind::Event => is_event(rest),
            Kind::Ack => id.is_some() && is_array(rest),
        };
        if !is_right {
            return Err(PacketError::Data);
        }
        let data = rest.to_owned();
        Ok((Self { kind, namespace, id, data, attachments: Vec::new() }, attachments))
    }

    /// The messages of Engine.IO that carry it.
    #[must_use]
    pub fn encode(self) -> Encoded {
        let digit = match (self.kind, self.attachments.is_empty()) {
            (Kind::Connect, _) => '0',
            (Kind::Disconnect, _) => '1',
            (Kind::Event, true) => '2',
            (Kind::Ack, true) => '3',
            (Kind::ConnectError, _) => '4',
            (Kind::Event, false) => '5',
            (Kind::Ack, false) => '6',
        };
        let mut text = String::with_capacity(self.data.len() + self.namespace.len() + 16);
        text.push(digit);
        if !self.attachments.is_empty() {
            // Writing to a string has no errors.
            let _ = write!(text, "{}-", self.attachments.len());
        }
        if self.namespace != "/" {
            text.push_str(&self.namespace);
            text.push(',');
        }
        if let Some(id) = self.id {
            let _ = write!(text, "{id}");
        }
        text.push_str(&self.data);
        Encoded { text, attachments: self.attachments }
    }

    /// The parts of an event: its name, or the number that is its name, and its arguments.
    #[must_use]
    pub fn event(&self) -> Option<(String, Vec<&RawValue>)> {
        let mut parts: Vec<&RawValue> = serde_json::from_str(&self.data).ok()?;
        if self.kind != Kind::Event || parts.is_empty() {
            return None;
        }
        let first = parts.remove(0).get();
        let name = serde_json::from_str(first).unwrap_or_else(|_| first.to_owned());
        Some((name, parts))
    }
}

fn take_if(rest: &mut &str, is: impl FnOnce(char) -> bool) -> Option<char> {
    let first = rest.chars().next().filter(|c| is(*c))?;
    *rest = &rest[first.len_utf8()..];
    Some(first)
}

fn digits<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    digits
}

fn attachments(rest: &mut &str) -> Result<usize, PacketError> {
    let number = digits(rest).parse().map_err(|_| PacketError::Attachments)?;
    if number > MAX_ATTACHMENTS || take_if(rest, |c| c == '-').is_none() {
        return Err(PacketError::Attachments);
    }
    Ok(number)
}

/// Up to a comma, which the last part of a packet may lack. A query behind the name is not part of it.
fn namespace<'a>(rest: &mut &'a str) -> Result<&'a str, PacketError> {
    if !rest.starts_with('/') {
        return Ok("/");
    }
    let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
    *rest = after;
    let name = name.split('?').next().unwrap_or(name);
    if name.len() > MAX_NAMESPACE { Err(PacketError::Namespace) } else { Ok(name) }
}

fn id(rest: &mut &str) -> Result<Option<u64>, PacketError> {
    let digits = digits(rest);
    match digits.len() {
        0 => Ok(None),
        1..=MAX_ID_DIGITS => digits.parse().map(Some).map_err(|_| PacketError::Id),
        _ => Err(PacketError::Id),
    }
}

fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok()
}

fn is_array(text: &str) -> bool {
    text.starts_with('[') && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// An array whose first element is the event's name: a text, or a number as some clients have it.
fn is_event(text: &str) -> bool {
    let Ok(parts) = serde_json::from_str::<Vec<&RawValue>>(text) else { return false };
    let is_name = |first: &&RawValue| {
        let first = first.get();
        first.starts_with('"') || first.starts_with(|c: char| c == '-' || c.is_ascii_digit())
    };
    parts.first().is_some_and(is_name)
}

#[cfg(test)]
mod tests;
