//! What a worker's sessions do, on its way to the ChatServer.
//!
//! When many sockets have something at once, each post by itself would wake the engine, and the
//! engine the journal's writer, which on a busy core take the place of those who bring the others.
//! So the posts of one round of the worker go together, and its messages are committed together.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use actix::{Recipient, prelude::SendError};
use maru_protocol::ErrorCode;
use tokio::sync::Notify;

use crate::runtime::messages::{CommandBatch, SessionCommand};

/// Most posts that wait: more messages than a commit takes, and at most 4 MiB of bodies. Whoever
/// brings one more waits until they are gone.
const MAX_BATCH: usize = 256;

/// The posts of a worker's round, in their order.
pub(crate) struct CommandBatcher {
    engine: Recipient<CommandBatch>,
    waiting: RefCell<Vec<SessionCommand>>,
    filled: Notify,
    emptied: Notify,
    /// The engine is.
    gone: Cell<bool>,
}

impl CommandBatcher {
    /// An empty one; [`CommandBatcher::run`] empties it once a round.
    pub(crate) fn new(engine: Recipient<CommandBatch>) -> Rc<Self> {
        Rc::new(Self {
            engine,
            waiting: RefCell::default(),
            filled: Notify::new(),
            emptied: Notify::new(),
            gone: Cell::new(false),
        })
    }

    /// Takes a post along with those of this round. Waits only where too many wait.
    ///
    /// # Errors
    /// When the engine is gone.
    pub(crate) async fn post(&self, post: SessionCommand) -> Result<(), ErrorCode> {
        // One thread: nothing happens between the look and the wait.
        while !self.gone.get() && self.waiting.borrow().len() >= MAX_BATCH {
            self.emptied.notified().await;
        }
        if self.gone.get() {
            return Err(ErrorCode::ShuttingDown);
        }
        self.put(post);
        Ok(())
    }

    /// Takes a post along, however many wait: for an end, which is never held up and never dropped.
    /// There are no more of them than there were sessions.
    pub(crate) fn put(&self, post: SessionCommand) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(post);
        if waiting.len() == 1 {
            self.filled.notify_one();
        }
    }

    /// Empties it once a round, until the engine is gone. Nobody else takes posts out: a session
    /// that waits here may end at any moment, and the posts of others must not go along.
    pub(crate) async fn run(self: Rc<Self>) {
        while !self.gone.get() {
            // Woken by the first post, this task has its turn after all who were ready by then.
            self.filled.notified().await;
            let sent = match self.engine.try_send(CommandBatch(self.waiting.take())) {
                Err(SendError::Full(posts)) => self.engine.send(posts).await.is_ok(),
                sent => sent.is_ok(),
            };
            self.gone.set(!sent);
            self.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests;
