//! Who may bring what, and how much of it.

use maru_protocol::FileInfo;
use serde_json::json;

use super::*;
use crate::web::{Line, get};

#[tokio::test]
async fn a_large_one_arrives_whole_with_a_length_and_without() {
    let server = Server::start(&[]);
    let ada = server.guest("Ada").await;
    let bytes = noise(9 << 20);
    let before = server.memory();
    let info = uploaded(&server, &ada, "film.bin", &bytes).await;
    assert_eq!((info.size, info.media_type.as_str()), (9 << 20, "application/octet-stream"));
    let fetched = fetch(&server, &ada, &info, &[]).await;
    assert!(fetched.status == 200 && fetched.bytes == bytes, "{}", fetched.status);
    assert_eq!(fetched.header("content-disposition"), Some("attachment; filename=\"film.bin\""));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 8 << 10, "it goes through in pieces, but took {grown} KiB");
    let answer = in_chunks(&server, &ada, &bytes, 100_000).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let info: FileInfo = serde_json::from_value(answer.json()).unwrap();
    assert!(fetch(&server, &ada, &info, &[]).await.bytes == bytes);
}

#[tokio::test]
async fn content_says_what_it_is_and_its_name_says_nothing() {
    let server = Server::start(&[]);
    let ada = server.guest("Ada").await;
    let exe = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0".to_vec();
    let page = b"<!DOCTYPE html><script>alert(document.domain)</script>".to_vec();
    let svg =
        b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let polyglot = b"GIF89a/*\0\x01\0\x80\0\0*/=1;alert(1)//".to_vec();
    let hidden = b"<!DOCTYPE html>\0\xFF<script>alert(1)</script>".to_vec();
    for (name, bytes, media_type, shown, served) in [
        ("cat.png", exe, "application/vnd.microsoft.portable-executable", "attachment", None),
        ("notes.txt", page.clone(), "text/plain", "inline", Some("text/plain; charset=utf-8")),
        ("index.html", page, "text/plain", "inline", Some("text/plain; charset=utf-8")),
        ("logo.svg", svg.to_vec(), "text/plain", "inline", Some("text/plain; charset=utf-8")),
        ("a.html", png(1, 1), "image/png", "inline", None),
        ("a.js", polyglot, "image/gif", "inline", None),
        ("a.html", hidden, "application/octet-stream", "attachment", None),
        ("a.pdf", b"%PDF-1.7\n1 0 obj".to_vec(), "application/pdf", "attachment", None),
    ] {
        let info = uploaded(&server, &ada, name, &bytes).await;
        assert_eq!(info.media_type, media_type, "{name}");
        let fetched = fetch(&server, &ada, &info, &[]).await;
        assert_eq!(fetched.header("content-type"), Some(served.unwrap_or(media_type)), "{name}");
        let disposition = fetched.header("content-disposition").unwrap();
        assert!(disposition.starts_with(shown), "{name}: {disposition}");
        assert_eq!(fetched.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(fetched.bytes, bytes);
    }
}

#[tokio::test]
async fn the_operator_says_which_and_how_large() {
    let server = Server::start(&[
        ("MARU_FILES__MAX_SIZE", "100 KiB"),
        ("MARU_FILES__ALLOWED_TYPES", "image/*,text/plain"),
        ("MARU_FILES__REFUSED_TYPES", "image/gif"),
    ]);
    let ada = server.guest("Ada").await;
    let folder = server.folder().join("data/files");
    let most = [png(1, 1), noise(100 * 1_024 - png(1, 1).len())].concat();
    let kept = uploaded(&server, &ada, "a.png", &most).await;
    assert_eq!(kept.size, 100 * 1_024);
    let more = [&most[..], b"!"].concat();
    is_problem(&upload(&server, &ada, "lobby", "a.png", &more).await, 413, "file_too_large");
    is_problem(&in_chunks(&server, &ada, &more, 10_000).await, 413, "file_too_large");
    // Nothing of it is waited for.
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, 99_999_999_999).await;
    is_problem(&line.hear().await, 413, "file_too_large");
    is_problem(&upload(&server, &ada, "lobby", "a", b"").await, 400, "empty_file");
    is_problem(&in_chunks(&server, &ada, b"", 1).await, 400, "empty_file");
    for bytes in [b"GIF89a\x01\0\x01\0\0\0\0".to_vec(), noise(50), noise(50_000)] {
        is_problem(&upload(&server, &ada, "lobby", "a.png", &bytes).await, 415, "type_refused");
    }
    // As soon as it shows what it is: the rest never comes.
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, 90_000).await;
    line.send(&noise(20_000)).await;
    is_problem(&line.hear().await, 415, "type_refused");
    assert_eq!(uploaded(&server, &ada, "말.txt", "안녕".as_bytes()).await.media_type, "text/plain");
    assert_eq!(files_in(&folder).len(), 2, "what is refused leaves nothing");
    let limits = get(server.http, "/api/v1/info").await.json()["limits"].clone();
    assert_eq!((&limits["max_file_bytes"], &limits["max_files"]), (&json!(102_400), &json!(10)));
}

