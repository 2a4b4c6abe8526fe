//! From the log into an index, wherever it was left.
//!
//! One loop, whatever the store: rooms that were marked, rooms that are far behind, a page of each,
//! one step. Whatever fails is tried again from the positions that the index has.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use maru_protocol::{Entry, Seq};
use tokio::{sync::watch, time::timeout};

use super::{DirtyRooms, IndexBatch, IndexChange, IndexError, IndexWriter, Positions, text::fold};
use crate::{
    clock::Clock,
    journal::{Journal, JournalError, MOST_HEADS, PageRange, RoomId, RoomQuery},
    metrics::Metrics,
    priority::Priority,
};

/// Entries of a room that are read at once: at most 3 MiB of bodies, and few for one read.
const PAGE: u32 = 200;

/// Entries in one step, and a page more: a longer one would hold up the next.
const STEP: usize = 1_000;

/// How often what is waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Changes of this long come together: fewer steps and fewer reads, and found a bit later.
    pub gather: Duration,
    /// Between two looks around, where other nodes write too: at the rooms that were active last, and
    /// at the next thousand of all, as changes of older messages make no room active. One statement
    /// each.
    pub look: Option<Duration>,
    /// Between two attempts when the index or the journal is away, or when another node keeps the
    /// index.
    pub again: Duration,
}

impl Pace {
    /// For a server that alone writes to its journal.
    pub const ALONE: Self =
        Self { gather: Duration::from_millis(400), look: None, again: Duration::from_secs(2) };
    /// For one of several.
    pub const CLUSTER: Self = Self { look: Some(Duration::from_millis(600)), ..Self::ALONE };
}

/// Rooms in one look at those that were active last, at first; twice as many while all of them are
/// behind.
const LOOK: u32 = 64;

/// Most rooms in such a look.
const MOST_LOOK: u32 = 4_096;

/// Follows a journal with an index.
pub struct Indexer<K> {
    writer: K,
    journal: Arc<dyn Journal>,
    dirty: Arc<DirtyRooms>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    pace: Pace,
    positions: Positions,
    /// Rooms to be read, each once, in the order in which they were found behind.
    behind: VecDeque<RoomId>,
    waiting: HashSet<RoomId>,
    /// The first room of the next thousand to be looked at.
    next: i64,
    /// What was taken before is history, not late.
    since: u64,
    /// The index or the journal is away, which was logged once.
    away: bool,
}

/// Why the loop starts over.
enum Broken {
    Index(IndexError),
    Journal(JournalError),
    /// The index is ahead of the journal.
    Ahead(RoomId),
}

impl From<IndexError> for Broken {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl From<JournalError> for Broken {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl<K: IndexWriter> Indexer<K> {
    /// One that keeps this index of this journal.
    pub fn new(
        writer: K,
        journal: Arc<dyn Journal>,
        dirty: Arc<DirtyRooms>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        pace: Pace,
    ) -> Self {
        Self {
            writer,
            journal,
            dirty,
            since: clock.now_ms(),
            clock,
            metrics,
            pace,
            positions: Positions::new(),
            behind: VecDeque::new(),
            waiting: HashSet::new(),
            next: 1,
            away: false,
        }
    }

    /// Runs on a thread of its own until the other end of `stop` is dropped.
    ///
    /// # Errors
    /// The system's, when there is no thread.
    pub fn start(self, stop: watch::Receiver<()>) -> std::io::Result<std::thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || runtime.block_on(self.run(stop));
        Priority::Search.spawn("search-indexer".to_owned(), run)
    }

    async fn run(mut self, mut stop: watch::Receiver<()>) {
        loop {
            let broken = tokio::select! {
                biased;
                // An error is the end of what was watched.
                _ = stop.changed() => return,
                broken = self.follow() => broken,
            };
            self.recover(broken).await;
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                () = tokio::time::sleep(self.pace.again) => {}
            }
        }
    }

    /// Follows until something is in the way.
    async fn follow(&mut self) -> Broken {
        match self.try_follow().await {
            Err(broken) => broken,
            Ok(()) => Broken::Index(IndexError::Away("another node keeps it".to_owned())),
        }
    }

