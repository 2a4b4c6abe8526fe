//! Who is there is told across servers, and forgotten with the server that they were on.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use maru_protocol::{ClientFrame, ErrorCode, PresenceChange, ServerFrame};
use tokio::time::{Instant, timeout};

use super::Cluster;
use crate::client::{Client, room};

/// Reads presence until exactly these are in the lobby.
async fn until_there(client: &mut Client, known: &mut BTreeSet<String>, wanted: &[&str]) {
    let wanted: BTreeSet<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    let mut ids = std::collections::BTreeMap::new();
    let told = async {
        while *known != wanted {
            let change = client
                .pick(|frame| match frame {
                    ServerFrame::Presence { change, .. } => Some(change.clone()),
                    _ => None,
                })
                .await;
            match change {
                PresenceChange::Roster { users, .. } => {
                    *known = users.iter().map(|user| user.name.to_string()).collect();
                }
                PresenceChange::Delta { joined, left } => {
                    for user in joined {
                        ids.insert(user.id.clone(), user.name.to_string());
                        known.insert(user.name.to_string());
                    }
                    for id in left {
                        // A person of before is known by the id that ends in their name.
                        let gone = ids.get(&id).cloned();
                        known.retain(|name| gone.as_ref() != Some(name) && *name != id.to_string());
                    }
                }
            }
        }
    };
    timeout(Duration::from_secs(20), told).await.unwrap_or_else(|_| panic!("still {known:?}"));
}

/// How many people the lobby has, as a newcomer's join tells it.
///
/// Each looker has a name of its own: another node may not have heard yet that the last one left,
/// and would refuse that name.
async fn count(cluster: &Cluster, node: usize) -> u32 {
    static LOOKERS: AtomicU32 = AtomicU32::new(0);
    let name = format!("Looker {}", LOOKERS.fetch_add(1, Ordering::Relaxed));
    let mut look = cluster.nodes[node].guest(&name).await;
    let count = look.join("lobby", None).await.members.count;
    look.leave("lobby").await;
    count - 1
}

