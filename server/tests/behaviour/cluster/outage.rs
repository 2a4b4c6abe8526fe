//! What a cluster rests on goes away and comes back; nobody has to start anything again.

use std::{net::SocketAddr, time::Duration};

use maru_protocol::{ErrorCode, MessageId, ServerFrame};
use tokio::time::Instant;
use uuid::Uuid;

use super::Cluster;
use crate::{
    client::{Client, Ended, PATIENCE},
    operators::started,
    services, web,
};

async fn two(cluster: &Cluster) -> (Client, Client) {
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut ben = cluster.nodes[1].guest("Ben").await;
    ben.join("lobby", None).await;
    (ada, ben)
}

#[tokio::test]
async fn without_the_bus_everybody_still_hears_everything() {
    let mut cluster = Cluster::start(2);
    let (mut ada, mut ben) = two(&cluster).await;
    ada.say("lobby", "with the bus").await;
    ben.entry("lobby").await;
    cluster.nats.kill();
    for n in 2..=6 {
        let seq = ada.say("lobby", "without").await;
        assert_eq!(ada.entry("lobby").await.seq.get(), n - 1);
        let said = Instant::now();
        assert_eq!(ben.entry("lobby").await.seq, seq);
        let took = said.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
    cluster.nats.launch();
    ada.entry("lobby").await;
    for n in 7..=20 {
        ben.say("lobby", "again").await;
        assert_eq!(ada.entry("lobby").await.seq.get(), n);
    }
}

#[tokio::test]
async fn a_frozen_bus_holds_nobody_up() {
    let cluster = Cluster::start(2);
    let (mut ada, mut ben) = two(&cluster).await;
    cluster.nats.freeze();
    let started = Instant::now();
    for n in 1..=10 {
        ada.say("lobby", "anybody?").await;
        assert_eq!(ben.entry("lobby").await.seq.get(), n);
    }
    let took = started.elapsed();
    cluster.nats.thaw();
    assert!(took < Duration::from_secs(20), "{took:?}");
    ben.say("lobby", "here").await;
    while ada.entry("lobby").await.seq.get() < 11 {}
}

#[tokio::test]
async fn while_the_store_is_away_a_message_is_refused_in_a_way_that_can_be_tried_again() {
    let mut store = services::Server::start();
    let timeout = [("MARU_JOURNAL__TIMEOUT", "2s")];
    let cluster = Cluster::over(2, &store.url(), None, &timeout);
    let (mut ada, mut ben) = two(&cluster).await;
    // Each worker of the first server has seen the room.
    let mut jo = cluster.nodes[0].guest("Jo").await;
    jo.join("lobby", None).await;
    ada.say("lobby", "before").await;
    ben.entry("lobby").await;
    store.stop();
    let id = MessageId(Uuid::now_v7());
    match ada.try_say("lobby", id, "meanwhile").await {
        ServerFrame::Error { code, retry_after, message, .. } => {
            assert!(code == ErrorCode::Unavailable, "{code:?} {message} {retry_after:?}");
            assert!(code.retryable());
            assert!(!message.contains("Postgres") && !message.contains("127.0.0.1"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(web::get(cluster.nodes[0].http, "/readyz").await.status, 503);
    // What is in memory is still told.
    let mut late = cluster.nodes[0].guest("Late").await;
    assert_eq!(late.join("lobby", None).await.seqs(), [1]);
    store.start_again();
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match ada.try_say("lobby", id, "meanwhile").await {
            ServerFrame::Sent { seq, .. } => {
                assert_eq!(seq.get(), 2);
                break;
            }
            ServerFrame::Error { .. } if Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ben.entry("lobby").await.seq.get(), 2);
    assert_eq!(late.entry("lobby").await.seq.get(), 2);
    while web::get(cluster.nodes[0].http, "/readyz").await.status != 200 {
        assert!(Instant::now() < until, "it is not ready again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    cluster.nodes[0].logs(&["Postgres is away"]).await;
    cluster.nodes[0].logs(&["Postgres is back"]).await;
}

#[tokio::test]
async fn readiness_tells_what_is_away() {
    let mut cluster = Cluster::start(1);
    let node = cluster.nodes[0].http;
    let until = Instant::now() + Duration::from_secs(20);
    while !web::get(node, "/readyz").await.body.contains("bus: connected") {
        assert!(Instant::now() < until, "{}", web::get(node, "/readyz").await.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    cluster.nats.kill();
    // It goes on serving: the gateway is to keep it.
    loop {
        let ready = web::get(node, "/readyz").await;
        assert_eq!(ready.status, 200);
        if ready.body.contains("bus: away") {
            break;
        }
        assert!(Instant::now() < until, "{}", ready.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a server has heard of so many others.
async fn knows_of(node: SocketAddr, others: usize) {
    let until = Instant::now() + PATIENCE;
    while !web::get(node, "/readyz").await.body.contains(&format!("peers: {others}\n")) {
        assert!(Instant::now() < until, "{}", web::get(node, "/readyz").await.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_drained_server_sends_everybody_to_the_others_and_stays() {
    let mut cluster = Cluster::start(2);
    let ((), admin) = started(|settings| cluster.add_with(settings), &[]);
    let leaving = cluster.nodes[2].http;
    let mut stays = cluster.nodes[0].guest("Stays").await;
    stays.join("lobby", None).await;
    let mut goes = cluster.nodes[2].guest("Goes").await;
    let place = goes.join("lobby", None).await.position;
    let token = goes.token.clone().unwrap();
    let ask = format!(
        "POST /admin/drain HTTP/1.1\r\nHost: {admin}\r\nMaru-Operator: yes\r\nContent-Length: 0\r\n\r\n"
    );
    knows_of(leaving, 2).await;
    let answer = web::Line::open(admin).await.ask(&ask).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, "draining 1 connections\n"));
    stays.say("lobby", "while it goes").await;
    let (frames, ended) = goes.ended().await;
    let bye = frames.iter().find_map(|frame| match frame {
        ServerFrame::Bye { retry_after, .. } => *retry_after,
        _ => None,
    });
    assert!(bye.is_some_and(|wait| wait >= 500), "{frames:?}");
    assert!(matches!(ended, Ended::Closed(1012, _)), "{ended:?}");
    // It lives, takes nobody, and says so.
    for (path, status) in [("/healthz", 200), ("/readyz", 503), ("/ws", 503)] {
        assert_eq!(web::get(leaving, path).await.status, status, "{path}");
    }
    assert!(Client::try_connect(leaving).await.is_err());
    let mut back = cluster.nodes[1].connect().await;
    back.hello_again(&token).await;
    let joined = back.join("lobby", Some(place)).await;
    assert_eq!((joined.reset, joined.seqs()), (false, vec![1]));
    // Asked again, it has nothing more to do; told to stop, it stops at once.
    assert_eq!(web::Line::open(admin).await.ask(&ask).await.body, "draining 0 connections\n");
    cluster.nodes[2].signal(15);
    assert!(cluster.nodes[2].wait().await.success());
}

#[tokio::test]
async fn a_server_that_stops_tells_newcomers_so_at_once() {
    let mut cluster = Cluster::start(1);
    // Somebody who never reads the goodbye holds the stop up for a while.
    let mut deaf = Client::connect_narrow(cluster.nodes[0].http).await;
    deaf.hello("Deaf").await;
    let node = cluster.nodes[0].http;
    cluster.nodes[0].signal(15);
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        match web::get(node, "/readyz").await.status {
            503 => break,
            status => assert!(status == 200 && Instant::now() < until, "{status}"),
        }
    }
    assert_eq!(web::get(node, "/ws").await.status, 503);
    drop(deaf);
    assert!(cluster.nodes[0].wait().await.success());
}
