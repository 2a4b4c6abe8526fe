//! The readers: a few connections on one thread, none of them ever in the writer's way.
//!
//! A pool of our own instead of sqlx's, because that one asks a connection whether it lives before
//! and after each use (three round trips instead of one), and keeps everybody waiting for the whole
//! time-out while Postgres refuses connections.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::PgConnection;
use tokio::{
    sync::{Mutex, mpsc, oneshot, watch},
    task::JoinSet,
    time::timeout_at,
};

use super::{connection::silent, error, link::Link, query::Probe};
use crate::journal::{JournalError, StoreFuture, gone, read_failed, rows::entries::Unreadable};

/// How often somebody looks whether Postgres is there while nobody asks for anything.
const PULSE: Duration = Duration::from_secs(2);

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the journal could not be read: {}", error::said(.0))]
    Sql(#[from] sqlx::Error),
    #[error("the journal is damaged (`maru-server verify` tells more): {0}")]
    Unreadable(#[from] Unreadable),
    #[error("the journal has no room with the number {0}")]
    NoRoom(i64),
}

pub(super) type AnswerFuture<'c, T> = BoxFuture<'c, Result<T, ReadError>>;

/// What can be asked of a connection.
pub(super) trait Question: Send + Sync + 'static {
    type Answer: Send + 'static;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer>;
}

/// The way to the readers.
#[derive(Clone)]
pub(super) struct Reads {
    queue: mpsc::Sender<Box<dyn PendingRead>>,
    limit: Duration,
}

impl Reads {
    /// At most `most` wait, each for `limit`.
    pub(super) fn new(
        most: usize,
        limit: Duration,
    ) -> (Self, mpsc::Receiver<Box<dyn PendingRead>>) {
        let (queue, taken) = mpsc::channel(most.max(1));
        (Self { queue, limit }, taken)
    }

    /// Puts a question into the queue at once, whether or not the future is ever polled.
    pub(super) fn ask<Q: Question>(&self, question: Q) -> StoreFuture<Q::Answer> {
        let (answer, answered) = oneshot::channel();
        let until = Instant::now() + self.limit;
        let why = match self.queue.try_send(Box::new(PendingQuestion { question, until, answer })) {
            Ok(()) => {
                return Box::pin(async move { answered.await.unwrap_or_else(|_| Err(gone())) });
            }
            Err(mpsc::error::TrySendError::Full(_)) => JournalError::Busy,
            Err(mpsc::error::TrySendError::Closed(_)) => gone(),
        };
        Box::pin(std::future::ready(Err(why)))
    }
}

/// A question on its way, with the way back for its answer.
pub(super) trait PendingRead: Send {
    fn answer<'l>(self: Box<Self>, link: &'l mut Link) -> BoxFuture<'l, ()>;
}

struct PendingQuestion<Q: Question> {
    question: Q,
    until: Instant,
    answer: oneshot::Sender<Result<Q::Answer, JournalError>>,
}

impl<Q: Question> PendingRead for PendingQuestion<Q> {
    fn answer<'l>(self: Box<Self>, link: &'l mut Link) -> BoxFuture<'l, ()> {
        Box::pin(async move {
            let Self { question, until, answer } = *self;
            // Nobody waits any more: the work would be for nothing.
            if answer.is_closed() {
                return;
            }
            let result = if until <= Instant::now() {
                Err(JournalError::Busy)
            } else {
                put(&question, until, link).await
            };
            let _ = answer.send(result);
        })
    }
}

async fn put<Q: Question>(
    question: &Q,
    until: Instant,
    link: &mut Link,
) -> Result<Q::Answer, JournalError> {
    let asked = async {
        match question.put(link.ready().await?).await {
            // It broke while it rested: a question can be put again.
            Err(ReadError::Sql(error)) if error::is_lost(&error) => {
                link.lose();
                question.put(link.ready().await?).await
            }
            answered => answered,
        }
    };
    let error = match timeout_at(until.into(), asked).await {
        Ok(Ok(answer)) => {
            link.rest();
            return Ok(answer);
        }
        Ok(Err(error)) => error,
        Err(_) => {
            let error = silent(link.limit());
            link.health().away(&error);
            error.into()
        }
    };
    match &error {
        // `link` said what there is to say, once.
        ReadError::Sql(inner) if error::is_lost(inner) => link.lose(),
        ReadError::NoRoom(room) => {
            link.rest();
            return Err(JournalError::NoRoom(*room));
        }
        ReadError::Sql(_) | ReadError::Unreadable(_) => return Err(read_failed(&error)),
    }
    Err(JournalError::Store(error.to_string()))
}

/// Answers until `ended` says so and nothing is left; ends the connections.
pub(super) async fn run(
    links: Vec<Link>,
    reads: Reads,
    queue: mpsc::Receiver<Box<dyn PendingRead>>,
    mut ended: watch::Receiver<()>,
) {
    let queue = Arc::new(Mutex::new(queue));
    let mut readers = JoinSet::new();
    for link in links {
        readers.spawn(serve(link, Arc::clone(&queue), ended.clone()));
    }
    let pulse = tokio::spawn(async move {
        loop {
            tokio::time::sleep(PULSE).await;
            let _ = reads.ask(Probe).await;
        }
    });
    // An error is the end of what was watched.
    while ended.changed().await.is_ok() {}
    pulse.abort();
    while readers.join_next().await.is_some() {}
}

async fn serve(
    mut link: Link,
    queue: Arc<Mutex<mpsc::Receiver<Box<dyn PendingRead>>>>,
    mut ended: watch::Receiver<()>,
) {
    loop {
        let read = {
            let mut queue = queue.lock().await;
            tokio::select! {
                read = queue.recv() => read,
                _ = ended.changed() => {
                    queue.close();
                    queue.recv().await
                }
            }
        };
        let Some(read) = read else { break };
        let panicked = AssertUnwindSafe(read.answer(&mut link)).catch_unwind().await.is_err();
        if panicked {
            // Whoever asked sees their answer's sender go.
            log::error!("a bug: a reader of the journal panicked, and goes on");
            link.lose();
        }
    }
    link.close().await;
}
