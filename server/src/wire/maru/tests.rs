use maru_engine::SharedEvent;
use maru_protocol::{
    About, Body, Covers, DisplayName, Epoch, Message, MessageId, Presence, PresenceChange,
    ReadState, Ref, Seq, Topic, UserId,
};
use uuid::Uuid;

use super::*;
use crate::wire::{Entries, encoded};

fn room() -> RoomName {
    RoomName::parse("마루 lobby").unwrap()
}

fn user() -> User {
    User { id: UserId("a".into()), name: DisplayName::parse("민지").unwrap() }
}

fn entry(number: u64) -> Entry {
    let id = MessageId(Uuid::from_u128(number.into()));
    let seq = Seq::new(number).unwrap();
    let body = Body::parse(format!("{number}: \"type\":\"entry\",\n\\")).unwrap();
    Entry::Message(Message::of(room(), seq, id, user(), number, body))
}

/// An event is the frame that PROTOCOL.md says, byte for byte.
#[test]
fn events_are_server_frames() {
    let seq = Seq::new(7).unwrap();
    let change = PresenceChange::Delta { joined: vec![user()], left: vec![UserId("b".into())] };
    let rooms = vec![RoomInfo { room: room(), members: 3, head: seq, active_at: 9 }];
    let state = ReadState { room: room(), read: seq, unread: 1, mentions: 0 };
    for (event, frame) in [
        (Event::Entry(entry(1)), ServerFrame::Entry(entry(1))),
        (
            Event::Presence { room: room(), count: 2, change: change.clone() },
            ServerFrame::Presence { room: room(), count: 2, change },
        ),
        (
            Event::Typing { room: room(), user: user(), on: true },
            ServerFrame::Typing { room: room(), user: user(), on: true },
        ),
        (
            Event::Directory { rooms: rooms.clone(), removed: Vec::new() },
            ServerFrame::Directory { rooms: rooms.clone(), removed: Vec::new() },
        ),
        (
            Event::Directory { rooms: Vec::new(), removed: vec![room()] },
            ServerFrame::Directory { rooms: Vec::new(), removed: vec![room()] },
        ),
        (
            Event::Removed { room: room(), renamed_to: None },
            ServerFrame::Removed { room: room(), renamed_to: None },
        ),
        (
            Event::Removed { room: room(), renamed_to: Some(room()) },
            ServerFrame::Removed { room: room(), renamed_to: Some(room()) },
        ),
        (Event::Read(state.clone()), ServerFrame::Read(state)),
    ] {
        assert_eq!(MARU.event(&SharedEvent::new(event)), MARU.frame(&frame), "{frame:?}");
    }
}

#[test]
fn a_joined_frame_is_put_together_as_it_would_be_encoded() {
    let topic = Topic::parse("what it is about").unwrap();
    for (count, reset) in [(0, false), (0, true), (1, true), (3, false)] {
        for about in [About::default(), About { topic: topic.clone(), ..About::default() }] {
            let (reference, epoch) = (Ref(7), Epoch(Uuid::from_u128(1)));
            let head = Seq::new(count).unwrap();
            let covers = Covers { from: Seq::new(1).unwrap(), to: head };
            let updated: Vec<Entry> = (8..8 + count / 2).map(entry).collect();
            let members = Presence { count: 1, users: vec![user()], complete: true };
            let events: Vec<SharedEvent> = (1..=count).map(|n| entry(n).into()).collect();
            // Some of them went by already, some are encoded here.
            events.iter().step_by(2).for_each(|event| drop(encoded(MARU, event)));
            let joined = Joined {
                reference,
                room: room(),
                epoch,
                head,
                members: members.clone(),
                about: about.clone(),
                entries: Entries::Shared(events),
                covers,
                updated: updated.clone(),
                reset,
            };
            let whole = ServerFrame::Joined {
                reference,
                room: room(),
                epoch,
                head,
                members,
                about,
                entries: (1..=count).map(entry).collect(),
                covers,
                updated,
                reset,
            };
            assert_eq!(MARU.joined(&joined), MARU.frame(&whole));
            let read = Entries::Read((1..=count).map(entry).collect());
            let joined = Joined { entries: read, ..joined };
            assert_eq!(MARU.joined(&joined), MARU.frame(&whole));
        }
    }
}
