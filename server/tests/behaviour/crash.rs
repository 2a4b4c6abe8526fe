//! `kill -9` in the middle of everything: what was acknowledged is there, once, in order, and
//! everybody goes on by themselves.

use std::collections::BTreeMap;

use maru_protocol::MessageId;
use tokio::task::{JoinSet, spawn_blocking};

use crate::{
    history::{Event, Recorder, check},
    person::Person,
    process::Server,
    random::Random,
    web,
};

const ROOMS: [&str; 3] = ["lobby", "north", "south"];
const PEOPLE: u32 = 10;
const EACH: usize = 20;
/// Messages of one person on their way at a time.
const WINDOW: usize = 4;

/// Says everything, whatever happens to the connection.
async fn talk(mut person: Person, seed: u64) -> Person {
    let mut random = Random::new(seed);
    for n in 0..EACH {
        let room = *random.pick(&ROOMS);
        let said = person.say(room, format!("message {n} of {seed}")).await;
        let lost = said.is_err() || person.until_waiting(WINDOW).await.is_err();
        if lost {
            person.lose();
            person.come().await;
        }
    }
    while person.until_waiting(0).await.is_err() {
        person.lose();
        person.come().await;
    }
    person
}

/// Ten people, 200 messages, three rooms, and so many crashes at chosen numbers of
/// acknowledgements. Returns how many retries found their message kept.
async fn conversation(seed: u64, crashes: &[usize]) -> usize {
    let mut server = Server::start(&[
        ("MARU_CHAT__FIRST_ROOMS", "lobby,north,south"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
    ]);
    let (host, recorder) = (server.http, Recorder::new());
    let mut people = JoinSet::new();
    for who in 0..PEOPLE {
        let mut person = Person::new(who, host, &recorder, &ROOMS);
        // All are there before the first crash, so that all live through it.
        person.come().await;
        people.spawn(talk(person, seed * 1_000 + u64::from(who)));
    }
    for crash in crashes {
        recorder.acks(*crash).await;
        let (folder, settings) = server.kill();
        // Meanwhile everybody knocks at a closed door.
        let restart = spawn_blocking(move || Server::start_in(folder, settings));
        server = restart.await.unwrap();
    }
    let mut people = people.join_all().await;
    for person in &mut people {
        // Who was done before the crash may learn of it only now.
        while person.losses == 0 {
            person.until_lost().await;
            person.come().await;
        }
    }
    let logs = web::logs(host, &ROOMS).await;
    let heads: BTreeMap<String, u64> =
        logs.iter().map(|(room, log)| (room.clone(), log.len() as u64)).collect();
    for mut person in people {
        assert_eq!(person.waiting(), 0);
        person.until_seen(&heads).await;
    }
    let events = recorder.events();
    let found = check(&events, &logs);
    assert!(found.is_empty(), "seed {seed}: {found:#?}");
    let kept: usize = logs.values().map(Vec::len).sum();
    assert_eq!(kept, PEOPLE as usize * EACH, "everything was said in the end, once");
    retries(&events)
}

/// Messages that were sent more than once.
fn retries(events: &[Event]) -> usize {
    let mut sent: BTreeMap<MessageId, usize> = BTreeMap::new();
    for event in events {
        if let Event::Sends { id, .. } = event {
            *sent.entry(*id).or_default() += 1;
        }
    }
    sent.values().filter(|times| **times > 1).count()
}

#[tokio::test]
async fn a_crash_in_the_middle_of_200_messages_loses_doubles_and_reorders_nothing() {
    let mut retries = 0;
    for seed in 1..=5 {
        let crash = 10 + Random::new(seed).below(170);
        retries += conversation(seed, &[crash]).await;
    }
    println!("{retries} messages were sent again");
    assert!(retries > 0, "no crash caught a message on its way: the test proves too little");
}

#[tokio::test]
async fn crash_after_crash_is_no_different() {
    let mut random = Random::new(99);
    let mut crashes: Vec<usize> = (0..4).map(|_| 5 + random.below(170)).collect();
    crashes.sort_unstable();
    conversation(6, &crashes).await;
}
