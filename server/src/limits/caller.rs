//! Who asks, as far as limits go: an address, and a person once that is known.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use maru_protocol::UserId;

use super::{
    Limits,
    account::Account,
    bounds::{Place, Rate},
    scope::Scope,
    shown::ShownAddress,
};

/// How long to wait for a place: one may be free any moment.
const PLACE: Duration = Duration::from_secs(1);

/// Who asks. Holds the accounts, so that asking costs no look-up.
#[derive(Clone)]
pub struct Caller {
    origin: Arc<Origin>,
    /// None where the address is exempt.
    address: Option<Account>,
    /// None where the address is exempt, and before it is known who it is.
    person: Option<Account>,
}

/// What stays the same, whoever it turns out to be. Apart, as each connection keeps a [`Caller`] or two.
struct Origin {
    limits: Arc<Limits>,
    from: ShownAddress,
}

/// There was too much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many {noun}{suffix}: wait a moment")]
pub struct Limited {
    noun: &'static str,
    suffix: &'static str,
    /// After so long another attempt can succeed.
    pub wait: Duration,
}

impl Limited {
    /// Whole milliseconds to wait, at least one.
    #[must_use]
    pub fn millis(&self) -> u32 {
        u32::try_from(self.wait.as_millis()).unwrap_or(u32::MAX).max(1)
    }

    /// Whole seconds to wait, at least one.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX).max(1)
    }
}

impl Caller {
    pub(super) fn new(limits: Arc<Limits>, address: Option<Account>, from: ShownAddress) -> Self {
        Self { origin: Arc::new(Origin { limits, from }), address, person: None }
    }

    /// Where they come from, as the log shows it.
    #[must_use]
    pub fn shown(&self) -> ShownAddress {
        self.origin.from
    }

    /// The same address, with the person that it turned out to be.
    ///
    /// # Errors
    /// [`Limited`] for somebody who was sent away and comes before their time.
    pub fn known_as(&self, person: &UserId) -> Result<Self, Limited> {
        let Self { origin, address, .. } = self;
        if address.is_none() {
            return Ok(self.clone());
        }
        let limits = &origin.limits;
        let person = limits.account(&limits.people, person.clone());
        if let Some(wait) = limits.away(&person) {
            limits.limited_of("person_away", origin.from);
            return Err(Limited { noun: "refused requests", suffix: "", wait });
        }
        Ok(Self { origin: origin.clone(), address: address.clone(), person: Some(person) })
    }

    /// One of these.
    ///
    /// # Errors
    /// [`Limited`] when there were too many.
    pub fn take(&self, rate: Rate) -> Result<(), Limited> {
        self.take_many(rate, 1)
    }

    /// So many of these, all or none. The person is asked first: one who floods does not use up what
    /// others of the same address have.
    ///
    /// # Errors
    /// [`Limited`] when there were too many.
    pub fn take_many(&self, rate: Rate, n: u32) -> Result<(), Limited> {
        self.take_of(&self.origin.limits.people, self.person.as_ref(), (rate, n))?;
        self.take_of(&self.origin.limits.addresses, self.address.as_ref(), (rate, n))
    }

    fn take_of<K>(
        &self,
        of: &Scope<K>,
        account: Option<&Account>,
        (rate, n): (Rate, u32),
    ) -> Result<(), Limited> {
        let Some(account) = account else { return Ok(()) };
        of.take(account, rate, n).map_err(|wait| {
            self.origin.limits.limited_of(of.rate_name(rate), self.origin.from);
            Limited { noun: rate.noun(), suffix: of.suffix(), wait }
        })
    }

    /// One of these places, until it is dropped.
    ///
    /// # Errors
    /// [`Limited`] when all are taken.
    pub fn enter(&self, place: Place) -> Result<Held, Limited> {
        // Dropped, and so given back, when the address is refused.
        let mut held = Held { place, person: None, address: None };
        held.person = self.enter_of(&self.origin.limits.people, self.person.as_ref(), place)?;
        held.address =
            self.enter_of(&self.origin.limits.addresses, self.address.as_ref(), place)?;
        Ok(held)
    }

    fn enter_of<K>(
        &self,
        of: &Scope<K>,
        account: Option<&Account>,
        place: Place,
    ) -> Result<Option<Account>, Limited> {
        let Some(account) = account else { return Ok(None) };
        if !of.enter(account, place) {
            self.origin.limits.limited_of(of.place_name(place), self.origin.from);
            return Err(Limited { noun: place.noun(), suffix: of.suffix(), wait: PLACE });
        }
        Ok(Some(account.clone()))
    }

    /// Something of theirs was refused. For how long they are to stay away, when that was one too many.
    #[must_use]
    pub fn refused(&self) -> Option<Duration> {
        let person = self.person.as_ref()?;
        let Origin { limits, from } = &*self.origin;
        limits.people.take(person, Rate::Refusals, 1).err()?;
        limits.limited_of(limits.people.rate_name(Rate::Refusals), *from);
        Some(limits.send_away(person))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// A place that is taken.
pub struct Held {
    place: Place,
    person: Option<Account>,
    address: Option<Account>,
}

impl Drop for Held {
    fn drop(&mut self) {
        for account in self.person.iter().chain(&self.address) {
            account.held(self.place).fetch_sub(1, Ordering::AcqRel);
        }
    }
}
