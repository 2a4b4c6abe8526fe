//! People in rooms: who sees what, in which order, and what a return finds.

use maru_protocol::{ErrorCode, MessageId, Position, PresenceChange, ServerFrame};
use uuid::Uuid;

use crate::{client::Client, process::Server};

async fn people<const N: usize>(server: &Server, names: [&str; N]) -> [Client; N] {
    let mut clients = Vec::new();
    for name in names {
        clients.push(server.guest(name).await);
    }
    clients.try_into().unwrap_or_else(|_| unreachable!("one client a name"))
}

#[tokio::test]
async fn everybody_in_a_room_gets_what_is_said_there_and_nobody_else() {
    let server = Server::start(&[]);
    let [mut ada, mut bob, mut eve] = people(&server, ["Ada", "Bob", "Eve"]).await;
    assert!(matches!(eve.create("elsewhere").await, ServerFrame::Ok { .. }));
    ada.join("lobby", None).await;
    assert_eq!(bob.join("Lobby", None).await.room.as_str(), "lobby", "spelled as its maker did");
    eve.join("elsewhere", None).await;
    for n in 1..=20 {
        let said = format!("{n}번째 👋");
        let speaker = if n % 2 == 0 { &mut ada } else { &mut bob };
        assert_eq!(speaker.say("lobby", &said).await.get(), n);
        for listener in [&mut ada, &mut bob] {
            let entry = listener.entry("lobby").await;
            assert_eq!((entry.seq.get(), entry.text()), (n, said.as_str()));
        }
    }
    let heard = eve.leftovers().await;
    assert!(!heard.iter().any(|f| matches!(f, ServerFrame::Entry(_))), "{heard:?}");
}

#[tokio::test]
async fn a_return_gets_exactly_what_it_missed() {
    let server = Server::start(&[]);
    let [mut ada, mut bob] = people(&server, ["Ada", "Bob"]).await;
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    ada.say("lobby", "one").await;
    let seen = bob.entry("lobby").await.seq;
    let token = bob.token.clone().unwrap();
    let who = bob.user.clone().unwrap();
    let epoch = bob.join("lobby", None).await.position.epoch;
    drop(bob);
    for n in 2..=30 {
        ada.say("lobby", &n.to_string()).await;
    }
    let mut bob = server.connect().await;
    bob.hello_again(&token).await;
    assert_eq!(bob.user, Some(who), "the same person");
    let joined = bob.join("lobby", Some(Position { epoch, seq: seen })).await;
    assert!(!joined.reset);
    assert_eq!(joined.seqs(), (2..=30).collect::<Vec<_>>());
    ada.say("lobby", "live again").await;
    assert_eq!(bob.entry("lobby").await.seq.get(), 31);
}

#[tokio::test]
async fn who_missed_too_much_or_comes_from_another_history_is_told_to_forget() {
    let server = Server::start(&[("MARU_CHAT__MAX_REPLAY", "10")]);
    let [mut ada, mut bob] = people(&server, ["Ada", "Bob"]).await;
    let epoch = ada.join("lobby", None).await.position.epoch;
    for n in 1..=70 {
        ada.say("lobby", &n.to_string()).await;
    }
    let at = |epoch, seq: u64| Some(Position { epoch, seq: seq.try_into().unwrap() });
    let joined = bob.join("lobby", at(epoch, 60)).await;
    assert!(!joined.reset, "ten are within the bound");
    let joined = bob.join("lobby", at(epoch, 59)).await;
    assert!(joined.reset, "eleven are not");
    assert_eq!(joined.seqs(), (21..=70).collect::<Vec<_>>(), "the newest page");
    let joined = bob.join("lobby", at(epoch, 71)).await;
    assert!(joined.reset, "ahead of the head");
    let other = maru_protocol::Epoch(Uuid::now_v7());
    assert!(bob.join("lobby", at(other, 70)).await.reset, "another epoch");
    assert!(!bob.join("lobby", at(epoch, 70)).await.reset, "nothing missed");
}

#[tokio::test]
async fn a_retry_gets_the_seq_of_the_first_and_says_nothing_twice() {
    let server = Server::start(&[]);
    let [mut ada, mut bob] = people(&server, ["Ada", "Bob"]).await;
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    let id = MessageId(Uuid::now_v7());
    let ServerFrame::Sent { seq, at, .. } = ada.try_say("lobby", id, "once").await else {
        panic!("not sent")
    };
    let ServerFrame::Sent { seq: again, at: then, .. } = ada.try_say("lobby", id, "once").await
    else {
        panic!("not sent again")
    };
    assert_eq!((seq, at), (again, then));
    let refused = bob.try_say("lobby", id, "mine").await;
    assert!(matches!(refused, ServerFrame::Error { code: ErrorCode::InvalidId, .. }));
    ada.say("lobby", "next").await;
    assert_eq!(bob.entry("lobby").await.text(), "once");
    assert_eq!(bob.entry("lobby").await.text(), "next");
}

#[tokio::test]
async fn a_send_survives_a_crash_of_the_server() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    for n in 1..=5 {
        ada.say("lobby", &n.to_string()).await;
    }
    let token = ada.token.clone().unwrap();
    let server = server.crash_and_restart();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    assert_eq!(ada.join("lobby", None).await.seqs(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn presence_tells_who_comes_and_goes() {
    let server = Server::start(&[]);
    let [mut ada, mut bob] = people(&server, ["Ada", "Bob"]).await;
    ada.join("lobby", None).await;
    let joined = bob.join("lobby", None).await;
    assert_eq!(joined.members.count, 2);
    assert!(joined.members.complete);
    let bob_id = bob.user.clone().unwrap().id;
    let came = ada.pick(|frame| delta(frame, |joined, _| joined.contains(&bob_id))).await;
    assert_eq!(came, 2);
    drop(bob);
    let went = ada.pick(|frame| delta(frame, |_, left| left.contains(&bob_id))).await;
    assert_eq!(went, 1);
}

fn delta(
    frame: &ServerFrame,
    wanted: impl Fn(&[maru_protocol::UserId], &[maru_protocol::UserId]) -> bool,
) -> Option<u32> {
    let ServerFrame::Presence { count, change: PresenceChange::Delta { joined, left }, .. } = frame
    else {
        return None;
    };
    let joined: Vec<_> = joined.iter().map(|user| user.id.clone()).collect();
    wanted(&joined, left).then_some(*count)
}
