//! The directory, and who is where: what those who watch are told.

use maru_protocol::{ClientFrame, PresenceChange, RoomInfo, ServerFrame};

use serde_json::{Value, json};

use crate::{
    client::{Client, room},
    process::Server,
    support::socketio::{Socket, TRANSPORTS},
    web::get,
};

const QUICK: (&str, &str) = ("MARU_CHAT__DIRECTORY_INTERVAL", "20ms");

async fn rooms(client: &mut Client, query: Option<&str>, watch: Option<bool>) -> Vec<RoomInfo> {
    let reference = client.fresh_ref();
    let query = query.map(str::to_owned);
    client.send(&ClientFrame::Rooms { reference, query, watch, more: None }).await;
    match client.answer(reference).await {
        ServerFrame::Rooms { rooms, .. } => rooms,
        other => panic!("{other:?}"),
    }
}

/// Waits until the directory's events tell this of a room.
async fn told(client: &mut Client, name: &str, wanted: impl Fn(&RoomInfo) -> bool) -> RoomInfo {
    let name = room(name);
    client
        .pick(|frame| match frame {
            ServerFrame::Directory { rooms, .. } => {
                rooms.iter().find(|info| info.room == name && wanted(info)).cloned()
            }
            _ => None,
        })
        .await
}

fn names(rooms: &[RoomInfo]) -> Vec<&str> {
    rooms.iter().map(|info| info.room.as_str()).collect()
}

#[tokio::test]
async fn who_watches_the_directory_is_told_of_new_rooms_people_and_messages() {
    let server = Server::start(&[QUICK]);
    let mut watcher = server.guest("Watcher").await;
    let mut ada = server.guest("Ada").await;
    assert_eq!(names(&rooms(&mut watcher, None, Some(true)).await), ["lobby"]);
    assert!(matches!(ada.create("정원").await, ServerFrame::Ok { .. }));
    let made = told(&mut watcher, "정원", |_| true).await;
    assert_eq!((made.members, made.head.get()), (0, 0));
    ada.join("정원", None).await;
    told(&mut watcher, "정원", |info| info.members == 1).await;
    ada.say("정원", "봄이다").await;
    let spoken = told(&mut watcher, "정원", |info| info.head.get() == 1).await;
    assert!(spoken.active_at >= made.active_at);
    ada.leave("정원").await;
    let left = told(&mut watcher, "정원", |info| info.members == 0).await;
    assert_eq!(left.head.get(), 1, "an empty room keeps its log");
    // Nothing more after it was stopped.
    rooms(&mut watcher, None, Some(false)).await;
    watcher.leftovers().await;
    assert!(matches!(ada.create("cellar").await, ServerFrame::Ok { .. }));
    let mut again = server.guest("Second").await;
    rooms(&mut again, None, Some(true)).await;
    assert!(matches!(ada.create("attic").await, ServerFrame::Ok { .. }));
    told(&mut again, "attic", |_| true).await;
    let heard = watcher.leftovers().await;
    assert!(!heard.iter().any(|f| matches!(f, ServerFrame::Directory { .. })), "{heard:?}");
}

#[tokio::test]
async fn the_directory_finds_by_part_of_a_name_whatever_its_case_or_script() {
    let server = Server::start(&[("MARU_CHAT__FIRST_ROOMS", "Lobby,한국어 방,Straße,ΣΑΣ")]);
    let mut ada = server.guest("Ada").await;
    for (query, expected) in [
        ("lob", &["Lobby"][..]),
        ("OBB", &["Lobby"]),
        ("한국", &["한국어 방"]),
        ("어 방", &["한국어 방"]),
        // The same syllable in its parts, as a Mac's file names have it.
        ("\u{1112}\u{1161}\u{11ab}", &["한국어 방"]),
        ("STRASSE", &["Straße"]),
        ("σας", &["ΣΑΣ"]),
        ("nowhere", &[]),
        ("%", &[]),
        ("_", &[]),
        ("'", &[]),
    ] {
        assert_eq!(names(&rooms(&mut ada, Some(query), None).await), expected, "{query}");
    }
    let long = "x".repeat(10_000);
    assert!(rooms(&mut ada, Some(&long), None).await.is_empty());
    assert_eq!(rooms(&mut ada, Some(""), None).await.len(), 4);
}

