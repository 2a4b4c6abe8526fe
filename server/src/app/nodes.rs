//! The other nodes: one server alone has none, and pays nothing for them.

use std::sync::Arc;

use actix::Arbiter;
use tokio::sync::mpsc;

use super::AppError;
use crate::{
    bus::nats::{Nats, NatsOptions},
    clock::Clock,
    follow::{ClusterEvent, Follower, FollowerOptions, Parts},
    journal::{Batch, Journal},
    metrics::Metrics,
    runtime::Cluster,
    settings::Settings,
};

/// What the engine and its relay are given.
pub(super) struct Nodes {
    /// Outcomes, each room's entries by seq.
    pub(super) outcomes: mpsc::Receiver<Batch>,
    /// For the engine.
    pub(super) cluster: Option<Cluster>,
    /// For the engine too, once it runs.
    pub(super) cluster_events: Option<mpsc::Receiver<ClusterEvent>>,
}

impl Nodes {
    /// Puts the follower between the journal and the relay, where other nodes write to the journal
    /// too. It runs beside the engine, as the relay does.
    pub(super) fn join(
        settings: &Settings,
        arbiter: &Arbiter,
        (journal, commits): (&Arc<dyn Journal>, mpsc::Receiver<Batch>),
        clock: &Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, AppError> {
        let Some(url) = &settings.bus.url else {
            if settings.journal.url.is_some() {
                return Err(AppError::NoBus);
            }
            return Ok(Self { outcomes: commits, cluster: None, cluster_events: None });
        };
        let options = NatsOptions::new(url.reveal(), &settings.bus.prefix, journal.epoch().0);
        let (bus, ears) = Nats::connect(options, metrics.clone())?;
        let parts = Parts {
            journal: journal.clone(),
            commits,
            bus: bus.clone(),
            ears,
            clock: clock.clone(),
            metrics: metrics.clone(),
        };
        let (follower, output) = Follower::new(parts, FollowerOptions::default());
        arbiter.spawn(follower.run());
        let cluster = Some(Cluster::new(bus, output.follow));
        Ok(Self { outcomes: output.batches, cluster, cluster_events: Some(output.cluster_events) })
    }
}
