//! What the routes share, across worker threads.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix::Addr;

use crate::{
    chat::{ChatServer, Options, Tally},
    journal::Journal,
    settings::AllowedOrigins,
};

/// What the routes share.
pub struct State {
    /// The engine.
    pub server: Addr<ChatServer>,
    /// The log.
    pub journal: Arc<dyn Journal>,
    /// What the operator set.
    pub options: Arc<Options>,
    /// Which pages may open connections.
    pub origins: AllowedOrigins,
    /// Connections open now.
    pub connections: Arc<Tally>,
    /// Most connections of this process.
    pub max_connections: usize,
    stopping: AtomicBool,
}

impl State {
    /// The state of a server that runs.
    #[must_use]
    pub fn new(
        server: Addr<ChatServer>,
        journal: Arc<dyn Journal>,
        options: Arc<Options>,
        origins: AllowedOrigins,
        connections: Arc<Tally>,
        max_connections: usize,
    ) -> Self {
        let stopping = AtomicBool::new(false);
        Self { server, journal, options, origins, connections, max_connections, stopping }
    }

    /// Not ready from now on: gateways send nobody here any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Whether a stop has begun.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}
