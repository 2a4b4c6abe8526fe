//! What goes after a while: somebody walks over all that there is, again and again.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    clock::Clock,
    journal::{JournalError, Swept},
};

/// Walks at once, and then again and again, for ever. A walk says how many went, which `tell` is told where
/// there were any.
pub(super) async fn walk_for_ever(
    ttl: Duration,
    what: &str,
    walk: impl AsyncFn() -> Result<u64, JournalError>,
    tell: impl Fn(u64),
) {
    // What is to go stays a tenth longer than said at most; an hour is often enough.
    let pace = (ttl / 10).clamp(Duration::from_secs(1), Duration::from_secs(3_600));
    loop {
        match walk().await {
            Ok(0) => {}
            Ok(gone) => tell(gone),
            // The store says itself, once, that it is away.
            Err(error) => log::debug!(error:%; "{what} could not be looked for"),
        }
        sleep(pace).await;
    }
}

/// What is from before then goes now; in milliseconds since 1970, UTC.
pub(super) fn expired_before(clock: &dyn Clock, ttl: Duration) -> u64 {
    let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
    clock.now_ms().saturating_sub(ttl)
}

/// From the first place of a store to the last, with a pause between two steps, in which what others ask the
/// store has its turn; says how many went.
pub(super) async fn step_by_step<P: Default>(
    pause: Duration,
    step: impl AsyncFn(P) -> Result<Swept<P>, JournalError>,
) -> Result<u64, JournalError> {
    let (mut from, mut all) = (P::default(), 0);
    loop {
        let Swept { forgotten, next } = step(from).await?;
        all += forgotten;
        match next {
            Some(next) => from = next,
            None => return Ok(all),
        }
        sleep(pause).await;
    }
}
