//! Whose name is whose in a room: a member's stays theirs, present or not.

use std::time::Duration;

use maru_protocol::{ClientFrame, DisplayName, ErrorCode, MessageId, ServerFrame, VERSION};
use uuid::Uuid;

use crate::{
    client::{Client, room},
    process::Server,
};

impl Client {
    /// Why a join was refused; none where it was not.
    async fn refused_at(&mut self, name: &str) -> Option<(ErrorCode, String)> {
        match self.try_join(name, None).await {
            ServerFrame::Joined { .. } => None,
            ServerFrame::Error { code, message, .. } => Some((code, message)),
            other => panic!("{other:?}"),
        }
    }

    /// Reads up to there, and waits until that is kept: then the person's other sessions are told.
    async fn reads_for_good(&mut self, name: &str, seq: u64, server: &Server) {
        let mut tab = back(server, self.token.as_ref().unwrap()).await;
        tab.join(name, None).await;
        self.reads(name, seq).await;
        tab.told_of_reading().await;
    }

    async fn refused_to_say(&mut self, name: &str) -> Option<ErrorCode> {
        match self.try_say(name, MessageId(Uuid::now_v7()), "hello").await {
            ServerFrame::Sent { .. } => None,
            ServerFrame::Error { code, .. } => Some(code),
            other => panic!("{other:?}"),
        }
    }
}

async fn back(server: &Server, token: &str) -> Client {
    let mut client = server.connect().await;
    client.hello_again(token).await;
    client
}

#[tokio::test]
async fn a_member_who_is_away_keeps_their_name() {
    let server = Server::start(&[]);
    // One who read and one who spoke.
    let mut reader = server.guest("Reader").await;
    reader.join("lobby", None).await;
    let mut speaker = server.guest("Speaker").await;
    speaker.join("lobby", None).await;
    let said = speaker.say("lobby", "hello").await;
    let tokens = [&reader, &speaker].map(|client| client.token.clone().unwrap());
    reader.reads_for_good("lobby", said.get(), &server).await;
    drop((reader, speaker));
    let server = server.crash_and_restart();
    for name in ["Reader", "READER", "Speaker", "Spe\u{430}ker"] {
        let mut stranger = server.guest(name).await;
        let (code, message) = stranger.refused_at("lobby").await.expect(name);
        assert_eq!(code, ErrorCode::NameTaken, "{name}: {message}");
        // Elsewhere the name is free.
        stranger.create("elsewhere").await;
        stranger.join("elsewhere", None).await;
    }
    for token in tokens {
        let mut member = back(&server, &token).await;
        member.join("lobby", None).await;
        assert_eq!(member.refused_to_say("lobby").await, None);
    }
}

#[tokio::test]
async fn a_stranger_who_came_first_and_kept_silent_is_no_member() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "it is me").await;
    let token = ada.token.clone().unwrap();
    ada.leave("lobby").await;
    drop(ada);
    // She left the room: she is no member, and what she said is still hers.
    let mut stranger = server.guest("Ada").await;
    assert_eq!(stranger.refused_at("lobby").await.unwrap().0, ErrorCode::NameTaken);
    let mut ada = back(&server, &token).await;
    ada.join("lobby", None).await;
    assert_eq!(ada.refused_to_say("lobby").await, None);
}

#[tokio::test]
async fn who_only_read_and_leaves_gives_the_name_back() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let mut ben = server.guest("Ben").await;
    ben.join("lobby", None).await;
    let said = ben.say("lobby", "hello").await;
    ada.reads_for_good("lobby", said.get(), &server).await;
    ada.leave("lobby").await;
    let mut other = server.guest("Ada").await;
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        match other.refused_at("lobby").await {
            None => break,
            // The leaving is kept half a second later.
            Some((code, _)) => assert_eq!(code, ErrorCode::NameTaken),
        }
    }
    assert_eq!(other.refused_to_say("lobby").await, None);
}

#[tokio::test]
async fn of_two_newcomers_the_first_to_speak_has_the_name() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    // Who is present keeps another newcomer out, as ever.
    let mut other = server.guest("ADA").await;
    assert_eq!(other.refused_at("lobby").await.unwrap().0, ErrorCode::NameTaken);
    ada.leave("lobby").await;
    other.join("lobby", None).await;
    assert_eq!(other.refused_to_say("lobby").await, None);
    assert_eq!(ada.refused_at("lobby").await.unwrap().0, ErrorCode::NameTaken);
}

