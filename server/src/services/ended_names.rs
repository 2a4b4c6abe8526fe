//! Frees the names of people who can't come back: a name is kept for its owner, and not for nobody.

use std::{sync::Arc, time::Duration};

use super::expiry::{expired_before, step_by_step, walk_for_ever};
use crate::{
    clock::Clock,
    journal::{JournalError, NamePlace, Names},
};

/// Between two steps of a walk: a million names are walked along in two minutes.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks through all held names again and again. Every node has one: what one freed the others don't find.
pub struct EndedNames {
    names: Arc<dyn Names>,
    clock: Arc<dyn Clock>,
    /// How long a guest stays the same person at most.
    most: Duration,
}

impl EndedNames {
    /// Over this store.
    #[must_use]
    pub fn new(names: Arc<dyn Names>, clock: Arc<dyn Clock>, most: Duration) -> Self {
        Self { names, clock, most }
    }

    /// Walks at once, and then again and again, for ever.
    pub async fn run(self) {
        let tell =
            |rows| log::info!(names = rows / 2; "names of people who can't come back are free");
        walk_for_ever(self.most, "names of ended identities", async || self.walk().await, tell)
            .await;
    }

    async fn walk(&self) -> Result<u64, JournalError> {
        let before = expired_before(self.clock.as_ref(), self.most);
        let step = async |from: NamePlace| self.names.release_ended(from, before).await;
        step_by_step(PAUSE, step).await
    }
}
