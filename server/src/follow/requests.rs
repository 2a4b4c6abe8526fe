//! Which rooms the engine wants followed.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use maru_engine::follow::Input;
use maru_protocol::Seq;
use tokio::sync::Notify;

use super::Follow;
use crate::journal::RoomId;

/// What was asked for, between whoever asks and the follower. Only the latest request about a room
/// is kept: it holds as many as there are rooms whose first session came or last one went since the
/// follower looked.
#[derive(Debug, Default)]
pub(super) struct FollowRequests {
    changed: Mutex<HashMap<RoomId, FollowRequest>>,
    notify: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FollowRequest {
    /// Follow it from here on.
    Follow(Seq),
    /// No longer.
    Unfollow,
}

impl FollowRequest {
    /// As the follower is told.
    pub(super) fn input(self, room: RoomId) -> Input {
        match self {
            Self::Follow(head) => Input::Follow { room, head },
            Self::Unfollow => Input::Unfollow(room),
        }
    }
}

impl FollowRequests {
    /// What was asked for since the last time.
    pub(super) fn take(&self) -> HashMap<RoomId, FollowRequest> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut changed)
    }

    /// Returns when something may have been asked for since the last time.
    pub(super) async fn changed(&self) {
        self.notify.notified().await;
    }

    fn put(&self, room: RoomId, request: FollowRequest) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        match changed.get(&room) {
            // From where it was asked for first: nothing between may be missing.
            Some(FollowRequest::Follow(_)) if matches!(request, FollowRequest::Follow(_)) => {}
            _ => {
                changed.insert(room, request);
            }
        }
        drop(changed);
        self.notify.notify_one();
    }
}

impl Follow for FollowRequests {
    fn follow(&self, room: RoomId, head: Seq) {
        self.put(room, FollowRequest::Follow(head));
    }

    fn unfollow(&self, room: RoomId) {
        self.put(room, FollowRequest::Unfollow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_request_about_a_room_counts() {
        let requests = FollowRequests::default();
        let seq = |number| Seq::new(number).unwrap();
        for room in 1..=3 {
            requests.follow(RoomId(room), seq(5));
            requests.follow(RoomId(room), seq(7));
        }
        requests.unfollow(RoomId(2));
        requests.unfollow(RoomId(3));
        requests.follow(RoomId(3), seq(9));
        let taken = requests.take();
        assert_eq!(taken[&RoomId(1)], FollowRequest::Follow(seq(5)));
        assert_eq!(taken[&RoomId(2)], FollowRequest::Unfollow);
        assert_eq!(taken[&RoomId(3)], FollowRequest::Follow(seq(9)));
        assert!(requests.take().is_empty());
    }
}
