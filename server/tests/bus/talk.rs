//! What one node says and others hear.

use maru_server::{
    bus::{
        BusEvent, Topic,
        nats::{Nats as Bus, NatsOptions},
    },
    journal::RoomId,
};
use uuid::Uuid;

use crate::{
    nats::{Nats, PATIENCE},
    node::{CLUSTER, Node, room},
};

#[tokio::test]
async fn nodes_hear_what_others_say_where_they_listen() {
    let nats = Nats::start();
    let mut a = Node::hearing(&nats.url(), &[1, 2]).await;
    let mut b = Node::hearing(&nats.url(), &[2, 3]).await;
    assert_ne!(a.id(), b.id());
    for number in 0..100 {
        a.say(room(2), &number.to_string());
    }
    for number in 0..100 {
        b.hears(a.id(), room(2), &number.to_string()).await;
    }
    a.say(room(1), "nobody else is here");
    a.say(room(3), "c");
    b.hears(a.id(), room(3), "c").await;
    b.say(room(1), "안녕");
    a.hears(b.id(), room(1), "안녕").await;
    // And never oneself.
    a.hears_nothing_before(&b).await;
    b.hears_nothing_before(&a).await;
    assert!(a.is_connected());
}

#[tokio::test]
async fn who_leaves_a_room_hears_it_no_more() {
    let nats = Nats::start();
    let a = Node::hearing(&nats.url(), &[]).await;
    let mut b = Node::hearing(&nats.url(), &[1, 2]).await;
    b.bus.unfollow(RoomId(1));
    // Done in order: when 3 is heard, 1 is not.
    b.follow(&[3]).await;
    a.say(room(1), "gone");
    a.say(room(3), "here");
    b.hears(a.id(), room(3), "here").await;
    b.follow(&[1]).await;
    a.say(room(1), "again");
    b.hears(a.id(), room(1), "again").await;
    // To follow twice, or to leave what was never followed, is nothing.
    b.bus.follow(RoomId(1));
    b.bus.unfollow(RoomId(77));
    b.follow(&[4]).await;
    a.say(room(1), "once");
    b.hears(a.id(), room(1), "once").await;
    b.hears_nothing_before(&a).await;
}

#[tokio::test]
async fn others_on_the_same_nats_are_strangers() {
    let nats = Nats::start();
    let mut a = Node::hearing(&nats.url(), &[1]).await;
    let other_cluster = NatsOptions::new(&nats.url(), "maru", Uuid::from_u128(2));
    let other_prefix = NatsOptions::new(&nats.url(), "another", CLUSTER);
    for options in [other_cluster, other_prefix] {
        let mut stranger = Node::with(options);
        stranger.expect(BusEvent::Connected).await;
        stranger.follow(&[1]).await;
        stranger.say(room(1), "psst");
        stranger.say(Topic::Nodes, "psst");
        // It was taken by the server before this ends.
        stranger.follow(&[2]).await;
    }
    let friend = Node::hearing(&nats.url(), &[]).await;
    a.hears_nothing_before(&friend).await;
    assert_eq!(a.dropped("strange"), 2);
}

#[tokio::test]
async fn what_is_too_long_is_dropped_and_nothing_else() {
    let nats = Nats::start();
    let a = Node::hearing(&nats.url(), &[]).await;
    let mut b = Node::hearing(&nats.url(), &[1]).await;
    let fits = "x".repeat((1 << 20) - 33);
    a.say(room(1), &fits);
    a.say(room(1), &format!("{fits}x"));
    b.hears(a.id(), room(1), &fits).await;
    b.hears_nothing_before(&a).await;
    assert_eq!((a.dropped("too_long"), a.dropped("away")), (1, 0));
}

#[tokio::test]
async fn who_does_not_listen_loses_and_holds_nobody_up() {
    let nats = Nats::start();
    let a = Node::hearing(&nats.url(), &[]).await;
    let mut options = NatsOptions::new(&nats.url(), "maru", CLUSTER);
    (options.ears, options.ears_bytes) = (100, 5_000);
    let mut b = Node::with(options);
    b.expect(BusEvent::Connected).await;
    b.follow(&[1]).await;
    let mut c = Node::hearing(&nats.url(), &[1]).await;
    for number in 0..1_000 {
        a.say(room(1), &format!("{number:0100}"));
    }
    for number in 0..1_000 {
        c.hears(a.id(), room(1), &format!("{number:0100}")).await;
    }
    while b.dropped("ears_full") < 950 {
        tokio::task::yield_now().await;
    }
    assert_eq!(b.ears.len(), 50, "5,000 bytes");
    for number in 0..50 {
        b.hears(a.id(), room(1), &format!("{number:0100}")).await;
    }
    b.hears_nothing_before(&a).await;
}

#[tokio::test]
async fn more_than_can_be_sent_at_once_is_dropped() {
    let nats = Nats::start();
    let mut options = NatsOptions::new(&nats.url(), "maru", CLUSTER);
    options.sends_bytes = 200_000;
    let mut a = Node::with(options);
    a.expect(BusEvent::Connected).await;
    for _ in 0..2_000 {
        a.say(room(1), &"x".repeat(100_000));
    }
    assert!(a.dropped("sends_full") > 0);
    let mut b = Node::hearing(&nats.url(), &[]).await;
    // What waited is sent, and then there is room again.
    while a.dropped("sends_full") > 0 && b.ears.is_empty() {
        a.say(Topic::Nodes, "again");
        tokio::task::yield_now().await;
    }
    b.hears(a.id(), Topic::Nodes, "again").await;
}

#[tokio::test]
async fn who_we_are_is_told_to_the_server() {
    let nats = Nats::start_with(&["--user", "maru", "--pass", "p@ss:word"]);
    let with = |who: &str| nats.url().replace("://", &format!("://{who}@"));
    let mut right = Node::alone(&with("maru:p%40ss%3Aword"));
    right.expect(BusEvent::Connected).await;
    let wrong = Node::alone(&with("maru:guess"));
    right.follow(&[1]).await;
    assert!(right.is_connected() && !wrong.is_connected());

    let nats = Nats::start_with(&["--auth", "s3cr&t"]);
    let mut right = Node::alone(&nats.url().replace("://", "://s3cr%26t@"));
    right.expect(BusEvent::Connected).await;
}

#[tokio::test]
async fn the_end_sends_what_waits() {
    let nats = Nats::start();
    let mut a = Node::hearing(&nats.url(), &[]).await;
    let mut b = Node::hearing(&nats.url(), &[]).await;
    let id = a.id();
    for number in 0..1_000 {
        a.say(Topic::Nodes, &number.to_string());
    }
    drop(a.bus);
    for number in 0..1_000 {
        b.hears(id, Topic::Nodes, &number.to_string()).await;
    }
    let end = tokio::time::timeout(PATIENCE, a.ears.recv()).await.unwrap();
    assert_eq!(end, None);
}

#[test]
fn what_is_no_address_is_refused() {
    let metrics = std::sync::Arc::new(maru_server::metrics::Metrics::new().unwrap());
    for wrong in ["", "http://a", "nats://"] {
        let options = NatsOptions::new(wrong, "maru", CLUSTER);
        let Err(error) = Bus::connect(options, metrics.clone()) else { panic!("{wrong}") };
        assert!(error.to_string().starts_with("bus.url is no address of NATS"), "{error}");
    }
}
