use maru_engine::cluster::{ReadElsewhere, RemoteUser, RoomChange};
use maru_protocol::{ReadState, RoomName, Seq, SessionId, User, UserId};
use uuid::Uuid;

use super::*;

#[test]
fn a_newer_version_may_say_more() {
    let more = br#"{"type":"alive","version":7,"load":0.5}"#;
    assert_eq!(decode(more), Some(Gossip::Alive { version: 7 }));
    assert_eq!(decode(br#"{"type":"song"}"#), None);
    assert_eq!(decode(b"\xff"), None);
}

#[test]
fn there_and_back() {
    let user =
        User { id: UserId("a".into()), name: maru_protocol::DisplayName::parse("아다").unwrap() };
    let person = RemoteUser { user: user.clone(), named_by: SessionId(Uuid::from_u128(1)) };
    let rooms = vec![RoomChange { room: 1, joined: vec![person], left: vec![user.id.clone()] }];
    let state = ReadState {
        room: RoomName::parse("방").unwrap(),
        read: Seq::new(3).unwrap(),
        unread: 2,
        mentions: 1,
    };
    for gossip in [
        Gossip::Changes { version: 1, rooms: rooms.clone() },
        Gossip::Whole { version: 1, part: 0, parts: 1, rooms },
        Gossip::Typing { user: user.clone(), on: true },
        Gossip::Read { reads: vec![ReadElsewhere { user: user.id, state }] },
        Gossip::Bye,
    ] {
        assert_eq!(decode(&encode(&gossip)), Some(gossip));
    }
}
