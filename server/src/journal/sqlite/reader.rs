//! The reader threads: each with a connection of its own, none of them ever in the writer's way.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::journal::{
    JournalError, StoreFuture, gone, read_failed, rows::entries::Unreadable, writer::queue::Queue,
};

/// A question, with the way back for its answer.
pub(super) type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the journal could not be read: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error("the journal is damaged (`maru-server verify` tells more): {0}")]
    Unreadable(#[from] Unreadable),
    #[error("the journal has no room with the number {0}")]
    NoRoom(i64),
}

/// Answers until the queue is closed and empty.
pub(super) fn run(conn: &Connection, reads: &Queue<ReadJob>) {
    let mut taken = Vec::with_capacity(1);
    while reads.take(&mut taken, 1) {
        for read in taken.drain(..) {
            // A statement that unwinds is reset as it is dropped, which ends its snapshot; whoever
            // asked sees their answer's sender go.
            if catch_unwind(AssertUnwindSafe(|| read(conn))).is_err() {
                log::error!("a bug: a reader of the journal panicked, and goes on");
            }
        }
    }
}

/// Puts a question into the queue at once, whether or not the future is ever polled.
pub(super) fn ask<T: Send + 'static>(
    reads: &Arc<Queue<ReadJob>>,
    question: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
) -> StoreFuture<T> {
    let (answer, answered) = oneshot::channel();
    let read: ReadJob = Box::new(move |conn| {
        // Nobody waits any more: the work would be for nothing.
        if !answer.is_closed() {
            let result = question(conn).map_err(|error| match error {
                ReadError::NoRoom(room) => JournalError::NoRoom(room),
                error => read_failed(&error),
            });
            let _ = answer.send(result);
        }
    });
    if reads.push(read).is_err() {
        return refused(reads);
    }
    Box::pin(async move { answered.await.unwrap_or_else(|_| Err(gone())) })
}

/// The answer of a queue that took nothing.
pub(super) fn refused<T: Send + 'static, Q>(queue: &Queue<Q>) -> StoreFuture<T> {
    let why = if queue.is_closed() { gone() } else { JournalError::Busy };
    Box::pin(std::future::ready(Err(why)))
}