#[tokio::test]
async fn a_message_that_is_refused_takes_no_name() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let reference = ada.fresh_ref();
    let nothing = ClientFrame::Send {
        reference,
        room: room("lobby"),
        id: MessageId(Uuid::now_v7()),
        body: None,
        reply_to: None,
        mentions: Vec::new(),
        files: Vec::new(),
    };
    ada.send(&nothing).await;
    let answer = ada.answer(reference).await;
    assert!(
        matches!(answer, ServerFrame::Error { code: ErrorCode::InvalidBody, .. }),
        "{answer:?}"
    );
    ada.leave("lobby").await;
    let mut other = server.guest("ADA").await;
    other.join("lobby", None).await;
    assert_eq!(other.refused_to_say("lobby").await, None);
}

#[tokio::test]
async fn a_new_name_is_taken_and_the_old_one_given_back() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "hello").await;
    let token = ada.token.clone().unwrap();
    drop(ada);
    let mut renamed = server.connect().await;
    let name = Some(DisplayName::parse("Countess").unwrap());
    let hello = ClientFrame::Hello { version: VERSION, token: Some(token), name };
    renamed.send(&hello).await;
    let ServerFrame::Welcome { .. } = renamed.next().await else { panic!("no welcome") };
    renamed.join("lobby", None).await;
    renamed.say("lobby", "I am another").await;
    let mut stranger = server.guest("countess").await;
    assert_eq!(stranger.refused_at("lobby").await.unwrap().0, ErrorCode::NameTaken);
    let mut ada = server.guest("Ada").await;
    assert_eq!(ada.refused_at("lobby").await, None);
    assert_eq!(ada.refused_to_say("lobby").await, None);
}

#[tokio::test]
async fn what_hides_in_a_name_is_refused_with_a_sentence() {
    let server = Server::start(&[]);
    let marks = format!("A{}", "\u{33F}".repeat(30));
    for bad in ["Ada\u{2800}", "Ada\u{FFF9}", "Ada\u{16FE4}", "Ada\u{1D159}", marks.as_str()] {
        let mut client = server.connect().await;
        let hello = serde_json::json!({ "type": "hello", "version": VERSION, "name": bad });
        client.send_text(hello.to_string()).await;
        match client.next().await {
            ServerFrame::Error { code, message, .. } => {
                assert_eq!(code, ErrorCode::InvalidName, "{bad:?}");
                println!("invalid_name: {message}");
            }
            other => panic!("{bad:?}: {other:?}"),
        }
    }
    let mut ada = server.guest("Ada").await;
    let alike = ["l\u{43E}bby", "\u{2113}obby", "\u{FF4C}obby", "1obby"];
    for name in alike {
        match ada.create(name).await {
            ServerFrame::Error { code, message, .. } => {
                assert_eq!(code, ErrorCode::NameTaken, "{name}");
                assert!(message.contains("“lobby”"), "{message}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    match ada.create("lobby\u{16FE4}").await {
        ServerFrame::Error { code, .. } => assert_eq!(code, ErrorCode::InvalidRoom),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn renamed_guests_can_t_crowd_out_who_is_mentioned() {
    let server = Server::start(&[]);
    let mut bea = server.guest("Adam Bea").await;
    bea.join("lobby", None).await;
    bea.say("lobby", "I talk here").await;
    // Some stay, some are members who are away: enough of each to fill the answer.
    let mut there = Vec::new();
    for n in 0..50 {
        let letters = [n / 26, n % 26].map(|letter| char::from(b'a' + letter));
        let mut guest = server.guest(&format!("Ada {}{}", letters[0], letters[1])).await;
        let joined = guest.join("lobby", None).await;
        guest.reads("lobby", joined.position.seq.get()).await;
        if n % 2 == 0 {
            there.push(guest);
        }
    }
    let mut asks = server.guest("Asks").await;
    asks.join("lobby", None).await;
    let users = match asks.try_members("lobby", Some("ad")).await {
        ServerFrame::Members { users, .. } => users,
        other => panic!("{other:?}"),
    };
    assert_eq!(users[0].name.as_str(), "Adam Bea", "{users:?}");
    assert_eq!(users.len(), 20);
}
