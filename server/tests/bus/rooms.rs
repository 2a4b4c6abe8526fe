//! Many rooms.

use std::time::{Duration, Instant};

use maru_server::{bus::BusEvent, journal::RoomId};

use crate::{
    nats::Nats,
    node::{Node, room},
};

const ROOMS: i64 = 5_000;

#[tokio::test]
async fn thousands_of_rooms_are_heard_soon_and_again() {
    let mut nats = Nats::start();
    let started = Instant::now();
    let rooms: Vec<i64> = (1..=ROOMS).collect();
    let mut a = Node::hearing(&nats.url(), &rooms).await;
    let first = started.elapsed();
    let mut b = Node::hearing(&nats.url(), &[]).await;
    for number in (1..=ROOMS).step_by(7) {
        b.say(room(number), "hello");
        a.hears(b.id(), room(number), "hello").await;
    }

    nats.kill();
    a.expect(BusEvent::Disconnected).await;
    nats.launch();
    let started = Instant::now();
    a.expect(BusEvent::Connected).await;
    a.following(rooms.len()).await;
    let again = started.elapsed();
    b.until(BusEvent::Connected).await;
    b.say(room(ROOMS), "again");
    a.hears(b.id(), room(ROOMS), "again").await;

    for number in &rooms {
        a.bus.unfollow(RoomId(*number));
    }
    a.follow(&[ROOMS + 1]).await;
    b.say(room(7), "nobody");
    b.say(room(ROOMS + 1), "somebody");
    a.hears(b.id(), room(ROOMS + 1), "somebody").await;
    println!("{ROOMS} rooms: first {first:?}, again {again:?}");
    let most = Duration::from_secs(5);
    assert!(first < most && again < most, "{first:?}, {again:?}");
}
