//! ReadMarkers and members are of the chat, not of a server.

use super::Cluster;
use crate::marks::other_tab;

#[tokio::test]
async fn tabs_on_two_servers_agree_on_what_was_read() {
    let cluster = Cluster::start(2);
    let mut ben = cluster.nodes[0].guest("Ben").await;
    ben.join("lobby", None).await;
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut tab = other_tab(&cluster.nodes[1], &ada).await;
    // Each knows of the other's being there: what one types, the other hears.
    for _ in 0..3 {
        ben.say("lobby", "hi").await;
        tab.entry("lobby").await;
    }
    tab.until_members("lobby", "", &["Ben", "Ada"]).await;
    ada.reads("lobby", 2).await;
    assert_eq!(tab.told_of_reading().await, ("lobby".to_owned(), (2, 1, 0)));
    assert_eq!(tab.unread(&["lobby"]).await, [("lobby".to_owned(), (2, 1, 0))]);
    tab.reads("lobby", 3).await;
    assert_eq!(ada.told_of_reading().await, ("lobby".to_owned(), (3, 0, 0)));
    // Both at once, at different places: the furthest counts for both.
    for n in 4..=5 {
        ben.say("lobby", "again").await;
        tab.entry("lobby").await;
        ada.reads("lobby", n).await;
    }
    tab.reads("lobby", 4).await;
    let five = ("lobby".to_owned(), (5, 0, 0));
    while tab.told_of_reading().await != five {}
    for client in [&mut ada, &mut tab] {
        assert_eq!(client.unread(&["lobby"]).await, std::slice::from_ref(&five));
    }
}

#[tokio::test]
async fn members_are_those_of_all_servers() {
    let mut cluster = Cluster::start(2);
    let mut ada = cluster.nodes[0].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut ben = cluster.nodes[1].guest("Ben").await;
    ben.join("lobby", None).await;
    let mut eve = cluster.nodes[1].guest("Eve").await;
    eve.join("lobby", None).await;
    let mut tab = other_tab(&cluster.nodes[0], &eve).await;
    // Eve reads and is a member, Ben is only there: until his server dies.
    eve.reads("lobby", 0).await;
    tab.told_of_reading().await;
    ada.until_members("lobby", "", &["Ada", "Ben", "Eve"]).await;
    drop(tab);
    cluster.kill(1);
    ada.until_members("lobby", "", &["Ada", "Eve"]).await;
}
