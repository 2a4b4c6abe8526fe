//! People and the stranger together, and what is asked of it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use maru_protocol::Entry;
use tokio::time::sleep;

use crate::{
    echo::Echo,
    people::{self, Notes, PEOPLE, ROOMS, room_of},
    process::Server,
    stranger::TARGET,
    web::{self, Line},
};

/// Memory that one address may take of a server, by the bounds of docs/security-limits.md: accounts, connections
/// without a request, what is not ended, what waits towards clients.
const MEMORY: u64 = (33 + 140 + 64 + 256) << 20;
/// What a server has without anybody, and with what the allocator keeps.
const OWN_MEMORY: u64 = 100 << 20;
/// Texts that an address may bring: `limits.address_bytes`, at once and in a second.
const TEXTS: u64 = 8 << 20;
const TEXTS_PER_SECOND: u64 = 128 << 10;
/// What a byte of text may take: in the log, its write-ahead log, and the search's index with its own.
const DISK_PER_BYTE: u64 = 6;
/// Files beside them: `limits.address_uploads_at_once`, each as long as it may be.
const UPLOADS: u64 = 16 * (26 << 20);

/// What was seen of a phase.
struct Phase {
    latencies: Vec<u32>,
    /// The same of pages of history.
    pages: Vec<u32>,
    /// The same of a bare echo.
    echoes: Vec<u32>,
    memory: u64,
    /// The worst place that one of the people's rooms had in the directory, from 1.
    place: usize,
}

/// Quiet for a while, then the attack.
pub async fn run(quiet: Duration, attack: Duration) {
    let server = Server::start_on_a_file(&[
        ("MARU_LIMITS__EXEMPT", ""),
        ("MARU_CHAT__FIRST_ROOMS", &(0..ROOMS).map(room_of).collect::<Vec<_>>().join(",")),
    ]);
    let (notes, echo) = (Notes::new(), Echo::start());
    let people = people::talk(server.http, &notes).await;
    let before = phase(&server, &notes, &echo, quiet).await;
    let disk = size_of(server.folder());
    let stranger = Attack::start(&server);
    let during = phase(&server, &notes, &echo, attack).await;
    let did = stranger.end();
    notes.end();
    people.join_all().await;
    let grown = size_of(server.folder()).saturating_sub(disk);
    report(&before, &during, grown, &notes, &did);

    assert_eq!(*notes.wrongs.lock().unwrap(), Vec::<String>::new());
    assert!(notes.returns.load(Ordering::Relaxed) >= PEOPLE as u64, "all came back at the end");
    // What was acknowledged is there; what was said right before the end may not have been, and be there.
    let mut said = 0;
    for room in (0..ROOMS).map(room_of) {
        said += said_by_people(&server, &room).await;
    }
    let acknowledged = notes.acknowledged.load(Ordering::Relaxed);
    assert!(said >= acknowledged, "{said} of {acknowledged} are there");
    assert!(during.place <= 100, "a room of theirs was at place {}", during.place);
    assert!(during.memory <= MEMORY + OWN_MEMORY, "{} MiB", during.memory >> 20);
    let texts = TEXTS + TEXTS_PER_SECOND * attack.as_secs();
    let most = DISK_PER_BYTE * texts + UPLOADS;
    assert!(grown <= most, "{} MiB of disk, at most {}", grown >> 20, most >> 20);
}

async fn phase(server: &Server, notes: &Arc<Notes>, echo: &Echo, length: Duration) -> Phase {
    notes.latencies();
    echo.forget();
    let until = Instant::now() + length;
    let (mut memory, mut place) = (0, 0);
    while Instant::now() < until {
        sleep(Duration::from_secs(1)).await;
        memory = memory.max(server.memory() << 10);
        place = place.max(worst_place(server).await);
    }
    let [latencies, pages] = notes.latencies();
    Phase { latencies, pages, echoes: echo.latencies(), memory, place }
}

/// How many messages of a room are of the people.
async fn said_by_people(server: &Server, room: &str) -> u64 {
    let mut line = Line::open(server.http).await;
    let (mut said, mut after) = (0, 0);
    loop {
        let path = format!("{}?after={after}&limit=100", web::room_path(room));
        let page = line.get(&path, &[]).await.json();
        let entries: Vec<Entry> = serde_json::from_value(page["entries"].clone()).unwrap();
        let Some(last) = entries.last() else { return said };
        after = last.seq().get();
        said += entries.iter().map(|entry| u64::from(is_of_the_people(entry))).sum::<u64>();
    }
}