async fn until_count(cluster: &Cluster, node: usize, wanted: u32) -> Duration {
    let started = Instant::now();
    loop {
        let now = count(cluster, node).await;
        if now == wanted {
            return started.elapsed();
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{now} people, not {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn people_see_each_other_come_and_go_across_servers() {
    let cluster = Cluster::start(2);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut known = BTreeSet::from(["Ada".to_owned()]);
    let mut ben = cluster.nodes[1].guest("Ben").await;
    let mut of_ben: BTreeSet<String> =
        ben.join("lobby", None).await.members.users.iter().map(|u| u.name.to_string()).collect();
    until_there(&mut ada, &mut known, &["Ada", "Ben"]).await;
    until_there(&mut ben, &mut of_ben, &["Ada", "Ben"]).await;
    // A name that looks like another's is taken, whichever server its owner is on.
    let mut other = cluster.nodes[1].guest("ADA").await;
    match other.try_join("lobby", None).await {
        ServerFrame::Error { code, .. } => assert_eq!(code, ErrorCode::NameTaken),
        other => panic!("{other:?}"),
    }
    // One person with a tab on each server is one person until the last one closes.
    let mut tab = cluster.nodes[1].connect().await;
    tab.hello_again(&ada.token.clone().unwrap()).await;
    assert_eq!(tab.join("lobby", None).await.members.count, 2);
    drop(tab);
    ben.leave("lobby").await;
    until_count(&cluster, 1, 1).await;
    let left = ada
        .pick(|frame| match frame {
            ServerFrame::Presence { change: PresenceChange::Delta { left, .. }, count, .. }
                if !left.is_empty() =>
            {
                Some((left.clone(), *count))
            }
            _ => None,
        })
        .await;
    assert_eq!(left.0, [ben.user.clone().unwrap().id]);
}

#[tokio::test]
async fn a_server_that_dies_takes_its_people_along_within_ten_seconds() {
    let mut cluster = Cluster::start(3);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut others = Vec::new();
    for (n, name) in [(1, "Ben"), (1, "Cho"), (2, "Dan")] {
        let mut guest = cluster.nodes[n].guest(name).await;
        guest.join("lobby", None).await;
        others.push(guest);
    }
    until_count(&cluster, 0, 4).await;
    cluster.kill(1);
    let took = until_count(&cluster, 0, 2).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    // One that stops cleanly says so.
    let status = {
        cluster.nodes[1].signal(15);
        cluster.nodes[1].wait().await
    };
    assert!(status.success());
    let took = until_count(&cluster, 0, 1).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_server_that_comes_later_knows_who_is_there() {
    let mut cluster = Cluster::start(1);
    let mut guests = Vec::new();
    for n in 0..30 {
        let mut guest = cluster.nodes[0].guest(&format!("guest {n}")).await;
        guest.join("lobby", None).await;
        guests.push(guest);
    }
    cluster.add();
    until_count(&cluster, 1, 30).await;
    let mut late = cluster.nodes[1].guest("Late").await;
    let members = late.join("lobby", None).await.members;
    assert!(members.complete && members.users.len() == 31, "{members:?}");
}

#[tokio::test]
async fn a_bus_that_was_away_leaves_no_ghosts_and_no_strangers() {
    let mut cluster = Cluster::start(2);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut ben = cluster.nodes[1].guest("Ben").await;
    ben.join("lobby", None).await;
    until_count(&cluster, 0, 2).await;
    cluster.nats.kill();
    // What changes while nobody hears of it.
    ben.leave("lobby").await;
    let mut cho = cluster.nodes[1].guest("Cho").await;
    cho.join("lobby", None).await;
    let mut dan = cluster.nodes[1].guest("Dan").await;
    dan.join("lobby", None).await;
    cluster.nats.launch();
    until_count(&cluster, 0, 3).await;
    until_count(&cluster, 1, 3).await;
}

#[tokio::test]
async fn without_a_bus_presence_stands_still() {
    let mut cluster = Cluster::start(2);
    let mut ben = cluster.nodes[1].guest("Ben").await;
    ben.join("lobby", None).await;
    until_count(&cluster, 0, 1).await;
    cluster.nats.kill();
    let away = Instant::now();
    // Longer than a server may be silent.
    while away.elapsed() < Duration::from_secs(11) {
        assert_eq!(count(&cluster, 0).await, 1, "after {:?}", away.elapsed());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // Whoever died meanwhile is noticed once others can be heard again.
    cluster.kill(1);
    cluster.nats.launch();
    let took = until_count(&cluster, 0, 0).await;
    assert!(took < Duration::from_secs(12), "{took:?}");
}

#[tokio::test]
async fn typing_is_seen_on_other_servers() {
    let cluster = Cluster::start(2);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut ben = cluster.nodes[1].guest("Ben").await;
    ben.join("lobby", None).await;
    // Once he heard her, the bus carries what is said in the room.
    ada.say("lobby", "hello").await;
    ben.entry("lobby").await;
    let typing = async {
        loop {
            ada.send(&ClientFrame::Typing { room: room("lobby"), on: true }).await;
            let heard = ben.pick(|frame| match frame {
                ServerFrame::Typing { user, on, .. } => Some((user.name.to_string(), *on)),
                _ => None,
            });
            // It is ephemeral: a first one may be lost.
            if let Ok(heard) = timeout(Duration::from_secs(1), heard).await {
                return heard;
            }
        }
    };
    let heard = timeout(Duration::from_secs(20), typing).await.expect("nobody sees it");
    assert_eq!(heard, ("Ada".to_owned(), true));
    assert!(!ada.leftovers().await.iter().any(|f| matches!(f, ServerFrame::Typing { .. })));
}

#[tokio::test]
async fn the_directory_is_of_all_servers() {
    let cluster = Cluster::start(2);
    let mut watcher = cluster.nodes[0].guest("Watcher").await;
    watcher.watch_rooms().await;
    let mut ada = cluster.nodes[1].guest("Ada").await;
    ada.create("quiet corner").await;
    let seen = |members: u32, head: u64| {
        move |frame: &ServerFrame| match frame {
            ServerFrame::Directory { rooms, .. } => rooms
                .iter()
                .any(|info| {
                    info.room.as_str() == "quiet corner"
                        && (info.members, info.head.get()) == (members, head)
                })
                .then_some(()),
            _ => None,
        }
    };
    watcher.pick(seen(0, 0)).await;
    ada.join("quiet corner", None).await;
    ada.say("quiet corner", "anybody?").await;
    watcher.pick(seen(1, 1)).await;
    // Also for who asks.
    let reference = watcher.fresh_ref();
    watcher.send(&ClientFrame::Rooms { reference, query: None, watch: None, more: None }).await;
    match watcher.answer(reference).await {
        ServerFrame::Rooms { rooms, .. } => {
            let info = rooms.iter().find(|info| info.room.as_str() == "quiet corner").unwrap();
            assert_eq!((info.members, info.head.get()), (1, 1));
        }
        other => panic!("{other:?}"),
    }
}
