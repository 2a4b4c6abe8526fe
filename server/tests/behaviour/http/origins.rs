//! What a page of another origin gets to read: nothing but who the server is. And what is to be read
//! without an identity.

use serde_json::json;

use crate::{
    client::Client,
    process::Server,
    web::{Answer, Line, bearer, get, room_path},
};

const PAGE: &str = "https://chat.example.com";

/// Whether a browser lets this page read the answer.
fn is_readable_by(answer: &Answer, page: &str) -> bool {
    answer.header("access-control-allow-origin").is_some_and(|it| it == "*" || it == page)
}

/// Every address that something can be read at, and one to bring something to.
async fn addresses(server: &Server, by: &mut Client) -> Vec<(&'static str, String)> {
    by.join("lobby", None).await;
    by.say("lobby", "between us").await;
    let path = "/api/v1/rooms/lobby/files?name=a.txt";
    let proof = bearer(by.token.as_deref().unwrap());
    let headers = [("Authorization", proof.as_str()), ("Content-Length", "1")];
    let mut line = Line::open(server.http).await;
    let request = line.head("POST", path, &headers) + "a";
    let stored = line.ask(&request).await.json();
    let file = format!("/api/v1/files/{}", stored["id"].as_str().unwrap());
    let ticket = by.ticket.as_deref().unwrap();
    vec![
        ("GET", "/api/v1/rooms".to_owned()),
        ("GET", room_path("lobby")),
        ("GET", "/api/v1/search?room=lobby&query=between".to_owned()),
        ("GET", "/api/v1/openapi.json".to_owned()),
        ("GET", format!("{file}?ticket={ticket}")),
        ("HEAD", format!("{file}?ticket={ticket}")),
        ("GET", format!("{file}/a.txt?ticket={ticket}")),
        ("POST", path.to_owned()),
    ]
}

#[tokio::test]
async fn a_page_of_another_origin_reads_nothing() {
    let server = Server::start(&[("MARU_HTTP__ALLOWED_ORIGINS", PAGE)]);
    let mut ada = server.guest("Ada").await;
    let addresses = addresses(&server, &mut ada).await;
    let proof = bearer(ada.token.as_deref().unwrap());
    let ask = async |method: &str, path: &str, page: &str, more: &[(&str, &str)]| {
        let mut line = Line::open(server.http).await;
        let headers = [&[("Origin", page), ("Content-Length", "0")], more].concat();
        let request = line.head(method, path, &headers);
        line.ask(&request).await
    };
    for (method, path) in &addresses {
        for page in ["https://evil.example", "http://chat.example.com", "null", ""] {
            // With a token as well: a page that got hold of one is to find no use for it here.
            for more in [&[][..], &[("Authorization", proof.as_str())]] {
                let answer = ask(method, path, page, more).await;
                assert_eq!(answer.status, 403, "{method} {path} {page}: {answer:?}");
                assert!(!answer.body.contains("between us"), "{answer:?}");
                assert_eq!(answer.header("access-control-allow-origin"), None, "{answer:?}");
            }
            let wants = [
                ("Access-Control-Request-Method", *method),
                ("Access-Control-Request-Headers", "authorization"),
            ];
            let preflight = ask("OPTIONS", path, page, &wants).await;
            preflight.is_problem(403, "origin_refused");
            assert_eq!(preflight.header("access-control-allow-origin"), None, "{preflight:?}");
        }
        let wants = [
            ("Access-Control-Request-Method", *method),
            ("Access-Control-Request-Headers", "authorization"),
        ];
        let preflight = ask("OPTIONS", path, PAGE, &wants).await;
        assert_eq!(preflight.status, 200, "{method} {path}: {preflight:?}");
        assert!(is_readable_by(&preflight, PAGE), "{preflight:?}");
        let answer = ask(method, path, PAGE, &[("Authorization", &proof)]).await;
        assert!(is_readable_by(&answer, PAGE), "{method} {path}: {answer:?}");
        assert_ne!(answer.status, 403, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("vary").map(|it| it.contains("Origin")), Some(true), "{answer:?}");
    }
    // Who the server is, every page may know: it finds out there what is wrong with it.
    let info = ask("GET", "/api/v1/info", "https://evil.example", &[]).await;
    assert_eq!(info.status, 200);
    assert!(is_readable_by(&info, "https://evil.example"));
}

