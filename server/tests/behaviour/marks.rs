//! How far somebody has read, who is a member of a room, and who can be mentioned in it.

use std::time::{Duration, Instant};

use maru_protocol::{
    ClientFrame, DisplayName, ErrorCode, MAX_MENTIONS, MAX_UNREAD, MessageId, Ref, Seq,
    ServerFrame, UserId, VERSION,
};
use uuid::Uuid;

use crate::{
    client::{Client, PATIENCE, room},
    process::Server,
};

/// Read, unread, mentions.
pub type State = (u64, u32, u32);

impl Client {
    pub async fn reads(&mut self, name: &str, seq: u64) {
        let seq = Seq::new(seq).unwrap();
        self.send(&ClientFrame::Read { room: room(name), seq }).await;
    }

    pub async fn try_unread(&mut self, names: &[&str]) -> ServerFrame {
        let (reference, rooms) = (self.fresh_ref(), names.iter().map(|name| room(name)).collect());
        self.send(&ClientFrame::Unread { reference, rooms }).await;
        self.answer(reference).await
    }

    /// Of the rooms that there is something to tell of, by name.
    pub async fn unread(&mut self, names: &[&str]) -> Vec<(String, State)> {
        match self.try_unread(names).await {
            ServerFrame::Unread { rooms, .. } => {
                let state = |it: maru_protocol::ReadState| {
                    (it.room.to_string(), (it.read.get(), it.unread, it.mentions))
                };
                rooms.into_iter().map(state).collect()
            }
            other => panic!("not told: {other:?}"),
        }
    }

    /// What another session of the same person did.
    pub async fn told_of_reading(&mut self) -> (String, State) {
        // The heartbeats of a connection on which nothing else comes are no reason to wait for ever.
        let told = self.pick(|frame| match frame {
            ServerFrame::Read(it) => {
                Some((it.room.to_string(), (it.read.get(), it.unread, it.mentions)))
            }
            _ => None,
        });
        tokio::time::timeout(PATIENCE, told).await.expect("nobody told of reading")
    }

    pub async fn try_members(&mut self, name: &str, query: Option<&str>) -> ServerFrame {
        let (reference, query) = (self.fresh_ref(), query.map(str::to_owned));
        self.send(&ClientFrame::Members { reference, room: room(name), query }).await;
        self.answer(reference).await
    }

    /// The names of those that are found.
    pub async fn members(&mut self, name: &str, query: &str) -> Vec<String> {
        match self.try_members(name, Some(query)).await {
            ServerFrame::Members { users, .. } => {
                users.into_iter().map(|user| user.name.to_string()).collect()
            }
            other => panic!("not told: {other:?}"),
        }
    }

    /// Until exactly these are found.
    pub async fn until_members(&mut self, name: &str, query: &str, wanted: &[&str]) {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.members(name, query).await;
            if found == wanted {
                return;
            }
            assert!(Instant::now() < until, "{found:?}, not {wanted:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends a text with mentions, without waiting.
    async fn post_to(&mut self, name: &str, text: &str, mentions: Vec<UserId>) -> Ref {
        let (reference, id) = (self.fresh_ref(), MessageId(Uuid::now_v7()));
        let body = Some(maru_protocol::Body::parse(text.to_owned()).unwrap());
        let (reply_to, files) = (None, Vec::new());
        let room = room(name);
        self.send(&ClientFrame::Send { reference, room, id, body, reply_to, mentions, files })
            .await;
        reference
    }

    async fn mention(&mut self, text: &str, mentions: &[&UserId]) -> ServerFrame {
        let mentions = mentions.iter().copied().cloned().collect();
        let reference = self.post_to("lobby", text, mentions).await;
        self.answer(reference).await
    }

    pub fn id(&self) -> UserId {
        self.user.as_ref().unwrap().id.clone()
    }
}

fn code(frame: &ServerFrame) -> ErrorCode {
    match frame {
        ServerFrame::Error { code, .. } => *code,
        other => panic!("not refused: {other:?}"),
    }
}

fn lobby(state: State) -> (String, State) {
    ("lobby".to_owned(), state)
}

/// Another session of the same person, in the lobby.
pub async fn other_tab(server: &Server, client: &Client) -> Client {
    let mut tab = server.connect().await;
    tab.hello_again(client.token.as_ref().unwrap()).await;
    tab.join("lobby", None).await;
    tab
}

async fn in_lobby(server: &Server, name: &str) -> Client {
    let mut client = server.guest(name).await;
    client.join("lobby", None).await;
    client
}

#[tokio::test]
async fn two_tabs_agree_on_what_was_read() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada").await;
    let mut tab = other_tab(&server, &ada).await;
    for text in ["one", "two", "three"] {
        ben.say("lobby", text).await;
    }
    assert!(ada.unread(&["lobby"]).await.is_empty(), "she has never read there");
    ada.reads("lobby", 2).await;
    // At once, from both, although it is not kept yet.
    assert_eq!(ada.unread(&["LOBBY"]).await, [lobby((2, 1, 0))]);
    assert_eq!(tab.unread(&["lobby"]).await, [lobby((2, 1, 0))]);
    assert_eq!(tab.told_of_reading().await, lobby((2, 1, 0)));
    // Backwards is no way, and one's own messages are read.
    tab.reads("lobby", 1).await;
    tab.say("lobby", "mine").await;
    tab.reads("lobby", 3).await;
    assert_eq!(ada.told_of_reading().await, lobby((3, 0, 0)));
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((3, 0, 0))]);
    assert_eq!(ben.unread(&["lobby"]).await, []);
    for (who, client) in [("Ada", &mut ada), ("Ben", &mut ben)] {
        let heard = client.leftovers().await;
        assert!(
            !heard.iter().any(|frame| matches!(frame, ServerFrame::Read(_))),
            "{who}: {heard:?}"
        );
    }
}

