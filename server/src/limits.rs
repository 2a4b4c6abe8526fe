//! How much one address and one person may ask for.
//!
//! Each address ([`network`]) and each person has an *account*: a token bucket for each kind of
//! request ([`Rate`], GCRA by `governor`) and a count for each kind of thing held at once ([`Place`]).
//! A connection looks its accounts up once and keeps them ([`Caller`]), so a command costs a few
//! atomic steps and no look-up. Accounts are kept in tables that have a bound ([`table`]).
//!
//! Buckets are this node's own. In a cluster somebody who speaks to three nodes has three of each.

mod account;
mod bounds;
mod caller;
mod network;
mod pace;
mod scope;
mod shown;
mod table;
mod unfinished;

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use governor::nanos::Nanos;
use ipnet::IpNet;
use maru_protocol::UserId;

use self::{account::Account, network::Network, scope::Scope};
pub use self::{
    bounds::{Bounds, Place, Quota, Rate},
    caller::{Caller, Held, Limited},
    pace::{Pace, TooSlow},
    shown::{ShowAddresses, ShownAddress},
    unfinished::{Begun, GiveUp, Unfinished},
};
use crate::{clock::Clock, metrics::Metrics, seldom::Seldom};

/// Accounts of each kind. One takes some 250 bytes, so both tables together take some 33 MB when they
/// are full. A server with the most connections that a process is set up for has fewer addresses.
const MOST: usize = 65_536;

/// What an operator sets. The default limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Addresses that no limit by address or person holds for.
    pub exempt: Vec<IpNet>,
    /// Of one person.
    pub person: Bounds,
    /// Of one address.
    pub address: Bounds,
    /// How long somebody who goes on after many refusals has to stay away.
    pub stay_away: Duration,
    /// How the log shows addresses.
    pub show: ShowAddresses,
}

/// The server's clock, as `governor` asks for the time.
#[derive(Clone)]
pub struct InjectedClock(pub Arc<dyn Clock>);

impl governor::clock::Clock for InjectedClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.monotonic().since_start().into()
    }
}

/// The accounts of a server. Shared by all threads.
pub struct Limits {
    people: Scope<UserId>,
    addresses: Scope<Network>,
    exempt: Vec<IpNet>,
    stay_away: Duration,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    show: ShowAddresses,
    /// Whoever floods is refused thousands of times a second.
    lines: Seldom,
}

impl Limits {
    /// Accounts that are all rested.
    #[must_use]
    pub fn new(options: Options, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Arc<Self> {
        let Options { exempt, person, address, stay_away, show } = options;
        Arc::new(Self {
            people: Scope::new("person", "", &person, MOST, &clock),
            addresses: Scope::new("address", " from your network", &address, MOST, &clock),
            exempt,
            stay_away,
            clock,
            metrics,
            show,
            lines: Seldom::new(),
        })
    }

    /// Whoever calls from that address, before it is known who they are.
    #[must_use]
    pub fn caller(self: &Arc<Self>, address: IpAddr) -> Caller {
        let network = Network::of(address);
        let exempt = self.exempt.iter().any(|net| net.contains(&network.address()));
        let account = (!exempt).then(|| self.account(&self.addresses, network));
        Caller::new(self.clone(), account, self.show.show(address))
    }

    fn account<K: Clone + Eq + std::hash::Hash>(&self, of: &Scope<K>, key: K) -> Account {
        let (account, shared) = of.account(key);
        if shared {
            self.limited(of.full());
        }
        account
    }

    /// Counts a refusal, by the name of its setting.
    fn limited(&self, what: &str) {
        self.metrics.limited.with_label_values(&[what]).inc();
    }

    /// As [`Limits::limited`], of somebody: the log says who, now and then.
    fn limited_of(&self, what: &str, from: ShownAddress) {
        self.limited(what);
        if let Some(untold) = self.lines.may_say() {
            log::info!(limit = what, address:% = from, untold; "refused by a limit");
        }
    }

    fn now(&self) -> Duration {
        self.clock.monotonic().since_start()
    }

    /// How much longer somebody has to stay away, if at all.
    fn away(&self, person: &Account) -> Option<Duration> {
        let until = Duration::from_nanos(person.away_until().load(Ordering::Relaxed));
        until.checked_sub(self.now()).filter(|left| !left.is_zero())
    }

    fn send_away(&self, person: &Account) -> Duration {
        let until = (self.now() + self.stay_away).as_nanos();
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        person.away_until().store(until, Ordering::Relaxed);
        self.stay_away
    }
}

#[cfg(test)]
mod tests;