fn is_of_the_people(entry: &Entry) -> bool {
    let Entry::Message(said) = entry else { return false };
    said.sender.name.as_str().starts_with("Person ")
        && (said.text() == "hello" || said.text().starts_with("at "))
}

async fn worst_place(server: &Server) -> usize {
    let answer = web::get(server.http, "/api/v1/rooms").await.json();
    let rooms = answer["rooms"].as_array().unwrap().clone();
    let place = |name: String| rooms.iter().position(|room| room["room"] == name.as_str());
    (0..ROOMS).map(|n| place(room_of(n)).map_or(usize::MAX, |at| at + 1)).max().unwrap()
}

/// Runs a program when nothing else wants to run (sched(7), SCHED_IDLE), or nearly so.
const LAST: &str = r#"command -v chrt >/dev/null && exec chrt --idle 0 "$@"; exec nice -n 19 "$@""#;

/// The stranger's process. It comes after everybody else on this machine: what is measured is the server, and a real
/// stranger has a machine of its own.
struct Attack {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Attack {
    fn start(server: &Server) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", LAST, "stranger"])
            .arg(program)
            .args(["--ignored", "--exact", "the_stranger", "--nocapture"])
            .env(TARGET, server.http.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = Arc::<Mutex<String>>::default();
        let (out, last) = (child.stdout.take().unwrap(), said.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if line.starts_with('{') {
                    *last.lock().unwrap() = line;
                }
            }
        });
        Self { child, said }
    }

    /// What it did: of each kind how often it tried, and how often the server did it.
    fn end(mut self) -> serde_json::Value {
        assert!(self.child.try_wait().unwrap().is_none(), "the stranger gave up");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        serde_json::from_str(&self.said.lock().unwrap()).unwrap_or_default()
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
        Ok(metadata) => metadata.len(),
        // Removed just now.
        Err(_) => 0,
    };
    entries.map(size).sum()
}

fn millis(sorted: &[u32], part: f64) -> f64 {
    let at = ((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1));
    f64::from(sorted.get(at).copied().unwrap_or(0)) / 1_000.0
}

fn report(before: &Phase, during: &Phase, grown: u64, notes: &Notes, did: &serde_json::Value) {
    let row =
        |name: &str, quiet: String, attacked: String| println!("| {name} | {quiet} | {attacked} |");
    println!("| | quiet | attacked |\n|---|---|---|");
    for (name, part) in [("median", 0.5), ("p99", 0.99), ("worst", 1.0)] {
        let of = |latencies: &[u32]| format!("{:.1} ms", millis(latencies, part));
        row(&format!("delivery, {name}"), of(&before.latencies), of(&during.latencies));
        row(&format!("page of history, {name}"), of(&before.pages), of(&during.pages));
        row(&format!("a bare echo, {name}"), of(&before.echoes), of(&during.echoes));
    }
    let count = |phase: &Phase| phase.latencies.len().to_string();
    row("deliveries", count(before), count(during));
    let memory = |phase: &Phase| format!("{} MiB", phase.memory >> 20);
    row("memory, most", memory(before), memory(during));
    row("worst place in the directory", before.place.to_string(), during.place.to_string());
    row("disk", "—".to_owned(), format!("+{} MiB", grown >> 20));
    for (what, of) in [
        ("delivery", (|phase| &phase.latencies) as fn(&Phase) -> &Vec<u32>),
        ("page of history", |phase| &phase.pages),
    ] {
        let ratio = millis(of(during), 0.99) / millis(of(before), 0.99);
        let met = if ratio <= 2.0 { "reached" } else { "missed" };
        println!("\n{what}, p99 attacked / quiet: {ratio:.2} (aim: at most 2, {met})");
    }
    println!("came back to their names: {}", notes.returns.load(Ordering::Relaxed));
    println!("\n| the stranger | tried | done |\n|---|---|---|");
    for (what, counts) in did.as_object().into_iter().flatten() {
        println!("| {what} | {} | {} |", counts[0], counts[1]);
    }
}
