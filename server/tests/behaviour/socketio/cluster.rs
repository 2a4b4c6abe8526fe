//! Several servers behind the gateway that operators get: a session stays on its node, and when the node
//! dies its clients lose nothing.

use serde_json::json;

use super::guest::Guest;
use crate::{
    cluster::Cluster,
    support::{
        gateway::{Gateway, NAMES, Proxy},
        socketio::TRANSPORTS,
    },
};

#[tokio::test]
async fn the_clients_of_a_node_that_dies_go_on_at_another_behind_haproxy() {
    a_node_dies(Proxy::HaProxy).await;
}

#[tokio::test]
async fn the_clients_of_a_node_that_dies_go_on_at_another_behind_nginx() {
    a_node_dies(Proxy::Nginx).await;
}

async fn a_node_dies(proxy: Proxy) {
    let mut cluster = Cluster::start(0);
    NAMES.iter().for_each(|name| cluster.add_with(&[("MARU_SOCKETIO__NODE", name)]));
    let addresses: Vec<_> = cluster.nodes.iter().map(|node| node.http).collect();
    let (_gateway, door) = Gateway::of(proxy, &addresses);
    let mut ada = cluster.nodes[1].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut guests = Vec::new();
    for number in 0..9 {
        let transport = TRANSPORTS[number % TRANSPORTS.len()];
        guests.push(Guest::come(&format!("Ben {number}"), door, transport).await);
    }
    for n in 0..10 {
        ada.say("lobby", &n.to_string()).await;
    }
    // Polls and posts come over connections of their own: each finds its session.
    for guest in &mut guests {
        guest.listen(10).await;
        assert_eq!(guest.losses, 0);
        assert_eq!(guest.socket.ask("ping", json!({})).await["type"], "ok");
    }
    cluster.kill(0);
    for n in 10..30 {
        ada.say("lobby", &n.to_string()).await;
    }
    let all: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    for guest in &mut guests {
        guest.listen(30).await;
        assert_eq!(guest.heard, all, "{:?}", guest.transport);
    }
    let lost = guests.iter().filter(|guest| guest.losses > 0).count();
    assert!((1..9).contains(&lost), "{lost} were on the node that died");
}
