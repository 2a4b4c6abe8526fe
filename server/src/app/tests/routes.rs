//! All routes, and what has to be asked for them.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::PATIENCE;
use crate::services::access::Action;

/// One request on a connection of its own: status and body.
pub(super) async fn http(
    server: SocketAddr,
    method: &str,
    target: &str,
    token: &str,
) -> (u16, String) {
    let body = if method == "POST" { "some bytes" } else { "" };
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nAuthorization: Bearer \
         {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer").unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// A request of each route, and what has to be asked before it is answered. Nothing for what reads
/// and writes nothing of rooms.
pub(super) fn request(route: &str, file: &str, ticket: &str) -> (String, &'static [Action]) {
    let fetch = format!("{file}?ticket={ticket}");
    let (target, asked): (&str, &[Action]) = match route {
        "GET /healthz" | "GET /readyz" | "GET /api/v1/info" | "GET /api/v1/openapi.json" => {
            (route.split_once(' ').unwrap().1, &[])
        }
        // The handshake alone; what is said on it are frames.
        "GET /ws" => ("/ws", &[]),
        "GET /socket.io/" => ("/socket.io/?EIO=4&transport=polling", &[]),
        "GET /socket.io" => ("/socket.io?EIO=4&transport=polling", &[]),
        "GET /api/v1/rooms" => ("/api/v1/rooms", &[Action::ListRooms]),
        "GET /api/v1/rooms/{room}/messages" => {
            ("/api/v1/rooms/door/messages", &[Action::ReadHistory])
        }
        "GET /api/v1/search" => ("/api/v1/search?room=door&query=hello", &[Action::Search]),
        "POST /api/v1/rooms/{room}/files" => {
            ("/api/v1/rooms/door/files?name=a.txt", &[Action::UploadFile])
        }
        "GET /api/v1/files/{id}" | "HEAD /api/v1/files/{id}" => {
            return (format!("/api/v1/files/{fetch}"), &[Action::DownloadFile]);
        }
        "GET /api/v1/files/{id}/{name}" => {
            let target = format!("/api/v1/files/{}", fetch.replace('?', "/a.txt?"));
            return (target, &[Action::DownloadFile]);
        }
        unknown => panic!("{unknown} is a route that this test knows nothing of"),
    };
    (target.to_owned(), asked)
}

/// The routes that the server describes, those that it does not, and whatever else is written where
/// routes are made.
pub(super) async fn routes(server: SocketAddr) -> BTreeSet<String> {
    let (_, document) = http(server, "GET", "/api/v1/openapi.json", "").await;
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut routes = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert!(routes.len() >= 6, "{routes:?}");
    let undescribed = [
        "GET /healthz",
        "GET /readyz",
        "GET /ws",
        "GET /socket.io/",
        "GET /socket.io",
        "GET /api/v1/openapi.json",
        "GET /api/v1/files/{id}/{name}",
        "HEAD /api/v1/files/{id}",
    ];
    routes.extend(undescribed.map(str::to_owned));
    let made =
        [include_str!("../../transport/http.rs"), include_str!("../../transport/socketio.rs")];
    for path in made.iter().flat_map(|made| made.split('"').skip(1).step_by(2)) {
        let scope = path == "/api/v1";
        let known = routes.iter().any(|route| route.ends_with(path));
        assert!(scope || known || !path.starts_with('/'), "{path} is a route and not in the walk");
    }
    routes
}
