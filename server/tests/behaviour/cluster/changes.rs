//! What becomes of a message on one server becomes of it on all.

use maru_protocol::{Entry, ServerFrame};

use super::Cluster;

#[tokio::test]
async fn a_change_on_one_server_is_heard_on_all() {
    let cluster = Cluster::start(3);
    let mut guests = Vec::new();
    for (n, node) in cluster.nodes.iter().enumerate() {
        let mut guest = node.guest(&format!("guest on {n}")).await;
        guest.join("lobby", None).await;
        guests.push(guest);
    }
    let mut heard = 0;
    for round in 0..5 {
        let target = guests[round % 3].say("lobby", "a secret").await;
        for (n, guest) in guests.iter_mut().enumerate() {
            let on = guest.react("lobby", target, "👍", true).await;
            assert!(matches!(on, ServerFrame::Sent { .. }), "{n}: {on:?}");
        }
        guests[(round + 1) % 3].pin("lobby", target, true).await;
        guests[(round + 2) % 3].topic("lobby", &format!("round {round}")).await;
        let gone = guests[round % 3].delete("lobby", target).await;
        let ServerFrame::Sent { seq, .. } = gone else { panic!("{gone:?}") };
        for guest in &mut guests {
            for number in heard + 1..=seq.get() {
                let entry = guest.any_entry("lobby").await;
                assert_eq!(entry.seq().get(), number, "in order, none missing");
            }
        }
        heard = seq.get();
        // Who comes now, to whichever server, finds nothing of it.
        for (n, node) in cluster.nodes.iter().enumerate() {
            let mut late = node.guest(&format!("late {round} {n}")).await;
            let joined = late.join("lobby", None).await;
            let text = serde_json::to_string(&joined.entries).unwrap();
            assert!(!text.contains("secret"), "{text}");
            assert_eq!(joined.position.seq, seq);
            assert_eq!(joined.about.topic.as_str(), format!("round {round}"));
            assert!(joined.about.pins.is_empty());
            let stones = joined.entries.iter().filter(|it| matches!(it, Entry::Tombstone(_)));
            assert!(stones.count() <= round + 1);
        }
    }
}
