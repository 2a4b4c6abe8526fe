//! Time as a parameter: what needs to know it is given a clock, so that tests can turn it.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use maru_engine::Instant;

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Wall-clock time: milliseconds since 1970, UTC. May jump, either way: for stamps and expiry,
    /// not for measuring.
    fn now_ms(&self) -> u64;

    /// Monotonic time: never goes back, for measuring.
    fn monotonic(&self) -> Instant;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// 0 on a machine whose clock is before 1970.
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Instant {
        Instant::from_start(START.elapsed())
    }
}

/// Where the machine's monotonic clock began for this process: at its first look.
static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// A clock that stands still until it is told. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that shows `now_ms`.
    #[must_use]
    pub fn at(now_ms: u64) -> Self {
        Self(Arc::new(AtomicU64::new(now_ms)))
    }

    /// Moves it on.
    pub fn advance_ms(&self, by: u64) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Instant {
        Instant::from_start(Duration::from_millis(self.now_ms()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(7);
        let shared = clock.clone();
        assert_eq!(clock.now_ms(), 7);
        shared.advance_ms(5);
        assert_eq!(clock.now_ms(), 12);
        assert_eq!(clock.monotonic().since_start(), Duration::from_millis(12));
        assert!(SystemClock.monotonic() <= SystemClock.monotonic());
        assert!(SystemClock.now_ms() > 1_700_000_000_000);
    }
}
