//! Which room has which name: what a worker thread learnt from the journal.
//!
//! A room keeps its name and its number until it is removed, which the worker is told. What was read
//! before and is learnt after that is wrong; whoever meets such a room forgets it.

use std::{cell::RefCell, collections::HashMap};

use maru_protocol::RoomKey;

use crate::journal::RoomId;

/// RoomNames per generation, two generations in all: some 500 KiB at most, and more rooms than the
/// people of one worker use in the same hour. A room beyond costs a read, as at first.
const GENERATION: usize = 2_048;

/// RoomNames of rooms, the least used forgotten first.
#[derive(Debug, Default)]
pub struct RoomNames(RefCell<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<RoomKey, RoomId>,
    old: HashMap<RoomKey, RoomId>,
}

impl RoomNames {
    /// The number of the room of that name, if it was learnt and not forgotten.
    pub(crate) fn id(&self, key: &RoomKey) -> Option<RoomId> {
        let mut names = self.0.borrow_mut();
        if let Some(id) = names.young.get(key) {
            return Some(*id);
        }
        let (key, id) = names.old.remove_entry(key)?;
        names.put(key, id);
        Some(id)
    }

    /// A room is there no more.
    pub(crate) fn forget(&self, room: RoomId) {
        let mut names = self.0.borrow_mut();
        let Generations { young, old } = &mut *names;
        for generation in [young, old] {
            generation.retain(|_, id| *id != room);
        }
    }

    /// Remembers a room that there is.
    pub(crate) fn learn(&self, key: RoomKey, id: RoomId) {
        self.0.borrow_mut().put(key, id);
    }
}

impl Generations {
    fn put(&mut self, key: RoomKey, id: RoomId) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maru_protocol::RoomName;

    fn key(n: usize) -> RoomKey {
        RoomName::parse(&format!("room {n}")).unwrap().key()
    }

    #[test]
    fn what_is_used_stays_and_the_number_is_bounded() {
        let names = RoomNames::default();
        for n in 0..10 * GENERATION {
            names.learn(key(n), RoomId(n as i64));
            assert_eq!(names.id(&key(0)), Some(RoomId(0)), "used all the time");
        }
        assert_eq!(names.id(&key(1)), None, "not used since");
        names.forget(RoomId(0));
        assert_eq!(names.id(&key(0)), None, "it is there no more");
        let inside = names.0.borrow();
        assert!(inside.young.len() + inside.old.len() <= 2 * GENERATION);
    }
}
