//! All that can be said on a WebSocket, and what has to be asked for it.

use std::collections::BTreeSet;

use maru_protocol::{
    Body, ClientFrame, Description, Emoji, MessageId, Query, Ref, RoomName, Seq, Topic,
};
use uuid::Uuid;

use crate::services::access::{Action, PublishKind};

/// What has to be asked before a frame is answered: one action, but for `read`, which is two things.
/// A frame that is added does not compile without its line here.
pub(super) fn asked_by(frame: &ClientFrame) -> &'static [Action] {
    use Action::Publish;
    match frame {
        // Nothing of rooms.
        ClientFrame::Hello { .. } | ClientFrame::Ping => &[],
        ClientFrame::Join { .. } => &[Action::Join],
        ClientFrame::Leave { .. } => &[Action::Leave],
        ClientFrame::Create { .. } => &[Action::CreateRoom],
        ClientFrame::Send { .. } => &[Publish(PublishKind::Message)],
        ClientFrame::Edit { .. } => &[Publish(PublishKind::Edit)],
        ClientFrame::Delete { .. } => &[Publish(PublishKind::Delete)],
        ClientFrame::React { .. } => &[Publish(PublishKind::React)],
        ClientFrame::Pin { .. } => &[Publish(PublishKind::Pin)],
        ClientFrame::Topic { .. } => &[Publish(PublishKind::Topic)],
        ClientFrame::Pinned { .. } => &[Action::ReadPinned],
        ClientFrame::OwnReactions { .. } => &[Action::ReadOwnReactions],
        ClientFrame::History { .. } => &[Action::ReadHistory],
        ClientFrame::Rooms { watch: Some(true), .. } => &[Action::WatchRooms],
        ClientFrame::Rooms { .. } => &[Action::ListRooms],
        ClientFrame::Read { .. } => &[Action::BecomeMember, Action::MoveReadPosition],
        ClientFrame::Unread { .. } => &[Action::ReadPositions],
        ClientFrame::Members { .. } => &[Action::ReadMembers],
        ClientFrame::Search { .. } => &[Action::Search],
        ClientFrame::Typing { .. } => &[Action::Type],
    }
}

pub(super) fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

pub(super) fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

/// All that can be said, in an order in which a server takes it: somebody is in the room `door`, its
/// entry 1 is their message, and there is a room `other`. `made` is a room that there is not yet.
#[allow(clippy::too_many_lines)] // one list
pub(super) fn frames(made: &str) -> Vec<ClientFrame> {
    let mut numbers = 100_u32..;
    let mut next = || Ref(numbers.next().unwrap());
    let id = || MessageId(Uuid::now_v7());
    let (door, target) = (room("door"), seq(1));
    let body = |text: &str| Body::parse(text.to_owned()).unwrap();
    let rooms = |reference, watch| ClientFrame::Rooms { reference, query: None, watch, more: None };
    let search = |reference, room| ClientFrame::Search {
        reference,
        query: Query::parse("hello").unwrap(),
        room,
        more: None,
    };
    vec![
        ClientFrame::Ping,
        ClientFrame::Create { reference: next(), room: room(made) },
        ClientFrame::Join { reference: next(), room: room("other"), after: None },
        ClientFrame::Leave { reference: next(), room: room("other") },
        ClientFrame::say(next(), door.clone(), id(), body("hello again")),
        ClientFrame::Edit {
            reference: next(),
            room: door.clone(),
            id: id(),
            target,
            body: body("hello, edited"),
            mentions: Vec::new(),
        },
        ClientFrame::React {
            reference: next(),
            room: door.clone(),
            id: id(),
            target,
            emoji: Emoji::parse("👍".to_owned()).unwrap(),
            on: true,
        },
        ClientFrame::Pin { reference: next(), room: door.clone(), id: id(), target, on: true },
        ClientFrame::Topic {
            reference: next(),
            room: door.clone(),
            id: id(),
            topic: Topic::parse(made).unwrap(),
            description: Description::parse("").unwrap(),
        },
        ClientFrame::Pinned { reference: next(), room: door.clone() },
        ClientFrame::OwnReactions { reference: next(), room: door.clone(), targets: vec![target] },
        ClientFrame::History {
            reference: next(),
            room: door.clone(),
            before: None,
            after: None,
            around: None,
            limit: None,
        },
        search(next(), Some(door.clone())),
        search(next(), None),
        rooms(next(), None),
        rooms(next(), Some(true)),
        rooms(next(), Some(false)),
        ClientFrame::Read { room: door.clone(), seq: target },
        ClientFrame::Unread { reference: next(), rooms: vec![door.clone()] },
        ClientFrame::Members { reference: next(), room: door.clone(), query: Some("M".into()) },
        ClientFrame::Typing { room: door.clone(), on: true },
        ClientFrame::Delete { reference: next(), room: door, id: id(), target },
    ]
}

/// The `type` of every frame that the protocol has, as its own decoder names them.
pub(super) fn types() -> BTreeSet<String> {
    let why = serde_json::from_str::<ClientFrame>(r#"{"type":"?"}"#).unwrap_err().to_string();
    let (_, names) = why.split_once("expected one of").unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

pub(super) fn type_of(frame: &ClientFrame) -> String {
    serde_json::to_value(frame).unwrap()["type"].as_str().unwrap().to_owned()
}
