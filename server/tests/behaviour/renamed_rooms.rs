//! Rooms that operators rename: who is in one goes on by the new name, and the old one leads there.

mod under_way;

use std::time::Duration;

use maru_protocol::{ClientFrame, ErrorCode, Position, Query, RoomName, Seq, ServerFrame};
use serde_json::{Value, json};

use crate::{
    client::{Client, room},
    operators::{command, start, tell},
    support::socketio::{Socket, TRANSPORTS},
    web::get,
};

const QUICK: (&str, &str) = ("MARU_CHAT__DIRECTORY_INTERVAL", "20ms");

/// Waits until the client is told the new name of a room that it is in.
pub async fn is_told(client: &mut Client, from: &str, to: &str) {
    let (from, to) = (room(from), room(to));
    client
        .pick(|frame| match frame {
            ServerFrame::Removed { room, renamed_to } if *room == from => {
                assert_eq!(renamed_to.as_ref(), Some(&to));
                Some(())
            }
            _ => None,
        })
        .await;
}

/// The name that a refusal says the room has.
pub fn leads_to(answer: &ServerFrame) -> &str {
    match answer {
        ServerFrame::Error {
            code: ErrorCode::RoomRenamed,
            renamed_to: Some(name),
            retry_after: None,
            message,
            ..
        } => {
            assert!(message.contains(name.as_str()), "{message}");
            name.as_str()
        }
        other => panic!("{other:?}"),
    }
}

fn at(position: Position, seq: u64) -> Option<Position> {
    Some(Position { seq: Seq::new(seq).unwrap(), ..position })
}

#[tokio::test]
async fn who_is_in_a_renamed_room_goes_on_by_the_new_name_over_every_transport() {
    let (server, operators) = start(&[QUICK]);
    let [mut ada, mut bob] = [server.guest("Ada").await, server.guest("Bob").await];
    let mut watcher = server.guest("Watcher").await;
    watcher.watch_rooms().await;
    assert!(matches!(ada.create("Garden").await, ServerFrame::Ok { .. }));
    let position = ada.join("Garden", None).await.position;
    bob.join("garden", None).await;
    for text in ["one", "two", "strawberries"] {
        ada.say("Garden", text).await;
    }
    let mut sockets = Vec::new();
    for (number, transport) in TRANSPORTS.into_iter().enumerate() {
        let mut socket = Socket::named(server.http, transport, &format!("Sol {number}")).await;
        let joined = socket.ask("join", json!({ "room": "garden" })).await;
        assert_eq!(joined["type"], "joined", "{joined}");
        sockets.push(socket);
    }
    let renamed = tell(operators, "/admin/rooms/rename?room=gARDEN&to=Park").await;
    let said = "Garden: renamed to Park, with everything in it\n";
    assert_eq!((renamed.status, renamed.body.as_str()), (200, said));
    for client in [&mut ada, &mut bob] {
        is_told(client, "Garden", "Park").await;
    }
    for socket in &mut sockets {
        let event = socket.pick("42[\"removed\",").await;
        let event: Value = serde_json::from_str(&event[2..]).unwrap();
        let frame = json!({ "type": "removed", "room": "Garden", "renamed_to": "Park" });
        assert_eq!(event, json!(["removed", frame]));
        for (name, asked) in [
            ("send", json!({ "room": "garden", "body": "hello?" })),
            ("join", json!({ "room": "garden" })),
        ] {
            let answer = socket.ask(name, asked).await;
            let found = (&answer["code"], &answer["renamed_to"]);
            assert_eq!(found, (&json!("room_renamed"), &json!("Park")), "{name}: {answer}");
        }
        let joined = socket.ask("join", json!({ "room": "park" })).await;
        assert_eq!((&joined["room"], &joined["head"]), (&json!("Park"), &json!(3)), "{joined}");
    }
    // What is said meanwhile is what was missed, and nothing is told twice.
    let id = maru_protocol::MessageId(uuid::Uuid::now_v7());
    assert_eq!(leads_to(&ada.try_say("garden", id, "hello?").await), "Park");
    bob.join("park", at(position, 3)).await;
    bob.say("Park", "four").await;
    let joined = ada.join("PARK", at(position, 3)).await;
    assert_eq!((joined.room.as_str(), joined.seqs(), joined.reset), ("Park", vec![4], false));
    assert_eq!(joined.position.epoch, position.epoch);
    assert_eq!(joined.members.count, 2 + u32::try_from(TRANSPORTS.len()).unwrap());
    bob.say("Park", "five").await;
    let five = ada.entry("Park").await;
    assert_eq!((five.seq.get(), five.room.as_str()), (5, "Park"));
    let (old, new) = (room("Garden"), room("Park"));
    let (mut gone, mut come) = (false, false);
    watcher
        .pick(|frame| {
            if let ServerFrame::Directory { rooms, removed } = frame {
                gone |= removed.contains(&old);
                come |= rooms.iter().any(|info| info.room == new);
                assert!(!gone || rooms.iter().all(|info| info.room != old), "{rooms:?}");
            }
            (gone && come).then_some(())
        })
        .await;
    // Also after a restart, and for `verify`, which the end of the server runs.
    let server = server.crash_and_restart();
    let mut late = server.guest("Late").await;
    assert_eq!(leads_to(&late.try_join("garden", at(position, 4)).await), "Park");
    assert_eq!(late.join("park", at(position, 4)).await.seqs(), [5]);
}

