//! The way of deliveries into the workers' queues, which have bounds.

use maru_engine::Delivery;

use crate::{
    node::Mail,
    world::{NodeEvent, Place, World},
};

impl World {
    /// Puts a delivery into a worker's queue; back where there is no room.
    pub fn deliver(&mut self, place: Place, worker: usize, items: Delivery) -> Option<Delivery> {
        let most = self.plan.worker_queue;
        let node = self.node(place);
        let of = &mut node.workers[worker];
        if of.queue.len() >= most {
            return Some(items);
        }
        of.queue.push_back(items);
        if !of.busy {
            of.busy = true;
            let time = of.time;
            let later = self.about(time);
            self.node_after(place, later, NodeEvent::Worker(worker));
        }
        None
    }

    /// A worker has room again.
    pub fn room_in_queue(&mut self, place: Place) {
        self.unstall(place);
        self.relay(place);
    }

    pub fn unstall(&mut self, place: Place) {
        if self.node(place).stalled.is_empty() {
            return;
        }
        while let Some((worker, items)) = self.node(place).stalled.pop_front() {
            if let Some(items) = self.deliver(place, worker, items) {
                self.node(place).stalled.push_front((worker, items));
                return;
            }
        }
        self.wake_engine(place);
        self.set_engine_timer(place);
    }

    pub fn relay(&mut self, place: Place) {
        while let Some((worker, items)) = self.node(place).relay.delivering.pop_front() {
            if let Some(items) = self.deliver(place, worker, items) {
                self.node(place).relay.delivering.push_front((worker, items));
                return;
            }
        }
        let node = self.node(place);
        if !node.relay.deciding
            && let Some(batch) = node.relay.queue.pop_front()
        {
            node.relay.deciding = true;
            self.post(place, Mail::Committed(batch));
            if self.node(place).follower.is_some() {
                self.wake_follower(place);
            } else {
                self.hand_over_commit(place);
            }
        }
    }
}
