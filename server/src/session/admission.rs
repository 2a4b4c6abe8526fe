//! Newcomers take turns, so that those who are in go first.
//!
//! A worker's tasks run one after the other, each as it became ready. Ten thousand connections at
//! once are ten thousand ready tasks, and a message between two people who are in would wait behind
//! all of them, twice. So who is not in a room yet waits here, in the order of coming, and the
//! worker lets a few through before it looks after everybody else again.
//!
//! A turn is one step: a handshake, a `hello`, a `join`. Nothing is held between two turns, so
//! nobody who is silent, slow or gone keeps others out, and there is nothing to give back.

use std::rc::Rc;

use tokio::sync::{Notify, Semaphore};

/// Steps of newcomers between two rounds of everybody else: at up to 100 us each, under 2 ms.
const ROUND: usize = 16;

/// A worker thread's turns.
#[derive(Debug)]
pub struct AdmissionQueue {
    left: Semaphore,
    spent: Notify,
}

impl AdmissionQueue {
    /// [`AdmissionQueue::run`] hands out what comes after the first round.
    #[must_use]
    pub fn new() -> Rc<Self> {
        Rc::new(Self { left: Semaphore::new(ROUND), spent: Notify::new() })
    }

    /// Waits for a turn: not at all while there are fewer newcomers than turns in a round.
    /// First come, first served; who waits is bounded by the number of connections.
    pub async fn turn(&self) {
        // An error would say that it was closed, which nobody does.
        if let Ok(turn) = self.left.acquire().await {
            turn.forget();
            // Until then fewer than a round went through: in quiet times nobody needs a next one.
            if self.left.available_permits() == 0 {
                self.spent.notify_one();
            }
        }
    }

    /// Hands out rounds of turns, until dropped.
    pub async fn run(self: Rc<Self>) {
        loop {
            self.spent.notified().await;
            // Comes back when every other task that is ready, also by what sockets brought
            // meanwhile, had its own turn.
            tokio::task::yield_now().await;
            self.left.add_permits(ROUND.saturating_sub(self.left.available_permits()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use tokio::task::{LocalSet, spawn_local, yield_now};

    use super::*;

    /// Runs a thousand newcomers of some steps each; returns how many steps they took at most
    /// between two steps of somebody who is in, and in which order they had their first one.
    async fn storm(take_turns: bool) -> (usize, Vec<usize>) {
        let turns = AdmissionQueue::new();
        let usher = spawn_local(turns.clone().run());
        let (steps, order) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
        for n in 0..1_000 {
            let (turns, steps, order) = (turns.clone(), steps.clone(), order.clone());
            spawn_local(async move {
                for step in 0..3 {
                    if take_turns {
                        turns.turn().await;
                    }
                    if step == 0 {
                        order.borrow_mut().push(n);
                    }
                    steps.set(steps.get() + 1);
                    yield_now().await;
                }
            });
        }
        let (mut before, mut most) = (0, 0);
        while steps.get() < 3_000 {
            yield_now().await;
            most = most.max(steps.get() - before);
            before = steps.get();
        }
        usher.abort();
        (most, order.take())
    }

    #[tokio::test]
    async fn who_is_in_is_not_held_up_by_a_storm_of_newcomers() {
        let (most, order) = LocalSet::new().run_until(storm(true)).await;
        assert!(most <= 2 * ROUND, "{most} steps of newcomers in one go");
        assert!(order.is_sorted() && order.len() == 1_000, "first come, first served");
        let (most, _) = LocalSet::new().run_until(storm(false)).await;
        assert!(most > 30, "without turns it is as many as the scheduler takes: {most}");
    }

    #[tokio::test]
    async fn who_gives_up_or_never_goes_on_keeps_nobody_out() {
        let newcomers = async {
            let turns = AdmissionQueue::new();
            let usher = spawn_local(turns.clone().run());
            // They have their turn and then say nothing for ever; half of them go while waiting.
            let silent: Vec<_> = (0..1_000)
                .map(|_| {
                    let turns = turns.clone();
                    spawn_local(async move {
                        turns.turn().await;
                        std::future::pending::<()>().await;
                    })
                })
                .collect();
            yield_now().await;
            silent.iter().skip(500).for_each(tokio::task::JoinHandle::abort);
            turns.turn().await;
            usher.abort();
        };
        let set = LocalSet::new();
        let all = set.run_until(newcomers);
        let soon = std::time::Duration::from_secs(5);
        tokio::time::timeout(soon, all).await.expect("the last one's turn came");
    }
}