#[tokio::test]
async fn nothing_is_read_without_an_identity_unless_the_operator_lets_everybody() {
    let server = Server::start(&[("MARU_HTTP__ANONYMOUS_READING", "false")]);
    let mut ada = server.guest("Ada").await;
    let addresses = addresses(&server, &mut ada).await;
    let reads = ["/api/v1/rooms", "/api/v1/search"];
    let reads =
        |path: &str| path.contains("/messages") || reads.iter().any(|it| path.starts_with(it));
    let proof = bearer(ada.token.as_deref().unwrap());
    let ticket = bearer(ada.ticket.as_deref().unwrap());
    let mut asked = 0;
    for (_, path) in addresses.iter().filter(|(method, path)| *method == "GET" && reads(path)) {
        let answer = get(server.http, path).await;
        answer.is_problem(401, "invalid_token");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{answer:?}");
        let mut line = Line::open(server.http).await;
        for wrong in ["Bearer a.b.c", &ticket, "Basic YTpi", ""] {
            let answer = line.get(path, &[("Authorization", wrong)]).await;
            answer.is_problem(401, "invalid_token");
        }
        let answer = line.get(path, &[("Authorization", &proof)]).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        asked += 1;
    }
    assert_eq!(asked, 3);
    // Which rooms there are is not to be found out by asking for them.
    get(server.http, &room_path("nowhere")).await.is_problem(401, "invalid_token");
    get(server.http, &format!("{}?limit=0", room_path("lobby")))
        .await
        .is_problem(401, "invalid_token");
    let info = get(server.http, "/api/v1/info").await;
    assert_eq!((info.status, &info.json()["accepts"]), (200, &json!("connections")));
    assert_eq!(get(server.http, "/api/v1/openapi.json").await.status, 200, "it says how to ask");
}

/// DNS rebinding: the page's own name was pointed at the server, so that its browser takes both for one
/// origin and sends no `Origin` with a `GET`.
#[tokio::test]
async fn a_page_whose_name_was_pointed_here_reads_nothing() {
    let server = Server::start(&[
        ("MARU_HTTP__ANONYMOUS_READING", "true"),
        ("MARU_HTTP__ALLOWED_HOSTS", "chat.internal"),
    ]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "between us").await;
    let ask = async |host: &str, path: &str, more: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
        Line::open(server.http).await.ask(&request).await
    };
    let paths = ["/api/v1/rooms", &room_path("lobby"), "/api/v1/search?room=lobby&query=between"];
    let own = server.http.to_string();
    for path in paths {
        for host in ["evil.example", "evil.example:8080", "chat.internal.evil.example", ""] {
            let answer = ask(host, path, "").await;
            answer.is_problem(421, "host_refused");
            assert!(!answer.body.contains("between us"), "{answer:?}");
        }
        for host in [own.as_str(), "localhost", "chat.internal:8080"] {
            assert_eq!(ask(host, path, "").await.status, 200, "{host} {path}");
        }
        // Who proves who they are is no such page: it has no token.
        let proof = format!("Authorization: {}\r\n", bearer(ada.token.as_deref().unwrap()));
        assert_eq!(ask("evil.example", path, &proof).await.status, 200, "{path}");
    }
    // It can't get a token either: whatever begins a session says where it comes from.
    let page = "Origin: http://evil.example\r\n";
    ask("evil.example", "/ws", page).await.is_problem(403, "origin_refused");
    let poll = ask("evil.example", "/socket.io/?EIO=4&transport=polling", page).await;
    assert_eq!(poll.status, 403, "{poll:?}");
    // Gateways and people ask by whatever name.
    for path in ["/healthz", "/readyz", "/api/v1/info"] {
        assert_eq!(ask("whatever.example", path, "").await.status, 200, "{path}");
    }
}
