//! What the tests of a store are written in.

use std::{collections::VecDeque, future::Future, sync::Arc, time::Duration};

use maru_protocol::{
    Body, DisplayName, Entry, FileInfo, Message, MessageId, Ref, RoomName, Seq, SessionId, User,
    UserId,
};
use maru_server::journal::{
    self, Append, Batch, Change, FileFacts, Full, Journal, NewFile, NewMessage, Outcome, PageRange,
    Refused, ReplyTo, RoomId, RoomQuery, RoomRecord, SessionRef,
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A kind of store: a place to keep a journal at, opened as often as a test likes.
pub trait StoreUnderTest: Sized + Sync {
    /// A place with nothing in it, gone when dropped.
    fn new() -> Self;

    /// Where it is, for another process.
    fn address(&self) -> String;

    /// Opens what is at an address.
    fn open_at(
        address: &str,
        bounds: Bounds,
    ) -> impl Future<Output = (Arc<dyn journal::Store>, mpsc::Receiver<Batch>)>;

    /// Opens what is at an address, with what it knows of files.
    fn open_files(address: &str) -> impl Future<Output = Files>;

    /// Checks that all that is at an address is what was written.
    fn verify_at(address: &str) -> impl Future<Output = ()>;

    /// Checks that what is at an address has nothing of a room that was removed, in any table.
    fn erased_at(address: &str, room: RoomId) -> impl Future<Output = ()>;

    /// Renews what is at an address, or gives the sentence why not.
    fn renew_at(address: &str) -> impl Future<Output = Result<(), String>>;

    /// Makes what is at an address what a version wrote that knew no changes. It was never renewed.
    fn make_older(address: &str);

    /// Makes what is at an address what the last version wrote that did not know who has which name.
    fn forget_names(address: &str);

    /// Makes what is at an address what the version before wrote.
    fn make_previous(address: &str);

    /// Opens what is at the place. At most one at a time.
    fn open(
        &self,
        bounds: Bounds,
    ) -> impl Future<Output = (Arc<dyn journal::Store>, mpsc::Receiver<Batch>)> {
        async move { Self::open_at(&self.address(), bounds).await }
    }
}

/// An open store, its files, and who was signed out.
pub struct Files {
    pub journal: Arc<dyn Journal>,
    pub files: Arc<dyn maru_server::journal::Files>,
    pub sign_outs: Arc<dyn maru_server::journal::SignOuts>,
    pub outcomes: mpsc::Receiver<Batch>,
}

/// Somebody brings a file into the room `lobby`, which is made if need be; the store is closed after it.
pub async fn bring<S: StoreUnderTest>(place: &S, owner: &str, info: &FileInfo) {
    let Files { journal, files, mut outcomes, .. } = S::open_files(&place.address()).await;
    let room = soon(journal.create(room_name("lobby"), 1)).await.unwrap().into_room();
    let (id, name, size) = (info.id, info.name.clone(), info.size);
    let owner = UserId(owner.to_owned());
    soon(files.begin(NewFile { id, room: room.id, owner, name, at: 1, size })).await.unwrap();
    let picture = info.width.zip(info.height);
    let facts = FileFacts { media_type: info.media_type.clone(), size, picture };
    assert!(soon(files.finish(id, facts)).await.unwrap());
    let closing = journal.close();
    while soon(outcomes.recv()).await.is_some() {}
    soon(closing).await.unwrap();
}

/// The bounds that a test may choose.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub queue: usize,
    pub batch: usize,
    pub outcomes: usize,
}

/// More than any test sends at once.
pub const WIDE: Bounds = Bounds { queue: 5_000, batch: 100, outcomes: 4 };

/// All that a store has to say: of each room its number and name, head, last activity and entries.
pub type Everything = Vec<(String, u64, u64, Vec<Entry>)>;

/// An open store, and the outcomes that came out of it but were not asked for yet.
pub struct Store {
    pub journal: Arc<dyn journal::Store>,
    outcomes: mpsc::Receiver<Batch>,
    waiting: VecDeque<Outcome>,
}

impl Store {
    pub async fn open<S: StoreUnderTest>(place: &S, bounds: Bounds) -> Self {
        let (journal, outcomes) = place.open(bounds).await;
        Self::of(journal, outcomes)
    }

    pub fn of(journal: Arc<dyn journal::Store>, outcomes: mpsc::Receiver<Batch>) -> Self {
        Self { journal, outcomes, waiting: VecDeque::new() }
    }

    /// The room of that name, made if need be.
    pub async fn make(&self, name: &str) -> RoomRecord {
        soon(self.journal.create(room_name(name), 1)).await.unwrap().into_room()
    }

