//! Files: what is brought is what is fetched, by whom it may be and as what it is; what is refused
//! or broken off leaves nothing.

mod bringing;
mod bucket;
mod ending;
mod fetching;
mod sending;

use std::{path::Path, time::Duration};

use maru_protocol::FileInfo;

use crate::{
    client::{Client, PATIENCE},
    process::Server,
    web::{Answer, Line},
};

/// The smallest picture there is, as far as a header goes.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// Bytes of no kind, which differ everywhere.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect()
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn path(room: &str, name: &str) -> String {
    format!("/api/v1/rooms/{}/files?name={}", escaped(room), escaped(name))
}

/// An upload whose length is announced.
pub(crate) async fn upload(
    server: &Server,
    by: &Client,
    room: &str,
    name: &str,
    bytes: &[u8],
) -> Answer {
    let token = format!("Bearer {}", by.token.as_deref().unwrap());
    upload_with(server, &path(room, name), &[("Authorization", &token)], bytes).await
}

async fn upload_with(
    server: &Server,
    path: &str,
    headers: &[(&str, &str)],
    bytes: &[u8],
) -> Answer {
    let mut line = Line::open(server.http).await;
    let length = bytes.len().to_string();
    let headers = [headers, &[("Content-Length", &length)]].concat();
    let head = line.head("POST", path, &headers);
    line.send(head.as_bytes()).await;
    line.send(bytes).await;
    line.hear().await
}

/// Announces an upload of so many bytes, and sends none of them.
pub(crate) async fn announce(line: &mut Line, by: &Client, length: u64) {
    let token = format!("Bearer {}", by.token.as_deref().unwrap());
    let length = length.to_string();
    let headers = [("Authorization", token.as_str()), ("Content-Length", &length)];
    let head = line.head("POST", &path("lobby", "a"), &headers);
    line.send(head.as_bytes()).await;
}

/// One that is kept.
pub(crate) async fn uploaded(server: &Server, by: &Client, name: &str, bytes: &[u8]) -> FileInfo {
    let answer = upload(server, by, "lobby", name, bytes).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}

pub(crate) fn address(info: &FileInfo, ticket: &str) -> String {
    format!("/api/v1/files/{}?ticket={ticket}", info.id)
}

pub(crate) async fn fetch(
    server: &Server,
    by: &Client,
    info: &FileInfo,
    headers: &[(&str, &str)],
) -> Answer {
    let path = address(info, by.ticket.as_deref().unwrap());
    Line::open(server.http).await.get(&path, headers).await
}

pub(crate) fn is_problem(answer: &Answer, status: u16, code: &str) {
    answer.is_problem(status, code);
}

/// Whether a folder has no file anywhere in it.
fn is_bare(folder: &Path) -> bool {
    files_in(folder).is_empty()
}

fn files_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_in(&entry.path()));
        } else {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

/// Waits until a folder has so many files in it, in whatever folders.
pub(crate) async fn becomes(folder: &Path, count: usize) {
    let until = std::time::Instant::now() + PATIENCE;
    while files_in(folder).len() != count {
        assert!(std::time::Instant::now() < until, "there is still {:?}", files_in(folder));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An upload whose length nobody announced.
async fn in_chunks(server: &Server, by: &Client, bytes: &[u8], size: usize) -> Answer {
    let token = format!("Bearer {}", by.token.as_deref().unwrap());
    let mut line = Line::open(server.http).await;
    let headers = [("Authorization", token.as_str()), ("Transfer-Encoding", "chunked")];
    let head = line.head("POST", &path("lobby", "film.bin"), &headers);
    line.send(head.as_bytes()).await;
    for chunk in bytes.chunks(size) {
        line.send(format!("{:x}\r\n", chunk.len()).as_bytes()).await;
        line.send(chunk).await;
        line.send(b"\r\n").await;
    }
    line.send(b"0\r\n\r\n").await;
    line.hear().await
}