#[tokio::test]
async fn a_former_name_leads_to_the_room_wherever_it_is_asked_for() {
    let (server, operators) = start(&[("MARU_CHAT__FIRST_ROOMS", "garden")]);
    let mut ada = server.guest("Ada").await;
    let position = ada.join("garden", None).await.position;
    ada.say("garden", "strawberries").await;
    let renamed = tell(operators, "/admin/rooms/rename?room=garden&to=park").await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    is_told(&mut ada, "garden", "park").await;
    let old = || room("GARDEN");
    let query = Query::parse("strawberries").unwrap();
    let requests: Vec<Box<dyn Fn(maru_protocol::Ref) -> ClientFrame>> = vec![
        Box::new(|reference| ClientFrame::Join { reference, room: room("garden"), after: None }),
        Box::new(|reference| ClientFrame::Leave { reference, room: room("garden") }),
        Box::new(move |reference| ClientFrame::Create { reference, room: old() }),
        Box::new(move |reference| ClientFrame::History {
            reference,
            room: old(),
            before: None,
            after: None,
            around: None,
            limit: None,
        }),
        Box::new(move |reference| ClientFrame::OwnReactions {
            reference,
            room: old(),
            targets: vec![Seq::new(1).unwrap()],
        }),
        Box::new(move |reference| ClientFrame::Search {
            reference,
            query: query.clone(),
            room: Some(old()),
            more: None,
        }),
    ];
    for request in requests {
        let answer = ada.ask(|reference, _| request(reference)).await;
        assert_eq!(leads_to(&answer), "park");
    }
    for path in ["rooms/garden/messages", "search?room=garden&query=strawberries"] {
        let answer = get(server.http, &format!("/api/v1/{path}")).await;
        answer.is_problem(404, "room_renamed");
        assert_eq!(answer.json()["renamed_to"], "park", "{path}");
    }
    let page = get(server.http, "/api/v1/rooms/park/messages").await.json();
    assert_eq!((&page["entries"][0]["room"], &page["head"]), (&json!("park"), &json!(1)));
    // A read position is one's own, whatever the room is called.
    ada.join("park", at(position, 1)).await;
    let unread = ada
        .ask(|reference, _| ClientFrame::Unread { reference, rooms: vec![room("park"), old()] })
        .await;
    let ServerFrame::Unread { rooms, .. } = unread else { panic!("{unread:?}") };
    assert!(rooms.iter().all(|state| state.room == room("park")), "{rooms:?}");
    // Whoever looks for one of the names finds the room by the new one alone.
    for (query, found) in [("garden", &[][..]), ("park", &[room("park")])] {
        let answer = ada
            .ask(|reference, _| ClientFrame::Rooms {
                reference,
                query: Some(query.to_owned()),
                watch: None,
                more: None,
            })
            .await;
        let ServerFrame::Rooms { rooms, .. } = answer else { panic!("{answer:?}") };
        let names: Vec<RoomName> = rooms.into_iter().map(|info| info.room).collect();
        assert_eq!(names, found, "{query}");
    }
    // Back by the way it came.
    let back = tell(operators, "/admin/rooms/rename?room=park&to=garden").await;
    assert_eq!(back.status, 200, "{back:?}");
    is_told(&mut ada, "park", "garden").await;
    assert_eq!(leads_to(&ada.try_join("park", None).await), "garden");
    assert_eq!(ada.join("garden", at(position, 1)).await.seqs(), [0; 0]);
    // With the room, its names go.
    let gone = tell(operators, "/admin/rooms/delete?room=garden").await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert!(matches!(ada.create("park").await, ServerFrame::Ok { .. }));
    drop(server);
}

