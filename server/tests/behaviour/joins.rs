//! Coming into a room: the answer is the same wherever it comes from, nothing falls between it and
//! what follows, and a crowd that comes keeps nobody waiting.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use maru_protocol::{
    Entry, Epoch, MessageId, Position, PresenceChange, Seq, ServerFrame, User, UserId,
};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet, time::Instant};
use uuid::Uuid;

use crate::{
    client::{Client, Joined, PATIENCE},
    process::Server,
};

const FREE: [(&str, &str); 3] = [
    ("MARU_SERVER__WORKERS", "2"),
    ("MARU_CONNECTION__RATE", "10000"),
    ("MARU_CONNECTION__BURST", "10000"),
];

fn with(settings: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    FREE.iter().chain(settings).copied().collect()
}

fn at(epoch: Epoch, seq: u64) -> Option<Position> {
    Some(Position { epoch, seq: Seq::new(seq).unwrap() })
}

/// What a client can hold: nothing, any place in the log, beyond its end, another log's.
fn positions(epoch: Epoch, head: u64) -> Vec<Option<Position>> {
    let mut all = vec![None, at(Epoch(Uuid::from_u128(7)), head), at(Epoch(Uuid::from_u128(7)), 0)];
    let back = [0, 1, 19, 20, 21, 49, 50, 51, 63, 64, 65, 89, 90].into_iter();
    all.extend(back.filter(|back| *back <= head).map(|back| at(epoch, head - back)));
    all.extend([at(epoch, head + 1), at(epoch, head + 100)]);
    all
}

/// Joins from each position by somebody who is nowhere yet, and goes again.
async fn answers(server: &Server, positions: &[Option<Position>]) -> Vec<(Vec<Entry>, bool, u64)> {
    let mut answers = Vec::new();
    let mut client = server.guest("Visitor").await;
    for position in positions {
        let Joined { entries, reset, position, .. } = client.join("lobby", *position).await;
        answers.push((entries, reset, position.seq.get()));
        client.leave("lobby").await;
    }
    answers
}

#[tokio::test]
async fn a_room_in_use_answers_as_its_journal_does() {
    let bounds: [&[_]; 3] = [
        &[],
        &[("MARU_CHAT__MAX_REPLAY", "20")],
        &[("MARU_CHAT__MAX_REPLAY_BYTES", "16KiB"), ("MARU_CHAT__MAX_PAGE", "30")],
    ];
    for settings in bounds {
        let server = Server::start(&with(settings));
        let mut ada = server.guest("Ada").await;
        let epoch = ada.join("lobby", None).await.position.epoch;
        for head in [0_u64, 1, 40, 90] {
            for n in ada.join("lobby", None).await.position.seq.get()..head {
                // Of the last ones, some thirty make the bound in bytes of the third server.
                ada.say("lobby", &"말".repeat(1 + (n as usize * 7) % 350)).await;
            }
            let positions = positions(epoch, head);
            let in_use = answers(&server, &positions).await;
            ada.leave("lobby").await;
            // Now nobody is in it but who asks: each answer is read.
            let read = answers(&server, &positions).await;
            for ((position, in_use), read) in positions.iter().zip(in_use).zip(read) {
                assert_eq!(in_use, read, "{settings:?} head {head} after {position:?}");
            }
            ada.join("lobby", None).await;
        }
    }
}

/// Comes, reads some, drops out and comes back from where it was, until it has all: whatever came
/// by the answers and after them is each entry once, in order.
async fn restless(server: std::net::SocketAddr, who: usize, last: u64) {
    let (mut have, mut token): (Option<Position>, Option<String>) = (None, None);
    let mut seen = 0;
    let mut more = who % 5;
    while seen < last {
        let mut client = Client::connect(server).await;
        match &token {
            Some(token) => client.hello_again(token).await,
            None => client.hello(&format!("person {who} of many")).await,
        }
        token = client.token.clone();
        let joined = client.join("lobby", have).await;
        assert!(!joined.reset, "within what a join replays");
        if have.is_none() {
            seen = joined.seqs().first().map_or(joined.position.seq.get(), |first| first - 1);
        }
        for seq in joined.seqs() {
            assert_eq!(seq, seen + 1, "person {who}, in the answer");
            seen = seq;
        }
        assert_eq!(joined.position.seq.get(), seen, "the head is the last one");
        for _ in 0..more {
            if seen == last {
                break;
            }
            let seq = client.entry("lobby").await.seq.get();
            assert_eq!(seq, seen + 1, "person {who}, after the answer");
            seen = seq;
        }
        more = (more * 7 + 3) % 11;
        have = at(joined.position.epoch, seen);
    }
}