#[tokio::test]
async fn the_directory_has_the_latest_active_first_and_counts_people_once() {
    let server = Server::start(&[("MARU_CHAT__FIRST_ROOMS", "one,two,three")]);
    let mut ada = server.guest("Ada").await;
    for name in ["one", "three", "two", "one"] {
        ada.join(name, None).await;
        // Activity is told apart by the millisecond.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        ada.say(name, "hello").await;
    }
    // The same person in another tab.
    let mut tab = server.connect().await;
    tab.hello_again(&ada.token.clone().unwrap()).await;
    tab.join("two", None).await;
    let infos = rooms(&mut tab, None, None).await;
    assert_eq!(names(&infos), ["one", "two", "three"]);
    assert_eq!(infos.iter().map(|i| i.head.get()).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(infos.iter().map(|i| i.members).collect::<Vec<_>>(), [1, 1, 1]);
}

/// A way to ask for the directory.
enum Door {
    Frames(Box<Client>),
    Http(std::net::SocketAddr),
    SocketIo(Box<Socket>),
}

impl Door {
    async fn all(server: &Server) -> Vec<(&'static str, Self)> {
        let mut doors = vec![
            ("frames", Self::Frames(Box::new(server.guest("Frances").await))),
            ("HTTP", Self::Http(server.http)),
        ];
        for transport in TRANSPORTS {
            let socket = Socket::named(server.http, transport, "Solveig").await;
            doors.push(("Socket.IO", Self::SocketIo(Box::new(socket))));
        }
        doors
    }

    /// An answer as JSON: `rooms`, and `more` or not.
    async fn page(&mut self, query: Option<&str>, more: Option<&str>) -> Value {
        match self {
            Self::Frames(client) => {
                let reference = client.fresh_ref();
                let (query, more) = (query.map(str::to_owned), more.map(str::to_owned));
                client.send(&ClientFrame::Rooms { reference, query, watch: None, more }).await;
                serde_json::to_value(client.answer(reference).await).unwrap()
            }
            Self::Http(server) => {
                let query = query.map(|query| format!("query={query}"));
                let more = more.map(|more| format!("more={more}"));
                let asked: Vec<String> = query.into_iter().chain(more).collect();
                get(*server, &format!("/api/v1/rooms?{}", asked.join("&"))).await.json()
            }
            Self::SocketIo(socket) => {
                let mut asked = json!({});
                for (key, value) in [("query", query), ("more", more)] {
                    if let Some(value) = value {
                        asked[key] = json!(value);
                    }
                }
                socket.ask("rooms", asked).await
            }
        }
    }

    /// All pages, one after the other.
    async fn pages(&mut self, query: Option<&str>) -> Vec<Vec<String>> {
        let (mut pages, mut more) = (Vec::new(), None::<String>);
        loop {
            let page = self.page(query, more.as_deref()).await;
            let rooms = page["rooms"].as_array().unwrap_or_else(|| panic!("{page}"));
            pages.push(rooms.iter().map(|room| room["room"].as_str().unwrap().into()).collect());
            assert!(pages.len() < 10, "{pages:?}");
            match &page["more"] {
                Value::String(next) => more = Some(next.clone()),
                Value::Null => return pages,
                other => panic!("{other}"),
            }
        }
    }
}

#[tokio::test]
async fn who_makes_rooms_pushes_none_off_and_all_are_there_in_pages() {
    let server = Server::start(&[
        ("MARU_CHAT__FIRST_ROOMS", "lobby,square"),
        ("MARU_LIMITS__PERSON_ROOMS", "1000/s burst 1000"),
        ("MARU_LIMITS__ADDRESS_ROOMS", "1000/s burst 1000"),
    ]);
    let mut ada = server.guest("Ada").await;
    for name in ["lobby", "square"] {
        ada.join(name, None).await;
        // Activity is told apart by the millisecond.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        ada.say(name, "hello").await;
    }
    let mut eve = server.guest("Eve").await;
    for number in 0..150 {
        let made = eve.create(&format!("made {number}")).await;
        assert!(matches!(made, ServerFrame::Ok { .. }), "{made:?}");
    }
    for (which, mut door) in Door::all(&server).await {
        let pages = door.pages(None).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 52], "{which}");
        let all = pages.concat();
        assert_eq!(all[..3], ["square", "lobby", "made 149"], "{which}");
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len(), "{which}");
        let some = door.pages(Some("made")).await;
        assert_eq!(some.iter().map(Vec::len).collect::<Vec<_>>(), [100, 50], "{which}");
        let refused = door.page(None, Some("nonsense")).await;
        assert_eq!(refused["code"], "malformed", "{which}: {refused}");
    }
    // A room that comes up between two pages is not listed twice.
    let mut door = Door::Http(server.http);
    let first = door.page(None, None).await;
    ada.join("made 149", None).await;
    ada.say("made 149", "here I am").await;
    let second = door.page(None, first["more"].as_str()).await;
    let names = second["rooms"].as_array().unwrap().iter().map(|room| &room["room"]);
    assert!(names.clone().all(|name| name != "made 149"), "{second}");
    assert_eq!(names.count(), 52);
    assert_eq!(door.page(None, None).await["rooms"][0]["room"], "made 149");
}

