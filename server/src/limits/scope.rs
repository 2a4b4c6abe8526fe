//! The limits of addresses, or of people.

use std::{hash::Hash, num::NonZeroU32, sync::Arc, sync::atomic::Ordering, time::Duration};

use governor::{RateLimiter, clock::Clock as _, middleware::NoOpMiddleware, nanos::Nanos};

use super::{
    InjectedClock,
    account::{Account, Bucket},
    bounds::{Bounds, Place, Quota, Rate},
    table::Table,
};
use crate::clock::Clock;

type Limiter = RateLimiter<Account, Bucket, InjectedClock, NoOpMiddleware<Nanos>>;

/// One kind of limit: the name of its setting, and what holds.
struct Limit<T> {
    name: String,
    of: Option<T>,
}

pub(super) struct Scope<K> {
    table: Table<K>,
    rates: Vec<Limit<(Limiter, NonZeroU32)>>,
    places: Vec<Limit<u32>>,
    /// What its full table is called in the figures.
    full: String,
    /// Behind what there is too much of.
    suffix: &'static str,
    clock: Arc<dyn Clock>,
    start: Duration,
}

impl<K: Clone + Eq + Hash> Scope<K> {
    pub(super) fn new(
        name: &str,
        suffix: &'static str,
        bounds: &Bounds,
        most: usize,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let rates = Rate::ALL.iter().map(|rate| Limit {
            name: format!("{name}_{}", rate.key()),
            of: bounds.rate(*rate).map(|quota| (limiter(*rate, quota, clock), quota.burst)),
        });
        let places = Place::ALL.iter().map(|place| Limit {
            name: format!("{name}_{}", place.key()),
            of: bounds.places(*place),
        });
        Self {
            table: Table::new(most),
            rates: rates.collect(),
            places: places.collect(),
            full: format!("{name}_table"),
            suffix,
            clock: clock.clone(),
            start: clock.monotonic().since_start(),
        }
    }

    /// The account of a key, and whether the table is full, so that it is one that newcomers share.
    pub(super) fn account(&self, key: K) -> (Account, bool) {
        let now = self.clock.monotonic().since_start();
        let since_start = now.saturating_sub(self.start);
        self.table.account(key, now, |account| account.is_idle(since_start, now))
    }
}

impl<K> Scope<K> {
    /// Takes `n` off an account's bucket: all of it where `n` is more than it holds.
    ///
    /// # Errors
    /// How long to wait when there are not so many.
    pub(super) fn take(&self, account: &Account, rate: Rate, n: u32) -> Result<(), Duration> {
        let Some((limiter, burst)) = &self.rates[rate as usize].of else { return Ok(()) };
        let Some(n) = NonZeroU32::new(n).map(|n| n.min(*burst)) else { return Ok(()) };
        // It holds so many, so that is never the error.
        let Ok(taken) = limiter.check_key_n(account, n) else { return Ok(()) };
        taken.map_err(|until| until.wait_time_from(limiter.clock().now()))
    }

    /// Takes one of an account's places, if one is free.
    pub(super) fn enter(&self, account: &Account, place: Place) -> bool {
        let most = self.places[place as usize].of.unwrap_or(u32::MAX);
        let taken = |held: u32| (held < most).then_some(held + 1);
        account.held(place).fetch_update(Ordering::AcqRel, Ordering::Acquire, taken).is_ok()
    }

    pub(super) fn rate_name(&self, rate: Rate) -> &str {
        &self.rates[rate as usize].name
    }

    pub(super) fn place_name(&self, place: Place) -> &str {
        &self.places[place as usize].name
    }

    pub(super) fn full(&self) -> &str {
        &self.full
    }

    pub(super) fn suffix(&self) -> &'static str {
        self.suffix
    }
}

fn limiter(rate: Rate, Quota { every, burst }: Quota, clock: &Arc<dyn Clock>) -> Limiter {
    let every = every.max(Duration::from_nanos(1));
    let quota = governor::Quota::with_period(every)
        // Of a period that is none, which this is not.
        .unwrap_or_else(|| governor::Quota::per_second(burst))
        .allow_burst(burst);
    RateLimiter::new(quota, Bucket(rate), InjectedClock(clock.clone()))
}
