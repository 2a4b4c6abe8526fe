use maru_protocol::{
    Body, DisplayName, ErrorCode, MessageId, PresenceChange, RoomName, Seq, User, UserId,
};
use uuid::Uuid;

use super::*;
use crate::wire::socketio::Packet;

fn message(room: &str, text: &str) -> SharedEvent {
    let sender = User { id: UserId("guest:1".into()), name: DisplayName::parse("Ann").unwrap() };
    let (room, body) = (RoomName::parse(room).unwrap(), Body::parse(text.into()).unwrap());
    let seq = Seq::new(1).unwrap();
    Entry::Message(maru_protocol::Message::of(room, seq, MessageId(Uuid::nil()), sender, 7, body))
        .into()
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn an_event_has_the_frame_of_maru_v1_as_its_argument() {
    let event = message("dev", "hi");
    let native = text(&encoded(MARU, &event));
    assert_eq!(text(&VOCABULARY.event(&event)), format!(r#"42["entry",{native}]"#));
    let room = RoomName::parse("dev").unwrap();
    let change = PresenceChange::Roster { users: Vec::new(), complete: true };
    let event = SharedEvent::new(Event::Presence { room, count: 0, change });
    assert!(text(&ARTICLE.event(&event)).starts_with(r#"42["presence",{"type":"presence","#));
}

#[test]
fn what_is_said_in_the_lobby_is_its_text_for_who_knows_nothing_else() {
    let said = message("Lobby", "say \"hi\"");
    assert_eq!(text(&ARTICLE.event(&said)), r#"42["chat message","say \"hi\""]"#);
    assert!(text(&VOCABULARY.event(&said)).starts_with(r#"42["entry",{"#));
    assert!(text(&ARTICLE.event(&message("dev", "hi"))).starts_with(r#"42["entry",{"#));
}

#[test]
fn an_answer_is_the_argument_of_the_ack_and_goes_nowhere_without_one() {
    let frame = |reference| ServerFrame::Ok { reference };
    assert_eq!(text(&VOCABULARY.frame(&frame(Ref(7)))), r#"437[{"type":"ok","ref":7}]"#);
    assert!(VOCABULARY.frame(&frame(NO_ACK)).is_empty());
    let error = |reference| ServerFrame::Error {
        reference,
        code: ErrorCode::NotJoined,
        message: "no".into(),
        retry_after: None,
        renamed_to: None,
    };
    let event = r#"42["error",{"type":"error","code":"not_joined","message":"no"}]"#;
    assert_eq!(text(&VOCABULARY.frame(&error(Some(NO_ACK)))), event);
    assert_eq!(text(&VOCABULARY.frame(&error(None))), event);
    assert!(text(&VOCABULARY.frame(&error(Some(Ref(0))))).starts_with(r#"430[{"type":"error","#));
}

fn read(packet: &str) -> Result<ClientFrame, maru_protocol::FrameError> {
    let packet = Packet::from_text(packet).unwrap().0;
    let (name, arguments) = packet.event().unwrap();
    decode(&name, &arguments, Ref(5), Uuid::nil)
}

use maru_protocol::ClientFrame;

#[test]
fn an_event_is_the_frame_of_that_type() {
    let room = RoomName::parse("dev").unwrap();
    let join = ClientFrame::Join { reference: Ref(5), room: room.clone(), after: None };
    assert_eq!(read(r#"2["join",{ "room" : "dev" }]"#).unwrap(), join);
    assert_eq!(read(r#"2["join","dev"]"#).unwrap(), join);
    let rooms = ClientFrame::Rooms { reference: Ref(5), query: None, watch: None, more: None };
    assert_eq!(read(r#"2["rooms"]"#).unwrap(), rooms);
    assert_eq!(read(r#"2["rooms",{ }]"#).unwrap(), rooms);
    let say = |room: &str, id, body: &str| {
        let body = Body::parse(body.into()).unwrap();
        ClientFrame::say(Ref(5), RoomName::parse(room).unwrap(), MessageId(id), body)
    };
    let sent = read(r#"2["send",{"room":"dev","body":"hi"}]"#).unwrap();
    assert_eq!(sent, say("dev", Uuid::nil(), "hi"), "a request without an id is given one");
    let id = Uuid::from_u128(7);
    let sent = read(&format!(r#"2["send",{{"room":"dev","id":"{id}","body":"hi"}}]"#)).unwrap();
    assert_eq!(sent, say("dev", id, "hi"));
    assert_eq!(read(r#"2["chat message","hi"]"#).unwrap(), say("lobby", Uuid::nil(), "hi"));
}

#[test]
fn what_can_not_be_read_says_what_is_wrong() {
    let refused = |packet: &str| {
        let error = read(packet).unwrap_err();
        assert_eq!(error.reference, Some(Ref(5)), "{packet}");
        (error.code, error.message)
    };
    assert_eq!(refused(r#"2["hello",{"version":1}]"#).0, ErrorCode::AlreadyGreeted);
    assert_eq!(refused(r#"2["shout",{}]"#).0, ErrorCode::UnknownType);
    assert_eq!(refused(r#"2[7,{}]"#).0, ErrorCode::UnknownType);
    assert_eq!(refused(r#"2["join",[1]]"#).0, ErrorCode::Malformed);
    assert_eq!(refused(r#"2["join","dev","x"]"#).0, ErrorCode::Malformed);
    assert_eq!(refused(r#"2["chat message",{"a":1}]"#).0, ErrorCode::Malformed);
    assert_eq!(refused(r#"2["join",{"room":"dev","ref":1}]"#).0, ErrorCode::Malformed);
    assert_eq!(refused(r#"2["join",{"type":"leave","room":"dev"}]"#).0, ErrorCode::Malformed);
    let (code, message) = refused(r#"2["send",{"room":"a/b","body":"x"}]"#);
    assert_eq!(code, ErrorCode::InvalidRoom, "{message}");
    let deep = format!(r#"2["send",{{"room":{}{}}}]"#, "[".repeat(1_000), "]".repeat(1_000));
    assert_eq!(refused(&deep).0, ErrorCode::NotJson);
}
