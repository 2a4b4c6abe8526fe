//! A stop is clean: nobody is left hanging, nothing acknowledged is lost, and nobody can hold it up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use maru_protocol::{ByeCode, MessageId, ServerFrame};
use tokio::task::{JoinSet, spawn_blocking};
use uuid::Uuid;

use crate::{
    client::{Client, Ended},
    deaf,
    history::{Recorder, check},
    person::Person,
    process::Server,
    web::{self, Line},
};

const SIGINT: i32 = 2;
pub const SIGTERM: i32 = 15;

/// Reads to the end; returns the `bye`'s `retry_after`.
async fn farewell(client: Client) -> u32 {
    let (frames, ended) = client.ended().await;
    let byes: Vec<_> = frames.iter().filter(|f| matches!(f, ServerFrame::Bye { .. })).collect();
    let [ServerFrame::Bye { code: ByeCode::Shutdown, retry_after: Some(wait), .. }] = byes[..]
    else {
        panic!("{byes:?}")
    };
    assert!(matches!(ended, Ended::Closed(1012, _)), "{ended:?}");
    *wait
}

/// How long the stop took, by the server's own word: the test's clients take their time to read.
fn stopped_in(log: &str) -> Duration {
    let line = log.lines().find(|line| line.contains("stopped") && line.contains("ms=")).unwrap();
    let number = line.split("ms=").nth(1).unwrap().split_whitespace().next().unwrap();
    Duration::from_millis(number.parse().unwrap())
}

async fn talk(mut person: Person, room: &'static str) -> Person {
    for n in 0.. {
        if person.say(room, format!("message {n}")).await.is_err()
            || person.until_waiting(2).await.is_err()
        {
            break;
        }
    }
    person.lose();
    person
}