    async fn try_follow(&mut self) -> Result<(), Broken> {
        let epoch = self.journal.epoch();
        let Some(positions) = self.writer.open(epoch).await? else { return Ok(()) };
        self.positions = positions;
        self.behind.clear();
        self.waiting.clear();
        self.look().await?;
        self.sweep().await?;
        let mut looked = Instant::now();
        loop {
            while self.step().await? {}
            self.back();
            self.writer.rest().await?;
            self.wait(looked).await;
            let dirty = self.dirty.take();
            dirty.rooms.into_iter().for_each(|room| self.enqueue(room));
            if dirty.all {
                self.sweep().await?;
            }
            if self.pace.look.is_some_and(|every| looked.elapsed() >= every) {
                looked = Instant::now();
                self.look().await?;
                self.chunk().await?;
            }
        }
    }

    /// Until there is something to do, and a bit longer where more comes with it.
    async fn wait(&self, looked: Instant) {
        match self.pace.look.map(|every| every.saturating_sub(looked.elapsed())) {
            Some(left) if timeout(left, self.dirty.marked()).await.is_err() => {}
            Some(_) => tokio::time::sleep(self.pace.gather).await,
            None => {
                self.dirty.marked().await;
                tokio::time::sleep(self.pace.gather).await;
            }
        }
    }

    fn enqueue(&mut self, room: RoomId) {
        if self.waiting.insert(room) {
            self.behind.push_back(room);
        }
    }

    fn position(&self, room: RoomId) -> Seq {
        self.positions.get(&room).copied().unwrap_or_default()
    }

    /// The rooms that were active last: as many as are behind, and a few more.
    async fn look(&mut self) -> Result<(), Broken> {
        let mut limit = LOOK;
        loop {
            let rooms = self.journal.rooms(RoomQuery::first(limit)).await?.rooms;
            let (mut count, mut last) = (0, false);
            for room in &rooms {
                count += 1;
                last = self.position(room.id) < room.head;
                if last {
                    self.enqueue(room.id);
                }
            }
            if !last || count < limit || limit >= MOST_LOOK {
                return Ok(());
            }
            limit *= 2;
        }
    }

    /// Looks at the heads of all rooms.
    async fn sweep(&mut self) -> Result<(), Broken> {
        self.next = 1;
        while self.chunk().await? {}
        Ok(())
    }

    /// The next thousand rooms, whose numbers run from 1; false when these were the last, and it begins
    /// again. Of those that are not there any more nothing is to be left.
    async fn chunk(&mut self) -> Result<bool, Broken> {
        let end = self.next.saturating_add(i64::try_from(MOST_HEADS).unwrap_or(i64::MAX));
        let rooms: Vec<RoomId> = (self.next..end).map(RoomId).collect();
        let heads = self.journal.heads(rooms.clone()).await?;
        let any = self.journal.rooms_made().await? >= end;
        self.next = if any { end } else { 1 };
        let there: HashSet<RoomId> = heads.iter().map(|(room, _)| *room).collect();
        for room in rooms {
            if self.positions.contains_key(&room) && !there.contains(&room) {
                self.enqueue(room);
            }
        }
        for (room, head) in heads {
            match self.position(room).cmp(&head) {
                Ordering::Less => self.enqueue(room),
                Ordering::Equal => {}
                Ordering::Greater => return Err(Broken::Ahead(room)),
            }
        }
        Ok(any)
    }

