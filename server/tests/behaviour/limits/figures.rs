//! What the limits come to when nobody sets any: the figures of docs/security-limits.md.
//!
//! `cargo nextest run -p maru-server --all-features --test behaviour limits::figures --run-ignored only
//! --no-capture`

use std::time::{Duration, Instant};

use maru_protocol::{ByeCode, ErrorCode, MessageId, ServerFrame};
use uuid::Uuid;

use super::{figures, limited};
use crate::client::{Client, Ended};

/// What refused something, by setting.
async fn refusals(operator: &str) -> Vec<String> {
    let lines = figures(operator).await;
    let lines = lines.lines().filter_map(|line| line.strip_prefix("maru_limited_total{limit="));
    lines.map(str::to_owned).collect()
}

/// What becomes of what one client does not wait for: how much was taken, and how it ended.
#[derive(Debug, Default)]
struct Taken {
    sent: u64,
    refused: u64,
    sent_away: Option<Duration>,
}

/// Sends one message after another for that long, without waiting for a refusal's time to be over.
async fn flood(mut client: Client, body: String, time: Duration) -> Taken {
    client.join("lobby", None).await;
    let (start, mut taken, mut waiting) = (Instant::now(), Taken::default(), 0);
    while start.elapsed() < time {
        while waiting < 32 {
            client.post("lobby", MessageId(Uuid::now_v7()), &body).await;
            waiting += 1;
        }
        match client.receive().await {
            Ok(ServerFrame::Sent { .. }) => (taken.sent, waiting) = (taken.sent + 1, waiting - 1),
            Ok(ServerFrame::Error { .. }) => {
                (taken.refused, waiting) = (taken.refused + 1, waiting - 1);
            }
            Ok(ServerFrame::Bye { code: ByeCode::RateLimited, .. }) => {
                taken.sent_away = Some(start.elapsed());
                break;
            }
            Ok(_) => {}
            Err(Ended::Lost | Ended::Closed(..)) => break,
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn one_person_floods_on_five_connections_for_eight_seconds() {
    let (server, operator) = limited(&[]);
    let first = server.guest("Eve").await;
    let token = first.token.clone().unwrap();
    let mut floods = vec![tokio::spawn(flood(first, "x".into(), Duration::from_secs(8)))];
    for _ in 0..4 {
        let mut again = server.connect().await;
        again.hello_again(&token).await;
        floods.push(tokio::spawn(flood(again, "x".into(), Duration::from_secs(8))));
    }
    let mut all = Taken::default();
    for flood in floods {
        let taken = flood.await.unwrap();
        all.sent += taken.sent;
        all.refused += taken.refused;
        all.sent_away = all.sent_away.or(taken.sent_away);
    }
    println!("five connections of one person, 8 s: {all:?}; {:?}", refusals(&operator).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn a_hundred_guests_of_one_address_flood_for_ten_seconds() {
    let (server, operator) = limited(&[]);
    let journal = server.folder().join("data");
    let size = || -> u64 {
        std::fs::read_dir(&journal)
            .unwrap()
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum()
    };
    let before = size();
    let mut floods = Vec::new();
    for n in 0..100 {
        let client = server.guest(&format!("Eve {n}")).await;
        floods.push(tokio::spawn(flood(client, "x".repeat(4_000), Duration::from_secs(10))));
    }
    let (mut sent, mut away) = (0, 0);
    for flood in floods {
        let taken = flood.await.unwrap();
        sent += taken.sent;
        away += u64::from(taken.sent_away.is_some());
    }
    println!(
        "100 guests of one address, 10 s, 4,000 bytes each: {sent} messages sent, {} KiB of files \
         more, {away} sent away; {:?}",
        (size() - before) / 1_024,
        refusals(&operator).await
    );
}

#[tokio::test]
#[ignore = "measures"]
async fn throwaway_guests_for_six_seconds_and_rooms() {
    let (server, operator) = limited(&[]);
    let (start, mut guests, mut wait) = (Instant::now(), 0, None);
    let mut client = server.connect().await;
    while start.elapsed() < Duration::from_secs(6) {
        let hello = format!(r#"{{"type":"hello","version":1,"name":"Eve {guests}"}}"#);
        client.send_text(hello).await;
        match client.receive().await.unwrap() {
            ServerFrame::Welcome { .. } => guests += 1,
            ServerFrame::Error { code: ErrorCode::RateLimited, retry_after, .. } => {
                wait = wait.or(retry_after);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            other => panic!("{other:?}"),
        }
        client = match Client::try_connect(server.http).await {
            Ok(client) => client,
            Err(_) => break,
        };
    }
    println!(
        "guests of one address, one after another for 6 s: {guests}; then one each {wait:?} ms; {:?}",
        refusals(&operator).await
    );
    let (server, operator) = limited(&[]);
    let (mut made, mut people) = (0, 0);
    while people < 20 {
        people += 1;
        let mut client = server.guest(&format!("Eve {people}")).await;
        for n in 0..150 {
            let answer = client.create(&format!("room {people} {n}")).await;
            if !matches!(answer, ServerFrame::Ok { .. }) {
                println!("person {people} made {n} rooms");
                break;
            }
            made += 1;
        }
    }
    println!("20 people of one address made {made} rooms; {:?}", refusals(&operator).await);
}

#[tokio::test]
#[ignore = "measures"]
async fn people_of_one_address_come_in_one_after_another_until_one_is_refused() {
    let rooms: Vec<String> = (0..100).map(|n| format!("room {n}")).collect();
    let (server, operator) = limited(&[("MARU_CHAT__FIRST_ROOMS", &rooms.join(","))]);
    let start = Instant::now();
    let mut people = Vec::new();
    'all: for n in 0..5_000 {
        let Ok(mut client) = Client::try_connect(server.http).await else { break };
        client.send_text(format!(r#"{{"type":"hello","version":1,"name":"Person {n}"}}"#)).await;
        if !matches!(client.receive().await, Ok(ServerFrame::Welcome { .. })) {
            break;
        }
        for room in 0..5 {
            let answer = client.try_join(&format!("room {}", (n + room) % 100), None).await;
            if !matches!(answer, ServerFrame::Joined { .. }) {
                break 'all;
            }
        }
        people.push(client);
    }
    println!(
        "{} new guests of one address came in within {:?}, each into 5 rooms; {:?}",
        people.len(),
        start.elapsed(),
        refusals(&operator).await
    );
}
