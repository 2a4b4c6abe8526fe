//! Who is silent is asked whether they are there, and who stays silent is gone.
//!
//! Swept per worker, in ticks: a timer for each connection would cost it memory and a look at the
//! clock for each thing it says.

use std::{rc::Rc, time::Duration};

use maru_protocol::ByeCode;

use crate::fanout::hub::{Hub, Peer};

/// How often and after what silence. In ticks of `period`, so that a read costs no clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeartbeatTicks {
    period: Duration,
    ping_after: u32,
    gone_after: u32,
    hello_within: u32,
}

impl HeartbeatTicks {
    /// A twentieth of the heartbeat is exact enough, and a quarter of the time for `hello`; never
    /// more often than every 10 ms nor more seldom than every second.
    pub(crate) fn new(heartbeat: Duration, hello_timeout: Duration) -> Self {
        let period = (heartbeat / 20)
            .min(hello_timeout / 4)
            .clamp(Duration::from_millis(10), Duration::from_secs(1));
        let ticks = |time: Duration| {
            u32::try_from(time.as_millis() / period.as_millis().max(1)).unwrap_or(u32::MAX).max(1)
        };
        Self {
            period,
            ping_after: ticks(heartbeat),
            gone_after: ticks(heartbeat * 2),
            // A connection may be born right before a tick: the first one does not count.
            hello_within: ticks(hello_timeout).saturating_add(1),
        }
    }
}

impl Hub {
    /// Pings the silent and ends the gone, until dropped.
    pub async fn beat(self: Rc<Self>) {
        let mut interval = tokio::time::interval(self.ticks.period);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.tick.set(self.tick.get().wrapping_add(1));
            self.sweep();
            self.counters.tell(&self.metrics);
        }
    }

    fn sweep(&self) {
        let now = self.tick.get();
        // Ending a connection may remove it: look first, act afterwards.
        let peers: Vec<Rc<Peer>> = self
            .peers
            .borrow()
            .values()
            .filter(|peer| {
                !peer.greeted.get() || now.wrapping_sub(peer.heard.get()) >= self.ticks.ping_after
            })
            .cloned()
            .collect();
        for peer in peers {
            let silent = now.wrapping_sub(peer.heard.get());
            if silent >= self.ticks.gone_after {
                let why = "nothing was heard of you for two heartbeats";
                peer.outbox.bye(ByeCode::HeartbeatTimeout, why, Some(1_000));
            } else if !peer.greeted.get() && now.wrapping_sub(peer.born) >= self.ticks.hello_within
            {
                let why = "no hello came in time";
                peer.outbox.bye(ByeCode::HelloTimeout, why, Some(1_000));
            } else if silent == self.ticks.ping_after {
                peer.outbox.ping();
            }
        }
    }
}
