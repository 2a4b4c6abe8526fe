//! How often and how much, each with its reason.

use std::time::Duration;

/// The follower's times and bounds.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// How long a hole waits for a hint that is late. Two nodes that commit to one room at once
    /// hear of each other within a few milliseconds; more would show as a delay wherever a hint
    /// was lost. Up to a quarter more, so that the nodes do not ask all at once.
    pub hint_grace: Duration,
    /// A followed room's head is checked this often at most a quarter earlier: with the statement
    /// itself it stays below the 5 s that a lost last hint may take.
    pub check_interval: Duration,
    /// The same while the bus is away, when checking heads is all there is.
    pub check_interval_without_bus: Duration,
    /// Between two checks, one at a time, of up to `heads_per_check` rooms each: while the bus is
    /// away 10,000 rooms take 10 statements, so each room's turn comes after 0.5 s instead of
    /// 0.25, and the store sees at most 20 small statements a second from a node.
    pub check_pause: Duration,
    /// Rooms in one check, as many as the journal answers at once.
    pub heads_per_check: usize,
    /// Pages read at a time: enough to hide one statement's way to the store, and few beside its
    /// pool of 8.
    pub page_reads: usize,
    /// Entries in such a page: a quarter of a second of a busy room; at most 3 MiB of bodies.
    pub page_entries: u32,
    /// The first pause after the journal failed; each further one is twice as long.
    pub min_backoff: Duration,
    /// The longest one: the store that is back is noticed within it.
    pub max_backoff: Duration,
    /// Bytes held for what is before them, all rooms together; beyond it the journal is read.
    pub held_bytes: usize,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self {
            hint_grace: Duration::from_millis(20),
            check_interval: Duration::from_secs(4),
            check_interval_without_bus: Duration::from_millis(250),
            check_pause: Duration::from_millis(50),
            heads_per_check: 1_000,
            page_reads: 4,
            page_entries: 200,
            min_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(2),
            held_bytes: 32 << 20,
        }
    }
}
