//! What goes after a while: somebody walks over all that there is, again and again.

use std::time::Duration;

use tokio::time::sleep;

use crate::{clock::Clock, journal::JournalError};

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
