use std::{sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use maru_protocol::Seq;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    super::testing::{Node, ROOM, committed, foreign, hints, known, own_for_nobody, reply, seq},
    *,
};
use crate::{
    bus::NodeId,
    follow::FollowOptions,
    journal::{Outcome, Refused},
};

fn checks(node: &Node, result: &str) -> u64 {
    node.metrics.head_checks.with_label_values(&[result]).get()
}

fn dropped(node: &Node, what: &str) -> u64 {
    node.metrics.bus_dropped.with_label_values(&[what]).get()
}

#[tokio::test(start_paused = true)]
async fn a_node_alone_hears_what_it_commits() {
    let mut node = Node::in_room().await;
    node.commit(&[1, 2]).await;
    assert_eq!(node.next().await, [committed(1), committed(2)]);
    node.commit(&[3]).await;
    assert_eq!(node.next().await, [committed(3)]);
    assert_eq!(node.journal.pages.load(Ordering::SeqCst), 0);
    let sent = std::mem::take(&mut *node.bus.sent.lock().unwrap());
    let told = [hints(&[1, 2]), hints(&[3])].concat();
    assert_eq!(sent, told.into_iter().map(|m| (Topic::Room(ROOM), m)).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn rooms_that_nobody_is_in_pass_as_they_are() {
    let mut node = Node::new(&Arc::default(), 1, FollowerOptions::default());
    node.commit(&[7]).await;
    assert_eq!(node.next().await, [committed(7)]);
    assert_eq!(node.bus.sent.lock().unwrap().len(), 1, "others may be in it");
    assert!(node.bus.followed.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn hints_come_out_by_seq_and_once() {
    let mut node = Node::in_room().await;
    node.clock.advance_ms(30);
    for hint in [&[2][..], &[1, 2], &[5], &[4, 5, 3], &[1], &[5]] {
        node.hear_hint(hint).await;
    }
    node.entries(1..=5).await;
    node.silent(1_000).await;
    assert_eq!(node.journal.pages.load(Ordering::SeqCst), 0);
    assert_eq!(node.metrics.hint_lag.get_sample_count(), 5);
    assert!((node.metrics.hint_lag.get_sample_sum() - 5.0 * 0.03).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn a_sender_is_answered_at_once_also_when_the_entry_has_to_wait() {
    let mut node = Node::in_room().await;
    node.commit(&[2, 4]).await;
    assert_eq!(node.next().await, [known(2), known(4)]);
    assert_eq!(node.metrics.messages.get(), 2, "the engine does not count these");
    node.hear_hint(&[1]).await;
    assert_eq!(node.next().await, [foreign(1), own_for_nobody(2)]);
    node.hear_hint(&[3]).await;
    assert_eq!(node.next().await, [foreign(3), own_for_nobody(4)]);
    node.commit(&[5]).await;
    assert_eq!(node.next().await, [committed(5)]);
}

#[tokio::test(start_paused = true)]
async fn a_sender_is_answered_also_when_its_entry_came_by_another_way() {
    let mut node = Node::in_room().await;
    node.hear_hint(&[1]).await;
    node.entries(1..=1).await;
    node.commit(&[1]).await;
    assert_eq!(node.next().await, [known(1)]);
}

#[tokio::test(start_paused = true)]
async fn other_outcomes_pass_in_their_order() {
    let mut node = Node::in_room().await;
    let refused = Outcome::Refused { why: Refused::NoRoom, reply: reply(ROOM, 8) };
    let batch = vec![known(9), committed(1), refused.clone(), committed(3), known(9)];
    node.commits.as_ref().unwrap().send(batch).await.unwrap();
    assert_eq!(node.next().await, [known(9), committed(1), refused, known(3), known(9)]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_hint_is_read_after_a_short_grace() {
    let mut node = Node::in_room().await;
    node.journal.set_head(ROOM, 4);
    node.hear_hint(&[4]).await;
    let took = node.entries(1..=4).await;
    assert!((20..30).contains(&took.as_millis()), "{took:?}");
    assert_eq!(node.journal.pages.load(Ordering::SeqCst), 1);
    assert_eq!(node.metrics.holes_healed.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_hole_is_read_page_by_page() {
    let mut node = Node::in_room().await;
    node.journal.set_head(ROOM, 1_001);
    node.hear_hint(&[1_001]).await;
    let took = node.entries(1..=1_001).await;
    assert!(took < Duration::from_millis(60), "{took:?}");
    assert_eq!(node.journal.pages.load(Ordering::SeqCst), 5, "of 200");
}

#[tokio::test(start_paused = true)]
async fn few_pages_are_read_at_a_time() {
    let mut node = Node::in_room().await;
    for room in 1..=40 {
        node.journal.set_head(RoomId(room), 2);
        node.follow.follow(RoomId(room), Seq::ZERO);
        for message in hints(&[2]) {
            node.hear_message(Topic::Room(RoomId(room)), message).await;
        }
    }
    // 40 reads of 2 ms each, 4 at a time.
    let started = Instant::now();
    let mut came = 0;
    while came < 80 {
        came += node.next().await.len();
    }
    let took = started.elapsed();
    assert!((40..60).contains(&took.as_millis()), "{took:?}");
}

/// Rooms with an entry that was never hinted at; all are found within the time.
async fn lost_last_hints(rooms: i64, here: bool, within: Duration) -> Node {
    let mut node = Node::new(&Arc::default(), 1, FollowerOptions::default());
    if here {
        node.hear(BusEvent::Connected).await;
    }
    for room in 1..=rooms {
        node.follow.follow(RoomId(room), Seq::ZERO);
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    node.journal.looks.store(0, Ordering::SeqCst);
    // Each at a time of its own in its turn.
    let mut found = 0;
    for room in 1..=rooms {
        node.journal.commit(RoomId(room));
    }
    let started = Instant::now();
    while found < rooms {
        found += i64::try_from(node.next().await.len()).unwrap();
    }
    let took = started.elapsed();
    assert!(took <= within, "{took:?}");
    assert_eq!(checks(&node, "behind"), u64::try_from(rooms).unwrap());
    node
}

#[tokio::test(start_paused = true)]
async fn a_lost_last_hint_is_found_within_the_bound() {
    for rooms in [1, 50, 10_000] {
        // Reading 10,000 pages of 2 ms each, 4 at a time, takes 5 s of its own.
        let reading = Duration::from_millis(u64::try_from(rooms).unwrap() / 2);
        let node = lost_last_hints(rooms, true, Duration::from_secs(5) + reading).await;
        let looks = node.journal.looks.load(Ordering::SeqCst);
        assert!(looks <= 25, "{looks} statements for {rooms} rooms");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_bus_heads_are_looked_at_often() {
    for (rooms, within) in [(1, 260), (50, 300), (10_000, 600 + 5_000)] {
        let node = lost_last_hints(rooms, false, Duration::from_millis(within)).await;
        let looks = node.journal.looks.load(Ordering::SeqCst);
        assert!(looks <= 2 + within / 50, "{looks} statements for {rooms} rooms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_room_is_looked_at_when_the_bus_begins_to_hear_for_it() {
    let mut node = Node::in_room().await;
    node.silent(100).await;
    assert!(node.bus.followed.lock().unwrap().contains(&ROOM));
    node.journal.commit(ROOM);
    node.hear(BusEvent::Following(ROOM)).await;
    let took = node.entries(1..=1).await;
    assert!(took < Duration::from_millis(40), "{took:?}");
    assert_eq!(node.cluster_events.try_recv(), Ok(ClusterEvent::Connected));
    assert_eq!(node.cluster_events.try_recv(), Ok(ClusterEvent::Following(ROOM)));
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_goes_away_is_made_up_for_at_once() {
    let mut node = Node::in_room().await;
    node.hear(BusEvent::Following(ROOM)).await;
    node.silent(1_000).await;
    for (away, within) in [(true, 300), (false, 5_000)] {
        node.hear(if away { BusEvent::Disconnected } else { BusEvent::Connected }).await;
        node.silent(100).await;
        let number = node.journal.commit(ROOM);
        let took = node.entries([number]).await;
        assert!(took < Duration::from_millis(within), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_ended_is_a_bus_that_is_away() {
    let mut node = Node::in_room().await;
    node.silent(100).await;
    let (ears, _) = mpsc::channel(1);
    node.ears = ears;
    node.silent(100).await;
    node.journal.commit(ROOM);
    let took = node.entries(1..=1).await;
    assert!(took < Duration::from_millis(300), "{took:?}");
    assert_eq!(node.cluster_events.recv().await, Some(ClusterEvent::Connected));
    assert_eq!(node.cluster_events.recv().await, Some(ClusterEvent::Disconnected));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_is_asked_less_and_less_often() {
    let mut node = Node::in_room().await;
    node.journal.set_head(ROOM, 3);
    node.journal.broken.store(true, Ordering::SeqCst);
    node.hear_hint(&[2]).await;
    node.silent(20_000).await;
    let pages = node.journal.pages.load(Ordering::SeqCst);
    assert!((10..20).contains(&pages), "{pages}");
    // Also when more and more is heard.
    for number in 4..100 {
        node.hear_hint(&[number]).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let more = node.journal.pages.load(Ordering::SeqCst) - pages;
    assert!(more < 5, "{more}");
    assert!(checks(&node, "failed") > 5);
    node.journal.set_head(ROOM, 99);
    node.journal.broken.store(false, Ordering::SeqCst);
    let took = node.entries(1..=99).await;
    assert!(took < Duration::from_millis(2_100), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_head_behind_what_was_delivered_takes_nothing_back() {
    let mut node = Node::in_room().await;
    node.journal.set_head(ROOM, 5);
    node.hear_hint(&[1, 2, 3, 4, 5]).await;
    node.entries(1..=5).await;
    node.journal.set_head(ROOM, 2);
    node.silent(10_000).await;
    assert!(checks(&node, "failed") >= 2);
    node.journal.set_head(ROOM, 6);
    node.entries(6..=6).await;
}

#[tokio::test(start_paused = true)]
async fn a_hint_of_what_the_journal_has_not_is_dropped() {
    let mut node = Node::in_room().await;
    node.journal.set_head(ROOM, 2);
    node.hear_hint(&[900]).await;
    node.entries(1..=2).await;
    node.silent(60_000).await;
    let pages = node.journal.pages.load(Ordering::SeqCst);
    assert!(pages <= 2, "{pages}");
    node.journal.set_head(ROOM, 3);
    node.hear_hint(&[3]).await;
    node.entries(3..=3).await;
}

#[tokio::test(start_paused = true)]
async fn a_follow_request_counts_before_the_commits_that_follow_it() {
    let mut node = Node::new(&Arc::default(), 1, FollowerOptions::default());
    tokio::task::yield_now().await;
    // Both are there before the follower looks.
    node.follow.follow(ROOM, seq(4));
    node.commit(&[6]).await;
    assert_eq!(node.next().await, [known(6)], "5 comes first");
}

#[tokio::test(start_paused = true)]
async fn a_room_that_is_left_is_forgotten() {
    let mut node = Node::in_room().await;
    node.hear_hint(&[1, 3]).await;
    node.entries(1..=1).await;
    node.follow.unfollow(ROOM);
    node.silent(10).await;
    node.journal.set_head(ROOM, 9);
    node.hear_hint(&[2]).await;
    node.hear(BusEvent::Following(ROOM)).await;
    node.silent(10_000).await;
    assert!(node.bus.followed.lock().unwrap().is_empty());
    node.commit(&[10]).await;
    assert_eq!(node.next().await, [committed(10)]);
    node.journal.set_head(ROOM, 10);
    node.follow.follow(ROOM, seq(7));
    node.entries(8..=10).await;
}

#[tokio::test(start_paused = true)]
async fn to_follow_again_changes_nothing() {
    let mut node = Node::in_room().await;
    node.hear_hint(&[1, 2]).await;
    node.entries(1..=2).await;
    node.follow.follow(ROOM, seq(1));
    node.hear_hint(&[1, 2, 3]).await;
    node.follow.follow(ROOM, seq(9));
    node.entries(3..=3).await;
}

#[tokio::test(start_paused = true)]
async fn garbage_is_counted_and_ignored() {
    let mut node = Node::in_room().await;
    let hint = hints(&[1]).remove(0);
    node.hear_message(Topic::Room(ROOM), Bytes::from_static(b"\x07")).await;
    node.hear_message(Topic::Room(ROOM), hint.slice(..20)).await;
    node.hear_message(Topic::Nodes, hint.clone()).await;
    node.hear_message(Topic::Room(RoomId(2)), hint.clone()).await;
    node.silent(100).await;
    assert_eq!(dropped(&node, "garbage"), 3);
    node.hear_message(Topic::Room(ROOM), hint).await;
    node.entries(1..=1).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_soft_is_passed_on_or_dropped() {
    let options = FollowerOptions { cluster_event_queue: 2, ..FollowerOptions::default() };
    let mut node = Node::new(&Arc::default(), 1, options);
    let says = |n: u8| ClusterEvent::Message {
        from: NodeId(Uuid::from_u128(99)),
        topic: Topic::Nodes,
        says: Bytes::copy_from_slice(&[n]),
    };
    for number in 0..5 {
        node.hear_message(Topic::Nodes, encoding::soft(&[number])).await;
    }
    node.hear(BusEvent::Connected).await;
    node.silent(10).await;
    assert_eq!(dropped(&node, "soft"), 3);
    assert_eq!(node.cluster_events.try_recv(), Ok(says(0)));
    assert_eq!(node.cluster_events.try_recv(), Ok(says(1)));
    // How the bus is comes late, not never.
    node.commit(&[1]).await;
    node.next().await;
    assert_eq!(node.cluster_events.try_recv(), Ok(ClusterEvent::Connected));
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_waits_stops_the_journal_and_loses_nothing() {
    let options = FollowerOptions { batch_queue: 1, ..FollowerOptions::default() };
    let mut node = Node::new(&Arc::default(), 1, options);
    node.follow.follow(ROOM, Seq::ZERO);
    let mut taken = 0;
    let commits = node.commits.clone().unwrap();
    while let Ok(()) =
        tokio::time::timeout(Duration::from_secs(1), commits.send(vec![committed(taken + 1)]))
            .await
            .map(|sent| sent.unwrap())
    {
        taken += 1;
    }
    assert!(taken < 10, "{taken}");
    for number in 1..=taken {
        assert_eq!(node.next().await, [committed(number)]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_comes_after_everything_was_handed_over() {
    let mut node = Node::in_room().await;
    for number in 1..=4 {
        node.commit(&[number]).await;
    }
    node.commits = None;
    for number in 1..=4 {
        assert_eq!(node.next().await, [committed(number)]);
    }
    assert_eq!(node.batches.recv().await, None);
    node.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn long_runs_are_handed_over_in_parts() {
    let mut node = Node::in_room().await;
    let numbers: Vec<u64> = (2..=500).collect();
    node.hear_hint(&numbers).await;
    node.hear_hint(&[1]).await;
    let sizes = [node.next().await.len(), node.next().await.len()];
    assert_eq!(sizes, [256, 244]);
}

#[tokio::test(start_paused = true)]
async fn what_all_rooms_hold_is_bounded() {
    let follow = FollowOptions { held_bytes: 10_000, ..FollowOptions::default() };
    let options = FollowerOptions { follow, ..FollowerOptions::default() };
    let mut node = Node::new(&Arc::default(), 1, options);
    node.hear(BusEvent::Connected).await;
    node.journal.broken.store(true, Ordering::SeqCst);
    for room in 1..=100 {
        node.journal.set_head(RoomId(room), 2);
        node.follow.follow(RoomId(room), Seq::ZERO);
        for message in hints(&[2]) {
            node.hear_message(Topic::Room(RoomId(room)), message).await;
        }
    }
    node.silent(1_000).await;
    node.journal.read.store(0, Ordering::SeqCst);
    node.journal.broken.store(false, Ordering::SeqCst);
    let mut came: HashMap<RoomId, Vec<u64>> = HashMap::new();
    while came.values().map(Vec::len).sum::<usize>() < 200 {
        for outcome in node.next().await {
            let Outcome::Committed { room, entry, .. } = outcome else { panic!("{outcome:?}") };
            came.entry(room).or_default().push(entry.seq().get());
        }
    }
    assert!(came.values().all(|numbers| numbers == &[1, 2]));
    // Where 2 was held, a page brought 1; where there was no room for it, both.
    let held = 200 - node.journal.read.load(Ordering::SeqCst);
    assert!((30..40).contains(&held), "{held}");
}
