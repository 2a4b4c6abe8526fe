//! A disk that is full, or fails: operators see it at once, in the figures, at `/readyz` and by one line in
//! the log, and see its end.

use std::{
    fs::{self, File},
    io::Write as _,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use maru_protocol::{ErrorCode, MessageId, ServerFrame};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    client::{Client, PATIENCE},
    operators::started,
    process::Server,
    web::get,
};

/// What the log says when it begins, and when it is over.
const BEGINS: &str = "the journal's disk is full or fails";
const ENDS: &str = "the journal can be written again";

/// A server whose data folder is a small disk of its own, in a name space of its own, or none where the
/// system lets nobody make one.
pub(crate) struct SmallDisk {
    pub(crate) server: Server,
    pub(crate) operator: SocketAddr,
    disk: PathBuf,
}

impl SmallDisk {
    /// Of so many MiB.
    pub(crate) fn start(mib: u32, settings: &[(&str, &str)]) -> Option<Self> {
        let allowed = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
        if !allowed.is_ok_and(|status| status.success()) {
            eprintln!("left out: the system lets nobody mount a disk of their own");
            return None;
        }
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        let mount = format!("mount -t tmpfs -o size={mib}m none {}", data.display());
        let (server, operator) = started(
            |settings| Server::start_after(&["unshare", "-rm"], &mount, folder, settings),
            settings,
        );
        let disk = PathBuf::from(format!("/proc/{}/root{}", server.pid(), data.display()));
        Some(Self { server, operator, disk })
    }

    /// Fills it, but for so many bytes.
    pub(crate) fn fill(&self, but: usize) {
        let mut file = File::create(self.disk.join("filler")).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(but as u64)).unwrap();
    }

    /// Gives back what [`SmallDisk::fill`] took.
    pub(crate) fn empty(&self) {
        fs::remove_file(self.disk.join("filler")).unwrap();
    }
}

async fn figure(operator: SocketAddr, name: &str) -> f64 {
    let figures = get(operator, "/metrics").await.body;
    let value = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in {figures}")).parse().unwrap()
}

/// Waits until the store counts as well, or not.
async fn comes_to(operator: SocketAddr, well: bool) {
    let seen = async {
        while (figure(operator, "maru_journal_available").await > 0.5) != well {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("never {well}"));
}

/// Sends until the store refuses, and so often again.
pub(crate) async fn until_refused(ada: &mut Client) {
    let mut refused = 0;
    for _ in 0..2_000 {
        let id = MessageId(Uuid::now_v7());
        match ada.try_say("lobby", id, &"x".repeat(4_000)).await {
            ServerFrame::Sent { .. } => {}
            ServerFrame::Error { code: ErrorCode::Unavailable, .. } => refused += 1,
            other => panic!("{other:?}"),
        }
        if refused == 5 {
            return;
        }
    }
    panic!("nothing was refused");
}

/// What is seen of a disk that stops taking anything, and then takes something again.
async fn is_seen(server: &Server, operator: SocketAddr, stop: impl FnOnce(), go_on: impl FnOnce()) {
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "while it works").await;
    assert_eq!(get(server.http, "/readyz").await.status, 200);
    comes_to(operator, true).await;
    stop();
    until_refused(&mut ada).await;
    comes_to(operator, false).await;
    let unready = get(server.http, "/readyz").await;
    unready.is_problem(503, "unavailable");
    assert!(unready.json()["detail"].as_str().unwrap().contains(BEGINS), "{unready:?}");
    assert_eq!(get(server.http, "/healthz").await.status, 200);
    // What was said can be read.
    assert!(!crate::web::log(server.http, "lobby").await.is_empty());
    go_on();
    // Nobody sends anything.
    comes_to(operator, true).await;
    assert_eq!(get(server.http, "/readyz").await.status, 200);
    ada.say("lobby", "as before").await;
    server.logs(&["INFO", ENDS]).await;
    let log = server.log();
    let lines = |part: &str| log.lines().filter(|line| line.contains(part)).count();
    assert_eq!((lines(BEGINS), lines(ENDS)), (1, 1), "{log}");
    assert_eq!(lines("ERROR"), 1, "one line, however many commits failed: {log}");
}

#[tokio::test]
async fn a_full_disk_shows_until_it_has_room_again() {
    let Some(small) = SmallDisk::start(16, &[("MARU_JOURNAL__KEEP_FREE", "0 B")]) else { return };
    let SmallDisk { server, operator, .. } = &small;
    is_seen(server, *operator, || small.fill(64 << 10), || small.empty()).await;
}

/// A server whose disk takes no more than the first bytes of each file while it is stopped.
pub(crate) struct Failing {
    pub(crate) server: Server,
    pub(crate) operator: SocketAddr,
}

impl Failing {
    pub(crate) fn start() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let (server, operator) = started(
            // A write beyond the limit fails; ignored, its signal ends nobody.
            |settings| Server::start_after(&[], "trap '' XFSZ", folder, settings),
            &[],
        );
        Self { server, operator }
    }

    pub(crate) fn stop(&self) {
        self.limit("300000");
    }

    fn go_on(&self) {
        self.limit("unlimited");
    }

    fn limit(&self, bytes: &str) {
        let pid = self.server.pid().to_string();
        let limit = format!("--fsize={bytes}:");
        let set = Command::new("prlimit").args(["--pid", &pid, &limit]).status();
        assert!(set.unwrap().success());
    }
}

#[tokio::test]
async fn a_disk_that_fails_shows_until_it_works_again() {
    let failing = Failing::start();
    let Failing { server, operator } = &failing;
    is_seen(server, *operator, || failing.stop(), || failing.go_on()).await;
}

#[tokio::test]
async fn a_disk_that_has_less_free_than_it_should_shows() {
    let Some(small) = SmallDisk::start(32, &[("MARU_JOURNAL__KEEP_FREE", "8 MiB")]) else { return };
    let operator = small.operator;
    assert!(figure(operator, "maru_journal_free_bytes").await > 16e6);
    assert_eq!(figure(operator, "maru_journal_keep_free_bytes").await, 8_388_608.0);
    small.fill(6 << 20);
    let full = async {
        while figure(operator, "maru_journal_free_bytes").await > 8_388_608.0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, full).await.unwrap();
    // People can read and delete: new ones are welcome.
    let ready = get(small.server.http, "/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(ready.body.contains("journal.keep_free"), "{ready:?}");
    small.server.logs(&["ERROR", "journal.keep_free"]).await;
    small.empty();
    let over = async {
        while get(small.server.http, "/readyz").await.body != "ready\n" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, over).await.unwrap();
    small.server.logs(&["INFO", "has enough free again"]).await;
}
