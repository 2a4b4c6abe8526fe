//! Who goes by which name.

use std::collections::HashMap;

use maru_protocol::{Skeletons, User, UserId};

use crate::journal::{MOST_SWEPT, NameHolder, NamePlace, RoomId, Swept};

#[derive(Default)]
pub(super) struct NameTable {
    /// By room and look.
    holders: HashMap<(RoomId, String), NameHolder>,
    /// The looks of each member's name.
    of: HashMap<(RoomId, UserId), [String; 2]>,
}

impl NameTable {
    /// Of both looks, each person once.
    pub(super) fn holders(&self, room: RoomId, looks: &Skeletons) -> Vec<NameHolder> {
        let mut found: Vec<NameHolder> = Vec::new();
        for look in looks.keys() {
            if let Some(holder) = self.holders.get(&(room, look))
                && !found.contains(holder)
            {
                found.push(holder.clone());
            }
        }
        found
    }

    /// Gives a person the name, in place of another one, unless somebody else has it.
    pub(super) fn claim(&mut self, room: RoomId, user: &User, spoke: bool) -> bool {
        let looks = user.name.skeletons();
        if self.holders(room, &looks).iter().any(|holder| holder.person != user.id) {
            return false;
        }
        let spoke = spoke || self.spoke(room, &user.id);
        self.release(room, &user.id);
        let keys = looks.keys();
        for look in keys.clone() {
            self.holders.insert((room, look), NameHolder { person: user.id.clone(), spoke });
        }
        self.of.insert((room, user.id.clone()), keys);
        true
    }

    pub(super) fn spoke(&self, room: RoomId, person: &UserId) -> bool {
        let looks = self.of.get(&(room, person.clone()));
        let mut holders = looks.into_iter().flatten();
        holders
            .any(|look| self.holders.get(&(room, look.clone())).is_some_and(|holder| holder.spoke))
    }

    /// Frees the names of people who can't come back; see [`crate::journal::Names::release_ended`].
    pub(super) fn release_ended(
        &mut self,
        from: &NamePlace,
        is_over: impl Fn(&UserId) -> bool,
    ) -> Swept<NamePlace> {
        let place =
            |(room, look): &(RoomId, String)| NamePlace { room: room.0, look: look.clone() };
        let mut seen: Vec<(NamePlace, UserId)> = self
            .holders
            .iter()
            .map(|(key, holder)| (place(key), holder.person.clone()))
            .filter(|(place, _)| place > from)
            .collect();
        let next = step(&mut seen);
        let before = self.holders.len();
        for (place, person) in seen {
            if is_over(&person) {
                self.release(RoomId(place.room), &person);
            }
        }
        Swept { forgotten: (before - self.holders.len()) as u64, next }
    }

    /// The room is there no more.
    pub(super) fn forget_room(&mut self, room: RoomId) {
        self.holders.retain(|(of, _), _| *of != room);
        self.of.retain(|(of, _), _| *of != room);
    }

    /// A person's name is free again.
    pub(super) fn release(&mut self, room: RoomId, person: &UserId) {
        for look in self.of.remove(&(room, person.clone())).into_iter().flatten() {
            self.holders.remove(&(room, look));
        }
    }
}

/// Leaves what one step of a walk looks at; says where to go on.
pub(super) fn step<P: Ord + Clone, T: Ord>(seen: &mut Vec<(P, T)>) -> Option<P> {
    seen.sort();
    seen.truncate(MOST_SWEPT as usize);
    let full = seen.len() == MOST_SWEPT as usize;
    seen.last().filter(|_| full).map(|(place, _)| place.clone())
}
