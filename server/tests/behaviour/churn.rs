//! People come, go, drop out and come back in the middle of a fan-out over several workers: between
//! coming and going, nobody misses, repeats or reorders anything.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::{
    client::Ended,
    history::{Logs, Recorder, check},
    person::Person,
    process::Server,
    random::Random,
    web,
};

const SETTINGS: [(&str, &str); 4] = [
    ("MARU_SERVER__WORKERS", "2"),
    ("MARU_CHAT__FIRST_ROOMS", "loud,quiet"),
    ("MARU_CONNECTION__RATE", "10000"),
    ("MARU_CONNECTION__BURST", "10000"),
];

fn heads(logs: &Logs) -> BTreeMap<String, u64> {
    logs.iter().map(|(room, log)| (room.clone(), log.len() as u64)).collect()
}

/// Ends a test: everybody reads to the end, then the history is held against the logs.
async fn settle(server: &Server, recorder: &Recorder, rooms: &[&str], people: Vec<Person>) -> Logs {
    let logs = web::logs(server.http, rooms).await;
    let heads = heads(&logs);
    for mut person in people {
        assert_eq!(person.waiting(), 0);
        person.until_seen(&heads).await;
    }
    let found = check(&recorder.events(), &logs);
    assert!(found.is_empty(), "{found:#?}");
    logs
}

/// Says so many things in a room without waiting long for any.
async fn speaker(mut person: Person, room: &'static str, messages: usize) -> Person {
    person.come().await;
    for n in 0..messages {
        person.say(room, format!("{n}: {}", "말".repeat(n % 50 + 1))).await.unwrap();
        person.until_waiting(16).await.unwrap();
    }
    person.until_waiting(0).await.unwrap();
    person
}

/// Comes, goes, drops out and comes back until enough was seen.
async fn restless(mut person: Person, seed: u64) -> Person {
    let mut random = Random::new(seed);
    person.come().await;
    for _ in 0..25 {
        let done: Result<(), Ended> = match random.below(4) {
            0 => {
                person.lose();
                person.come().await;
                Ok(())
            }
            1 => match person.leave("loud").await {
                Ok(()) => person.join("loud").await,
                lost => lost,
            },
            // A second join of a room one is in starts its stream anew, where one stands.
            2 => person.join("loud").await,
            _ => person.settle(random.below(8)).await,
        };
        done.unwrap();
    }
    person
}

#[tokio::test]
async fn nobody_misses_anything_between_coming_and_going() {
    for seed in 1..=2_u64 {
        let server = Server::start(&SETTINGS);
        let recorder = Recorder::new();
        let mut people = JoinSet::new();
        for who in 0..4 {
            let person = Person::new(who, server.http, &recorder, &["loud"]);
            people.spawn(speaker(person, "loud", 150));
        }
        for who in 4..24 {
            let person = Person::new(who, server.http, &recorder, &["loud"]);
            people.spawn(restless(person, seed * 1_000 + u64::from(who)));
        }
        let people = people.join_all().await;
        let logs = settle(&server, &recorder, &["loud"], people).await;
        assert_eq!(logs["loud"].len(), 600);
    }
}

#[tokio::test]
async fn a_burst_in_a_loud_room_reaches_everybody_and_the_quiet_room_too() {
    let server = Server::start(&SETTINGS);
    let recorder = Recorder::new();
    let mut people = JoinSet::new();
    for who in 0..40 {
        // One of them is in both rooms.
        let rooms: &[&str] = if who == 7 { &["loud", "quiet"] } else { &["loud"] };
        let mut listener = Person::new(who, server.http, &recorder, rooms);
        people.spawn(async move {
            listener.come().await;
            listener
        });
    }
    for who in 40..45 {
        let person = Person::new(who, server.http, &recorder, &["loud"]);
        people.spawn(speaker(person, "loud", 100));
    }
    for who in 45..47 {
        let person = Person::new(who, server.http, &recorder, &["quiet"]);
        people.spawn(speaker(person, "quiet", 10));
    }
    let people = people.join_all().await;
    let logs = settle(&server, &recorder, &["loud", "quiet"], people).await;
    assert_eq!((logs["loud"].len(), logs["quiet"].len()), (500, 20));
}
