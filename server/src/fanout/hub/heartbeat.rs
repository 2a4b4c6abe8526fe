//! Who is silent is asked whether they are there, and who stays silent is gone.
//!
//! Swept per worker, in ticks: a timer for each connection would cost it memory and a look at the
//! clock for each thing it says.

use std::{rc::Rc, time::Duration};

use maru_protocol::ByeCode;

use crate::fanout::{
    disconnect_reason::DisconnectReason,
    hub::{Hub, Peer},
};

/// When a connection is asked whether it is there, and when it is given up.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat {
    /// After so long it is asked.
    pub interval: Duration,
    /// So long it may then be silent.
    pub timeout: Duration,
    /// So long a new connection may take to say who it is.
    pub hello_timeout: Duration,
}

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
    pub(crate) fn new(Heartbeat { interval, timeout, hello_timeout }: Heartbeat) -> Self {
        let period = (interval / 20)
            .min(hello_timeout / 4)
            .clamp(Duration::from_millis(10), Duration::from_secs(1));
        let ticks = |time: Duration| {
            u32::try_from(time.as_millis() / period.as_millis().max(1)).unwrap_or(u32::MAX).max(1)
        };
        Self {
            period,
            ping_after: ticks(interval),
            gone_after: ticks(interval + timeout),
            // A connection may be born right before a tick: the first one does not count.
            hello_within: ticks(hello_timeout).saturating_add(1),
        }
    }
}

impl Hub {
    /// Pings the silent and ends the gone, until dropped.
    pub async fn beat(self: Rc<Self>) {
        let mut interval = tokio::time::interval(self.ticks.period);
        // A late tick does not put off the next one: a timeout would be late by all of them. Those of a
        // pause are left out: what clients said meanwhile waits to be read.
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            interval.tick().await;
            self.tick.set(self.tick.get().wrapping_add(1));
            self.sweep();
            self.relieve();
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
                !peer.greeted.get()
                    || now.wrapping_sub(peer.heard.get()) >= self.ticks.ping_after
                    || self.is_due(peer)
            })
            .cloned()
            .collect();
        for peer in &peers {
            let silent = now.wrapping_sub(peer.heard.get());
            if silent >= self.ticks.gone_after {
                let why = "nothing was heard of you for two heartbeats";
                peer.give_up(ByeCode::HeartbeatTimeout, why);
            } else if !peer.greeted.get() && now.wrapping_sub(peer.born) >= self.ticks.hello_within
            {
                peer.give_up(ByeCode::HelloTimeout, "no hello came in time");
            } else if self.is_due(peer) || (!peer.clocked && silent == self.ticks.ping_after) {
                peer.outbox.ping();
            }
        }
    }

    /// Whether an interval is over for a connection that counts on its heartbeats. Each has its own
    /// beginning, so a crowd's heartbeats are spread as its coming was.
    fn is_due(&self, peer: &Peer) -> bool {
        let age = self.tick.get().wrapping_sub(peer.born);
        peer.clocked && age != 0 && age.is_multiple_of(self.ticks.ping_after)
    }
}

impl Peer {
    /// Ends a connection of which nothing is heard.
    fn give_up(&self, code: ByeCode, why: &'static str) {
        if self.clocked {
            // Nobody reads a `bye` there; what waits for them is not written any more either.
            self.outbox.close(DisconnectReason::Gone(match code {
                ByeCode::HelloTimeout => "hello timeout",
                _ => "heartbeat timeout",
            }));
        } else {
            self.outbox.bye(code, why, Some(1_000));
        }
    }
}
