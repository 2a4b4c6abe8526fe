//! Who was signed out everywhere, as this node knows it.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use maru_protocol::UserId;
use tokio::sync::watch;

/// A person's generation: 0, and another one, always higher, after each time that they are signed out.
/// What proves who they are has the generation in which it was made, and is good for no later one. No
/// node's clock decides on it, and one that hears late of a sign-out makes nothing that outlives it.
pub type Generation = u64;

/// The people who are not in their first generation any more. All nodes know the same ones, a few
/// seconds after a change.
#[derive(Debug)]
pub struct SignOuts {
    people: RwLock<HashMap<UserId, Generation>>,
    changed: watch::Sender<()>,
}

impl Default for SignOuts {
    fn default() -> Self {
        Self { people: RwLock::default(), changed: watch::Sender::new(()) }
    }
}

impl SignOuts {
    /// The generation that somebody is in.
    #[must_use]
    pub fn generation(&self, person: &UserId) -> Generation {
        let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
        people.get(person).copied().unwrap_or(0)
    }

    /// Whether what was made in that generation of somebody is good no more.
    #[must_use]
    pub fn ended(&self, person: &UserId, made_in: Generation) -> bool {
        made_in < self.generation(person)
    }

    /// From now on it is these. Whoever [watches](Self::watch) is told.
    pub fn replace(&self, people: impl IntoIterator<Item = (UserId, Generation)>) {
        let people = people.into_iter().collect();
        *self.people.write().unwrap_or_else(PoisonError::into_inner) = people;
        self.changed.send_replace(());
    }

    /// Tells of each change from now on.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}
