//! Rooms that operators delete: who is in one is told, and nothing of it is found any more.

use std::net::SocketAddr;

use maru_protocol::{ClientFrame, ErrorCode, Query, ServerFrame};
use serde_json::{Value, json};

use crate::{
    client::{Client, room},
    operators::{ask, command, start, tell},
    support::socketio::{Socket, TRANSPORTS},
    web::get,
};

const QUICK: (&str, &str) = ("MARU_CHAT__DIRECTORY_INTERVAL", "20ms");

/// What an operator is told of the rooms.
async fn listed(operators: SocketAddr, query: &str) -> Vec<Vec<String>> {
    let host = operators.to_string();
    let answer = ask(operators, &format!("GET /admin/rooms?{query}"), &[("Host", &host)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut lines = answer.body.lines();
    assert_eq!(lines.next(), Some("entries\tpeople\tquiet\tname"));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

pub async fn is_told(client: &mut Client, name: &str) {
    let name = room(name);
    client
        .pick(|frame| match frame {
            ServerFrame::Removed { room, renamed_to: None } if *room == name => Some(()),
            _ => None,
        })
        .await;
}

fn code(answer: &ServerFrame) -> Option<ErrorCode> {
    match answer {
        ServerFrame::Error { code, .. } => Some(*code),
        _ => None,
    }
}

async fn found(client: &mut Client, words: &str) -> usize {
    let query = Query::parse(words).unwrap();
    let answer = client
        .ask(|reference, _| ClientFrame::Search { reference, query, room: None, more: None })
        .await;
    match answer {
        ServerFrame::Results { hits, .. } => hits.len(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_is_in_a_deleted_room_is_told_over_every_transport_and_nothing_is_left() {
    let (server, operators) = start(&[QUICK]);
    let mut ada = server.guest("Ada").await;
    let mut watcher = server.guest("Watcher").await;
    watcher.watch_rooms().await;
    assert!(matches!(ada.create("Garden").await, ServerFrame::Ok { .. }));
    for name in ["Garden", "lobby"] {
        ada.join(name, None).await;
        ada.say(name, "strawberries").await;
    }
    let mut sockets = Vec::new();
    for (number, transport) in TRANSPORTS.into_iter().enumerate() {
        let mut socket = Socket::named(server.http, transport, &format!("Sol {number}")).await;
        let joined = socket.ask("join", json!({ "room": "garden" })).await;
        assert_eq!(joined["type"], "joined", "{joined}");
        sockets.push(socket);
    }
    // The index follows within a second.
    while found(&mut ada, "strawberries").await < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let deleted = tell(operators, "/admin/rooms/delete?room=gARDEN").await;
    assert_eq!(
        (deleted.status, deleted.body.as_str()),
        (200, "Garden: deleted, with everything in it\n")
    );
    is_told(&mut ada, "Garden").await;
    for socket in &mut sockets {
        let event = socket.pick("42[\"removed\",").await;
        let event: Value = serde_json::from_str(&event[2..]).unwrap();
        assert_eq!(event, json!(["removed", { "type": "removed", "room": "Garden" }]));
        let answer = socket.ask("send", json!({ "room": "garden", "body": "hello?" })).await;
        assert_eq!(answer["code"], "not_joined", "{answer}");
    }
    let gone = room("Garden");
    watcher
        .pick(|frame| match frame {
            ServerFrame::Directory { rooms, removed } => {
                assert!(removed.is_empty() || rooms.iter().all(|info| info.room != gone));
                removed.contains(&gone).then_some(())
            }
            _ => None,
        })
        .await;
    // The connection goes on, and the room is as if it had never been.
    assert_eq!(code(&ada.try_join("Garden", None).await), Some(ErrorCode::RoomNotFound));
    let id = maru_protocol::MessageId(uuid::Uuid::now_v7());
    assert_eq!(code(&ada.try_say("Garden", id, "hello?").await), Some(ErrorCode::NotJoined));
    get(server.http, "/api/v1/rooms/Garden/messages").await.is_problem(404, "room_not_found");
    assert_eq!(found(&mut ada, "strawberries").await, 1, "in the lobby");
    let again = tell(operators, "/admin/rooms/delete?room=Garden").await;
    again.is_problem(404, "room_not_found");
    assert!(matches!(ada.create("garden").await, ServerFrame::Ok { .. }));
    let joined = ada.join("garden", None).await;
    assert_eq!((joined.position.seq.get(), joined.room.as_str()), (0, "garden"));
    ada.say("garden", "a new beginning").await;
    // Also after a restart, and for `verify`, which the end of the server runs.
    let server = server.crash_and_restart();
    let page = get(server.http, "/api/v1/rooms/garden/messages").await.json();
    assert_eq!((&page["head"], page["entries"].as_array().unwrap().len()), (&json!(1), 1));
}

#[tokio::test]
async fn operators_list_rooms_and_delete_them_by_the_command_line() {
    let (server, operators) = start(&[("MARU_CHAT__FIRST_ROOMS", "lobby,square,quiet")]);
    let mut ada = server.guest("Ada").await;
    ada.join("square", None).await;
    ada.say("square", "hello").await;
    let all = listed(operators, "").await;
    assert_eq!(all[0], ["1", "1", "0m", "square"]);
    assert_eq!(all.len(), 3);
    assert_eq!(listed(operators, "contains=QU&limit=1").await.len(), 1);
    assert_eq!(listed(operators, "contains=nothing").await.len(), 0);
    let host = operators.to_string();
    for limit in ["0", "1001", "-1", "x"] {
        let list = format!("GET /admin/rooms?limit={limit}");
        ask(operators, &list, &[("Host", &host)]).await.is_problem(400, "malformed");
    }
    let delete = "POST /admin/rooms/delete?room=square";
    ask(operators, delete, &[("Host", &host)]).await.is_problem(403, "operator_required");
    assert_eq!(get(server.http, "/admin/rooms").await.status, 404, "not where the public is");
    let (code, text) = command(&server, &["rooms", "list", "--contains", "squ"]);
    assert_eq!((code, text.lines().count()), (Some(0), 2), "{text}");
    let (code, text) = command(&server, &["rooms", "delete", "SQUARE"]);
    assert_eq!((code, text.as_str()), (Some(0), "square: deleted, with everything in it\n"));
    is_told(&mut ada, "square").await;
    let (code, text) = command(&server, &["rooms", "delete", "square"]);
    assert_eq!((code, text.contains("says 404")), (Some(1), true), "{text}");
    let (code, text) = command(&server, &["rooms", "delete", "a/b"]);
    assert_eq!((code, text.contains("says 400")), (Some(1), true), "{text}");
    assert_eq!(listed(operators, "").await.len(), 2);
}