#[tokio::test]
async fn who_takes_no_files_says_so() {
    let server = Server::start(&[("MARU_FILES__ENABLED", "false")]);
    let ada = server.guest("Ada").await;
    is_problem(&upload(&server, &ada, "lobby", "a", b"a").await, 403, "files_disabled");
    let limits = get(server.http, "/api/v1/info").await.json()["limits"].clone();
    assert_eq!((&limits["max_file_bytes"], &limits["max_files"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_disk_that_gets_full_is_left_to_the_journal() {
    let server = Server::start(&[("MARU_FILES__KEEP_FREE", "1024 GiB")]);
    let ada = server.guest("Ada").await;
    is_problem(&upload(&server, &ada, "lobby", "a", b"a").await, 507, "storage_full");
}

#[tokio::test]
async fn who_brings_says_who_they_are_and_where_to() {
    let server = Server::start(&[("MARU_HTTP__ALLOWED_ORIGINS", "https://chat.example.com")]);
    let ada = server.guest("Ada").await;
    let (token, ticket) = (ada.token.as_deref().unwrap(), ada.ticket.as_deref().unwrap());
    let bearer = format!("Bearer {token}");
    let with = async |headers: &[(&str, &str)]| {
        upload_with(&server, &path("lobby", "a"), headers, b"hello").await
    };
    for headers in [&[][..], &[("Authorization", "Basic YTpi")], &[("Authorization", token)]] {
        let answer = with(headers).await;
        is_problem(&answer, 401, "invalid_token");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    for wrong in ["Bearer ", "Bearer a.b.c", &format!("Bearer {ticket}"), &format!("{bearer}x")] {
        is_problem(&with(&[("Authorization", wrong)]).await, 401, "invalid_token");
    }
    for wrong in ["https://evil.example", "null", "http://chat.example.com"] {
        let answer = with(&[("Authorization", &bearer), ("Origin", wrong)]).await;
        is_problem(&answer, 403, "origin_refused");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    is_problem(&upload(&server, &ada, "nowhere", "a", b"a").await, 404, "room_not_found");
    is_problem(&upload(&server, &ada, "a/b", "a", b"a").await, 400, "malformed");
    let unnamed = "/api/v1/rooms/lobby/files";
    let answer = upload_with(&server, unnamed, &[("Authorization", &bearer)], b"a").await;
    is_problem(&answer, 400, "malformed");
    assert!(is_bare(&server.folder().join("data/files")));
    // What a browser asks before, and after.
    let origin = ("Origin", "https://chat.example.com");
    let mut line = Line::open(server.http).await;
    let preflight = line.head(
        "OPTIONS",
        &path("lobby", "a"),
        &[
            origin,
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type"),
        ],
    );
    let answer = line.ask(&preflight).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let allowed = answer.header("access-control-allow-headers").unwrap().to_lowercase();
    assert!(allowed.contains("authorization"), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://chat.example.com"));
    let answer = with(&[("Authorization", &bearer), origin]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://chat.example.com"));
    let foreign = line.head(
        "OPTIONS",
        &path("lobby", "a"),
        &[("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")],
    );
    let answer = line.ask(&foreign).await;
    assert_eq!(answer.header("access-control-allow-origin"), None, "{answer:?}");
}

#[tokio::test]
async fn one_person_has_a_share_and_no_more() {
    let server = Server::start(&[
        ("MARU_FILES__MAX_PER_DAY", "1 MiB"),
        ("MARU_LIMITS__EXEMPT", ""),
        ("MARU_LIMITS__PERSON_UPLOADS", "6/m burst 6"),
    ]);
    let (ada, bob) = (server.guest("Ada").await, server.guest("Bob").await);
    uploaded(&server, &ada, "a", &noise(1_000_000)).await;
    let answer = upload(&server, &ada, "lobby", "a", &noise(100_000)).await;
    is_problem(&answer, 429, "rate_limited");
    uploaded(&server, &bob, "a", &noise(100_000)).await;
    for _ in 0..5 {
        uploaded(&server, &bob, "a", b"hello").await;
    }
    let answer = upload(&server, &bob, "lobby", "a", b"hello").await;
    is_problem(&answer, 429, "rate_limited");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=11).contains(&wait), "{wait}");
}
