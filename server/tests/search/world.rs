//! A log, an index of it, and somebody who asks.

use std::{
    collections::BTreeSet,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use maru_protocol::{Query, Seq};
use maru_server::{
    clock::ManualClock,
    journal::{Batch, RoomId},
    metrics::Metrics,
    search::{
        DirtyRooms, Finder, Indexer, Pace, ReaderThread, Search, SearchError, SearchPage,
        SearchRequest,
        text::{Needles, fold},
    },
};
use tokio::sync::watch;

use crate::{log::Log, place::PlaceUnderTest};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

pub const PACE: Pace =
    Pace { gather: Duration::from_millis(1), look: None, again: Duration::from_millis(20) };

pub struct World<P> {
    pub place: Arc<P>,
    pub log: Arc<Log>,
    pub clock: ManualClock,
    dirty: Arc<DirtyRooms>,
    metrics: Arc<Metrics>,
    finder: Finder,
    running: Option<(watch::Sender<()>, JoinHandle<()>)>,
    /// Entries that were in the index when it was last started.
    before: u64,
}

impl<P: PlaceUnderTest> World<P> {
    pub async fn new() -> Self {
        let place = Arc::new(P::make().await);
        let log = Log::new(place.epoch());
        Self::over(place, log)
    }

    /// One that looks around at another pace.
    pub async fn with(pace: Pace) -> Self {
        let place = Arc::new(P::make().await);
        let log = Log::new(place.epoch());
        Self::paced(place, log, pace)
    }

    /// A search that starts.
    pub fn over(place: Arc<P>, log: Arc<Log>) -> Self {
        Self::paced(place, log, PACE)
    }

    fn paced(place: Arc<P>, log: Arc<Log>, pace: Pace) -> Self {
        let (dirty, metrics) = (Arc::new(DirtyRooms::default()), Arc::new(Metrics::new().unwrap()));
        let clock = ManualClock::at(1_700_000_000_000);
        let (writer, reader) = place.index(&dirty);
        let time = Arc::new(clock.clone());
        let reader = ReaderThread::start(reader).unwrap();
        let finder = Finder::new(reader, log.journal(), time.clone(), metrics.clone());
        let indexer =
            Indexer::new(writer, log.journal(), dirty.clone(), time, metrics.clone(), pace);
        let (stop, stopped) = watch::channel(());
        let running = Some((stop, indexer.start(stopped).unwrap()));
        Self { place, log, clock, dirty, metrics, finder, running, before: 0 }
    }

    /// Stops in the middle of whatever it does, and starts again.
    pub fn restart(mut self) -> Self {
        self.stop();
        let before = self.before + self.metrics.search_indexed.get();
        let mut next = Self::over(self.place.clone(), self.log.clone());
        next.before = before;
        next
    }

    /// The same, as another node sees it.
    pub fn again(&self) -> Self {
        Self::over(self.place.clone(), self.log.clone())
    }

    pub fn stop(&mut self) {
        if let Some((stop, indexer)) = self.running.take() {
            drop(stop);
            indexer.join().unwrap();
        }
    }

    pub fn mark(&self, batch: &Batch) {
        self.dirty.mark(batch);
    }

    pub fn say(&self, room: i64, text: &str) -> Seq {
        let batch = self.log.say(RoomId(room), 1_700_000_000_000, text);
        self.mark(&batch);
        self.log.messages(RoomId(room)).last().unwrap().seq
    }

    pub fn delete(&self, room: i64, seq: Seq) {
        self.mark(&self.log.delete(RoomId(room), seq, 1_700_000_000_000));
    }

    /// Waits until everything is in the index.
    pub async fn settle(&self) {
        let until = Instant::now() + PATIENCE;
        while self.before + self.metrics.search_indexed.get() < self.log.entries() {
            assert!(Instant::now() < until, "the index does not follow");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub async fn ask(
        &self,
        query: &Query,
        rooms: &[i64],
        more: Option<String>,
    ) -> Result<SearchPage, SearchError> {
        self.ask_within(1 << 20, query, rooms, more).await
    }

    /// In an answer of so many bytes of text.
    pub async fn ask_within(
        &self,
        bytes: usize,
        query: &Query,
        rooms: &[i64],
        more: Option<String>,
    ) -> Result<SearchPage, SearchError> {
        let rooms = rooms.iter().copied().map(RoomId).collect();
        self.finder.find(SearchRequest { query: query.clone(), rooms, more, bytes }).await
    }

    /// Everything that is found, page by page; each hit once.
    pub async fn all(&self, query: &Query, rooms: &[i64]) -> BTreeSet<(String, u64)> {
        let (mut found, mut more) = (BTreeSet::new(), None);
        loop {
            let page = self.ask(query, rooms, more).await.unwrap();
            assert!(page.hits.len() <= 20);
            for hit in &page.hits {
                let at = (hit.message.room.to_string(), hit.message.seq.get());
                assert!(found.insert(at), "{query:?} finds {hit:?} twice");
                assert!(hit.excerpt.iter().any(|run| run.hit));
            }
            more = page.more;
            if more.is_none() {
                return found;
            }
        }
    }

    /// What a look at every message finds.
    pub fn naive(&self, query: &Query, rooms: &[i64]) -> BTreeSet<(String, u64)> {
        let needles = Needles::of(query);
        let of = |room: &i64| self.log.messages(RoomId(*room));
        let all = rooms.iter().flat_map(of);
        let found = all.filter(|message| needles.occur_in(&fold(message.text())));
        found.map(|message| (message.room.to_string(), message.seq.get())).collect()
    }

    /// Waits until the query finds as many.
    pub async fn until_found(&self, query: &str, rooms: &[i64], count: usize) {
        let query = Query::parse(query).unwrap();
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.ask(&query, rooms, None).await;
            if found.as_ref().is_ok_and(|found| found.hits.len() == count) {
                return;
            }
            let found = found.map(|found| found.hits.len());
            assert!(Instant::now() < until, "{query:?} finds {found:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
