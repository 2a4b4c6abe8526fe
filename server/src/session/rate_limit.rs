//! How many frames a connection may send, by the time that it is told.

use std::{num::NonZeroU32, sync::Arc};

use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use maru_protocol::ErrorCode;

use super::refusal::Refusal;
use crate::{clock::Clock, limits::InjectedClock};

/// A connection's share of frames.
pub(super) struct RateLimit(
    RateLimiter<NotKeyed, InMemoryState, InjectedClock, NoOpMiddleware<Nanos>>,
);

impl RateLimit {
    /// So many frames a second, and so many at once.
    pub(super) fn new(per_second: NonZeroU32, burst: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Self(RateLimiter::direct_with_clock(quota, InjectedClock(clock)))
    }

    /// Takes one frame off the share.
    ///
    /// # Errors
    /// When nothing is left of it; says when there is.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.0.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(self.0.clock().now());
            let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1);
            let message = "too many frames: slow down";
            Refusal { retry_after: Some(wait), ..Refusal::new(ErrorCode::RateLimited, message) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_share_grows_by_the_time_that_it_is_told() {
        let clock = ManualClock::at(1_000_000);
        let number = |number| NonZeroU32::new(number).unwrap();
        let rate = RateLimit::new(number(10), number(3), Arc::new(clock.clone()));
        let sent = || (0..100).take_while(|_| rate.check().is_ok()).count();
        assert_eq!(sent(), 3, "a burst");
        let refusal = rate.check().unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after), (ErrorCode::RateLimited, Some(100)));
        clock.advance_ms(99);
        assert_eq!(sent(), 0);
        clock.advance_ms(1);
        assert_eq!(sent(), 1);
        clock.advance_ms(60_000);
        assert_eq!(sent(), 3, "no more than a burst, however long it was silent");
    }
}