#[tokio::test]
async fn what_is_said_while_people_come_reaches_each_of_them_once() {
    const LAST: u64 = 400;
    for anchored in [false, true] {
        let server = Server::start(&with(&[("MARU_CHAT__MAX_REPLAY", "500")]));
        // With somebody there all the time the room stays in use; else it comes and goes.
        let mut anchor = server.guest("Anchor").await;
        if anchored {
            anchor.join("lobby", None).await;
        }
        let mut people = JoinSet::new();
        for who in 0..24 {
            people.spawn(restless(server.http, who, LAST));
        }
        let mut speaker = server.guest("Speaker").await;
        for _ in 0..LAST / 20 {
            // In and out: whoever comes when nobody is here reads the journal.
            speaker.join("lobby", None).await;
            let mut sent = BTreeSet::new();
            for _ in 0..20 {
                sent.insert(speaker.post("lobby", MessageId(Uuid::now_v7()), "말").await.0);
            }
            for reference in sent {
                let answer = speaker.answer(maru_protocol::Ref(reference)).await;
                assert!(matches!(answer, ServerFrame::Sent { .. }), "{answer:?}");
            }
            speaker.leave("lobby").await;
        }
        let all = tokio::time::timeout(PATIENCE, people.join_all()).await;
        assert_eq!(all.expect("somebody waits for an entry that was lost").len(), 24);
    }
}

/// The roster as a client keeps it.
fn apply(roster: &mut BTreeSet<UserId>, change: PresenceChange) {
    let id = |user: User| user.id;
    match change {
        PresenceChange::Roster { users, .. } => *roster = users.into_iter().map(id).collect(),
        PresenceChange::Delta { joined, left } => {
            roster.extend(joined.into_iter().map(id));
            roster.retain(|id| !left.contains(id));
        }
    }
}

#[tokio::test]
async fn a_storm_leaves_right_rosters_and_a_quiet_room_hears_meanwhile() {
    const CROWD: usize = 300;
    let rooms = ("MARU_CHAT__FIRST_ROOMS", "crowd,quiet");
    let server = Server::start(&with(&[rooms, ("MARU_CHAT__MAX_ROSTER", "1000")]));
    let (storms, http) = (Arc::new(AtomicBool::new(true)), server.http);
    let mut crowd = JoinSet::new();
    for who in 0..CROWD {
        let storms = storms.clone();
        crowd.spawn(async move {
            let mut client = Client::connect(http).await;
            client.hello(&format!("person {who} of many")).await;
            while storms.load(Ordering::Relaxed) {
                client.join("crowd", None).await;
                client.leave("crowd").await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            client.join("crowd", None).await;
            client
        });
    }
    let mut ada = server.guest("Ada").await;
    ada.join("quiet", None).await;
    for n in 0..8 {
        let mut bob = server.guest(&format!("Bob {n}x")).await;
        ada.leftovers().await;
        bob.join("quiet", None).await;
        let id = bob.user.clone().unwrap().id;
        ada.pick(|frame| match frame {
            ServerFrame::Presence { change: PresenceChange::Delta { joined, .. }, .. } => {
                joined.iter().any(|user| user.id == id).then_some(())
            }
            _ => None,
        })
        .await;
    }
    storms.store(false, Ordering::Relaxed);
    let mut watcher = server.guest("Watcher").await;
    let joined = watcher.join("crowd", None).await;
    let mut roster: BTreeSet<UserId> = joined.members.users.into_iter().map(|u| u.id).collect();
    let crowd = crowd.join_all().await;
    let expected: BTreeSet<UserId> =
        crowd.iter().chain([&watcher]).map(|client| client.user.clone().unwrap().id).collect();
    while roster != expected {
        let (count, change) = watcher
            .pick(|frame| match frame {
                ServerFrame::Presence { count, change, .. } => Some((*count, change.clone())),
                _ => None,
            })
            .await;
        apply(&mut roster, change);
        assert_eq!(roster.len(), count as usize, "each telling is whole");
    }
}

#[tokio::test]
async fn who_never_says_hello_keeps_nobody_out() {
    let server = Server::start(&with(&[("MARU_SERVER__WORKERS", "1")]));
    let mut silent = Vec::new();
    for n in 0..600 {
        let mut socket = TcpStream::connect(server.http).await.unwrap();
        // Some say nothing at all, some half a request.
        if n % 2 == 0 {
            socket.write_all(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgr").await.unwrap();
        }
        silent.push(socket);
    }
    // And some open a connection and leave it at that.
    let mut mute = Vec::new();
    for _ in 0..200 {
        mute.push(server.connect().await);
    }
    let since = Instant::now();
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "안녕").await;
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}
