//! Both ends know whether the other is there. Who is not is gone within two heartbeats.

use std::time::{Duration, Instant};

use maru_protocol::{PresenceChange, ServerFrame, UserId};

use crate::{client::Client, deaf, process::Server};

const HEARTBEAT: Duration = Duration::from_secs(1);

fn left<'a>(who: &'a UserId) -> impl Fn(&ServerFrame) -> Option<()> + 'a {
    |frame| match frame {
        ServerFrame::Presence { change: PresenceChange::Delta { left, .. }, .. } => {
            left.contains(who).then_some(())
        }
        _ => None,
    }
}

async fn member(server: &Server, name: &str) -> Client {
    let mut client = server.guest(name).await;
    client.join("lobby", None).await;
    client
}

#[tokio::test]
async fn the_silent_who_answer_pings_stay_and_the_vanished_are_gone_within_two_heartbeats() {
    let server = Server::start(&[("MARU_CONNECTION__HEARTBEAT", "1s")]);
    let mut watcher = member(&server, "Watcher").await;
    let mut quiet = member(&server, "Quiet").await;
    let vanished = member(&server, "Vanished").await;
    let since = Instant::now();
    let gone = vanished.user.clone().unwrap().id;
    // The quiet one says nothing but answers pings, for it is read; nobody reads the vanished one.
    let quiet = tokio::spawn(async move {
        let left = left(&gone);
        quiet.pick(left).await;
        quiet
    });
    let gone = vanished.user.clone().unwrap().id;
    watcher.pick(left(&gone)).await;
    let took = since.elapsed();
    assert!(took > HEARTBEAT, "one missed heartbeat is not enough: {took:?}");
    assert!(took < HEARTBEAT * 2 + Duration::from_secs(5), "{took:?}");
    server.logs(&["disconnected", "heartbeat timeout"]).await;
    // It was as silent for as long, and longer.
    let mut quiet = quiet.await.unwrap();
    quiet.settle().await;
    assert_eq!(quiet.say("lobby", "I am still here").await.get(), 1);
    let (frames, _) = vanished.ended().await;
    let bye = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Bye { code: maru_protocol::ByeCode::HeartbeatTimeout, .. })
    };
    assert!(frames.iter().any(bye), "should it still be able to read: {frames:?}");
}

#[tokio::test]
async fn who_vanished_with_much_on_the_way_is_no_ghost_either() {
    let mut settings = deaf::SETTINGS.to_vec();
    settings.push(("MARU_CONNECTION__HEARTBEAT", "1s"));
    let server = Server::start(&settings);
    let mut watcher = member(&server, "Watcher").await;
    let watching = tokio::spawn(async move {
        let deaf = |frame: &ServerFrame| match frame {
            ServerFrame::Presence { change: PresenceChange::Delta { joined, .. }, .. } => {
                joined.iter().find(|user| user.name.as_str() == "Deaf").map(|user| user.id.clone())
            }
            _ => None,
        };
        let id = watcher.pick(deaf).await;
        watcher.pick(left(&id)).await;
        Instant::now()
    });
    let _deaf = deaf::member(&server, "lobby").await;
    let since = Instant::now();
    let gone = watching.await.unwrap();
    // The kernel gives such a connection up as well, after 8 s; the heartbeat does not wait for it.
    let took = gone.saturating_duration_since(since);
    assert!(took < HEARTBEAT * 2 + Duration::from_secs(4), "{took:?}");
}

#[tokio::test]
async fn either_kind_of_ping_gets_its_pong_before_and_after_hello() {
    let server = Server::start(&[]);
    let mut ada = server.connect().await;
    ada.settle().await;
    ada.settle_raw().await;
    ada.hello("Ada").await;
    ada.settle().await;
    ada.settle_raw().await;
}
