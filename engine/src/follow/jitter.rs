//! Spreads what nodes and rooms would otherwise do at once.

use std::time::Duration;

/// Pseudo-random durations from a seed. Not for secrets.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Anything from `from` to `to`.
    pub(super) fn between(&mut self, from: Duration, to: Duration) -> Duration {
        // SplitMix64, of which the upper bits are the best.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let part = (bits >> 48) as u32;
        from + to.saturating_sub(from) * part / (1 << 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_between_and_is_spread() {
        let mut jitter = Jitter::new(1);
        let (from, to) = (Duration::from_millis(100), Duration::from_millis(200));
        let drawn: Vec<Duration> = (0..1_000).map(|_| jitter.between(from, to)).collect();
        assert!(drawn.iter().all(|drawn| (from..=to).contains(drawn)));
        let upper = drawn.iter().filter(|drawn| **drawn > from + (to - from) / 2).count();
        assert!((400..600).contains(&upper), "{upper}");
        assert_eq!(jitter.between(from, from), from);
    }
}
