//! A file comes out as it went in, to whom it may, and does no harm on the way.

use maru_protocol::FileInfo;
use serde_json::json;

use super::*;
use crate::{cluster::Cluster, services::Database, web::Line};

#[tokio::test]
async fn what_is_brought_is_what_is_fetched() {
    let server = Server::start(&[]);
    let ada = server.guest("Ada").await;
    let image = png(640, 480);
    let answer = upload(&server, &ada, "lobby", "바다 사진.png", &image).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let told = answer.json();
    assert_eq!(
        told,
        json!({
            "id": told["id"], "name": "바다 사진.png", "media_type": "image/png",
            "size": image.len(), "width": 640, "height": 480,
        })
    );
    let info: FileInfo = serde_json::from_value(told).unwrap();
    assert_eq!(info.id.0.get_version_num(), 4, "nobody guesses one");
    let fetched = fetch(&server, &ada, &info, &[]).await;
    assert_eq!((fetched.status, &fetched.bytes), (200, &image));
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cache-control", "private, max-age=86400, immutable"),
        ("accept-ranges", "bytes"),
        ("etag", &format!("\"{}\"", info.id)),
        (
            "content-disposition",
            "inline; filename=\"__ __.png\"; \
             filename*=UTF-8''%EB%B0%94%EB%8B%A4%20%EC%82%AC%EC%A7%84.png",
        ),
    ] {
        assert_eq!(fetched.header(name), Some(value), "{name}");
    }
    // The name in the address is for people, and `download` for those who want to save it.
    let ticket = ada.ticket.as_deref().unwrap();
    let named =
        format!("/api/v1/files/{}/{}?ticket={ticket}&download", info.id, escaped("바다.png"));
    let fetched = Line::open(server.http).await.get(&named, &[]).await;
    assert_eq!((fetched.status, &fetched.bytes), (200, &image));
    assert!(fetched.header("content-disposition").unwrap().starts_with("attachment; "));
    // Nobody on this machine but the server reads it.
    let folder = server.folder().join("data/files");
    use std::os::unix::fs::MetadataExt;
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert_eq!(files_in(&folder).len(), 1);
}

#[tokio::test]
async fn who_fetches_shows_a_ticket_and_nothing_else_opens() {
    let server = Server::start(&[]);
    let (ada, bob) = (server.guest("Ada").await, server.guest("Bob").await);
    let info = uploaded(&server, &ada, "a.txt", b"hello").await;
    let get = async |path: String| Line::open(server.http).await.get(&path, &[]).await;
    let ticket = ada.ticket.as_deref().unwrap();
    is_problem(&get(format!("/api/v1/files/{}", info.id)).await, 401, "invalid_ticket");
    let stranger =
        Server::start(&[("MARU_AUTH__SECRET", "a secret that no other server here has")]);
    let foreign = stranger.guest("Ada").await.ticket.unwrap();
    let token = ada.token.clone().unwrap();
    for wrong in ["", "a.b.c", &foreign, &token, &ticket[..ticket.len() - 2]] {
        is_problem(&get(address(&info, wrong)).await, 401, "invalid_ticket");
    }
    // A ticket is nobody's identity.
    let mut client = server.connect().await;
    let hello = json!({"type": "hello", "version": 1, "token": ticket});
    client.send_text(hello.to_string()).await;
    assert_eq!(client.refusal().await.code, maru_protocol::ErrorCode::InvalidToken);
    // What is not sent is for nobody else yet.
    is_problem(&fetch(&server, &bob, &info, &[]).await, 404, "file_not_found");
    assert_eq!(fetch(&server, &ada, &info, &[]).await.status, 200);
    for id in ["00000000-0000-4000-8000-000000000000", "..%2F..%2Fsecret.key", "secret.key", "%00"]
    {
        let answer = get(format!("/api/v1/files/{id}?ticket={ticket}")).await;
        is_problem(&answer, 404, "file_not_found");
    }
    // The same ticket comes with each welcome for half a day: what stands in addresses is stable.
    let mut again = server.connect().await;
    again.hello_again(&token).await;
    let expiry = |ticket: &str| ticket.split('.').nth(1).unwrap().to_owned();
    if expiry(again.ticket.as_deref().unwrap()) != expiry(ticket) {
        println!("the half day ended in between");
    }
    assert_eq!(fetch(&server, &again, &info, &[]).await.status, 200);
}

