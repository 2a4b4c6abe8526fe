//! What clients have begun to say and not ended: frames, messages and bodies of which a part is in
//! memory.
//!
//! All of a worker thread together have a bound. When it is reached, what was begun first is given up:
//! whoever speaks takes as long as the network does, and whoever only begins is the oldest soon.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::{Rc, Weak},
    sync::Arc,
};

use crate::metrics::Metrics;

/// What can be given up in the middle.
pub trait GiveUp {
    /// Nothing more of it is waited for.
    fn give_up(&self);
}

/// A worker thread's unfinished parts.
pub struct Unfinished {
    most: usize,
    bytes: Cell<usize>,
    next: Cell<u64>,
    /// By when they were begun.
    parts: RefCell<BTreeMap<u64, Part>>,
    metrics: Arc<Metrics>,
}

struct Part {
    bytes: usize,
    owner: Weak<dyn GiveUp>,
}

impl Unfinished {
    /// Nothing yet; `most` bounds the bytes.
    #[must_use]
    pub fn new(most: usize, metrics: Arc<Metrics>) -> Rc<Self> {
        Rc::new(Self {
            most,
            bytes: Cell::new(0),
            // 0 is none.
            next: Cell::new(1),
            parts: RefCell::default(),
            metrics,
        })
    }

    fn set(&self, number: u64, bytes: usize, owner: impl FnOnce() -> Weak<dyn GiveUp>) {
        let mut parts = self.parts.borrow_mut();
        let part = parts.entry(number).or_insert_with(|| Part { bytes: 0, owner: owner() });
        let before = std::mem::replace(&mut part.bytes, bytes);
        self.bytes.set(self.bytes.get() - before + bytes);
    }

    fn forget(&self, number: u64) {
        if let Some(part) = self.parts.borrow_mut().remove(&number) {
            self.bytes.set(self.bytes.get() - part.bytes);
        }
    }

    fn relieve(&self) {
        while self.bytes.get() > self.most {
            let Some((_, part)) = self.parts.borrow_mut().pop_first() else { return };
            self.bytes.set(self.bytes.get() - part.bytes);
            self.metrics.limited.with_label_values(&["unfinished_bytes"]).inc();
            if let Some(owner) = part.owner.upgrade() {
                owner.give_up();
            }
        }
    }
}

/// What one client has begun.
pub struct Begun {
    unfinished: Rc<Unfinished>,
    /// 0 while there is nothing.
    number: u64,
}

impl Begun {
    /// Nothing yet.
    #[must_use]
    pub fn new(unfinished: &Rc<Unfinished>) -> Self {
        Self { unfinished: unfinished.clone(), number: 0 }
    }

    /// So many bytes of it are in memory. May give up the oldest of all, also this one.
    pub fn holds(&mut self, bytes: usize, owner: impl FnOnce() -> Weak<dyn GiveUp>) {
        if bytes == 0 {
            // In nearly every case there was nothing before.
            if self.number != 0 {
                self.unfinished.forget(std::mem::take(&mut self.number));
            }
            return;
        }
        if self.number == 0 {
            self.number = self.unfinished.next.get();
            self.unfinished.next.set(self.number + 1);
        }
        self.unfinished.set(self.number, bytes, owner);
        self.unfinished.relieve();
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.number != 0 {
            self.unfinished.forget(self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Speaker(Cell<u32>);

    impl GiveUp for Speaker {
        fn give_up(&self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn what_was_begun_first_is_given_up_first() {
        let metrics = Arc::new(Metrics::new().unwrap());
        let unfinished = Unfinished::new(100, metrics.clone());
        let speakers: Vec<Rc<Speaker>> = (0..4).map(|_| Rc::default()).collect();
        let mut begun: Vec<Begun> = (0..4).map(|_| Begun::new(&unfinished)).collect();
        let mut hold = |speaker: usize, bytes| {
            let owner = Rc::downgrade(&speakers[speaker]);
            begun[speaker].holds(bytes, || owner);
        };
        let given_up = || speakers.iter().map(|speaker| speaker.0.get()).collect::<Vec<_>>();
        hold(0, 40);
        hold(1, 40);
        hold(0, 0);
        hold(0, 60);
        assert_eq!(given_up(), [0, 0, 0, 0]);
        hold(2, 30);
        assert_eq!(given_up(), [0, 1, 0, 0], "0 ended what it had begun before");
        hold(3, 100);
        assert_eq!(given_up(), [1, 1, 1, 0]);
        assert_eq!(metrics.limited.with_label_values(&["unfinished_bytes"]).get(), 3);
        // What is given up counts no more, whatever becomes of it.
        hold(1, 0);
        hold(2, 0);
        assert_eq!(unfinished.bytes.get(), 100);
        hold(3, 101);
        assert_eq!(given_up(), [1, 1, 1, 1], "one alone is bounded too");
        drop(begun);
        assert_eq!((unfinished.bytes.get(), unfinished.parts.borrow().len()), (0, 0));
    }
}
