//! socket.io over WebSocket: packets of engine.io (the first digit) that carry packets of socket.io
//! (the second one). <https://socket.io/docs/v4/socket-io-protocol/>

use super::member::{Member, Stage};
use crate::{wire, world::World};

/// No polling first: the WebSocket is asked for at once.
pub const PATH: &str = "/socket.io/?EIO=4&transport=websocket";

/// engine.io opens.
const OPEN: &[u8] = b"0";
/// engine.io's heartbeat, and the answer.
const PING: &[u8] = b"2";
const PONG: &[u8] = b"3";
/// The namespace is entered: asked by one side, confirmed or refused by the other.
const CONNECT: &[u8] = b"40";
const REFUSED: &[u8] = b"44";
/// The room is entered.
const JOINED: &[u8] = br#"42["joined""#;
/// An entry, in front of its JSON.
const ENTRY: &[u8] = br#"42["entry","#;

/// The handshake is done: the server opens.
pub fn upgraded(member: &mut Member) {
    member.stage = Stage::Greeting;
}

/// A packet came.
#[inline]
pub fn heard(packet: &[u8], now: u64, member: &mut Member, world: &mut World) {
    let entry = packet.strip_prefix(ENTRY).and_then(|rest| rest.strip_suffix(b"]"));
    if !entry.is_some_and(|entry| member.saw(entry, now, world)) {
        other(packet, member, world);
    }
}

fn other(packet: &[u8], member: &mut Member, world: &mut World) {
    if packet == PING {
        wire::put_frame(&mut member.out, wire::TEXT, &[PONG]);
    } else if packet.starts_with(REFUSED) {
        world.fail(format!("the server refused: {}", String::from_utf8_lossy(packet)));
    } else if member.stage == Stage::Greeting && packet.starts_with(OPEN) {
        wire::put_frame(&mut member.out, wire::TEXT, &[CONNECT]);
    } else if member.stage == Stage::Greeting && packet.starts_with(CONNECT) {
        member.stage = Stage::Joining;
        let join = format!(r#"42["join","{}"]"#, member.room);
        wire::put_frame(&mut member.out, wire::TEXT, &[join.as_bytes()]);
    } else if member.stage == Stage::Joining && packet.starts_with(JOINED) {
        member.follow(world);
    }
}

/// Says an entry.
pub fn say(out: &mut Vec<u8>, entry: &[u8]) {
    wire::put_frame(out, wire::TEXT, &[br#"42["say","#, entry, b"]"]);
}

#[cfg(test)]
mod tests {
    use crate::connection::{Dialect, testing::Script};

    #[test]
    fn a_member_gets_in_step_by_step_and_answers_heartbeats() {
        let mut script = Script::new(Dialect::Socketio);
        script.text(br#"0{"sid":"x","upgrades":[],"pingInterval":25000}"#);
        assert_eq!(script.said(), [b"40".to_vec()]);
        script.text(br#"40{"sid":"y"}"#);
        assert_eq!(script.said(), [br#"42["join","0"]"#.to_vec()]);
        script.text(b"2");
        assert_eq!(script.said(), [b"3".to_vec()]);
        assert_eq!(script.ready(), 0);
        script.text(br#"42["joined"]"#);
        assert_eq!(script.ready(), 1);
    }

    #[test]
    fn a_refusal_ends_the_run() {
        let mut script = Script::new(Dialect::Socketio);
        script.text(br#"44{"message":"not you"}"#);
        assert!(script.world.fault.is_some_and(|why| why.contains("not you")));
    }
}
