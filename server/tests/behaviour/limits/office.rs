//! Five hundred people of one office, who share an address, under the limits that a server has when
//! nobody sets any.

use std::sync::Arc;

use maru_protocol::ServerFrame;
use tokio::{sync::Barrier, task::JoinSet};

use super::{figures, limited};
use crate::{
    client::Client,
    process::{Estate, Server},
};

const PEOPLE: usize = 500;
/// Rooms that there are, and how many of them each person is in: fifty people in each.
const ROOMS: usize = 50;
const EACH: usize = 5;

/// Somebody who comes in, with a token or anew, and does what the page does: enters the rooms, and asks
/// what is unread, which rooms there are and what was said.
async fn come_in(server: std::net::SocketAddr, n: usize, token: Option<&str>) -> Client {
    let mut client = Client::connect(server).await;
    match token {
        Some(token) => client.hello_again(token).await,
        None => client.hello(&format!("Person {n}")).await,
    }
    let rooms: Vec<String> = (n..n + EACH).map(|n| format!("room {}", n % ROOMS)).collect();
    for room in &rooms {
        client.join(room, None).await;
    }
    for frame in [
        serde_json::json!({ "type": "rooms", "watch": true }),
        serde_json::json!({ "type": "unread", "rooms": rooms }),
        serde_json::json!({ "type": "history", "room": rooms[0] }),
    ] {
        let reference = client.fresh_ref();
        let mut frame = frame;
        frame["ref"] = serde_json::json!(reference);
        client.send_text(frame.to_string()).await;
        let answer = client.answer(reference).await;
        assert!(!matches!(answer, ServerFrame::Error { .. }), "{answer:?}");
    }
    client
}

/// All come in at once and say something, and stay until all did. Returns them.
async fn all_at_once(server: &Server, tokens: Vec<Option<String>>) -> Vec<Client> {
    let together = Arc::new(Barrier::new(PEOPLE));
    let mut people = JoinSet::new();
    for (n, token) in tokens.into_iter().enumerate() {
        let (address, together) = (server.http, together.clone());
        people.spawn(async move {
            together.wait().await;
            let mut client = come_in(address, n, token.as_deref()).await;
            let room = format!("room {}", n % ROOMS);
            client.say(&room, "good morning").await;
            // Who does not read is a slow reader.
            tokio::select! {
                _ = together.wait() => {}
                () = async { while client.receive().await.is_ok() {} } => panic!("{n} was cut off"),
            }
            client
        });
    }
    people.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_of_one_address_come_in_at_once_talk_and_come_back_at_once() {
    let rooms: Vec<String> = (0..ROOMS).map(|n| format!("room {n}")).collect();
    let (server, operator) = limited(&[("MARU_CHAT__FIRST_ROOMS", &rooms.join(","))]);
    let mut people = all_at_once(&server, vec![None; PEOPLE]).await;
    let nobody = |figures: &str| {
        let refused: Vec<&str> = figures
            .lines()
            .filter(|line| {
                line.starts_with("maru_limited_total")
                    || line.starts_with("maru_sockets_shed_total")
            })
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
    };
    nobody(&figures(&operator).await);
    let tokens = people.iter_mut().map(|person| person.token.take()).collect();
    // The server restarts, and they come back at once.
    let (folder, settings): Estate = server.kill();
    drop(people);
    let server = Server::start_in(folder, settings);
    let people = all_at_once(&server, tokens).await;
    nobody(&figures(&operator).await);
    assert_eq!(people.len(), PEOPLE);
}
