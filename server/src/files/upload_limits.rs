//! How many uploads one person, and everybody together, may have.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use maru_protocol::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most uploads of one person at once: a page sends one after the other, a tab or two beside it.
const OF_ONE: u32 = 4;

/// People remembered before the list is gone through for those who rest.
const REMEMBERED: usize = 4_096;

type Rates = RateLimiter<
    UserId,
    HashMapStateStore<UserId>,
    MonotonicClock,
    NoOpMiddleware<std::time::Instant>,
>;

/// Why an upload can't begin now. Each passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    /// The person has as many under way as they may.
    #[error("you upload as many files at once as you can: wait until one is done")]
    Busy,
    /// The person uploaded too many lately.
    #[error("too many uploads: wait a moment")]
    TooFast {
        /// Seconds to wait.
        wait: u64,
    },
    /// The person uploaded too much within a day.
    #[error("you uploaded as much as one person can within 24 hours: try again later")]
    TooMuch,
    /// The server has as many under way as it takes.
    #[error("the server takes as many uploads at once as it can: try again in a moment")]
    Full,
}

/// Who uploads how much.
pub(super) struct UploadLimits {
    places: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<UserId, u32>>>,
    rates: Rates,
}

impl UploadLimits {
    pub(super) fn new(at_once: usize, per_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute);
        Self {
            places: Arc::new(Semaphore::new(at_once)),
            open: Arc::default(),
            rates: RateLimiter::hashmap_with_clock(quota, MonotonicClock),
        }
    }

    /// A place for one upload of that person, until it is dropped.
    pub(super) fn enter(&self, owner: &UserId) -> Result<UploadSlot, UploadRefused> {
        let permit = self.places.clone().try_acquire_owned().map_err(|_| UploadRefused::Full)?;
        {
            let mut open = lock(&self.open);
            let count = open.entry(owner.clone()).or_default();
            if *count >= OF_ONE {
                return Err(UploadRefused::Busy);
            }
            *count += 1;
        }
        let place = UploadSlot { open: self.open.clone(), owner: owner.clone(), _permit: permit };
        if self.rates.len() > REMEMBERED {
            self.rates.retain_recent();
        }
        self.rates.check_key(owner).map_err(|until| {
            let wait = until.wait_time_from(MonotonicClock.now());
            UploadRefused::TooFast { wait: wait.as_secs() + 1 }
        })?;
        Ok(place)
    }
}

/// One upload's place.
pub(super) struct UploadSlot {
    open: Arc<Mutex<HashMap<UserId, u32>>>,
    owner: UserId,
    _permit: OwnedSemaphorePermit,
}

impl Drop for UploadSlot {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        match open.get_mut(&self.owner) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                open.remove(&self.owner);
            }
        }
    }
}

/// No code of others runs under the lock, so a poisoned one still guards a whole state.
fn lock(open: &Mutex<HashMap<UserId, u32>>) -> MutexGuard<'_, HashMap<UserId, u32>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> UserId {
        UserId(name.to_owned())
    }

    #[test]
    fn one_takes_no_more_than_their_share_and_gives_it_back() {
        let bounds = UploadLimits::new(6, NonZeroU32::new(1_000).unwrap());
        let mut places: Vec<UploadSlot> =
            (0..OF_ONE).map(|_| bounds.enter(&person("a")).ok().unwrap()).collect();
        assert_eq!(bounds.enter(&person("a")).err(), Some(UploadRefused::Busy));
        let others: Vec<UploadSlot> =
            (0..2).map(|_| bounds.enter(&person("b")).ok().unwrap()).collect();
        assert_eq!(bounds.enter(&person("c")).err(), Some(UploadRefused::Full));
        places.pop();
        assert!(bounds.enter(&person("a")).is_ok());
        drop((places, others));
        assert!(lock(&bounds.open).is_empty(), "nobody is remembered who has none");
        assert_eq!(bounds.places.available_permits(), 6);
    }

    #[test]
    fn one_after_the_other_is_bounded_as_well() {
        let bounds = UploadLimits::new(6, NonZeroU32::new(3).unwrap());
        for _ in 0..3 {
            assert!(bounds.enter(&person("a")).is_ok());
        }
        let refused = bounds.enter(&person("a")).err();
        assert!(matches!(refused, Some(UploadRefused::TooFast { wait: 1..=21 })), "{refused:?}");
        assert!(bounds.enter(&person("b")).is_ok());
        assert_eq!(bounds.places.available_permits(), 6);
    }
}
