//! What can be asked without a connection, and how refusals look to those who ask.

mod addresses;
mod origins;

use serde_json::json;
use tokio::time::timeout;

use crate::{
    client::PATIENCE,
    process::Server,
    web::{Answer, Line, get, room_path},
};

fn is_problem(answer: &Answer, status: u16, code: &str) {
    answer.is_problem(status, code);
}

const HANDSHAKE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

#[tokio::test]
async fn gateways_and_pages_learn_how_the_server_is_and_what_it_is() {
    let server = Server::start(&[("MARU_SERVER__NAME", "다락방")]);
    let mut line = Line::open(server.http).await;
    assert_eq!(line.get("/healthz", &[]).await.status, 200);
    assert_eq!(line.get("/readyz", &[]).await.status, 200);
    let page = [("Origin", "https://elsewhere.example")];
    let info = line.get("/api/v1/info", &page).await;
    assert_eq!(info.status, 200);
    let allowed = info.header("access-control-allow-origin").unwrap();
    assert!(["*", "https://elsewhere.example"].contains(&allowed), "any page may ask: {info:?}");
    let info = info.json();
    assert_eq!((&info["name"], &info["protocol"]), (&json!("다락방"), &json!("maru.v1")));
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["limits"]["max_frame_bytes"], 65_536);
    assert_eq!(info["accepts"], "connections");
}

