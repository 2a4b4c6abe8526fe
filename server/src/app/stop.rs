//! The clean stop: nobody is left hanging, nothing acknowledged is lost.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, timeout_at},
};

use super::{AppError, Running};
use crate::runtime::messages::{Delivery, Drain, Farewell, Item, StopTaking, Workers};

/// Kept back of the grace for closing the journal.
const LAST: Duration = Duration::from_secs(1);

/// Between not being ready and `bye` in a drain: gateways look about once a second, and nobody is
/// to come back to the node that sent them away. A stop, which somebody waits for, does without.
const NOTICE: Duration = Duration::from_secs(2);

/// The signals that mean stop.
pub(super) struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}

impl Running {
    /// Serves until a signal, then stops; a second signal cuts the stop short. A journal that
    /// broke stops the server too: one that can store nothing is better started anew.
    pub(super) async fn until(mut self, mut signals: Signals) -> Result<(), AppError> {
        let mut drained = false;
        let (reason, ending) = loop {
            tokio::select! {
                signal = signals.next() => break (signal, Ok(())),
                _ = &mut self.outcomes_end => {
                    break ("the journal is gone", Err(AppError::JournalGone));
                }
                () = self.state.lifecycle.asked_to_drain(), if !drained => drained = true,
            }
            log::info!("draining");
            self.state.lifecycle.stop();
            tokio::select! {
                signal = signals.next() => break (signal, Ok(())),
                () = async {
                    tokio::time::sleep(NOTICE).await;
                    self.send_away(Instant::now() + self.grace).await;
                } => log::info!("drained: nobody is here, and nobody is let in"),
            }
        };
        log::info!(reason; "stopping");
        let started = Instant::now();
        tokio::select! {
            () = self.stop() => {}
            signal = signals.next() => log::warn!(signal; "told again: stopping at once"),
        }
        log::info!(ms = started.elapsed().as_millis(); "stopped");
        ending
    }

    /// Not ready; no new connections; `bye` to everybody, spread; the journal's last outcomes to
    /// their senders; what waits written, then 1012 to everybody; the last markers kept; the journal
    /// closed.
    pub(super) async fn stop(mut self) {
        let end = Instant::now() + self.grace;
        let close_by = end - LAST.min(self.grace / 2);
        // Who comes now is told so at once (503), and a gateway tries another server: a listener that
        // only stopped listening would let them wait until the end.
        self.state.lifecycle.stop();
        self.send_away(close_by).await;
        let _ = timeout_at(close_by, self.engine.send(Farewell)).await;
        let listeners = async {
            self.listener.stop(false).await;
            for side in &self.side {
                side.stop(false).await;
            }
        };
        let _ = timeout_at(end, listeners).await;
        if timeout_at(end, self.markers.flush()).await.is_err() {
            log::warn!("the grace is over: the last read markers are lost");
        }
        if let Some(searching) = self.searching.take() {
            // Cut short it goes on at the next start.
            let _ = timeout_at(end, searching.stop()).await;
        }
        match timeout_at(end, self.journal.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::error!(error:% = error; "the journal did not close"),
            // What was acknowledged is durable; the next start replays the write-ahead log.
            Err(_) => log::error!("the journal took too long to close"),
        }
        self.arbiter.stop();
    }

    /// `bye` to everybody, spread; the journal's last outcomes to their senders; what waits written,
    /// then 1012.
    async fn send_away(&self, close_by: Instant) {
        let drained = timeout_at(close_by, async {
            self.tell(Drain::Announce { spread: spread(self.state.connections.open()) }).await;
            if let Ok(in_flight) = self.engine.send(StopTaking).await {
                in_flight.empty().await;
            }
            self.tell(Drain::Close).await;
            self.state.connections.empty().await;
        });
        if drained.await.is_err() {
            let open = self.state.connections.open();
            log::warn!(open; "the grace is over: connections are cut");
        }
    }

    async fn tell(&self, step: Drain) {
        let Ok(workers) = self.engine.send(Workers).await else { return };
        for worker in workers {
            let step: Delivery = vec![Item::Drain(step)];
            let _ = worker.send(step).await;
        }
    }
}

/// Milliseconds over which clients come back: 5,000 a second is what a server takes in without
/// keeping others waiting, and nobody waits for more than 10 s.
fn spread(connections: usize) -> u32 {
    u32::try_from(connections / 5).unwrap_or(u32::MAX).clamp(200, 10_000)
}
