//! An S3 in place of the folder: a stand-in of its own program, by scripts/with-services.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use object_store::{ObjectStore, aws::AmazonS3Builder};

use super::*;
use crate::{client::PATIENCE, web::Line};

/// A bucket of a test's own.
struct Bucket {
    endpoint: String,
    name: String,
}

impl Bucket {
    /// None where there is no S3.
    async fn make() -> Option<Self> {
        let Ok(endpoint) = std::env::var("MARU_TEST_S3") else {
            println!("left out: there is no S3 here (MARU_TEST_S3)");
            return None;
        };
        let name = format!("files-{}", uuid::Uuid::now_v7());
        let host = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
        let mut line = Line::open(host).await;
        let head = line.head("PUT", &format!("/{name}"), &[("Content-Length", "0")]);
        assert_eq!(line.ask(&head).await.status, 200);
        Some(Self { endpoint, name })
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("MARU_FILES__S3_BUCKET", &self.name),
            ("MARU_FILES__S3_ENDPOINT", &self.endpoint),
            ("MARU_FILES__S3_ACCESS_KEY", "somebody"),
            ("MARU_FILES__S3_SECRET_KEY", "hush-hush-hush"),
            ("MARU_FILES__S3_PREFIX", "chat/files"),
        ]
    }

    /// Names of all that is in it.
    async fn objects(&self) -> Vec<String> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region("us-east-1")
            .with_endpoint(&self.endpoint)
            .with_allow_http(true)
            .with_access_key_id("somebody")
            .with_secret_access_key("hush-hush-hush")
            .build()
            .unwrap();
        let objects = store.list(None).map(|object| object.unwrap().location.to_string());
        objects.collect().await
    }

    /// Uploads in several parts that are neither finished nor taken back.
    async fn is_clean(&self) -> bool {
        let host = self.endpoint.strip_prefix("http://").unwrap().parse().unwrap();
        let listed = Line::open(host).await.get(&format!("/{}?uploads", self.name), &[]).await;
        assert_eq!(listed.status, 200, "{listed:?}");
        !listed.body.contains("<UploadId>")
    }
}

#[tokio::test]
async fn a_bucket_keeps_what_a_folder_would() {
    let Some(bucket) = Bucket::make().await else { return };
    let server = Server::start(&bucket.settings());
    let ada = server.guest("Ada").await;
    // In one request, and in several parts.
    let (small, large) = (noise(70_000), noise(12 << 20));
    let film = uploaded(&server, &ada, "film", &large).await;
    let note = uploaded(&server, &ada, "note", &small).await;
    let fetched = fetch(&server, &ada, &film, &[]).await;
    assert!(fetched.status == 200 && fetched.bytes == large, "{}", fetched.status);
    assert!(fetch(&server, &ada, &note, &[]).await.bytes == small);
    let part = fetch(&server, &ada, &film, &[("Range", "bytes=6000000-6000009")]).await;
    assert!(part.status == 206 && part.bytes == large[6_000_000..6_000_010], "{}", part.status);
    let names = bucket.objects().await;
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("chat/files/")), "{names:?}");
    assert!(is_bare(&server.folder().join("data/files")), "nothing of it is here");
    assert!(!server.log().contains("hush"), "{}", server.log());
}

#[tokio::test]
async fn what_breaks_off_or_is_not_sent_leaves_no_part_of_it() {
    let Some(bucket) = Bucket::make().await else { return };
    let mut settings = bucket.settings();
    settings.extend([("MARU_FILES__UPLOAD_TIMEOUT", "20s"), ("MARU_FILES__UNSENT_TTL", "20s")]);
    settings.push(("MARU_FILES__IDLE_TIMEOUT", "500ms"));
    let server = Server::start(&settings);
    let ada = server.guest("Ada").await;
    let mut line = Line::open(server.http).await;
    announce(&mut line, &ada, 20_000_000).await;
    line.send(&noise(12 << 20)).await;
    is_problem(&line.hear().await, 408, "too_slow");
    assert!(bucket.is_clean().await && bucket.objects().await.is_empty());
    let (data, mut settings) = server.kill();
    settings.retain(|(key, _)| !key.ends_with("TTL") && !key.ends_with("UPLOAD_TIMEOUT"));
    for key in ["MARU_FILES__UPLOAD_TIMEOUT", "MARU_FILES__UNSENT_TTL"] {
        settings.push((key.to_owned(), "1s".to_owned()));
    }
    let server = Server::start_in(data, settings);
    let token = ada.token.unwrap();
    let mut ada = server.connect().await;
    ada.hello_again(&token).await;
    uploaded(&server, &ada, "a", &noise(50_000)).await;
    let until = Instant::now() + PATIENCE;
    while !bucket.objects().await.is_empty() {
        assert!(Instant::now() < until, "{:?}", bucket.objects().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn without_the_bucket_people_chat_and_files_wait() {
    let server = Server::start(&[
        ("MARU_FILES__S3_BUCKET", "files"),
        ("MARU_FILES__S3_ENDPOINT", "http://127.0.0.1:1"),
        ("MARU_FILES__S3_ACCESS_KEY", "somebody"),
        ("MARU_FILES__S3_SECRET_KEY", "hush-hush-hush"),
    ]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let answer = upload(&server, &ada, "lobby", "a", b"hello").await;
    is_problem(&answer, 503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    ada.say("lobby", "그래도 말은 됩니다").await;
    server.logs(&["the file store does not answer"]).await;
    assert!(!server.log().contains("hush"), "{}", server.log());
}
