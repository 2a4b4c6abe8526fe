//! The least rate of something that takes a place.

use std::time::Duration;

/// Bytes that have to move in each span of waiting. Only waiting counts: who is kept waiting by others
/// is not slow.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    least: u64,
    span: Duration,
    moved: u64,
    waited: Duration,
}

/// Less moved within a span than has to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSlow;

impl Pace {
    /// At least `rate` bytes a second, counted over each `span`.
    #[must_use]
    pub fn new(rate: u64, span: Duration) -> Self {
        let least = u128::from(rate) * span.as_millis() / 1_000;
        let least = u64::try_from(least).unwrap_or(u64::MAX);
        Self { least, span, moved: 0, waited: Duration::ZERO }
    }

    /// Bytes moved.
    pub fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes as u64);
    }

    /// How much longer can be waited in this span.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.span.saturating_sub(self.waited)
    }

    /// It was waited for so long.
    ///
    /// # Errors
    /// [`TooSlow`] when a span is over in which too little moved.
    pub fn waited(&mut self, time: Duration) -> Result<(), TooSlow> {
        self.waited = self.waited.saturating_add(time);
        if self.waited < self.span {
            return Ok(());
        }
        let is_slow = self.moved < self.least;
        (self.moved, self.waited) = (0, Duration::ZERO);
        if is_slow { Err(TooSlow) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn each_span_of_waiting_has_to_bring_its_share() {
        let mut pace = Pace::new(100, 3 * SECOND);
        for _ in 0..5 {
            pace.moved(300);
            assert_eq!(pace.left(), 3 * SECOND);
            assert_eq!(pace.waited(2 * SECOND), Ok(()));
            assert_eq!(pace.left(), SECOND);
            assert_eq!(pace.waited(SECOND), Ok(()));
        }
        pace.moved(299);
        assert_eq!(pace.waited(2 * SECOND), Ok(()));
        assert_eq!(pace.waited(SECOND), Err(TooSlow));
    }

    #[test]
    fn what_moved_long_ago_does_not_count() {
        let mut pace = Pace::new(100, SECOND);
        pace.moved(1_000_000);
        assert_eq!(pace.waited(SECOND), Ok(()));
        assert_eq!(pace.waited(SECOND), Err(TooSlow));
    }
}