/// The next `presence` of a room.
async fn presence(client: &mut Client) -> (u32, PresenceChange) {
    client
        .pick(|frame| match frame {
            ServerFrame::Presence { count, change, .. } => Some((*count, change.clone())),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_roster_becomes_a_count_and_a_sample_and_a_roster_again() {
    let server = Server::start(&[("MARU_CHAT__MAX_ROSTER", "3")]);
    let mut people = Vec::new();
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    assert_eq!(presence(&mut ada).await.0, 1);
    for name in ["Bob", "Cid", "Dan"] {
        let mut one = server.guest(name).await;
        let joined = one.join("lobby", None).await;
        let (count, change) = presence(&mut ada).await;
        assert_eq!((joined.members.count, joined.members.complete), (count, count <= 3));
        match change {
            PresenceChange::Delta { joined, left } => {
                assert_eq!((joined.len(), left.len(), count <= 3), (1, 0, true));
            }
            PresenceChange::Roster { complete, .. } => assert_eq!((complete, count), (false, 4)),
        }
        people.push(one);
    }
    drop(people.pop());
    let (count, change) = presence(&mut ada).await;
    let PresenceChange::Roster { users, complete: true } = change else { panic!("{change:?}") };
    assert_eq!((count, users.len()), (3, 3));
    drop(people.pop());
    let (count, change) = presence(&mut ada).await;
    let PresenceChange::Delta { left, .. } = change else { panic!("{change:?}") };
    assert_eq!((count, left.len()), (2, 1));
}

#[tokio::test]
async fn who_came_to_a_crowd_is_told_the_whole_roster_when_it_shrinks_at_once() {
    // The crowd comes together and shrinks within one telling of presence.
    let server =
        Server::start(&[("MARU_CHAT__MAX_ROSTER", "2"), ("MARU_CHAT__PRESENCE_INTERVAL", "1s")]);
    let mut ada = server.guest("Ada").await;
    let mut bob = server.guest("Bob").await;
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    while presence(&mut ada).await.0 < 2 {}
    let mut eve = server.guest("Eve").await;
    let joined = eve.join("lobby", None).await;
    assert_eq!((joined.members.count, joined.members.complete), (3, false));
    bob.leave("lobby").await;
    // She has a sample only: changes of a roster that she does not have would tell her nothing.
    let change = loop {
        if let (2, change) = presence(&mut eve).await {
            break change;
        }
    };
    let PresenceChange::Roster { users, complete: true } = change else { panic!("{change:?}") };
    assert_eq!(users.len(), 2);
}