    /// The next outcome; none when the channel has ended.
    pub async fn outcome(&mut self) -> Option<Outcome> {
        if self.waiting.is_empty() {
            let batch = soon(self.outcomes.recv()).await?;
            assert!(!batch.is_empty(), "a batch is never empty");
            self.waiting.extend(batch);
        }
        self.waiting.pop_front()
    }

    /// Whether an outcome has come out already.
    pub fn has_outcome(&self) -> bool {
        !self.waiting.is_empty() || !self.outcomes.is_empty()
    }

    /// Appends one message and waits for what becomes of it.
    pub async fn say(&mut self, append: Append) -> Outcome {
        self.journal.append(append).unwrap();
        self.outcome().await.unwrap()
    }

    /// Appends so many messages and expects all to be committed.
    pub async fn fill(&mut self, room: &RoomRecord, count: u32) {
        for number in 1..=count {
            self.journal.append(message(room, number.into())).unwrap();
        }
        for _ in 0..count {
            let outcome = self.outcome().await.unwrap();
            assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
        }
    }

    pub async fn page(&self, room: &RoomRecord, range: PageRange) -> Vec<u64> {
        let page = soon(self.journal.page(room.id, range)).await.unwrap();
        page.entries.iter().map(|entry| entry.seq().get()).collect()
    }

    pub async fn everything(&self) -> Everything {
        let query = RoomQuery::first(100);
        let mut all = Vec::new();
        for room in soon(self.journal.rooms(query)).await.unwrap().rooms {
            let range = PageRange::After { after: Seq::ZERO, limit: u32::MAX };
            let page = soon(self.journal.page(room.id, range)).await.unwrap();
            let name = format!("{} {}", room.id.0, room.name);
            all.push((name, room.head.get(), room.active_at, page.entries));
        }
        all
    }

    /// Closes it, and gives what still came out.
    pub async fn close(mut self) -> Vec<Outcome> {
        let closing = self.journal.close();
        let mut rest = Vec::new();
        while let Some(outcome) = self.outcome().await {
            rest.push(outcome);
        }
        soon(closing).await.unwrap();
        rest
    }
}

/// Waits, but not for ever: a store that hangs fails its test with a sentence.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("the store hangs")
}

pub fn room_name(text: &str) -> RoomName {
    RoomName::parse(text).unwrap()
}

pub fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

pub fn user(id: &str) -> User {
    User {
        id: UserId(id.to_owned()), name: DisplayName::parse("김 민지 👩\u{200D}💻").unwrap()
    }
}

/// A message whose fields all follow from its number.
pub fn message(room: &RoomRecord, number: u128) -> Append {
    Append {
        room: room.id,
        room_name: room.name.clone(),
        id: MessageId(Uuid::from_u128(number)),
        sender: user("u1"),
        at: 1_700_000_000_000 + u64::try_from(number).unwrap(),
        what: Change::say(Body::parse(format!("말 {number}\n\t😀")).unwrap()),
        reply: ReplyTo::Session(SessionRef {
            session: SessionId(Uuid::from_u128(number << 64)),
            worker: 3,
            room: room.id,
            reference: Ref(u32::try_from(number % 1_000).unwrap()),
        }),
    }
}

/// The entry that a message of a text becomes.
pub fn entry(append: &Append, number: u64) -> Entry {
    let Change::Message(NewMessage { body: Some(body), .. }) = &append.what else {
        panic!("no text")
    };
    Entry::Message(Message::of(
        append.room_name.clone(),
        seq(number),
        append.id,
        append.sender.clone(),
        append.at,
        body.clone(),
    ))
}

pub fn committed(append: &Append, number: u64) -> Outcome {
    Outcome::Committed {
        room: append.room,
        entry: entry(append, number),
        reply: Some(append.reply),
    }
}

pub fn known(append: &Append, number: u64, at: u64) -> Outcome {
    Outcome::Known {
        seq: seq(number),
        at,
        room: append.room_name.clone(),
        id: append.id,
        reply: append.reply,
    }
}

pub fn refused(append: &Append, why: Refused) -> Outcome {
    Outcome::Refused { why, reply: append.reply }
}

/// A room that was never made.
pub fn nowhere() -> RoomRecord {
    RoomRecord { id: RoomId(999), name: room_name("nowhere"), head: Seq::ZERO, active_at: 0 }
}

/// Pushes until it is taken: for threads whose bound is someone else's test.
pub fn push(journal: &dyn Journal, append: &Append) {
    while journal.append(append.clone()) == Err(Full) {
        std::thread::yield_now();
    }
}