#[tokio::test]
async fn a_page_that_is_refused_learns_why_where_it_can_read_it() {
    let server = Server::start(&[
        ("MARU_HTTP__ALLOWED_ORIGINS", "https://chat.example.com"),
        ("MARU_HTTP__MAX_CONNECTIONS", "1"),
    ]);
    let mut line = Line::open(server.http).await;
    let mut info = async |path: &str, headers: &[(&str, &str)]| {
        let answer = line.get(path, headers).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let own = [("Origin", "https://chat.example.com")];
    let other = [("Origin", "https://elsewhere.example")];
    assert_eq!(info("/api/v1/info", &own).await["origin_allowed"], true);
    assert_eq!(info("/api/v1/info", &other).await["origin_allowed"], false);
    assert_eq!(info("/api/v1/info", &[]).await.get("origin_allowed"), None, "nobody asked");
    // A page behind the same address sends no header with its question, but one with its socket.
    let named = "/api/v1/info?origin=https://chat.example.com";
    assert_eq!(info(named, &[]).await["origin_allowed"], true);
    assert_eq!(info(named, &other).await["origin_allowed"], false, "what arrives counts");
    assert_eq!(info("/api/v1/info?origin=nonsense", &[]).await["origin_allowed"], false);

    let ada = server.guest("Ada").await;
    assert_eq!(info("/api/v1/info", &own).await["accepts"], "full");
    drop(ada);
    // Its place is free a moment after it has gone.
    let free = async { while info("/api/v1/info", &own).await["accepts"] != "connections" {} };
    timeout(PATIENCE, free).await.unwrap();
    is_problem(&line.get("/api/v1/info?page=x", &[]).await, 400, "malformed");
}

#[tokio::test]
async fn the_directory_is_asked_by_name_and_told_with_its_people() {
    let server = Server::start(&[("MARU_CHAT__FIRST_ROOMS", "lobby,소식,Straße")]);
    let mut ada = server.guest("Ada").await;
    ada.join("소식", None).await;
    ada.say("소식", "새 소식").await;
    let rooms = get(server.http, "/api/v1/rooms").await.json();
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), 3);
    let first = &rooms["rooms"][0];
    assert_eq!((&first["room"], &first["head"]), (&json!("소식"), &json!(1)), "latest first");
    assert_eq!(first["members"], 1);
    let found = async |query: &str| {
        let escaped: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let rooms = get(server.http, &format!("/api/v1/rooms?query={escaped}")).await.json();
        let rooms = rooms["rooms"].as_array().unwrap().clone();
        rooms.iter().map(|room| room["room"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("식").await, ["소식"]);
    assert_eq!(found("LOB").await, ["lobby"]);
    assert_eq!(found("STRASSE").await, ["Straße"]);
    assert_eq!(found("%_").await, [""; 0], "nothing is a pattern");
    assert_eq!(found(&"x".repeat(3_000)).await, [""; 0]);
}

#[tokio::test]
async fn a_rooms_log_is_read_in_pages_in_both_directions() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    for n in 1..=25 {
        ada.say("lobby", &format!("message {n}")).await;
    }
    let page = async |query: &str| {
        let answer = get(server.http, &format!("{}{query}", room_path("LOBBY"))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        assert_eq!((&page["room"], &page["head"]), (&json!("lobby"), &json!(25)));
        let seqs = page["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap());
        seqs.collect::<Vec<_>>()
    };
    let all: Vec<u64> = (1..=25).collect();
    assert_eq!(page("").await, all);
    assert_eq!(page("?limit=10").await, all[15..]);
    assert_eq!(page("?limit=10&before=16").await, all[5..15]);
    assert_eq!(page("?limit=10&before=6").await, all[..5]);
    assert_eq!(page("?before=1").await, [0; 0]);
    assert_eq!(page("?limit=10&after=0").await, all[..10]);
    assert_eq!(page("?limit=10&after=20").await, all[20..]);
    assert_eq!(page("?after=25").await, [0; 0]);
    assert_eq!(page("?after=1000000").await, [0; 0], "beyond the head is nothing");
}

#[tokio::test]
async fn wrong_requests_are_answered_with_a_problem_document() {
    let server = Server::start(&[]);
    let mut line = Line::open(server.http).await;
    let mut problem = async |path: &str, status, code| {
        is_problem(&line.get(path, &[]).await, status, code);
    };
    let lobby = room_path("lobby");
    problem("/nowhere", 404, "not_found").await;
    problem("/api/v1/nowhere", 404, "not_found").await;
    problem(&room_path("nowhere"), 404, "room_not_found").await;
    problem(&room_path("a#b"), 400, "malformed").await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "before=1&after=2",
        "before=9007199254740992",
        "after=99999999999999999999",
        "beforehand=1",
    ] {
        problem(&format!("{lobby}?{query}"), 400, "malformed").await;
    }
    problem("/api/v1/rooms?q=1", 400, "malformed").await;
    problem("/api/v1/rooms/%FF/messages", 400, "malformed").await;
    for (method, path, allowed) in [
        ("POST", "/api/v1/info", "GET"),
        ("DELETE", "/healthz", "GET"),
        ("PUT", &lobby, "GET"),
        ("GET", "/api/v1/rooms/lobby/files", "POST"),
        ("POST", "/api/v1/files/x", "GET, HEAD"),
    ] {
        let mut line = Line::open(server.http).await;
        let head = line.head(method, path, &[("Content-Length", "0")]);
        let answer = line.ask(&head).await;
        is_problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn tools_find_every_path_in_the_openapi_document() {
    let server = Server::start(&[]);
    let document = get(server.http, "/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let expected = [
        ("/api/v1/files/{id}", "get", "200"),
        ("/api/v1/info", "get", "200"),
        ("/api/v1/rooms", "get", "200"),
        ("/api/v1/rooms/{room}/files", "post", "201"),
        ("/api/v1/rooms/{room}/messages", "get", "200"),
        ("/api/v1/search", "get", "200"),
    ];
    assert_eq!(paths, expected.map(|(path, ..)| path));
    for (path, method, status) in expected {
        let responses = &document["paths"][path][method]["responses"];
        assert!(responses[status].is_object(), "{path}");
        for (status, refusal) in
            responses.as_object().unwrap().iter().filter(|it| it.0.as_str() >= "400")
        {
            let kinds: Vec<&String> = refusal["content"].as_object().unwrap().keys().collect();
            assert_eq!(kinds, ["application/problem+json"], "{path} {status}");
        }
        for proof in document["paths"][path][method]["security"].as_array().into_iter().flatten() {
            for scheme in proof.as_object().unwrap().keys() {
                let known = &document["components"]["securitySchemes"][scheme];
                assert!(known.is_object(), "{path}: {scheme}");
            }
        }
    }
}

#[tokio::test]
async fn only_pages_of_the_allowed_origins_open_a_websocket() {
    let server = Server::start(&[("MARU_HTTP__ALLOWED_ORIGINS", "https://chat.example.com")]);
    let upgrade = async |origin: Option<&str>| {
        let mut headers = HANDSHAKE.to_vec();
        headers.extend(origin.map(|origin| ("Origin", origin)));
        Line::open(server.http).await.get("/ws", &headers).await
    };
    for origin in [None, Some("https://chat.example.com"), Some("https://chat.example.com:443")] {
        let answer = upgrade(origin).await;
        assert_eq!(answer.status, 101, "{answer:?}");
        let accept = answer.header("sec-websocket-accept");
        assert_eq!(accept, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "RFC 6455 section 1.3");
    }
    for origin in [
        "https://evil.example",
        "http://chat.example.com",
        "null",
        "",
        "https://chat.example.com.evil.example",
    ] {
        is_problem(&upgrade(Some(origin)).await, 403, "origin_refused");
    }
}

#[tokio::test]
async fn what_is_no_handshake_is_told_how_to_connect() {
    let server = Server::start(&[]);
    is_problem(&get(server.http, "/ws").await, 426, "upgrade_required");
    for without in 1..HANDSHAKE.len() {
        let mut headers = HANDSHAKE.to_vec();
        headers.remove(without);
        let answer = Line::open(server.http).await.get("/ws", &headers).await;
        is_problem(&answer, 426, "upgrade_required");
    }
    let mut line = Line::open(server.http).await;
    is_problem(&line.get("/elsewhere", &HANDSHAKE).await, 404, "not_found");
}

#[tokio::test]
async fn a_full_server_says_so_before_the_handshake() {
    let server = Server::start(&[("MARU_HTTP__MAX_CONNECTIONS", "2")]);
    let mut ada = server.guest("Ada").await;
    let bob = server.guest("Bob").await;
    let refused = Line::open(server.http).await.get("/ws", &HANDSHAKE).await;
    is_problem(&refused, 503, "overloaded");
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(bob);
    server.logs(&["disconnected"]).await;
    ada.settle().await;
}
