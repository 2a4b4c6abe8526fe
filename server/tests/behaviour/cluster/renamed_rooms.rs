//! A room that is renamed at one server is renamed at all, also at those that do not hear of it.

use maru_protocol::{ClientFrame, Position, Seq, ServerFrame};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use super::Cluster;
use crate::{
    client::{Client, room},
    operators::{started, tell},
    renamed_rooms::{is_told, leads_to},
    services::Database,
};

/// Two servers, and somebody in a room at each; the second one's operators are reached there.
async fn two() -> (Cluster, std::net::SocketAddr, Client, Client, Position) {
    let mut cluster = Cluster::start(1);
    let ((), operators) = started(|settings| cluster.add_with(settings), &[]);
    let mut there = cluster.nodes[0].guest("Ada").await;
    let mut here = cluster.nodes[1].guest("Bob").await;
    assert!(matches!(there.create("garden").await, ServerFrame::Ok { .. }));
    there.join("garden", None).await;
    here.join("garden", None).await;
    let seq = there.say("garden", "strawberries").await;
    let said = here.entry("garden").await;
    assert_eq!(said.seq, seq);
    there.entry("garden").await;
    let position = here.join("garden", None).await.position;
    (cluster, operators, there, here, position)
}

async fn rename(operators: std::net::SocketAddr, from: &str, to: &str) {
    let answer = tell(operators, &format!("/admin/rooms/rename?room={from}&to={to}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_room_that_is_renamed_at_one_server_is_renamed_at_all() {
    let (_cluster, operators, mut there, mut here, position) = two().await;
    rename(operators, "garden", "park").await;
    is_told(&mut here, "garden", "park").await;
    is_told(&mut there, "garden", "park").await;
    assert_eq!(leads_to(&there.try_join("garden", Some(position)).await), "park");
    for client in [&mut there, &mut here] {
        let joined = client.join("park", Some(position)).await;
        assert_eq!((joined.room.as_str(), joined.reset), ("park", false));
    }
    there.say("park", "as before").await;
    let said = here.entry("park").await;
    assert_eq!((said.seq.get(), said.room.as_str()), (2, "park"));
    // The other one can rename it as well, and back.
    rename(operators, "park", "garden").await;
    is_told(&mut there, "park", "garden").await;
    there.join("garden", Some(position)).await;
    assert_eq!(there.say("garden", "again").await.get(), 3);
}

/// The bus is away while the room is renamed: what a server knows of it is old until it looks into the
/// store, or until somebody comes who knows better.
#[tokio::test]
async fn a_server_that_does_not_hear_of_it_finds_out() {
    let (mut cluster, operators, mut there, mut here, position) = two().await;
    cluster.nats.kill();
    rename(operators, "garden", "park").await;
    is_told(&mut here, "garden", "park").await;
    here.join("park", Some(position)).await;
    // Said by the old name, at the server that has not heard, or by then has: it is the same room.
    let id = maru_protocol::MessageId(uuid::Uuid::now_v7());
    match there.try_say("garden", id, "by the old name").await {
        ServerFrame::Sent { seq, .. } => {
            let said = here.entry("park").await;
            assert_eq!((said.seq, said.room.as_str()), (seq, "park"));
        }
        other => assert_eq!(leads_to(&other), "park"),
    }
    is_told(&mut there, "garden", "park").await;
    assert_eq!(leads_to(&there.try_join("garden", Some(position)).await), "park");
    let joined = there.join("park", Some(position)).await;
    assert!(
        !joined.reset && joined.entries.iter().all(|entry| entry.head().room.as_str() == "park")
    );
    here.say("park", "and on").await;
    while there.entry("park").await.body.as_ref().map(maru_protocol::Body::as_str) != Some("and on")
    {
    }
}

/// Who knows the new name gets in by it at once, and those who are in by the old one are told then.
#[tokio::test]
async fn who_comes_by_the_new_name_brings_it_to_a_server_that_has_not_heard() {
    let (mut cluster, operators, mut there, _here, position) = two().await;
    cluster.nats.kill();
    let mut late = cluster.nodes[0].guest("Late").await;
    rename(operators, "garden", "park").await;
    let joined = late.join("park", Some(position)).await;
    assert_eq!((joined.room.as_str(), joined.reset), ("park", false));
    is_told(&mut there, "garden", "park").await;
    there.join("park", Some(position)).await;
    there.say("park", "here").await;
    assert_eq!(late.entry("park").await.seq.get(), 2);
}

/// It is stopped altogether, as a machine that is suspended, and wakes up afterwards.
#[tokio::test]
async fn a_server_that_slept_meanwhile_finds_out() {
    let (cluster, operators, mut there, mut here, position) = two().await;
    cluster.nodes[0].signal(19);
    rename(operators, "garden", "park").await;
    rename(operators, "park", "yard").await;
    is_told(&mut here, "garden", "park").await;
    here.join("yard", Some(position)).await;
    here.say("yard", "while it slept").await;
    cluster.nodes[0].signal(18);
    let to = there
        .pick(|frame| match frame {
            ServerFrame::Removed { room, renamed_to } if room.as_str() == "garden" => {
                renamed_to.clone()
            }
            _ => None,
        })
        .await;
    // It may have heard of both names, one after the other.
    let joined = match there.try_join(to.as_str(), Some(position)).await {
        ServerFrame::Joined { entries, .. } => entries.len(),
        other => {
            assert_eq!(leads_to(&other), "yard");
            there.join("yard", Some(position)).await.entries.len()
        }
    };
    assert_eq!(joined, 1);
}

/// The room is renamed while what somebody missed there is being read: they were put out with all others,
/// and are not told afterwards that they are in.
#[tokio::test]
async fn who_is_put_out_while_coming_in_is_not_told_to_be_in() {
    let database = Database::make();
    let url = database.url();
    // The lock below is not to be taken for a store that is away, however slow the machine is; and the search,
    // which waits for it as well, leaves a connection for the renaming.
    let more = [("MARU_JOURNAL__TIMEOUT", "60s"), ("MARU_JOURNAL__POOL", "8")];
    let mut cluster = Cluster::over(0, &url, Some(database), &more);
    let ((), operators) = started(|settings| cluster.add_with(settings), &[]);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    assert!(matches!(ada.create("garden").await, ServerFrame::Ok { .. }));
    let position = ada.join("garden", None).await.position;
    ada.say("garden", "strawberries").await;
    let mut late = cluster.nodes[0].guest("Late").await;
    // Whoever reads entries waits.
    let mut hand = PgConnection::connect(&url).await.unwrap();
    hand.execute("BEGIN; LOCK TABLE maru.entries IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let reference = late.fresh_ref();
    // From a position that only the store can judge.
    let after = Some(Position { seq: Seq::new(9).unwrap(), ..position });
    late.send(&ClientFrame::Join { reference, room: room("garden"), after }).await;
    let mut eye = PgConnection::connect(&url).await.unwrap();
    loop {
        let waiting = "SELECT count(*) FROM pg_locks
                         WHERE NOT granted AND relation = 'maru.entries'::regclass";
        let waiting: i64 = eye.fetch_one(waiting).await.unwrap().get(0);
        if waiting > 0 {
            break;
        }
    }
    rename(operators, "garden", "park").await;
    is_told(&mut ada, "garden", "park").await;
    hand.execute("ROLLBACK").await.unwrap();
    assert_eq!(leads_to(&late.answer(reference).await), "park");
    is_told(&mut late, "garden", "park").await;
    let joined = late.join("park", after).await;
    assert_eq!((joined.room.as_str(), joined.reset, joined.seqs()), ("park", true, vec![1]));
}