#[tokio::test]
async fn operators_rename_rooms_by_the_command_line_and_are_told_why_not() {
    let (server, _operators) = start(&[("MARU_CHAT__FIRST_ROOMS", "lobby,square,quiet")]);
    let rename = |from: &str, to: &str| command(&server, &["rooms", "rename", from, to]);
    let (code, text) = rename("SQUARE", "Plaza");
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "square: renamed to Plaza, with everything in it\n")
    );
    let (code, text) = rename("plaza", "PLAZA");
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "Plaza: renamed to PLAZA, with everything in it\n")
    );
    for (from, to, status, sentence) in [
        ("nowhere", "somewhere", 404, "there is no such room"),
        ("square", "market", 404, "the room “square” is called “PLAZA” now: use that name"),
        ("quiet", "Lobby", 409, "there is a room “lobby” already: choose another name"),
        (
            "quiet",
            "Square",
            409,
            "“Square” was the name of the room “PLAZA” and still leads there: choose another name",
        ),
        (
            "quiet",
            "l\u{43E}bby",
            409,
            "there is a room “lobby” whose name looks like this one: choose another name",
        ),
        (
            "quiet",
            "squ\u{430}re",
            409,
            "there is a room “PLAZA” whose former name looks like this one: choose another name",
        ),
        ("quiet", "a/b", 400, "the new name: a name can't contain “/” (U+002F)"),
        ("quiet", "", 400, "the new name: a name needs at least one visible character"),
        ("a/b", "quiet", 400, "the room: a name can't contain “/” (U+002F)"),
    ] {
        let (code, text) = rename(from, to);
        let expected = format!(" says {status}: {sentence}\n");
        assert!(code == Some(1) && text.ends_with(&expected), "{from} {to}: {text}");
    }
    let (code, text) = command(&server, &["rooms", "list"]);
    let names: Vec<&str> =
        text.lines().skip(1).filter_map(|line| line.split('\t').next_back()).collect();
    assert_eq!((code, names.len()), (Some(0), 3), "{text}");
    assert!(["lobby", "PLAZA", "quiet"].iter().all(|name| names.contains(name)), "{text}");
}

/// Whenever the server dies, the room has one of the two names, and all that was said.
#[tokio::test]
async fn killed_while_it_renames_a_server_comes_back_with_the_whole_room() {
    let (mut server, operators) = start(&[("MARU_CHAT__FIRST_ROOMS", "name-0")]);
    let mut ada = server.guest("Ada").await;
    let token = ada.token.clone().unwrap();
    let mut name = "name-0".to_owned();
    for round in 1..=8_u64 {
        ada.join(&name, None).await;
        ada.say(&name, "still here").await;
        let next = format!("name-{round}");
        let path = format!("/admin/rooms/rename?room={name}&to={next}");
        let renaming = tokio::spawn(async move { tell(operators, &path).await });
        tokio::time::sleep(Duration::from_micros(500 * (round % 4) * round)).await;
        let was_told = renaming.is_finished();
        renaming.abort();
        drop(ada);
        server = server.crash_and_restart();
        ada = server.connect().await;
        ada.hello_again(&token).await;
        match ada.try_join(&name, None).await {
            ServerFrame::Joined { head, .. } => {
                assert!(!was_told, "an answer is durable");
                assert_eq!(head.get(), round);
            }
            answer => {
                assert_eq!(leads_to(&answer), next);
                name = next;
            }
        }
        let page = ada.join(&name, None).await;
        assert_eq!(page.position.seq.get(), round);
        assert!(page.entries.iter().all(|entry| *entry.head().room == room(&name)));
    }
    assert_eq!(ada.say(&name, "the end").await.get(), 9);
}
