//! Which rooms the engine wants followed.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use maru_protocol::Seq;
use tokio::sync::Notify;

use super::Follow;
use crate::journal::RoomId;

/// What is wished, between whoever wishes and the follower. Only the latest wish about a room is
/// kept: it holds as many as there are rooms whose first session came or last one went since the
/// follower looked.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    changed: Mutex<HashMap<RoomId, Wish>>,
    notify: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Follow it from here on.
    Follow(Seq),
    /// No longer.
    Leave,
}

impl Wishes {
    /// What was wished since the last time.
    pub(super) fn take(&self) -> HashMap<RoomId, Wish> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut changed)
    }

    /// Returns when something may have been wished since the last time.
    pub(super) async fn changed(&self) {
        self.notify.notified().await;
    }

    fn wish(&self, room: RoomId, wish: Wish) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        match changed.get(&room) {
            // From where it was wished first: nothing between may be missing.
            Some(Wish::Follow(_)) if matches!(wish, Wish::Follow(_)) => {}
            _ => {
                changed.insert(room, wish);
            }
        }
        drop(changed);
        self.notify.notify_one();
    }
}

impl Follow for Wishes {
    fn follow(&self, room: RoomId, head: Seq) {
        self.wish(room, Wish::Follow(head));
    }

    fn unfollow(&self, room: RoomId) {
        self.wish(room, Wish::Leave);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_wish_about_a_room_counts() {
        let wishes = Wishes::default();
        let seq = |number| Seq::new(number).unwrap();
        for room in 1..=3 {
            wishes.follow(RoomId(room), seq(5));
            wishes.follow(RoomId(room), seq(7));
        }
        wishes.unfollow(RoomId(2));
        wishes.unfollow(RoomId(3));
        wishes.follow(RoomId(3), seq(9));
        let taken = wishes.take();
        assert_eq!(taken[&RoomId(1)], Wish::Follow(seq(5)));
        assert_eq!(taken[&RoomId(2)], Wish::Leave);
        assert_eq!(taken[&RoomId(3)], Wish::Follow(seq(9)));
        assert!(wishes.take().is_empty());
    }
}
