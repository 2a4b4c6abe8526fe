use maru_protocol::{ByeCode, DisplayName, MessageId, Ref, RoomName, Seq, User, UserId};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::*;
use crate::fanout::{
    disconnect_reason::DisconnectReason,
    testing::{PLAIN, Shown, Wire, said},
};

const ROOM: RoomId = RoomId(1);
const BUDGET: usize = 10_000;

fn heartbeat(hello_timeout: Duration) -> Heartbeat {
    let interval = Duration::from_secs(25);
    Heartbeat { interval, timeout: interval, hello_timeout }
}

fn hub() -> Rc<Hub> {
    let metrics = Arc::new(Metrics::new().unwrap());
    Hub::new(metrics, heartbeat(Duration::from_secs(5)), BUDGET)
}

fn connect(hub: &Hub, number: u128) -> (Rc<Peer>, Wire) {
    let wire = Wire::wide();
    let outbox = Rc::new(Outbox::new(wire.clone(), PLAIN, 1 << 20));
    (hub.add(SessionId(Uuid::from_u128(number)), outbox), wire)
}

fn holder(name: &str, generation: u64) -> Holder {
    let name = DisplayName::parse(name).unwrap();
    let (id, skeletons) = (UserId(name.as_str().to_lowercase()), name.skeletons());
    let visitor = Arc::new(Visitor { worker: 0, user: User { id, name }, skeletons });
    Holder { visitor, generation }
}

/// An answer that the plain wire says like this.
fn answer(session: SessionId, room: RoomId, text: &'static str) -> Item {
    let to = SessionRef { session, worker: 0, room, reference: Ref(1) };
    let code = maru_protocol::ErrorCode::Internal;
    let answer = match text.strip_prefix("sent ") {
        Some(seq) => Answer::Sent {
            room: RoomName::parse("lobby").unwrap(),
            id: MessageId(Uuid::nil()),
            seq: Seq::new(seq.parse().unwrap()).unwrap(),
            at: 0,
        },
        None => Answer::Refused(maru_engine::Refusal::new(code, text)),
    };
    Item::Answer { to, answer }
}

/// Lets the hub's heart beat for as long as the script takes, in virtual time.
async fn beating<T>(hub: &Rc<Hub>, script: impl Future<Output = T>) -> T {
    tokio::select! {
        () = hub.clone().beat() => unreachable!("a heart beats for ever"),
        done = script => done,
    }
}

async fn seconds(count: u64) {
    sleep(Duration::from_secs(count)).await;
}

/// When the connection ended, in seconds from now.
async fn until_ending(peer: &Peer) -> f32 {
    let begin = Instant::now();
    while !peer.outbox.is_ending() {
        assert!(begin.elapsed() < Duration::from_secs(300), "it never ends");
        sleep(Duration::from_millis(100)).await;
    }
    begin.elapsed().as_secs_f32()
}

fn pings(wire: &Wire) -> usize {
    wire.frames().iter().filter(|frame| **frame == Shown::Ping).count()
}

#[tokio::test(start_paused = true)]
async fn the_silent_are_pinged_once_and_given_up_after_two_heartbeats() {
    let hub = hub();
    let (peer, wire) = connect(&hub, 1);
    peer.greet();
    let took = beating(&hub, async {
        seconds(23).await;
        assert_eq!(pings(&wire), 0, "not before a heartbeat of silence");
        seconds(3).await;
        assert_eq!(pings(&wire), 1);
        until_ending(&peer).await
    })
    .await;
    assert!((23.0..25.5).contains(&took), "{took} s after the 26th");
    assert_eq!(pings(&wire), 1, "one is enough");
    assert!(matches!(peer.outbox.end(), Some(DisconnectReason::Bye(ByeCode::HeartbeatTimeout, _))));
}

#[tokio::test(start_paused = true)]
async fn who_answers_stays_for_ever_and_who_talks_is_not_pinged() {
    let hub = hub();
    let (answers, answered) = connect(&hub, 1);
    let (talks, spoken) = connect(&hub, 2);
    answers.greet();
    talks.greet();
    beating(&hub, async {
        for second in 0..600 {
            seconds(1).await;
            if pings(&answered) > second / 30 {
                hub.heard(&answers);
            }
            hub.heard(&talks);
        }
    })
    .await;
    assert!(!answers.outbox.is_ending() && !talks.outbox.is_ending());
    assert_eq!(pings(&spoken), 0);
    assert!((15..=24).contains(&pings(&answered)), "{}", pings(&answered));
}

