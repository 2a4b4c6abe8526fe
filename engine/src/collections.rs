//! Maps whose order is the same wherever the seed is.
//!
//! The standard maps draw their keys from the system: a random source, and another order in every
//! process. Here the seed comes from outside. A server draws it at its start, so that nobody can
//! choose names that collide; a simulation gives a number, and sees the same order again.

use std::hash::{BuildHasher, DefaultHasher, Hasher};

/// A hash map with a given seed.
#[allow(clippy::disallowed_types)]
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, Seed>;
/// A hash set with a given seed.
#[allow(clippy::disallowed_types)]
pub(crate) type Set<K> = std::collections::HashSet<K, Seed>;

/// What all hashes begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seed(pub [u64; 2]);

impl BuildHasher for Seed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        self.0.iter().for_each(|part| hasher.write_u64(*part));
        hasher
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(seed: u64) -> Vec<u32> {
        let mut map = Map::with_hasher(Seed([seed, 7]));
        map.extend((0..100).map(|n| (n, ())));
        map.into_keys().collect()
    }

    #[test]
    fn the_seed_makes_the_order() {
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }
}
