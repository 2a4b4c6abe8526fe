//! Questions on their way to an index: a bounded queue and one thread.
//!
//! One, so that whatever is searched for, at most one core is busy with it. Finds are ranked there
//! too: the threads that ask have messages to deliver.

use std::{
    io,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use super::{
    Candidate, CandidateQuery, IndexReader, SearchError, SearchFuture,
    cursor::{Order, Rank},
};
use crate::priority::Priority;

/// Questions that wait: at some 5 ms each, those of a third of a second.
const WAITING: usize = 64;

/// How long a search may take. People wait for so long for an answer, and not longer.
const LIMIT: Duration = Duration::from_secs(2);

/// The way to an index. Its thread ends with the last of its clones.
#[derive(Clone, Debug)]
pub struct ReaderThread {
    queue: mpsc::Sender<QueuedSearch>,
}

#[derive(Debug)]
struct QueuedSearch {
    wanted: CandidateQuery,
    order: Order,
    until: Instant,
    answer: oneshot::Sender<Result<Vec<Rank>, SearchError>>,
}

impl ReaderThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, when there is no thread.
    pub fn start(look: impl IndexReader) -> io::Result<Self> {
        let (queue, questions) = mpsc::channel(WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || runtime.block_on(serve(look, questions));
        Priority::Search.spawn("search-reader".to_owned(), run)?;
        Ok(Self { queue })
    }

    /// Puts a question into the queue at once.
    pub(super) fn ask(&self, wanted: CandidateQuery, order: Order) -> SearchFuture<Vec<Rank>> {
        let (answer, answered) = oneshot::channel();
        let until = Instant::now() + LIMIT;
        if self.queue.try_send(QueuedSearch { wanted, order, until, answer }).is_err() {
            return Box::pin(std::future::ready(Err(SearchError::Busy)));
        }
        let gone = || SearchError::Away("the search stopped".to_owned());
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(gone())) })
    }
}

async fn serve(mut look: impl IndexReader, mut questions: mpsc::Receiver<QueuedSearch>) {
    while let Some(QueuedSearch { wanted, order, until, answer }) = questions.recv().await {
        // Nobody waits any more, or nobody should have to.
        if answer.is_closed() {
            continue;
        }
        if until <= Instant::now() {
            let _ = answer.send(Err(SearchError::Busy));
            continue;
        }
        let looked = AssertUnwindSafe(look.candidates(&wanted, until)).catch_unwind().await;
        let looked: Result<Vec<Candidate>, _> = looked.unwrap_or_else(|_| {
            log::error!("a bug: a reader of the search panicked, and goes on");
            Err(SearchError::Away("a bug".to_owned()))
        });
        let _ = answer.send(looked.map(|found| order.rank(&found, &wanted.needles)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc as std_mpsc};

    use futures_util::future::BoxFuture;
    use maru_protocol::Query;

    use super::{super::text::Needles, *};

    /// Answers when it is told to.
    struct Slow(std_mpsc::Receiver<()>);

    impl IndexReader for Slow {
        fn candidates<'a>(
            &'a mut self,
            _: &'a CandidateQuery,
            _: Instant,
        ) -> BoxFuture<'a, Result<Vec<Candidate>, SearchError>> {
            let _ = self.0.recv();
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    #[tokio::test]
    async fn what_waits_is_bounded() {
        let (go, gone) = std_mpsc::channel();
        let reader = ReaderThread::start(Slow(gone)).unwrap();
        let needles = Arc::new(Needles::of(&Query::parse("x").unwrap()));
        let wanted = CandidateQuery { rooms: Vec::new(), needles, most: 1, scan: 1 };
        let order = Order { asked: 0, after: None, most: 1 };
        let ask = || reader.ask(wanted.clone(), order);
        // One may have been taken out already.
        let asked: Vec<_> = (0..WAITING + 2).map(|_| ask()).collect();
        assert_eq!(ask().await, Err(SearchError::Busy));
        (0..asked.len()).for_each(|_| go.send(()).unwrap());
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().filter(|answer| answer.is_ok()).count() >= WAITING);
    }
}