#[tokio::test]
async fn a_stop_says_goodbye_to_a_thousand_and_keeps_what_was_acknowledged() {
    const ROOMS: [&str; 4] = ["east", "north", "south", "west"];
    rlimit::increase_nofile_limit(8_192).unwrap();
    let mut server = Server::start(&[
        ("MARU_CHAT__FIRST_ROOMS", "east,north,south,west"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
        // Seconds are not what is tested: a busy machine may take its time.
        ("MARU_SHUTDOWN__GRACE", "2m"),
        // A thousand comings and goings are told in few events.
        ("MARU_CHAT__PRESENCE_INTERVAL", "2s"),
    ]);
    let (host, recorder) = (server.http, Recorder::new());
    let coming = Instant::now();
    let mut crowd = Vec::new();
    for n in 0..980 {
        let mut client = server.guest(&format!("number {n} of many")).await;
        client.join(ROOMS[n % 4], None).await;
        crowd.push(client);
    }
    let mut people = JoinSet::new();
    for who in 0..20 {
        let room = ROOMS[who as usize % 4];
        let mut person = Person::new(who, host, &recorder, &[room]);
        person.come().await;
        people.spawn(talk(person, room));
    }
    let coming = coming.elapsed();
    let mut gateway = Line::open(host).await;
    assert_eq!(gateway.get("/readyz", &[]).await.status, 200);
    recorder.acks(50).await;
    let mut farewells: JoinSet<u32> = crowd.into_iter().map(farewell).collect();
    server.signal(SIGTERM);
    server.logs(&["stopping", "SIGTERM"]).await;
    let ready = gateway.get("/readyz", &[]).await;
    assert_eq!((ready.status, ready.header("retry-after")), (503, Some("1")), "{ready:?}");
    let info = gateway.get("/api/v1/info", &[]).await;
    assert_eq!(info.json()["accepts"], "stopping", "a page may learn it, too");
    let mut waits = Vec::new();
    while let Some(wait) = farewells.join_next().await {
        waits.push(wait.unwrap());
    }
    let status = server.wait().await;
    assert_eq!(status.code(), Some(0), "{status}");
    let took = stopped_in(&server.log());
    println!("1,000 connections came in {coming:?} and the server was done in {took:?}");
    // Ten seconds, or on a machine that has no time for us, no more than the coming took.
    assert!(took < coming.max(Duration::from_secs(10)), "{took:?}, and {coming:?} to come");
    assert!(!server.log().contains("the grace is over"), "{}", server.log());
    // Spread: neither all at once nor far away.
    let distinct: BTreeSet<u32> = waits.iter().copied().collect();
    assert!(distinct.len() > 50, "{distinct:?}");
    assert!(waits.iter().all(|wait| (100..=11_000).contains(wait)), "{distinct:?}");
    // With its successor everybody gets on with what was not acknowledged.
    let people = people.join_all().await;
    let (folder, settings) = server.estate();
    let _successor = spawn_blocking(move || Server::start_in(folder, settings)).await.unwrap();
    let mut back = Vec::new();
    for mut person in people {
        person.come().await;
        person.until_waiting(0).await.unwrap();
        back.push(person);
    }
    let logs = web::logs(host, &ROOMS).await;
    let heads: BTreeMap<String, u64> =
        logs.iter().map(|(room, log)| (room.clone(), log.len() as u64)).collect();
    for mut person in back {
        person.until_seen(&heads).await;
    }
    let found = check(&recorder.events(), &logs);
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn sigint_stops_as_sigterm_does() {
    let mut server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let ungreeted = server.connect().await;
    server.signal(SIGINT);
    farewell(ada).await;
    farewell(ungreeted).await;
    assert_eq!(server.wait().await.code(), Some(0));
    assert!(server.log().contains("SIGINT"));
}

#[tokio::test]
async fn what_was_taken_before_a_stop_is_answered_before_the_close() {
    const MESSAGES: usize = 1_500;
    let mut server = Server::start(&[
        // One commit a message: the stop finds most of them still to do.
        ("MARU_JOURNAL__BATCH", "1"),
        ("MARU_SHUTDOWN__GRACE", "2m"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
    ]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let mut asked = BTreeSet::new();
    for n in 0..MESSAGES {
        let id = MessageId(Uuid::now_v7());
        asked.insert(ada.post("lobby", id, &n.to_string()).await.0);
    }
    // The engine takes what somebody does in order: after this one's answer all of them are taken. A `ping` does
    // not come there.
    ada.join("lobby", None).await;
    server.signal(SIGTERM);
    let (frames, ended) = ada.ended().await;
    assert!(matches!(ended, Ended::Closed(1012, _)), "{ended:?}");
    let mut after_bye = 0;
    let mut bye = false;
    for frame in &frames {
        bye |= matches!(frame, ServerFrame::Bye { .. });
        assert!(!matches!(frame, ServerFrame::Error { .. }), "{frame:?}");
        if let ServerFrame::Sent { reference, .. } = frame {
            assert!(asked.remove(&reference.0), "{frame:?}");
            after_bye += usize::from(bye);
        }
    }
    println!("{after_bye} of {MESSAGES} were committed after the bye");
    assert!(asked.is_empty(), "{} are not answered", asked.len());
    assert_eq!(server.wait().await.code(), Some(0));
}

#[tokio::test]
async fn who_never_reads_holds_a_stop_up_no_longer_than_the_grace() {
    let mut settings = deaf::SETTINGS.to_vec();
    settings.push(("MARU_SHUTDOWN__GRACE", "1s"));
    let mut server = Server::start(&settings);
    let _deaf = deaf::member(&server, "lobby").await;
    server.signal(SIGTERM);
    assert_eq!(server.wait().await.code(), Some(0));
    let took = stopped_in(&server.log());
    assert!(took < Duration::from_secs(4), "{took:?} of a grace of 1 s");
    assert!(server.log().contains("the grace is over"), "{}", server.log());
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let mut settings = deaf::SETTINGS.to_vec();
    settings.push(("MARU_SHUTDOWN__GRACE", "10m"));
    let mut server = Server::start(&settings);
    let _deaf = deaf::member(&server, "lobby").await;
    server.signal(SIGTERM);
    server.logs(&["stopping"]).await;
    server.signal(SIGTERM);
    server.logs(&["told again"]).await;
    assert_eq!(server.wait().await.code(), Some(0));
}
