//! What the search costs: how fast an index follows, how large it is, how long a question takes.
//!
//! ```sh
//! cargo bench -p maru-server --bench search                        # 100,000 messages
//! cargo bench -p maru-server --bench search -- --messages 1000000
//! cargo bench -p maru-server --bench search -- --postgres postgres://user@host/an_empty_database
//! ```
//!
//! Half of the texts are Korean, half are English, of 30 to 300 bytes; one room has nine tenths of
//! them, ninety-nine the others.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use maru_protocol::{Body, DisplayName, MessageId, Query, Ref, RoomName, SessionId, User, UserId};
use maru_server::{
    clock::SystemClock,
    journal::{
        Append, Batch, Change, Journal, ReplyTo, RoomId, RoomRecord, SessionRef,
        postgres::{Postgres, PostgresOptions},
        sqlite::{Sqlite, SqliteOptions},
    },
    metrics::Metrics,
    search::{
        DirtyRooms, Finder, IndexReader, IndexWriter, Indexer, Pace, ReaderThread, Search,
        SearchRequest, postgres, sqlite,
    },
};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

const KOREAN: &str = "오늘 회의 자료 점심 김치찌개 배포 저는 내일 확인 부탁드려요 감사합니다 어제 서버 문제가 있었는데 \
     해결했어요 다음 주 일정은 어떻게 되나요 좋은 생각이네요 그럼 같이 봐요 화면 디자인 고쳐서 올렸습니다";
const ENGLISH: &str = "the build is green again deploying at two who can look at my change tomorrow thanks \
     that was quick please restart the database before lunch I have no idea why it failed logs";

/// The same texts each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn text(&mut self, number: usize) -> String {
        let words: Vec<&str> =
            if self.below(2) == 0 { KOREAN } else { ENGLISH }.split_whitespace().collect();
        let count = 4 + self.below(20);
        let mut text: Vec<String> =
            (0..count).map(|_| words[self.below(words.len())].to_owned()).collect();
        text.push(format!("#{number}"));
        if self.below(1_000) == 0 {
            text.push("needle".to_owned());
        }
        text.join(" ")
    }
}

fn main() {
    let (mut messages, mut url) = (100_000, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--messages" => messages = arguments.next().unwrap().parse().unwrap(),
            "--postgres" => url = arguments.next(),
            "--bench" => {}
            other => panic!("{other} is unknown: --messages N, --postgres URL"),
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match url {
            Some(url) => in_postgres(&url, messages).await,
            None => in_a_file(messages).await,
        }
    });
}

async fn in_a_file(messages: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("maru.db");
    let (journal, outcomes) = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    let rooms = fill(journal.clone(), outcomes, messages).await;
    let dirty = Arc::new(DirtyRooms::default());
    let index = path.with_extension("search.db");
    let ends = sqlite::index(index.clone(), dirty.clone());
    measure(journal, dirty, ends, rooms, messages).await;
    let size = |path: &Path| std::fs::metadata(path).unwrap().len() / messages as u64;
    println!("bytes a message: journal {}, index {}", size(&path), size(&index));
}

async fn in_postgres(url: &str, messages: usize) {
    let options = PostgresOptions::default();
    let (journal, outcomes) = Postgres::open(url, options).await.unwrap();
    let rooms = fill(journal.clone(), outcomes, messages).await;
    let ends = postgres::index(url, Duration::from_secs(5), journal.epoch()).unwrap();
    measure(journal, Arc::new(DirtyRooms::default()), ends, rooms, messages).await;
}

async fn fill(
    journal: Arc<impl Journal>,
    mut outcomes: mpsc::Receiver<Batch>,
    messages: usize,
) -> Vec<RoomRecord> {
    let mut rooms = Vec::new();
    for number in 0..100 {
        let name = RoomName::parse(&format!("room {number}")).unwrap();
        let room = journal.create(name, 1).await.unwrap().into_room();
        rooms.push(room);
    }
    let mut chance = Chance(1);
    let (mut sent, mut kept) = (0, 0);
    while kept < messages {
        while sent < messages && sent < kept + 1_000 {
            let nth = if chance.below(10) < 9 { 0 } else { chance.below(100) };
            let text = chance.text(sent);
            journal.append(append(&rooms[nth], sent, text)).unwrap();
            sent += 1;
        }
        kept += outcomes.recv().await.unwrap().len();
    }
    tokio::spawn(async move { while outcomes.recv().await.is_some() {} });
    rooms
}

fn append(room: &RoomRecord, number: usize, text: String) -> Append {
    let name = DisplayName::parse("민지").unwrap();
    Append {
        room: room.id,
        room_name: room.name.clone(),
        id: MessageId(Uuid::now_v7()),
        sender: User { id: UserId("guest-1".to_owned()), name },
        at: 1_700_000_000_000 + number as u64 * 60_000,
        what: Change::say(Body::parse(text).unwrap()),
        reply: ReplyTo::Session(SessionRef {
            session: SessionId(Uuid::nil()),
            worker: 0,
            room: room.id,
            reference: Ref(0),
        }),
    }
}

/// Processor time of this process so far.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let mut fields = stat.rsplit(')').next().unwrap().split(' ').skip(12);
    let mut ticks = || fields.next().unwrap().parse::<u64>().unwrap();
    Duration::from_millis((ticks() + ticks()) * 10)
}

async fn measure(
    journal: Arc<dyn Journal>,
    dirty: Arc<DirtyRooms>,
    (keep, look): (impl IndexWriter, impl IndexReader),
    rooms: Vec<RoomRecord>,
    messages: usize,
) {
    let (clock, metrics) = (Arc::new(SystemClock), Arc::new(Metrics::new().unwrap()));
    let reader = ReaderThread::start(look).unwrap();
    let finder = Finder::new(reader, journal.clone(), clock.clone(), metrics.clone());
    let indexer = Indexer::new(keep, journal, dirty, clock, metrics.clone(), Pace::ALONE);
    let (stop, stopped) = watch::channel(());
    let (started, before) = (Instant::now(), processor());
    let running = indexer.start(stopped).unwrap();
    while metrics.search_indexed.get() < messages as u64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (took, busy) = (started.elapsed(), processor() - before);
    println!(
        "{messages} messages indexed in {:.1} s, which is {:.0} a second; {} us of processor time each",
        took.as_secs_f64(),
        messages as f64 / took.as_secs_f64(),
        busy.as_micros() / messages as u128,
    );
    let all: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    println!(
        "{:<28}{:>12}{:>12}{:>12}",
        "us a search, hits", "one room", "100 rooms", "small room"
    );
    for query in
        ["needle", "회의", "the", "회의 자료 부탁", "\"deploying at two\"", "xyzzy", "회", "#99999"]
    {
        let one = time(&finder, query, &all[..1]).await;
        let (many, small) =
            (time(&finder, query, &all).await, time(&finder, query, &all[5..6]).await);
        println!("{query:<28}{one:>12}{many:>12}{small:>12}");
    }
    drop(stop);
    running.join().unwrap();
}

async fn time(finder: &Finder, query: &str, rooms: &[RoomId]) -> String {
    const TIMES: u32 = 15;
    let query = Query::parse(query).unwrap();
    let mut took = Vec::new();
    let mut hits = 0;
    for _ in 0..TIMES {
        let ask = SearchRequest {
            query: query.clone(),
            rooms: rooms.to_vec(),
            more: None,
            bytes: 1 << 20,
        };
        let started = Instant::now();
        hits = finder.find(ask).await.unwrap().hits.len();
        took.push(started.elapsed());
    }
    took.sort();
    format!("{} ({hits})", took[took.len() / 2].as_micros())
}