    /// Reads of the rooms that are behind and takes one step. False when there is none to take.
    async fn step(&mut self) -> Result<bool, Broken> {
        let started = Instant::now();
        let mut new = New::default();
        while new.entries < STEP
            && let Some(room) = self.behind.pop_front()
        {
            self.waiting.remove(&room);
            self.read(room, &mut new).await?;
        }
        if new.positions.is_empty() && new.removed.is_empty() {
            return Ok(false);
        }
        let New { entries, oldest, changes, positions, removed } = new;
        let positions: Vec<_> = positions.into_iter().collect();
        let batch = IndexBatch { changes, positions: positions.clone(), removed: removed.clone() };
        self.writer.apply(batch).await?;
        self.positions.extend(positions);
        for room in &removed {
            self.positions.remove(room);
        }
        self.metrics.search_indexed.inc_by(entries as u64);
        if let Some(oldest) = oldest.filter(|at| *at >= self.since) {
            let late = self.clock.now_ms().saturating_sub(oldest);
            self.metrics.search_lag.observe(Duration::from_millis(late).as_secs_f64());
        }
        if !self.behind.is_empty() {
            // There is a lot to catch up with: half of a core is for others.
            tokio::time::sleep(started.elapsed()).await;
        }
        Ok(true)
    }

    async fn read(&mut self, room: RoomId, new: &mut New) -> Result<(), Broken> {
        let after = new.positions.get(&room).copied().unwrap_or_else(|| self.position(room));
        let page = match self.journal.page(room, PageRange::After { after, limit: PAGE }).await {
            Ok(page) => page,
            Err(JournalError::NoRoom(_)) => {
                new.forget(room);
                return Ok(());
            }
            // It was logged where it was met. What can't be read can't be found; others go on.
            Err(JournalError::Store(why)) if self.journal.available() => {
                log::warn!(room = room.0, error = why.as_str(); "the search leaves out a room");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let Some(last) = page.entries.last().map(Entry::seq) else { return Ok(()) };
        if page.head > last {
            self.enqueue(room);
        }
        new.entries += page.entries.len();
        new.positions.insert(room, last);
        for entry in page.entries {
            new.take(room, entry);
        }
        Ok(())
    }

    /// Says once what is in the way, and clears what is of no use any more.
    async fn recover(&mut self, broken: Broken) {
        let clear = match &broken {
            Broken::Index(IndexError::Damaged(why)) => {
                log::error!(error = why.as_str(); "the search index is damaged: it is made anew");
                true
            }
            Broken::Ahead(room) => {
                log::warn!(room = room.0; "the search index is ahead of the journal: it is made anew");
                true
            }
            Broken::Index(IndexError::Away(why)) | Broken::Journal(JournalError::Store(why)) => {
                if !self.away {
                    log::warn!(why = why.as_str(); "the search index is not followed");
                    self.away = true;
                }
                false
            }
            Broken::Journal(
                JournalError::Busy | JournalError::NoRoom(_) | JournalError::Unwritable(_),
            ) => false,
        };
        if clear && let Err(error) = self.writer.clear().await {
            log::error!(error:%; "the search index can't be made anew");
        }
    }

    fn back(&mut self) {
        if std::mem::take(&mut self.away) {
            log::info!("the search index is followed");
        }
    }
}

/// What was read for a step.
#[derive(Default)]
struct New {
    entries: usize,
    /// When the first of the entries was taken.
    oldest: Option<u64>,
    changes: Vec<IndexChange>,
    positions: HashMap<RoomId, Seq>,
    removed: Vec<RoomId>,
}

impl New {
    /// The room is there no more.
    fn forget(&mut self, room: RoomId) {
        self.positions.remove(&room);
        self.removed.push(room);
    }

    fn take(&mut self, room: RoomId, entry: Entry) {
        let at = entry.head().at;
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        let put = |seq, at, text: &str| match fold(text) {
            text if text.is_empty() => None,
            text => Some(IndexChange::Put { room, seq, at, text }),
        };
        let change = match entry {
            Entry::Message(message) => put(message.seq, message.at, message.text()),
            Entry::Edit(edit) => {
                let text = edit.body.as_ref().map(maru_protocol::Body::as_str).unwrap_or_default();
                let put = put(edit.target, edit.at, text);
                put.or(Some(IndexChange::Remove { room, seq: edit.target }))
            }
            Entry::Delete(deletion) => Some(IndexChange::Remove { room, seq: deletion.target }),
            Entry::Tombstone(_) | Entry::Reaction(_) | Entry::Pin(_) | Entry::Topic(_) => None,
        };
        self.changes.extend(change);
    }
}
