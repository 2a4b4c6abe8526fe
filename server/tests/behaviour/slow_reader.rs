//! One of fifty stops reading: closed within the byte budget, while the others notice nothing.

use std::collections::BTreeMap;

use maru_protocol::{ByeCode, Entry, Position, PresenceChange, ServerFrame};
use tokio::task::JoinSet;

use crate::{
    client::{Client, Ended},
    deaf,
    history::{Recorder, check},
    person::Person,
    process::Server,
    web,
};

/// Most messages before the slow one is gone: 64 MB, several times what sockets hold.
const MOST: usize = 4_000;

/// Speaks until the server is done with the slow one, and a little longer.
async fn speak(
    mut person: Person,
    body: String,
    enough: tokio::sync::watch::Receiver<bool>,
) -> Person {
    person.come().await;
    let (mut more, mut said) = (20, 0);
    while more > 0 {
        said += 1;
        assert!(said < MOST, "the slow reader is still there");
        person.say("lobby", body.clone()).await.unwrap();
        person.until_waiting(2).await.unwrap();
        more -= usize::from(*enough.borrow());
    }
    person.until_waiting(0).await.unwrap();
    person
}

/// Reads for as long as others speak.
async fn listen(mut person: Person, mut over: tokio::sync::watch::Receiver<bool>) -> Person {
    person.come().await;
    loop {
        tokio::select! {
            read = person.read() => read.unwrap(),
            _ = over.wait_for(|over| *over) => return person,
        }
    }
}

/// Takes a frame from time to time, until there are no more.
async fn sip(slow: &mut Client, sips: &mut Vec<ServerFrame>) {
    loop {
        tokio::time::sleep(deaf::SIP).await;
        match slow.receive().await {
            Ok(frame) => sips.push(frame),
            Err(_) => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn who_stops_reading_is_closed_within_the_budget_and_the_others_notice_nothing() {
    let server = Server::start(&[
        ("MARU_CONNECTION__OUTBOX", "128 KiB"),
        ("MARU_CHAT__MAX_REPLAY_BYTES", "64 KiB"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
    ]);
    let (host, recorder) = (server.http, Recorder::new());
    let mut slow = Client::connect_narrow(host).await;
    slow.hello("Slow").await;
    let joined = slow.join("lobby", None).await;
    let slow_id = slow.user.clone().unwrap().id;
    let mut watcher = server.guest("Watcher").await;
    watcher.join("lobby", None).await;
    let (enough, gone) = tokio::sync::watch::channel(false);
    let (over, is_over) = tokio::sync::watch::channel(false);
    let mut listeners = JoinSet::new();
    for who in 0..47 {
        let person = Person::new(who, host, &recorder, &["lobby"]);
        listeners.spawn(listen(person, is_over.clone()));
    }
    let speaker = Person::new(47, host, &recorder, &["lobby"]);
    let before = server.memory();
    let speaker = tokio::spawn(speak(speaker, deaf::wide(), gone));
    // Its membership ends although it holds its end open and reads nothing.
    let left = |frame: &ServerFrame| match frame {
        ServerFrame::Presence { change: PresenceChange::Delta { left, .. }, .. } => {
            left.contains(&slow_id).then_some(())
        }
        _ => None,
    };
    let mut sips = Vec::new();
    tokio::select! {
        () = watcher.pick(left) => {}
        () = sip(&mut slow, &mut sips) => {}
    }
    server.logs(&["slow reader"]).await;
    let grown = server.memory().saturating_sub(before);
    enough.send(true).unwrap();
    let speaker = speaker.await.unwrap();
    over.send(true).unwrap();
    let people = listeners.join_all().await;
    assert!(grown < 24 * 1_024, "{grown} KiB for one slow reader");
    let logs = web::logs(host, &["lobby"]).await;
    let head = logs["lobby"].len() as u64;
    println!("closed with {head} messages said; the server grew by {grown} KiB");
    let heads = BTreeMap::from([("lobby".to_owned(), head)]);
    for mut person in people.into_iter().chain([speaker]) {
        person.until_seen(&heads).await;
        assert_eq!(person.losses, 0, "nobody else lost their connection");
    }
    let found = check(&recorder.events(), &logs);
    assert!(found.is_empty(), "{found:#?}");
    // What it did get has no hole, and its next visit goes on from there.
    let token = slow.token.clone().unwrap();
    let (frames, ended) = slow.ended().await;
    let mut last = joined.position.seq;
    for frame in sips.iter().chain(&frames) {
        if let ServerFrame::Entry(entry) = frame {
            assert_eq!(entry.seq(), last.next());
            last = entry.seq();
        }
    }
    if let Ended::Closed(code, _) = ended {
        let Some(ServerFrame::Bye { code: ByeCode::SlowReader, retry_after, .. }) = frames.last()
        else {
            panic!("{:?}", frames.last())
        };
        assert_eq!((code, retry_after.is_some()), (1013, true));
    }
    let mut slow = server.connect().await;
    slow.hello_again(&token).await;
    let after = Some(Position { epoch: joined.position.epoch, seq: last });
    let back = slow.join("lobby", after).await;
    assert_eq!(back.position.seq.get(), head);
    if back.reset {
        assert_eq!(back.seqs().last(), Some(&head), "the newest page");
    } else {
        assert_eq!(back.seqs(), (last.get() + 1..=head).collect::<Vec<_>>());
    }
    assert!(back.entries.iter().all(|entry| matches!(entry, Entry::Message(_))));
}

#[tokio::test]
async fn who_reads_nothing_until_the_system_gives_them_up_is_a_slow_reader() {
    // What waits for them never comes to the bound of an outbox.
    let (server, operator) = crate::operators::start(&deaf::SETTINGS);
    let deaf = deaf::member(&server, "lobby").await;
    let deaf_user = format!("user={}", deaf.user.clone().unwrap().id);
    server.logs(&["disconnected", &deaf_user, "reason=\"slow reader\""]).await;
    let figures = web::get(operator, "/metrics").await.body;
    let line = "maru_connections_ended_total{reason=\"slow reader\"} 1";
    assert!(figures.lines().any(|it| it == line), "{figures}");
}
