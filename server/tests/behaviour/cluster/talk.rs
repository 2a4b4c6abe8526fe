//! What is said on one server is heard on all: once, in order, without holes.

use std::collections::BTreeSet;

use maru_protocol::{ClientFrame, Entry, ErrorCode, MessageId, ServerFrame};
use uuid::Uuid;

use super::Cluster;
use crate::client::{Client, room};

async fn guests(cluster: &Cluster) -> Vec<Client> {
    let mut guests = Vec::new();
    for (n, node) in cluster.nodes.iter().enumerate() {
        let mut guest = node.guest(&format!("guest on {n}")).await;
        guest.join("lobby", None).await;
        guests.push(guest);
    }
    guests
}

#[tokio::test]
async fn everybody_hears_everybody_in_one_order() {
    let cluster = Cluster::start(3);
    let mut guests = guests(&cluster).await;
    for turn in 0..40 {
        for (n, guest) in guests.iter_mut().enumerate() {
            guest.post("lobby", MessageId(Uuid::now_v7()), &format!("{n} says {turn}")).await;
        }
    }
    let mut stories = Vec::new();
    for guest in &mut guests {
        let mut story = Vec::new();
        for seq in 1..=120 {
            let said = guest.entry("lobby").await;
            assert_eq!(said.seq.get(), seq, "strictly in order, none missing");
            story.push(said.text().to_owned());
        }
        stories.push(story);
    }
    assert_eq!(stories[0].iter().collect::<BTreeSet<_>>().len(), 120, "each once");
    assert!(stories.iter().all(|story| *story == stories[0]), "one order for all");
    for guest in &mut guests {
        let more = guest.leftovers().await;
        let entries = more.iter().filter(|frame| matches!(frame, ServerFrame::Entry(_)));
        assert_eq!(entries.count(), 0, "nothing twice");
    }
}

#[tokio::test]
async fn who_comes_back_to_another_server_gets_what_was_missed_and_no_more() {
    let cluster = Cluster::start(2);
    let mut talker = cluster.nodes[0].guest("Talker").await;
    talker.join("lobby", None).await;
    let mut away = cluster.nodes[0].guest("Away").await;
    let mut place = away.join("lobby", None).await.position;
    let token = away.token.clone().unwrap();
    for round in 0..6 {
        let seq = talker.say("lobby", &format!("while here, {round}")).await;
        while away.entry("lobby").await.seq < seq {}
        place.seq = seq;
        drop(away);
        let first = place.seq.get() + 1;
        for missed in 0..round {
            talker.say("lobby", &format!("missed {missed}")).await;
        }
        // From server to server, as a gateway sends people.
        away = cluster.nodes[1 - round % 2].connect().await;
        away.hello_again(&token).await;
        let joined = away.join("lobby", Some(place)).await;
        let mut seqs = joined.seqs();
        assert!(!joined.reset, "nothing was lost: {joined:?}");
        // What that server had not heard of yet comes right behind.
        while (seqs.len() as u64) < round as u64 {
            seqs.push(away.entry("lobby").await.seq.get());
        }
        assert_eq!(seqs, (first..first + round as u64).collect::<Vec<_>>());
        place.seq = maru_protocol::Seq::new(first + round as u64 - 1).unwrap();
    }
}

#[tokio::test]
async fn a_message_sent_to_two_servers_is_one_message() {
    let cluster = Cluster::start(2);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let token = ada.token.clone().unwrap();
    let mut again = cluster.nodes[1].connect().await;
    again.hello_again(&token).await;
    again.join("lobby", None).await;
    for turn in 0..20 {
        let id = MessageId(Uuid::now_v7());
        let (first, second) =
            tokio::join!(ada.try_say("lobby", id, "once"), again.try_say("lobby", id, "once"));
        let seq = |frame: &ServerFrame| match frame {
            ServerFrame::Sent { seq, .. } => seq.get(),
            other => panic!("not sent: {other:?}"),
        };
        assert_eq!((seq(&first), seq(&second)), (turn + 1, turn + 1));
    }
    for guest in [&mut ada, &mut again] {
        for seq in 1..=20 {
            assert_eq!(guest.entry("lobby").await.seq.get(), seq);
        }
    }
}

#[tokio::test]
async fn history_and_rooms_are_the_same_everywhere() {
    let cluster = Cluster::start(2);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    let mut ben = cluster.nodes[1].guest("Ben").await;
    assert!(matches!(ada.create("사랑방").await, ServerFrame::Ok { .. }));
    match ben.create("사랑방").await {
        ServerFrame::Error { code, .. } => assert_eq!(code, ErrorCode::RoomExists),
        other => panic!("{other:?}"),
    }
    ada.join("사랑방", None).await;
    for n in 0..10 {
        ada.say("사랑방", &format!("말 {n}")).await;
    }
    let reference = ben.fresh_ref();
    let history = ClientFrame::History {
        reference,
        room: room("사랑방"),
        before: None,
        after: None,
        around: None,
        limit: Some(3),
    };
    ben.send(&history).await;
    match ben.answer(reference).await {
        ServerFrame::Page { entries, head, .. } => {
            assert_eq!(head.get(), 10);
            assert_eq!(entries.iter().map(|e| e.seq().get()).collect::<Vec<_>>(), [8, 9, 10]);
        }
        other => panic!("{other:?}"),
    }
    let joined = ben.join("사랑방", None).await;
    assert_eq!(joined.seqs(), (1..=10).collect::<Vec<_>>());
    let Some(Entry::Message(last)) = joined.entries.last() else { panic!() };
    assert_eq!(last.text(), "말 9");
}
