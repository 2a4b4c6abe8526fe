//! A NATS that is not there, goes, freezes and comes back.

use std::time::{Duration, Instant};

use maru_server::{bus::BusEvent, journal::RoomId};

use crate::{
    nats::Nats,
    node::{Node, room},
};

#[tokio::test]
async fn a_node_starts_without_nats() {
    let mut nats = Nats::absent();
    let mut a = Node::alone(&nats.url());
    a.bus.follow(RoomId(1));
    a.say(room(1), "nobody is there");
    assert_eq!((a.dropped("away"), a.is_connected()), (1, false));
    nats.launch();
    a.expect(BusEvent::Connected).await;
    a.following(1).await;
    let b = Node::hearing(&nats.url(), &[]).await;
    b.say(room(1), "now");
    a.hears(b.id(), room(1), "now").await;
}

#[tokio::test]
async fn a_nats_that_dies_is_come_back_to() {
    let mut nats = Nats::start();
    let rooms = [1, 2, 3];
    let mut a = Node::hearing(&nats.url(), &rooms).await;
    let mut b = Node::hearing(&nats.url(), &rooms).await;
    for round in 0..3_i64 {
        nats.kill();
        a.expect(BusEvent::Disconnected).await;
        b.expect(BusEvent::Disconnected).await;
        let dropped = a.dropped("away");
        a.say(room(1), "lost");
        assert_eq!(a.dropped("away"), dropped + 1);
        // Wishes of the time between are not lost.
        b.bus.follow(RoomId(10 + round));
        b.bus.unfollow(RoomId(9 + round));
        nats.launch();
        a.expect(BusEvent::Connected).await;
        a.following(3).await;
        b.expect(BusEvent::Connected).await;
        b.following(4).await;
        a.say(room(10 + round), "found");
        b.hears(a.id(), room(10 + round), "found").await;
        a.say(room(2), "still");
        b.hears(a.id(), room(2), "still").await;
    }
}

#[tokio::test]
async fn a_frozen_nats_is_noticed_and_holds_nobody_up() {
    let nats = Nats::start();
    let mut a = Node::hearing(&nats.url(), &[1]).await;
    let mut b = Node::hearing(&nats.url(), &[1]).await;
    nats.freeze();
    let frozen = Instant::now();
    let mut longest = Duration::ZERO;
    let text = "x".repeat(10_000);
    // More than the system's buffers and ours take.
    while a.is_connected() {
        let before = Instant::now();
        for number in 0..100 {
            a.say(room(1), &text);
            a.bus.follow(RoomId(100 + number));
        }
        longest = longest.max(before.elapsed());
        assert!(frozen.elapsed() < Duration::from_secs(5), "nobody noticed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(longest < Duration::from_secs(1), "100 calls took {longest:?}");
    assert!(a.dropped("sends_full") > 0);
    // A process freezes thread by thread: it may have taken something meanwhile.
    a.until(BusEvent::Disconnected).await;
    b.until(BusEvent::Disconnected).await;
    // What waited is not kept for later.
    while a.dropped("away") < 1_000 {
        assert!(frozen.elapsed() < Duration::from_secs(9), "{}", a.dropped("away"));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let missing = Duration::from_secs(10).saturating_sub(frozen.elapsed());
    tokio::time::sleep(missing).await;
    assert!(!a.is_connected());
    nats.thaw();
    let thawed = Instant::now();
    a.expect(BusEvent::Connected).await;
    a.following(101).await;
    b.until(BusEvent::Following(RoomId(1))).await;
    assert!(thawed.elapsed() < Duration::from_secs(4), "{:?}", thawed.elapsed());
    b.say(room(150), "here");
    loop {
        // What was on its way in the old connection may come late.
        match a.next().await {
            BusEvent::Message { topic, .. } if topic == room(150) => break,
            BusEvent::Message { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}
