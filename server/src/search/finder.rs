//! From a question to its answer: candidates of the index, ranked, read as they are now.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use futures_util::future::join_all;
use maru_protocol::{Entry, Hit, Message};

use super::{
    CandidateQuery, ReaderThread, Search, SearchError, SearchFuture, SearchPage, SearchRequest,
    cursor::{Cursor, Order, Rank},
    text::{Needles, excerpt},
};
use crate::{
    clock::Clock,
    journal::{Journal, JournalError, PageRange},
    metrics::Metrics,
};

/// Most hits in an answer.
const PAGE: usize = 20;

/// Most matches that are ranked, the newest of each room, all rooms together: nobody pages through
/// fifty pages, and older ones would rank behind these.
const RANKED: usize = 1_000;

/// Of them in each room at least, in however many one looks.
const RANKED_EACH: usize = 20;

/// Texts that are read where nothing can be looked up, all rooms together: some 50 ms.
const SCANNED: usize = 10_000;

/// Of them in each room at least.
const SCANNED_EACH: usize = 100;

/// Candidates that are read for one answer: most are hits, unless much was deleted just now.
const READ: usize = 100;

/// Answers questions from an index and the journal.
#[derive(Clone)]
pub struct Finder {
    reader: ReaderThread,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// The index could not be read: said once.
    away: Arc<AtomicBool>,
}

impl Finder {
    /// One that asks this index.
    #[must_use]
    pub fn new(
        reader: ReaderThread,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { reader, journal, clock, metrics, away: Arc::default() }
    }

    async fn answer(&self, ask: SearchRequest) -> Result<SearchPage, SearchError> {
        let cursor = ask.more.as_deref().map(Cursor::read).transpose()?;
        let needles = Arc::new(Needles::of(&ask.query));
        if needles.is_empty() || ask.rooms.is_empty() {
            return Ok(SearchPage::default());
        }
        let asked = cursor.map_or_else(|| self.clock.now_ms(), |cursor| cursor.asked);
        let each = |all: usize, least: usize| (all / ask.rooms.len()).max(least);
        let wanted = CandidateQuery {
            needles: needles.clone(),
            most: each(RANKED, RANKED_EACH),
            scan: each(SCANNED, SCANNED_EACH),
            rooms: ask.rooms,
        };
        // One more than are read tells whether there are more.
        let order = Order { asked, after: cursor.map(|cursor| cursor.last), most: READ + 1 };
        let ranked = self.reader.ask(wanted, order).await?;
        self.page(&ranked, &needles, asked, ask.bytes).await
    }

    /// The first of them that are what the index says, and where to go on.
    async fn page(
        &self,
        ranked: &[Rank],
        needles: &Needles,
        asked: u64,
        bytes: usize,
    ) -> Result<SearchPage, SearchError> {
        let (mut hits, mut size, mut read) = (Vec::new(), 0, 0);
        'full: while hits.len() < PAGE && read < ranked.len().min(READ) {
            let some = &ranked[read..ranked.len().min(read + PAGE - hits.len())];
            let messages = join_all(some.iter().map(|rank| self.message(rank))).await;
            for message in messages {
                if let Some(hit) = message?.and_then(|message| hit(message, needles)) {
                    size += size_of(&hit);
                    if size > bytes && !hits.is_empty() {
                        break 'full;
                    }
                    hits.push(hit);
                }
                read += 1;
            }
        }
        let last = read.checked_sub(1).and_then(|last| ranked.get(last)).copied();
        let more = last.filter(|_| read < ranked.len());
        Ok(SearchPage { hits, more: more.map(|last| Cursor { asked, last }.write()) })
    }

    /// The message as it is now; none when it is none any more.
    async fn message(&self, rank: &Rank) -> Result<Option<Message>, SearchError> {
        let range = PageRange::After { after: rank.seq.previous(), limit: 1 };
        let page = match self.journal.page(rank.room, range).await {
            Ok(page) => page,
            Err(JournalError::NoRoom(_)) => return Ok(None),
            Err(JournalError::Busy) => return Err(SearchError::Busy),
            Err(JournalError::Store(why)) => return Err(SearchError::Away(why)),
            Err(JournalError::Unwritable(why)) => return Err(SearchError::Away(why.to_owned())),
        };
        Ok(page.entries.into_iter().find_map(|entry| match entry {
            Entry::Message(message) if message.seq == rank.seq => Some(message),
            _ => None,
        }))
    }

    /// Said once, however many ask meanwhile.
    fn note(&self, answer: &Result<SearchPage, SearchError>) {
        match answer {
            Err(SearchError::Away(why)) if !self.away.swap(true, Ordering::Relaxed) => {
                log::error!(error = why.as_str(); "the search does not answer");
            }
            Ok(_) if self.away.swap(false, Ordering::Relaxed) => log::info!("the search is back"),
            _ => {}
        }
    }
}

impl Search for Finder {
    fn find(&self, ask: SearchRequest) -> SearchFuture<SearchPage> {
        let this = self.clone();
        Box::pin(async move {
            let started = Instant::now();
            let answer = this.answer(ask).await;
            this.metrics.search.observe(started.elapsed().as_secs_f64());
            this.note(&answer);
            answer
        })
    }
}

fn hit(message: Message, needles: &Needles) -> Option<Hit> {
    let excerpt = excerpt(message.text(), needles)?;
    Some(Hit { message, excerpt })
}

fn size_of(hit: &Hit) -> usize {
    hit.message.text_bytes() + hit.excerpt.iter().map(|run| run.text.len()).sum::<usize>()
}
