//! What one address or one person has used up.

use std::{
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{nanos::Nanos, state::StateStore};

use super::bounds::{Place, Rate};

/// The buckets and counts of one address or person. Clones are the same account.
#[derive(Clone, Default)]
pub(super) struct Account(Arc<State>);

#[derive(Default)]
struct State {
    /// By [`Rate`]: when the bucket is full again, in nanoseconds since the limiter began (the
    /// theoretical arrival time of GCRA).
    full_at: [AtomicU64; Rate::COUNT],
    /// By [`Place`].
    held: [AtomicU32; Place::COUNT],
    /// In nanoseconds of the server's monotonic clock.
    away_until: AtomicU64,
}

impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Account {}

impl Hash for Account {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Account {
    /// Whether it is as a new one would be, and nobody has it but who asks.
    pub(super) fn is_idle(&self, since_start: Duration, now: Duration) -> bool {
        let past =
            |at: &AtomicU64, now: Duration| Duration::from_nanos(at.load(Ordering::Relaxed)) <= now;
        Arc::strong_count(&self.0) == 1
            && self.0.full_at.iter().all(|at| past(at, since_start))
            && past(&self.0.away_until, now)
    }

    pub(super) fn held(&self, place: Place) -> &AtomicU32 {
        &self.0.held[place as usize]
    }

    pub(super) fn away_until(&self) -> &AtomicU64 {
        &self.0.away_until
    }
}

/// Where a limiter of one kind finds the state of an account's bucket.
pub(super) struct Bucket(pub(super) Rate);

impl StateStore for Bucket {
    type Key = Account;

    fn measure_and_replace<T, F, E>(&self, key: &Account, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let state = &key.0.full_at[self.0 as usize];
        let mut before = state.load(Ordering::Acquire);
        loop {
            // 0 is one that was never used.
            let known = (before != 0).then(|| Nanos::from(before));
            let (result, after) = f(known)?;
            let (order, other) = (Ordering::AcqRel, Ordering::Acquire);
            match state.compare_exchange_weak(before, after.into(), order, other) {
                Ok(_) => return Ok(result),
                Err(now) => before = now,
            }
        }
    }
}
