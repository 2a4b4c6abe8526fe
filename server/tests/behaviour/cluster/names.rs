//! Whose name is whose, on all servers: the store decides, not who is present where.

use std::time::Duration;

use maru_protocol::{ErrorCode, MessageId, ServerFrame};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Cluster;
use crate::{
    client::{Client, PATIENCE},
    services,
};

/// Between two attempts, which the limits let pass.
const PAUSE: Duration = Duration::from_millis(50);

async fn joins(client: &mut Client) -> Result<(), ErrorCode> {
    match client.try_join("lobby", None).await {
        ServerFrame::Joined { .. } => Ok(()),
        ServerFrame::Error { code, .. } => Err(code),
        other => panic!("{other:?}"),
    }
}

async fn says(client: &mut Client) -> Result<(), ErrorCode> {
    match client.try_say("lobby", MessageId(Uuid::now_v7()), "hello").await {
        ServerFrame::Sent { .. } => Ok(()),
        ServerFrame::Error { code, .. } => Err(code),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_is_held_on_all_servers_without_a_word_between_them() {
    let mut cluster = Cluster::start(2);
    cluster.nats.kill();
    let mut ada = cluster.nodes[0].guest("Ada").await;
    let mut other = cluster.nodes[1].guest("ADA").await;
    // Neither server hears of the other's guest: both come in.
    joins(&mut ada).await.unwrap();
    joins(&mut other).await.unwrap();
    says(&mut other).await.unwrap();
    assert_eq!(says(&mut ada).await, Err(ErrorCode::NameTaken), "the first to speak has it");
    drop((ada, other));
    for node in &cluster.nodes {
        let mut stranger = node.guest("ada").await;
        assert_eq!(joins(&mut stranger).await, Err(ErrorCode::NameTaken));
    }
}

/// Who comes in by a member's name while nobody can say whose it is does not keep the member out, and
/// can't speak.
#[tokio::test]
async fn a_store_that_was_away_gives_nobody_anothers_name() {
    let mut store = services::Server::start();
    let timeout = [("MARU_JOURNAL__TIMEOUT", "2s")];
    let cluster = Cluster::over(1, &store.url(), None, &timeout);
    let server = &cluster.nodes[0];
    let mut ada = server.guest("Ada").await;
    joins(&mut ada).await.unwrap();
    says(&mut ada).await.unwrap();
    let token = ada.token.clone().unwrap();
    // Each worker has seen the room: it can be entered without the store.
    for name in ["Ben", "Cho", "Dan", "Eve"] {
        let mut guest = server.guest(name).await;
        joins(&mut guest).await.unwrap();
        std::mem::forget(guest);
    }
    drop(ada);
    store.stop();
    // Until her session is gone her presence keeps strangers out.
    let mut stranger = server.guest("Ada").await;
    let until = Instant::now() + PATIENCE;
    while let Err(code) = joins(&mut stranger).await {
        assert!(Instant::now() < until, "{code:?}");
        sleep(PAUSE).await;
    }
    store.start_again();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    // While the store is away the stranger's presence counts.
    while let Err(code) = joins(&mut ada).await {
        assert!(Instant::now() < until, "{code:?}");
        sleep(PAUSE).await;
    }
    loop {
        match says(&mut stranger).await {
            Err(ErrorCode::NameTaken) => break,
            Err(code) => assert!(code.retryable() && Instant::now() < until, "{code:?}"),
            Ok(()) => panic!("a stranger spoke by a member's name"),
        }
        sleep(PAUSE).await;
    }
    // What writes may find the store back later than what reads.
    while let Err(code) = says(&mut ada).await {
        assert!(code.retryable() && Instant::now() < until, "{code:?}");
        sleep(PAUSE).await;
    }
}