#[tokio::test]
async fn players_ask_for_parts() {
    let server = Server::start(&[]);
    let ada = server.guest("Ada").await;
    let bytes = noise(1 << 20);
    let info = uploaded(&server, &ada, "film", &bytes).await;
    let part = async |range: &str| fetch(&server, &ada, &info, &[("Range", range)]).await;
    for (range, from, to) in [
        ("bytes=0-99", 0, 100),
        ("bytes=500000-", 500_000, 1 << 20),
        ("bytes=-10", (1 << 20) - 10, 1 << 20),
    ] {
        let answer = part(range).await;
        assert_eq!(answer.status, 206, "{range}");
        assert!(answer.bytes == bytes[from..to], "{range}");
        let told = format!("bytes {from}-{}/{}", to - 1, 1 << 20);
        assert_eq!(answer.header("content-range"), Some(told.as_str()));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    let beyond = part("bytes=1048576-").await;
    is_problem(&beyond, 416, "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), Some("bytes */1048576"));
    assert_eq!(part("bytes=0-1,5-6").await.bytes.len(), 1 << 20);
    let tag = format!("\"{}\"", info.id);
    let headers = [("Range", "bytes=0-0"), ("If-Range", tag.as_str())];
    assert_eq!(fetch(&server, &ada, &info, &headers).await.status, 206);
    let headers = [("Range", "bytes=0-0"), ("If-Range", "\"another\"")];
    assert_eq!(fetch(&server, &ada, &info, &headers).await.status, 200);
    let known = fetch(&server, &ada, &info, &[("If-None-Match", &tag)]).await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    // `HEAD` tells the same and sends nothing, and the connection goes on.
    let mut line = Line::open(server.http).await;
    let path = address(&info, ada.ticket.as_deref().unwrap());
    let head = line.head("HEAD", &path, &[]);
    let answer = line.ask(&head).await;
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("1048576")));
    let head = line.head("GET", &path, &[("Range", "bytes=7-8")]);
    assert!(line.ask(&head).await.bytes == bytes[7..9]);
}

#[tokio::test]
async fn names_do_no_harm() {
    let server = Server::start(&[]);
    let ada = server.guest("Ada").await;
    for (name, called) in [
        ("../../../etc/passwd", "_.._.._etc_passwd"),
        ("a\r\nX-Evil: 1\r\n\r\n.png", "a X-Evil_ 1 .png"),
        ("a\"; filename=\"b.exe", "a_; filename=_b.exe"),
        ("\u{202E}gnp.exe", "gnp.exe"),
        ("", "file"),
        (&"가".repeat(5_000), &"가".repeat(120)),
    ] {
        let info = uploaded(&server, &ada, name, b"\0harmless").await;
        assert_eq!(info.name.as_str(), called);
        let fetched = fetch(&server, &ada, &info, &[]).await;
        assert_eq!(fetched.status, 200, "{fetched:?}");
        assert_eq!(fetched.header("x-evil"), None);
        let disposition = fetched.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; filename=\"") && disposition.is_ascii());
    }
    for file in files_in(&server.folder().join("data/files")) {
        let name = file.rsplit('/').next().unwrap();
        assert!(uuid::Uuid::try_parse(name).is_ok(), "{file}");
    }
}

#[tokio::test]
async fn every_node_has_the_files_of_all() {
    let database = Database::make();
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path().to_str().unwrap();
    let url = database.url();
    let cluster = Cluster::over(2, &url, Some(database), &[("MARU_FILES__PATH", shared)]);
    let ada = cluster.nodes[0].guest("Ada").await;
    let bytes = noise(700_000);
    let info = uploaded(&cluster.nodes[0], &ada, "a", &bytes).await;
    let fetched = fetch(&cluster.nodes[1], &ada, &info, &[]).await;
    assert!(fetched.status == 200 && fetched.bytes == bytes, "{}", fetched.status);
}