#[tokio::test]
async fn what_was_kept_survives_a_crash_and_a_stop_keeps_the_rest() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada").await;
    let mut tab = other_tab(&server, &ada).await;
    for _ in 0..5 {
        ben.say("lobby", "hi").await;
    }
    ada.reads("lobby", 2).await;
    // Others are told once it is kept.
    assert_eq!(tab.told_of_reading().await, lobby((2, 3, 0)));
    let token = ada.token.clone().unwrap();
    let mut server = server.crash_and_restart();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((2, 3, 0))], "not even in the room");
    ada.join("lobby", None).await;
    ada.reads("lobby", 4).await;
    ada.settle().await;
    server.signal(15);
    assert!(server.wait().await.success());
    let (folder, settings) = server.estate();
    let server = Server::start_in(folder, settings);
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((4, 1, 0))]);
}

#[tokio::test]
async fn who_leaves_is_forgotten_and_who_goes_is_not() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada").await;
    let mut eve = in_lobby(&server, "Eve").await;
    let mut quiet = in_lobby(&server, "Quiet").await;
    ben.say("lobby", "hi").await;
    for client in [&mut ada, &mut eve] {
        client.reads("lobby", 1).await;
        client.settle().await;
    }
    assert_eq!(ben.members("lobby", "").await, ["Ben", "Ada", "Eve", "Quiet"], "read or not");
    // One closes the page, one leaves, one was never a member.
    let (token, eves) = (ada.token.clone().unwrap(), eve.token.clone().unwrap());
    quiet.leave("lobby").await;
    drop((ada, quiet));
    assert_eq!(eve.leave("lobby").await, ServerFrame::Ok { reference: Ref(2) });
    ben.until_members("lobby", "", &["Ben", "Ada"]).await;
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((1, 0, 0))]);
    let mut eve = server.connect().await;
    eve.hello_again(&eves).await;
    assert!(eve.unread(&["lobby"]).await.is_empty());
    // Back again, a marker below the old one counts.
    eve.join("lobby", None).await;
    eve.reads("lobby", 0).await;
    assert_eq!(eve.unread(&["lobby"]).await, [lobby((0, 1, 0))]);
    // Out of a room that one is not in any more.
    ada.leave("lobby").await;
    assert!(ada.unread(&["lobby"]).await.is_empty());
    assert!(matches!(ada.leave("nowhere").await, ServerFrame::Ok { .. }));
}

#[tokio::test]
async fn unread_is_counted_up_to_a_bound() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada").await;
    ada.reads("lobby", 0).await;
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((0, 0, 0))]);
    for n in 1..=MAX_UNREAD + 2 {
        ben.say("lobby", "hi").await;
        if n + 1 >= MAX_UNREAD {
            assert_eq!(ada.unread(&["lobby"]).await, [lobby((0, n.min(MAX_UNREAD), 0))]);
        }
    }
}

#[tokio::test]
async fn a_member_goes_by_the_latest_name() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada Lovelace").await;
    ada.reads("lobby", 0).await;
    ada.settle().await;
    assert_eq!(ben.members("lobby", "LOVE").await, ["Ada Lovelace"]);
    let token = ada.token.clone();
    drop(ada);
    let mut ada = server.connect().await;
    let name = Some(DisplayName::parse("민지 러브레이스").unwrap());
    ada.send(&ClientFrame::Hello { version: VERSION, token, name }).await;
    ada.next().await;
    ada.join("lobby", None).await;
    assert_eq!(ben.members("lobby", "ㅁ").await, ["민지 러브레이스"]);
    assert!(ben.members("lobby", "love").await.is_empty());
    // Gone, without a word: as they were last known.
    drop(ada);
    ben.until_members("lobby", "러", &["민지 러브레이스"]).await;
    assert!(ben.members("lobby", "ada").await.is_empty());
}

