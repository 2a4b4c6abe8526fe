//! The accounts that are known, with a bound.
//!
//! An account that is as a new one would be is dropped when the table is to grow: nothing is lost with
//! it. When all accounts are in use and the table is at its bound, newcomers share a fixed number of
//! accounts. So whoever fills the table makes newcomers share; nobody is let off a limit.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::account::Account;

/// Accounts that newcomers share when the table is full. Which one is theirs is by a hash that nobody
/// outside can compute.
const SHARED: usize = 256;

/// The idle are looked for when the table first has so many.
const FEW: usize = 1_024;

/// A full table is gone through for the idle so often: a look at 65,536 accounts takes 2 ms.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Table<K> {
    known: Mutex<Known<K>>,
    shared: Vec<Account>,
    most: usize,
}

struct Known<K> {
    accounts: HashMap<K, Account>,
    /// The idle are dropped when there are so many.
    shed_at: usize,
    /// When a full table was last gone through.
    shed: Option<Duration>,
}

impl<K: Eq + Hash> Table<K> {
    pub(super) fn new(most: usize) -> Self {
        let known = Known { accounts: HashMap::new(), shed_at: FEW.min(most), shed: None };
        let shared = std::iter::repeat_with(Account::default).take(SHARED).collect();
        Self { known: Mutex::new(known), shared, most }
    }

    /// The account of a key, and whether it is one that newcomers share.
    pub(super) fn account(
        &self,
        key: K,
        now: Duration,
        is_idle: impl Fn(&Account) -> bool,
    ) -> (Account, bool) {
        // Nothing of others runs under the lock, so a poisoned one still guards a whole table.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = known.accounts.get(&key) {
            return (account.clone(), false);
        }
        if known.accounts.len() >= known.shed_at {
            known.shed(self.most, now, is_idle);
        }
        if known.accounts.len() >= self.most {
            let hash = known.accounts.hasher().hash_one(&key);
            let place = usize::try_from(hash % SHARED as u64).unwrap_or_default();
            return (self.shared[place].clone(), true);
        }
        (known.accounts.entry(key).or_default().clone(), false)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.lock().unwrap().accounts.len()
    }
}

impl<K: Eq + Hash> Known<K> {
    /// Drops the idle, and says when to look again: at twice as many, so that a look costs each
    /// newcomer little; at the bound once a second.
    fn shed(&mut self, most: usize, now: Duration, is_idle: impl Fn(&Account) -> bool) {
        let is_full = self.accounts.len() >= most;
        if is_full && self.shed.is_some_and(|last| now < last + AGAIN) {
            return;
        }
        self.accounts.retain(|_, account| !is_idle(account));
        self.shed_at = (self.accounts.len() * 2).clamp(FEW.min(most), most);
        if is_full {
            self.shed = Some(now);
        }
    }
}
