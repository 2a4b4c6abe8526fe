//! How much of a disk is free, and whether the log may take of it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::clock::Clock;

/// How often the disk is asked: a message does not wait for that, and within a second the fastest
/// clients together write a few MiB.
const AGAIN: Duration = Duration::from_secs(1);

/// Bytes that are free on the disk of this place for whoever is no administrator. None where the
/// system does not say.
#[must_use]
pub fn free_bytes(place: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(place).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Keeps the log from filling its disk: a store that is full can't even delete.
pub struct FreeSpace {
    keep_free: u64,
    free: Box<dyn Fn() -> Option<u64> + Send + Sync>,
    clock: Arc<dyn Clock>,
    /// In milliseconds of the monotonic clock, 1 more than it was; 0 before the first look.
    looked: AtomicU64,
    full: AtomicBool,
    /// Bytes at the last look; the most there can be where the system did not say.
    last: AtomicU64,
}

impl FreeSpace {
    /// Of a disk that says by `free` how many bytes it has, `keep_free` stay free.
    #[must_use]
    pub fn new(
        keep_free: u64,
        clock: Arc<dyn Clock>,
        free: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        let (looked, full) = (AtomicU64::new(0), AtomicBool::new(false));
        let last = AtomicU64::new(u64::MAX);
        Self { keep_free, free: Box::new(free), clock, looked, full, last }
    }

    /// Whether the log may grow.
    #[must_use]
    pub fn is_there(&self) -> bool {
        let now = self.clock.monotonic().since_start();
        let looked = self.looked.load(Ordering::Relaxed);
        let is_due = looked == 0 || Duration::from_millis(looked - 1) + AGAIN <= now;
        let next = u64::try_from(now.as_millis()).unwrap_or(u64::MAX - 1) + 1;
        // One of the threads looks.
        let order = Ordering::Relaxed;
        if is_due && self.looked.compare_exchange(looked, next, order, order).is_ok() {
            self.look();
        }
        !self.full.load(Ordering::Relaxed)
    }

    /// How many bytes stay free.
    #[must_use]
    pub fn keep_free(&self) -> u64 {
        self.keep_free
    }

    /// How many bytes are free, as of a second ago at most. None where the system does not say.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        let _ = self.is_there();
        Some(self.last.load(Ordering::Relaxed)).filter(|free| *free != u64::MAX)
    }

    fn look(&self) {
        let free = (self.free)();
        self.last.store(free.unwrap_or(u64::MAX), Ordering::Relaxed);
        // A disk that can't be asked says at the first write what is wrong with it.
        let full = free.is_some_and(|free| free < self.keep_free);
        if self.full.swap(full, Ordering::Relaxed) != full {
            if full {
                log::error!(
                    "the journal's disk has less free than journal.keep_free: nothing is kept until \
                     there is more"
                );
            } else {
                log::info!("the journal's disk has enough free again");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_disk_is_asked_once_a_second_and_what_it_says_counts() {
        let (clock, free) = (ManualClock::at(0), Arc::new(AtomicU64::new(99)));
        let asked = Arc::new(AtomicU64::new(0));
        let disk = (free.clone(), asked.clone());
        let space = FreeSpace::new(100, Arc::new(clock.clone()), move || {
            disk.1.fetch_add(1, Ordering::Relaxed);
            Some(disk.0.load(Ordering::Relaxed))
        });
        assert!(!space.is_there());
        assert_eq!((space.free(), space.keep_free()), (Some(99), 100));
        free.store(100, Ordering::Relaxed);
        clock.advance_ms(999);
        assert!(!space.is_there());
        clock.advance_ms(1);
        assert!((0..100).all(|_| space.is_there()));
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        let unknown = FreeSpace::new(100, Arc::new(clock), || None);
        assert!(unknown.is_there() && unknown.free().is_none());
    }

    #[test]
    fn a_real_disk_says_how_much_is_free() {
        assert!(free_bytes(Path::new("/")).is_some());
        assert_eq!(free_bytes(Path::new("/no/such/place")), None);
    }
}
