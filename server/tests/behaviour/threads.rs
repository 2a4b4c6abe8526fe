//! Which threads come after others.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::{sleep, timeout};

use crate::process::Server;

/// Threads are there in milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// What delivers comes before what is read, and that before what is searched: a flood of either holds up no
/// message.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn searches_and_reads_stand_back_behind_deliveries() {
    let server = Server::start_on_a_file(&[]);
    let right = timeout(PATIENCE, async {
        // A thread that has just been started may not have said it yet.
        while !is_right(&niceness(server.pid())) {
            sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(right.await.is_ok(), "{:?}", niceness(server.pid()));
}

/// Relative to the test's own, wherever it runs.
fn is_right(niceness: &BTreeMap<String, i32>) -> bool {
    let of = |name: &str| {
        let all: Vec<i32> = niceness
            .iter()
            .filter(|(thread, _)| thread.starts_with(name))
            .map(|it| *it.1)
            .collect();
        let first = all.first().copied();
        first.filter(|first| all.iter().all(|nice| nice == first))
    };
    let all = [
        "actix-rt",
        "journal-writer",
        "journal-reader",
        "journal-directo",
        "search-reader",
        "search-indexer",
    ];
    let [Some(worker), Some(writer), Some(reader), Some(directory), Some(search), Some(indexer)] =
        all.map(of)
    else {
        return false;
    };
    worker == writer
        && writer < reader
        && reader == directory
        && directory < search
        && search == indexer
}

/// By the thread's name and number: proc(5), `/proc/PID/task/TID/stat`, whose second field is the name in brackets
/// and whose nineteenth is the niceness.
fn niceness(pid: u32) -> BTreeMap<String, i32> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of = |thread: std::io::Result<std::fs::DirEntry>| {
        let path = thread.unwrap().path();
        let stat = std::fs::read_to_string(path.join("stat")).unwrap();
        let (before, after) = stat.rsplit_once(')').unwrap();
        let name = before.split_once('(').unwrap().1;
        let nice = after.split_whitespace().nth(16).unwrap().parse().unwrap();
        (format!("{name} {}", path.file_name().unwrap().display()), nice)
    };
    threads.map(of).collect()
}
