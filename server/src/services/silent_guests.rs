//! Forgets guests who read in a room and never spoke: everybody can make as many as they like.

use std::{sync::Arc, time::Duration};

use super::expiry::{expired_before, step_by_step, walk_for_ever};
use crate::{
    clock::Clock,
    journal::{JournalError, MemberPlace, Names},
    metrics::Metrics,
};

/// Between two steps of a walk: what others ask the store has its turn. A million members are walked
/// along in two minutes.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks through all members again and again. Every node has one: what one forgot the others don't
/// find.
pub struct SilentGuests {
    names: Arc<dyn Names>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// How long they are kept after they were last seen reading something new.
    ttl: Duration,
}

impl SilentGuests {
    /// Over this store.
    #[must_use]
    pub fn new(
        names: Arc<dyn Names>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        ttl: Duration,
    ) -> Self {
        Self { names, clock, metrics, ttl }
    }

    /// Walks at once, and then again and again, for ever.
    pub async fn run(self) {
        let tell = |forgotten| log::info!(forgotten; "guests who never spoke were forgotten");
        walk_for_ever(self.ttl, "silent guests", async || self.walk(PAUSE).await, tell).await;
    }

    /// Looks at every member once; says how many were forgotten.
    ///
    /// # Errors
    /// When the store does not answer; the next walk begins anew.
    pub async fn walk(&self, pause: Duration) -> Result<u64, JournalError> {
        let before = expired_before(self.clock.as_ref(), self.ttl);
        step_by_step(pause, async |from: MemberPlace| {
            let swept = self.names.sweep(from, before).await?;
            self.metrics.guests_forgotten.inc_by(swept.forgotten);
            Ok(swept)
        })
        .await
    }
}
