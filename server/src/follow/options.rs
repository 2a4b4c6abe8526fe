//! The follower's bounds.

use maru_engine::follow::FollowOptions;

use crate::journal::MOST_HEADS;

/// The follower's times and bounds, and those of what comes out of it.
#[derive(Clone, Debug)]
pub struct FollowerOptions {
    /// Of what it decides.
    pub follow: FollowOptions,
    /// Batches that nobody has taken yet. Beyond it the follower waits, and with it the journal.
    pub batch_queue: usize,
    /// Ephemeral messages that nobody has taken yet: half a second of a busy cluster. Beyond it
    /// they are dropped.
    pub cluster_event_queue: usize,
}

impl Default for FollowerOptions {
    fn default() -> Self {
        let follow = FollowOptions { heads_per_check: MOST_HEADS, ..FollowOptions::default() };
        Self { follow, batch_queue: 4, cluster_event_queue: 4_096 }
    }
}
