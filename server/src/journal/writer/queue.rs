//! The bounded queues in front of the store's threads.
//!
//! A queue of our own, because three things have to hold together that the channels at hand give
//! only one by one: pushing never blocks, several threads may take (the readers) or one may take
//! many at once (the writer's group commit), and *either* side can close it, after which what was
//! taken in is still handed out.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::journal::Full;

/// A bounded first-in-first-out queue between threads.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    bound: usize,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    /// Threads asleep in [`Queue::take`]; waking nobody would cost a system call per push.
    asleep: usize,
}

impl<T> Queue<T> {
    /// Holds at most `bound` items.
    pub(crate) fn new(bound: usize) -> Self {
        let state = State { items: VecDeque::with_capacity(bound), closed: false, asleep: 0 };
        Self { state: Mutex::new(state), filled: Condvar::new(), bound }
    }

    /// Takes an item in, or gives it back at once.
    pub(crate) fn push(&self, item: T) -> Result<(), Full> {
        let mut state = self.lock();
        if state.closed || state.items.len() >= self.bound {
            return Err(Full);
        }
        state.items.push_back(item);
        let wake = state.asleep > 0;
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Takes in as many as there is room for, in their order; gives back the others.
    pub(crate) fn push_all(&self, mut items: Vec<T>) -> Vec<T> {
        let mut state = self.lock();
        let room = if state.closed { 0 } else { self.bound - state.items.len() };
        let left = items.split_off(items.len().min(room));
        let wake = state.asleep > 0 && !items.is_empty();
        state.items.extend(items);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        left
    }

    /// Waits for the first item, then moves what is waiting, up to `most`, to the end of `into`.
    /// False when the queue is closed and nothing is left.
    pub(crate) fn take(&self, into: &mut Vec<T>, most: usize) -> bool {
        self.take_until(into, most, None)
    }

    /// The same, but true as well when nothing came until then.
    pub(crate) fn take_until(
        &self,
        into: &mut Vec<T>,
        most: usize,
        until: Option<Instant>,
    ) -> bool {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return false;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return true;
            }
            state.asleep += 1;
            state = match left {
                None => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let woken = self.filled.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.asleep -= 1;
            // Whoever woke us may be about to bring more: on a busy core the wake-up took their place.
            drop(state);
            std::thread::yield_now();
            state = self.lock();
        }
        let count = state.items.len().min(most.max(1));
        into.extend(state.items.drain(..count));
        true
    }

    /// Moves all that is waiting to the end of `into`; waits for nothing.
    pub(crate) fn take_waiting(&self, into: &mut Vec<T>) {
        into.extend(self.lock().items.drain(..));
    }

    /// Takes nothing more in; what is inside can still be taken out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Takes nothing more in and drops what is inside.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        let dropped = std::mem::take(&mut state.items);
        drop(state);
        self.filled.notify_all();
        // Outside the lock: an item's drop may run code of its own.
        drop(dropped);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// No code of others runs under the lock, so a poisoned one still guards a whole state.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn full_is_full_and_order_is_kept() {
        let queue = Queue::new(2);
        assert!(queue.push(1).is_ok());
        assert!(queue.push(2).is_ok());
        assert_eq!(queue.push(3), Err(Full));
        let mut out = Vec::new();
        assert!(queue.take(&mut out, 1));
        assert!(queue.push(3).is_ok());
        assert!(queue.take(&mut out, 100));
        assert_eq!(out, [1, 2, 3]);
    }

    #[test]
    fn of_many_the_first_fit() {
        let queue = Queue::new(3);
        assert!(queue.push_all(vec![1]).is_empty());
        assert_eq!(queue.push_all(vec![2, 3, 4, 5]), [4, 5]);
        assert_eq!(queue.push_all(vec![6]), [6]);
        let mut out = Vec::new();
        assert!(queue.take(&mut out, 100));
        assert_eq!(out, [1, 2, 3]);
        queue.close();
        assert_eq!(queue.push_all(vec![7]), [7]);
    }

    #[test]
    fn who_has_something_else_to_do_waits_until_then() {
        let queue = Queue::new(2);
        let mut out = Vec::new();
        assert!(queue.take_until(&mut out, 9, Some(Instant::now())));
        assert!(out.is_empty());
        queue.push(1).unwrap();
        assert!(queue.take_until(&mut out, 9, Some(Instant::now())));
        assert_eq!(out, [1]);
        queue.close();
        assert!(!queue.take_until(&mut out, 9, Some(Instant::now())));
    }

    #[test]
    fn closing_hands_out_what_is_inside() {
        let queue = Queue::new(2);
        queue.push(1).unwrap();
        queue.close();
        assert_eq!(queue.push(2), Err(Full));
        let mut out = Vec::new();
        assert!(queue.take(&mut out, 9));
        assert!(!queue.take(&mut out, 9));
        assert_eq!(out, [1]);
    }

    #[test]
    fn closing_wakes_every_sleeper() {
        let queue = Arc::new(Queue::<u8>::new(1));
        let sleepers: Vec<_> = (0..3)
            .map(|_| {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || queue.take(&mut Vec::new(), 1))
            })
            .collect();
        queue.close();
        for sleeper in sleepers {
            assert!(!sleeper.join().unwrap());
        }
    }

    #[test]
    fn every_item_goes_to_exactly_one_taker() {
        let queue = Arc::new(Queue::new(8));
        let takers: Vec<_> = (0..3)
            .map(|_| {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || {
                    let mut mine = Vec::new();
                    while queue.take(&mut mine, 3) {}
                    mine
                })
            })
            .collect();
        for item in 0..5_000 {
            while queue.push(item).is_err() {
                std::thread::yield_now();
            }
        }
        queue.close();
        let mut all: Vec<i32> = takers.into_iter().flat_map(|t| t.join().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..5_000).collect::<Vec<_>>());
    }
}
