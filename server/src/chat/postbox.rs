//! What a worker's sessions say, on its way to the ChatServer.
//!
//! When many sockets have something at once, each message by itself would wake the engine, and the
//! engine the journal's writer, which on a busy core take the place of those who bring the others.
//! So the messages of one round of the worker go together, and are committed together.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use actix::{Recipient, prelude::SendError};
use maru_protocol::ErrorCode;
use tokio::sync::Notify;

use super::messages::{Publish, Publishes};

/// Most messages that go together: more than a commit takes, and at most 4 MiB of bodies. Whoever
/// brings one more waits until they are gone.
const MOST: usize = 256;

/// The messages of a worker's round.
pub(crate) struct Postbox {
    engine: Recipient<Publishes>,
    waiting: RefCell<Vec<Publish>>,
    filled: Notify,
    /// What was taken out waits for a place in the engine's mailbox.
    sending: Cell<bool>,
    emptied: Notify,
    /// The engine is.
    gone: Cell<bool>,
}

impl Postbox {
    /// An empty one; [`Postbox::run`] empties it once a round.
    pub(crate) fn new(engine: Recipient<Publishes>) -> Rc<Self> {
        Rc::new(Self {
            engine,
            waiting: RefCell::default(),
            filled: Notify::new(),
            sending: Cell::new(false),
            emptied: Notify::new(),
            gone: Cell::new(false),
        })
    }

    /// Takes a message along with those of this round. Waits only where too many wait.
    ///
    /// # Errors
    /// When the engine is gone.
    pub(crate) async fn post(&self, publish: Publish) -> Result<(), ErrorCode> {
        self.until(|| self.waiting.borrow().len() < MOST).await?;
        let first = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push(publish);
            waiting.len() == 1
        };
        if first {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits until what was posted so far is on its way. Who leaves a room, or goes, waits for this
    /// first: what they said before that was said in the room.
    ///
    /// # Errors
    /// When the engine is gone.
    pub(crate) async fn empty(&self) -> Result<(), ErrorCode> {
        self.until(|| self.waiting.borrow().is_empty() && !self.sending.get()).await
    }

    /// Only [`Postbox::run`] takes messages out: who waits here may be gone at any moment, and the
    /// messages of the others must not go along.
    async fn until(&self, so_far: impl Fn() -> bool) -> Result<(), ErrorCode> {
        while !self.gone.get() {
            if so_far() {
                return Ok(());
            }
            // One thread: nothing happens between the look and the wait.
            self.emptied.notified().await;
        }
        Err(ErrorCode::ShuttingDown)
    }

    /// Empties it once a round, until the engine is gone.
    pub(crate) async fn run(self: Rc<Self>) {
        while !self.gone.get() {
            // Woken by the first message, this task has its turn after all who were ready by then.
            self.filled.notified().await;
            let publishes = self.waiting.take();
            match self.engine.try_send(Publishes(publishes)) {
                Ok(()) => {}
                Err(SendError::Full(publishes)) => {
                    self.sending.set(true);
                    self.gone.set(self.engine.send(publishes).await.is_err());
                    self.sending.set(false);
                }
                Err(SendError::Closed(_)) => self.gone.set(true),
            }
            self.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
#[path = "postbox_tests.rs"]
mod tests;
