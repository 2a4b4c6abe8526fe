//! Which rooms are read, whoever wrote in them and however many they are.

use std::time::Duration;

use maru_server::{journal::RoomId, search::Pace};

use crate::{
    place::{File, PlaceUnderTest, Tables},
    world::{PACE, World},
};

const AT: u64 = 1_700_000_000_000;

/// More than are noted one by one: then every room is looked at.
#[tokio::test]
async fn more_rooms_than_can_be_noted() {
    let world = World::<File>::new().await;
    // After the first look around at all of them.
    world.say(1, "the first");
    world.settle().await;
    let batch = (2..=10_002).flat_map(|room| world.log.say(RoomId(room), AT, "바늘")).collect();
    world.mark(&batch);
    world.settle().await;
    world.until_found("바늘", &[2, 9_999, 10_000, 10_001, 10_002], 5).await;
}

/// What another node wrote, of which nothing was noted here: also in a room that lies far behind
/// those that were active last.
async fn what_others_wrote<P: PlaceUnderTest>() {
    let pace = Pace { look: Some(Duration::from_millis(5)), ..PACE };
    let world = World::<P>::with(pace).await;
    for room in 1..=200 {
        world.say(room, "건초");
    }
    world.settle().await;
    // Of what was noted nothing is left to be read again.
    for _ in 0..2 {
        world.say(200, "건초");
        world.settle().await;
    }
    for room in [1, 100, 200] {
        world.log.say(RoomId(room), AT, "바늘");
    }
    world.until_found("바늘", &[1, 100, 200], 3).await;
}

#[tokio::test]
async fn what_others_wrote_gets_into_a_file() {
    what_others_wrote::<File>().await;
}

#[tokio::test]
async fn what_others_wrote_gets_into_tables() {
    what_others_wrote::<Tables>().await;
}