#[tokio::test(start_paused = true)]
async fn who_says_no_hello_is_sent_away_however_much_they_talk() {
    let hub = hub();
    let (silent, _) = connect(&hub, 1);
    let (talker, _) = connect(&hub, 2);
    let (greeted, _) = connect(&hub, 3);
    beating(&hub, async {
        for _ in 0..49 {
            sleep(Duration::from_millis(100)).await;
            hub.heard(&talker);
        }
        assert!(!silent.outbox.is_ending(), "4.9 s are within 5 s");
        greeted.greet();
        assert!((0.0..1.3).contains(&until_ending(&silent).await));
        seconds(1).await;
    })
    .await;
    for peer in [silent, talker] {
        assert!(matches!(peer.outbox.end(), Some(DisconnectReason::Bye(ByeCode::HelloTimeout, _))));
    }
    assert!(!greeted.outbox.is_ending());
}

#[tokio::test]
async fn who_is_signed_out_is_told_and_nobody_else() {
    let hub = hub();
    let (ended, _) = connect(&hub, 1);
    let (again, _) = connect(&hub, 2);
    let (other, _) = connect(&hub, 3);
    let (nobody, _) = connect(&hub, 4);
    ended.belongs_to(holder("Ada", 6));
    again.belongs_to(holder("Ada", 7));
    other.belongs_to(holder("Ben", 0));
    hub.sign_out(|it| it.visitor.user.id.0 == "ada" && it.generation < 7);
    assert!(matches!(ended.outbox.end(), Some(DisconnectReason::Bye(ByeCode::SignedOut, _))));
    for stays in [again, other, nobody] {
        assert!(!stays.outbox.is_ending());
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_time_for_hello_is_given_whole_whenever_somebody_comes() {
    let metrics = Arc::new(Metrics::new().unwrap());
    let hub = Hub::new(metrics, heartbeat(Duration::from_millis(400)), BUDGET);
    beating(&hub, async {
        for n in 0..30 {
            // At any moment between two ticks.
            sleep(Duration::from_millis(7)).await;
            let begin = Instant::now();
            let (peer, _) = connect(&hub, n);
            while !peer.outbox.is_ending() && begin.elapsed() < Duration::from_secs(60) {
                sleep(Duration::from_millis(1)).await;
            }
            let took = begin.elapsed().as_millis();
            assert!((400..=502).contains(&took), "{took} ms");
            hub.remove(peer.session);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn everybody_in_a_room_gets_its_entries_and_leaving_costs_no_other_their_place() {
    let hub = hub();
    let (queue, inbox) = mpsc::channel(8);
    let members: Vec<_> = (0..10).map(|n| connect(&hub, n)).collect();
    let mut seats: Vec<Rc<Subscription>> = Vec::new();
    for (peer, _) in &members {
        let seat = hub.subscribe(ROOM, peer);
        hub.go_live(ROOM, &seat, Seq::ZERO);
        seats.push(seat);
    }
    // Out in any order, twice, and the last ones again in.
    for n in [3, 9, 0, 3] {
        hub.unsubscribe(ROOM, &seats[n]);
    }
    let back = hub.subscribe(ROOM, &members[9].0);
    hub.go_live(ROOM, &back, Seq::ZERO);
    let entry = |n: u64| {
        let event = said(&n.to_string());
        Item::Entry { room: ROOM, seq: Seq::new(n).unwrap(), event }
    };
    queue.send(vec![entry(1), entry(2)]).await.unwrap();
    queue.send(vec![entry(3)]).await.unwrap();
    drop(queue);
    hub.clone().run(inbox).await;
    for (n, (_, wire)) in members.iter().enumerate() {
        let expected: &[&str] = if [0, 3].contains(&n) { &[] } else { &["1", "2", "3"] };
        assert_eq!(wire.texts(), expected, "number {n}");
    }
    for seat in seats.iter().chain([&back]) {
        hub.unsubscribe(ROOM, seat);
    }
    assert!(hub.rooms.borrow().is_empty(), "an empty room leaves nothing behind");
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_with_the_entry_or_alone_and_at_once() {
    let hub = hub();
    let (queue, inbox) = mpsc::channel(8);
    let (sender, sent) = connect(&hub, 1);
    let seat = hub.subscribe(ROOM, &sender);
    hub.go_live(ROOM, &seat, Seq::ZERO);
    let answer = |text| answer(sender.session, ROOM, text);
    let entry = Item::Entry { room: ROOM, seq: Seq::new(1).unwrap(), event: said("1") };
    queue.send(vec![entry, answer("sent 1")]).await.unwrap();
    queue.send(vec![answer("refused")]).await.unwrap();
    // To a room that nobody is in any more, and to nobody.
    let (gone, nobody) = (RoomId(7), SessionId(Uuid::from_u128(9)));
    queue.send(vec![self::answer(nobody, gone, "lost")]).await.unwrap();
    drop(queue);
    hub.clone().run(inbox).await;
    assert_eq!(sent.texts(), ["sent 1", "refused", "1"]);
    assert_eq!(sent.writes(), 1);
    let (queue, inbox) = mpsc::channel(8);
    queue.send(vec![answer("sent 2")]).await.unwrap();
    drop(queue);
    hub.clone().run(inbox).await;
    assert_eq!(sent.texts()[3..], ["sent 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_waits_for_company_is_written_to_in_the_end() {
    let hub = hub();
    let (queue, inbox) = mpsc::channel(8);
    let members: Vec<_> = (0..300).map(|n| connect(&hub, n)).collect();
    for (peer, _) in &members {
        let seat = hub.subscribe(ROOM, peer);
        hub.go_live(ROOM, &seat, Seq::ZERO);
    }
    let entry = |n: u64| {
        let event = said(&n.to_string());
        Item::Entry { room: ROOM, seq: Seq::new(n).unwrap(), event }
    };
    let answer = |text| answer(members[0].0.session, ROOM, text);
    (0..3).for_each(|_| hub.asked(ROOM));
    let task = tokio::task::LocalSet::new();
    task.spawn_local(hub.clone().run(inbox));
    task.run_until(async {
        queue.send(vec![entry(1), answer("a")]).await.unwrap();
        tokio::task::yield_now().await;
        queue.send(vec![entry(2), answer("b")]).await.unwrap();
        sleep(Duration::from_millis(20)).await;
        assert_eq!(members[299].1.texts(), ["1", "2"], "the third answer never came");
        assert_eq!(members[299].1.writes(), 1);
    })
    .await;
    drop(queue);
    task.await;
}

#[tokio::test(start_paused = true)]
async fn the_close_of_a_stop_comes_after_what_was_handed_over_before_it() {
    let hub = hub();
    let (queue, inbox) = mpsc::channel(8);
    let members: Vec<_> = (0..600).map(|n| connect(&hub, n)).collect();
    for (peer, _) in &members {
        let seat = hub.subscribe(ROOM, peer);
        hub.go_live(ROOM, &seat, Seq::ZERO);
    }
    let event = said("last words");
    let entry = Item::Entry { room: ROOM, seq: Seq::new(1).unwrap(), event };
    queue.send(vec![Item::Drain(Drain::Announce { spread: 1_000 })]).await.unwrap();
    queue.send(vec![entry]).await.unwrap();
    queue.send(vec![Item::Drain(Drain::Close)]).await.unwrap();
    let task = tokio::task::LocalSet::new();
    task.spawn_local(hub.clone().run(inbox));
    task.run_until(async {
        while !members.iter().all(|(peer, _)| peer.outbox.is_ending()) {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let mut waits = std::collections::BTreeSet::new();
    for (peer, wire) in &members {
        let texts = wire.texts();
        let [bye, last] = &texts[..] else { panic!("{texts:?}") };
        let bye: maru_protocol::ServerFrame = serde_json::from_str(bye).unwrap();
        let maru_protocol::ServerFrame::Bye { retry_after: Some(wait), .. } = bye else {
            panic!("{bye:?}")
        };
        assert!((500..1_500).contains(&wait), "{wait}");
        waits.insert(wait);
        assert_eq!(last, "last words");
        assert!(peer.outbox.queued() > 0, "and then the close");
    }
    assert!(waits.len() > 500, "spread");
    // Who comes now is sent away at once.
    let (late, _) = connect(&hub, 1_000);
    assert!(matches!(late.outbox.end(), Some(DisconnectReason::Bye(ByeCode::Shutdown, _))));
}

#[test]
fn when_too_much_waits_for_all_the_worst_are_ended_first() {
    let hub = hub();
    let peers: Vec<_> = (0..20)
        .map(|number| {
            let wire = Wire::with_room(0);
            let outbox = Rc::new(Outbox::new(wire.clone(), PLAIN, 1 << 20));
            (hub.add(SessionId(Uuid::from_u128(number)), outbox), wire)
        })
        .collect();
    let wait = |peer: usize, bytes: usize| peers[peer].0.outbox.push(&vec![b'x'; bytes].into());
    // 20 × 100, and three who read worst: the bound is just reached.
    (0..20).for_each(|peer| wait(peer, 100));
    for (peer, bytes) in [(3, 3_900), (7, 1_900), (11, 2_200)] {
        wait(peer, bytes);
    }
    let ended =
        || -> Vec<usize> { (0..20).filter(|peer| peers[*peer].0.outbox.is_ending()).collect() };
    hub.relieve();
    assert!(ended().is_empty());
    wait(0, 1);
    hub.relieve();
    assert_eq!(ended(), [3], "6,000 is below three quarters");
    let end = peers[3].0.outbox.end();
    assert!(matches!(end, Some(DisconnectReason::Bye(ByeCode::SlowReader, _))), "{end:?}");
    wait(19, 6_000);
    hub.relieve();
    assert_eq!(ended(), [3, 19], "whoever is the worst now");
    assert_eq!(hub.metrics.limited.with_label_values(&["outboxes"]).get(), 2);
}
