//! Packets of Engine.IO, and of Socket.IO inside of them, as servers send them.
//! <https://socket.io/docs/v4/engine-io-protocol/>, <https://socket.io/docs/v4/socket-io-protocol/>

/// One packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Engine.IO opens a session.
    Open,
    /// Engine.IO's heartbeat, which wants [`PONG`].
    Ping,
    /// The namespace is entered.
    Connected,
    /// The namespace is not entered, and why.
    Refused(&'a [u8]),
    /// An event: its name, and its arguments, of which there may be none.
    Event(&'a [u8], &'a [u8]),
    /// The answer to an event of ours: its arguments.
    Ack(&'a [u8]),
    /// What is not looked at.
    Other,
}

/// Asks to be let into the namespace `/`. The auth payload follows.
pub const CONNECT: &[u8] = b"40";
/// The answer to a heartbeat.
pub const PONG: &[u8] = b"3";
/// How an event begins. The ack's number follows, then the array.
pub const EVENT: &[u8] = b"42";

/// What a text message of a server says.
#[inline]
#[must_use]
pub fn packet(text: &[u8]) -> Packet<'_> {
    match text {
        [b'4', b'2', rest @ ..] => event(rest).unwrap_or(Packet::Other),
        [b'4', b'3', rest @ ..] => ack(rest).unwrap_or(Packet::Other),
        [b'2'] => Packet::Ping,
        [b'4', b'0', ..] => Packet::Connected,
        [b'4', b'4', why @ ..] => Packet::Refused(why),
        [b'0', ..] => Packet::Open,
        _ => Packet::Other,
    }
}

/// `["name",…]`. No name that is looked for has an escape in it.
#[inline]
fn event(array: &[u8]) -> Option<Packet<'_>> {
    let rest = array.strip_prefix(b"[\"")?.strip_suffix(b"]")?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    let (name, arguments) = (&rest[..end], &rest[end + 1..]);
    Some(Packet::Event(name, arguments.strip_prefix(b",").unwrap_or(arguments)))
}

/// `7[…]`.
fn ack(rest: &[u8]) -> Option<Packet<'_>> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    Some(Packet::Ack(rest[digits..].strip_prefix(b"[")?.strip_suffix(b"]")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_what_servers_say() {
        for (text, expected) in [
            (r#"0{"sid":"x"}"#, Packet::Open),
            ("2", Packet::Ping),
            (r#"40{"sid":"y"}"#, Packet::Connected),
            (r#"44{"message":"no"}"#, Packet::Refused(br#"{"message":"no"}"#)),
            (r#"42["joined"]"#, Packet::Event(b"joined", b"")),
            (r#"42["entry",{"a":["x"]}]"#, Packet::Event(b"entry", br#"{"a":["x"]}"#)),
            (r#"4317[{"type":"ok"}]"#, Packet::Ack(br#"{"type":"ok"}"#)),
            ("6", Packet::Other),
            ("2probe", Packet::Other),
            ("42{}", Packet::Other),
            ("43[", Packet::Other),
            ("", Packet::Other),
        ] {
            assert_eq!(packet(text.as_bytes()), expected, "{text}");
        }
    }
}
