//! socket.io's own server and what is like it: packets, and the conversation with a server that
//! repeats what is said to a room.

pub mod packet;

use self::packet::{CONNECT, Packet, packet};
use super::{
    member::{Member, Stage},
    outgoing::Outgoing,
};
use crate::world::World;

/// Where a session begins by WebSocket: no polling first.
pub const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";
/// Where a session begins by long-polling, and goes on with its id.
pub const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

/// The way is open: the server says so.
pub fn upgraded(member: &mut Member) {
    member.stage = Stage::Greeting;
}

/// A packet came.
#[inline]
pub fn heard(text: &[u8], now: u64, member: &mut Member, world: &mut World) {
    match packet(text) {
        Packet::Event(b"entry", entry) => _ = member.saw(entry, now, world),
        Packet::Event(b"joined", _) if member.stage == Stage::Joining => member.follow(world),
        Packet::Open if member.stage == Stage::Greeting => member.out.text(&[CONNECT]),
        Packet::Connected if member.stage == Stage::Greeting => {
            member.stage = Stage::Joining;
            let join = format!(r#"42["join","{}"]"#, member.room);
            member.out.text(&[join.as_bytes()]);
        }
        Packet::Ping => member.out.text(&[packet::PONG]),
        Packet::Refused(why) => refused(why, world),
        _ => {}
    }
}

/// A server lets nobody in: what is measured would not be what was asked for.
pub fn refused(why: &[u8], world: &mut World) {
    world.fail(format!("the server refused: {}", String::from_utf8_lossy(why)));
}

/// Says an entry.
pub fn say(out: &mut Outgoing, entry: &[u8]) {
    out.text(&[br#"42["say","#, entry, b"]"]);
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
