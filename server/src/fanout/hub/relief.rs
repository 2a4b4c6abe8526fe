//! All outboxes of a worker together have a bound: when it is reached, those in which most waits are
//! ended, the worst first.

use std::{cmp::Reverse, rc::Rc};

use super::{Hub, Peer};
use crate::fanout::counters;

impl Hub {
    /// Ends the worst of the slow readers while more waits than may. What waits comes down to three
    /// quarters of the bound, so that this is not done again for the next frame.
    pub(super) fn relieve(&self) {
        // Of the whole thread: one comparison in nearly every case.
        if counters::waiting() <= self.budget {
            return;
        }
        let mut waiting: Vec<(usize, Rc<Peer>)> = self
            .peers
            .borrow()
            .values()
            .map(|peer| (peer.outbox.queued(), peer.clone()))
            .filter(|(queued, _)| *queued > 0)
            .collect();
        waiting.sort_unstable_by_key(|(queued, _)| Reverse(*queued));
        let mut all: usize = waiting.iter().map(|(queued, _)| queued).sum();
        if all <= self.budget {
            return;
        }
        let mut ended = 0_u64;
        for (queued, peer) in waiting {
            if all <= self.budget / 4 * 3 {
                break;
            }
            peer.outbox.shed();
            all -= queued;
            ended += 1;
        }
        self.metrics.limited.with_label_values(&["outboxes"]).inc_by(ended);
        // Clients bring it about, and the figure above counts it.
        log::info!(ended; "too much waited for slow readers: the worst of them were ended");
    }
}
