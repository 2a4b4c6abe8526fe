//! How often and how much, each with its reason.

use std::time::Duration;

/// The follower's times and bounds.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How long a hole waits for a hint that is late. Two nodes that commit to one room at once
    /// hear of each other within a few milliseconds; more would show as a delay wherever a hint
    /// was lost. Up to a quarter more, so that the nodes do not ask all at once.
    pub grace: Duration,
    /// A followed room's head is looked at this often at most a quarter earlier: with the
    /// statement itself it stays below the 5 s that a lost last hint may take.
    pub check: Duration,
    /// The same while the bus is away, when looking at heads is all there is.
    pub check_alone: Duration,
    /// Between two looks at heads, of up to a thousand rooms each, one at a time: while the bus is
    /// away 10,000 rooms take 10 statements, so each room's turn comes after 0.5 s instead of
    /// 0.25, and the store sees at most 20 small statements a second from a node.
    pub pause: Duration,
    /// Pages read at a time: enough to hide one statement's way to the store, and few beside its
    /// pool of 8.
    pub reads: usize,
    /// Entries in such a page: a quarter of a second of a busy room; at most 3 MiB of bodies.
    pub page: u32,
    /// The first pause after the journal failed; each further one is twice as long.
    pub backoff: Duration,
    /// The longest one: the store that is back is noticed within it.
    pub most_backoff: Duration,
    /// Bytes held for what is before them, all rooms together; beyond it the journal is read.
    pub held: usize,
    /// Batches that nobody has taken yet. Beyond it the follower waits, and with it the journal.
    pub batches: usize,
    /// Soft messages that nobody has taken yet: half a second of a busy cluster. Beyond it they
    /// are dropped.
    pub soft: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            grace: Duration::from_millis(20),
            check: Duration::from_secs(4),
            check_alone: Duration::from_millis(250),
            pause: Duration::from_millis(50),
            reads: 4,
            page: 200,
            backoff: Duration::from_millis(50),
            most_backoff: Duration::from_secs(2),
            held: 32 << 20,
            batches: 4,
            soft: 4_096,
        }
    }
}

/// Spreads what nodes and rooms would otherwise do at once. Not for secrets.
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