#[tokio::test]
async fn what_asks_too_much_is_told_so() {
    let server = Server::start(&[("MARU_CHAT__MAX_ROOMS_PER_SESSION", "3")]);
    let mut ada = in_lobby(&server, "Ada").await;
    let many: Vec<String> = (0..1_000).map(|n| format!("room {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for rooms in [&many[..], &["lobby"; 4][..]] {
        let refusal = ada.try_unread(rooms).await;
        assert_eq!(code(&refusal), ErrorCode::Malformed);
        assert!(
            matches!(refusal, ServerFrame::Error { message, .. } if message.contains("at most 3"))
        );
    }
    ada.reads("lobby", Seq::MAX.get()).await;
    assert_eq!(ada.unread(&["lobby", "Lobby", "nowhere"]).await, [lobby((0, 0, 0))], "once");
    assert!(ada.unread(&[]).await.is_empty());
    // Only from inside.
    server.guest("Ben").await.create("other").await;
    ada.reads("other", 1).await;
    let refusal = ada.refusal().await;
    assert_eq!((refusal.code, refusal.reference), (ErrorCode::NotJoined, None));
    assert!(refusal.message.contains("read"), "{}", refusal.message);
    assert_eq!(code(&ada.try_members("other", None).await), ErrorCode::NotJoined);
    assert!(ada.members("lobby", &"x".repeat(40_000)).await.is_empty());
    assert_eq!(ada.members("lobby", "").await, ["Ada"]);
    let wrong = r#"{"type":"read","room":"lobby","seq":-1}"#;
    ada.send_text(wrong).await;
    assert_eq!(ada.refusal().await.code, ErrorCode::Malformed);
}

#[tokio::test]
async fn only_who_was_in_the_room_is_mentioned() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada Lovelace").await;
    let stranger = server.guest("Stranger").await;
    let (bens, adas) = (ben.id(), ada.id());
    // Present, though she has never read; and oneself.
    assert!(matches!(
        ben.mention("@Ada Lovelace, it's @Ben", &[&adas, &bens, &adas]).await,
        ServerFrame::Sent { .. }
    ));
    ada.reads("lobby", 0).await;
    ada.settle().await;
    drop(ada);
    assert!(
        matches!(ben.mention("hi @Ada Lovelace", &[&adas]).await, ServerFrame::Sent { .. }),
        "absent"
    );
    for (text, who) in [
        ("hi @Stranger", &[&stranger.id()][..]),
        ("hi @Ada Lovelace and @Stranger", &[&adas, &stranger.id()]),
        ("hi Ada Lovelace", &[&adas]),
        ("hi @ada lovelace", &[&adas]),
        ("hi @Ben", &[&UserId(String::new())]),
    ] {
        assert_eq!(code(&ben.mention(text, who).await), ErrorCode::UserNotFound, "{text}");
    }
    let many: Vec<UserId> = (0..=MAX_MENTIONS).map(|n| UserId(format!("guest-{n}"))).collect();
    let many: Vec<&UserId> = many.iter().collect();
    assert_eq!(code(&ben.mention("hi", &many).await), ErrorCode::Malformed);
    // Looking somebody up lets no later message overtake.
    let first = ben.post_to("lobby", "first: @Ada Lovelace", vec![adas]).await;
    let second = ben.post_to("lobby", "second", Vec::new()).await;
    let mut seqs = Vec::new();
    for reference in [first, second] {
        match ben.answer(reference).await {
            ServerFrame::Sent { seq, .. } => seqs.push(seq.get()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seqs, [3, 4]);
}

#[tokio::test]
async fn a_mention_is_told_and_counted_as_the_message_is_now() {
    let server = Server::start(&[]);
    let mut ben = in_lobby(&server, "Ben").await;
    let mut ada = in_lobby(&server, "Ada").await;
    ada.reads("lobby", 0).await;
    let (adas, mut seen) = (ada.id(), Vec::new());
    assert!(matches!(ben.mention("hi @Ada", &[&adas, &adas]).await, ServerFrame::Sent { .. }));
    let said = ada.entry("lobby").await;
    seen.extend(said.mentions.iter().map(|user| (user.id.clone(), user.name.to_string())));
    assert_eq!(seen, [(adas.clone(), "Ada".to_owned())], "once, by name");
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((0, 1, 1))]);
    let edit = async |ben: &mut Client, text: &str, mentions: Vec<UserId>| {
        let (reference, id) = (ben.fresh_ref(), MessageId(Uuid::now_v7()));
        let (target, body) = (said.seq, maru_protocol::Body::parse(text.to_owned()).unwrap());
        let room = room("lobby");
        ben.send(&ClientFrame::Edit { reference, room, id, target, body, mentions }).await;
        ben.answer(reference).await
    };
    assert_eq!(code(&edit(&mut ben, "hi Ada", vec![adas.clone()]).await), ErrorCode::UserNotFound);
    assert!(matches!(edit(&mut ben, "hi all", Vec::new()).await, ServerFrame::Sent { .. }));
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((0, 1, 0))]);
    assert!(matches!(edit(&mut ben, "@Ada!", vec![adas]).await, ServerFrame::Sent { .. }));
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((0, 1, 1))]);
    let (reference, id) = (ben.fresh_ref(), MessageId(Uuid::now_v7()));
    let (room, target) = (room("lobby"), said.seq);
    ben.send(&ClientFrame::Delete { reference, room, id, target }).await;
    assert!(matches!(ben.answer(reference).await, ServerFrame::Sent { .. }));
    assert_eq!(ada.unread(&["lobby"]).await, [lobby((0, 0, 0))]);
}
